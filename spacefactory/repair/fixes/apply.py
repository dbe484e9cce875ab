"""Looks up the edits of a failure and carries them out."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files as resources
from pathlib import Path
from typing import Any

from spacefactory.repair.classify import find
from spacefactory.repair.fixes import code, requirements, system
from spacefactory.repair.fixes.files import AppFiles
from spacefactory.repair.fixes.gradio6 import gradio6
from spacefactory.repair.logs import clean
from spacefactory.schema.work import Failure, FailureRule, Finding

VERBS: Mapping[str, Callable[..., bool]] = {
    "require": requirements.require,
    "require-module": requirements.require_module,
    "unpin": requirements.unpin,
    "unpin-all": requirements.unpin_all,
    "unpin-named": requirements.unpin_named,
    "drop": requirements.drop,
    "drop-source-cuda": requirements.drop_source_cuda,
    "replace": requirements.replace,
    "drop-line": requirements.drop_line,
    "system-package": system.system_package,
    "library-package": system.library_package,
    "mend-package": system.mend_package,
    "remove-file": system.remove_file,
    "launch-set": code.launch_set,
    "launch-drop": code.launch_drop,
    "argument-set": code.argument_set,
    "argument-drop": code.argument_drop,
    "import-first": code.import_first,
    "environment-first": code.environment_first,
    "sdpa": code.sdpa,
    "device-by-machine": code.device_by_machine,
    "dtype-by-device": code.dtype_by_device,
    "half-precision": code.half_precision,
    "duration": code.duration,
    "gpu-size": code.gpu_size,
    "plain-def": code.plain_def,
    "pin-revision": code.pin_revision,
    "gradio6": gradio6,
}
"""What a fix can do; each takes the files and the edit's arguments, and says whether it changed something."""


@dataclass(frozen=True)
class Recipe:
    """Edits and the pattern whose named groups they speak of."""

    edits: Sequence[str]
    capture: str = ""


def mend(
    workspace: Path,
    failure: Failure,
    rules: Iterable[FailureRule],
    findings: Sequence[Finding] = (),
    known: Mapping[str, str] | None = None,
) -> str:
    """Mend what is known how to; returns what was done as a sentence, empty when nothing was.

    Args:
        workspace: the app's files.
        failure: what went wrong.
        rules: known failures.
        findings: errors of lint, when they are the failure.
        known: values beyond what the text holds: `revision`, `model`.
    """
    files = AppFiles(workspace, clean(failure.text) or failure.summary)
    done: list[str] = []
    for finding in findings:
        if recipe := _lint().get(finding.rule):
            text = f"{finding.message}"
            values = {**(known or {}), "file": finding.file, "line": str(finding.line or "")}
            done += apply(files, recipe, text, values)
    if not findings:
        for recipe, text in _recipes(failure, rules):
            done += apply(files, recipe, text, known or {})
    files.save()
    return "; ".join(dict.fromkeys(done))


def apply(files: AppFiles, recipe: Recipe, text: str, known: Mapping[str, str]) -> list[str]:
    """Carry out the edits of a recipe; returns those that changed something."""
    found = re.search(recipe.capture, text, re.M) if recipe.capture else None
    if recipe.capture and found is None:
        return []
    values = {**known, **{name: value or "" for name, value in (found.groupdict() if found else {}).items()}}
    done = []
    for edit in recipe.edits:
        verb, *arguments = (_filled(word, values) for word in edit.split())
        words = [part for argument in arguments for part in re.split(r"[\s,]+", argument) if part]
        if VERBS[verb](files, *words):
            done.append(" ".join([verb, *words]))
    return done


def _recipes(failure: Failure, rules: Iterable[FailureRule]) -> Iterable[tuple[Recipe, str]]:
    match = find(failure.text, failure.place, rules) if failure.text.strip() else None
    if match is not None and match.rule.edits:
        yield Recipe(match.rule.edits, match.rule.capture), clean(failure.text)
    if match is None:
        yield from ((recipe, failure.summary) for recipe in _gate())


def _filled(word: str, values: Mapping[str, str]) -> str:
    return re.sub(r"\{(\w+)\}", lambda found: values.get(found[1], ""), word)


@cache
def _data() -> Any:
    import yaml

    text = resources("spacefactory.repair.fixes").joinpath("lint.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


def _lint() -> dict[str, Recipe]:
    return {row["rule"]: Recipe(tuple(row["edits"]), row.get("capture", "")) for row in _data()["lint"]}


def _gate() -> list[Recipe]:
    return [Recipe(tuple(row["edits"]), row["capture"]) for row in _data()["gate"]]
