"""The process that decodes untrusted outputs: `python -m spacefactory.probe.child`.

The first line on standard input says who judges, the second one what; one JSON line per finding goes out on standard
output. Each line is written at once, and the task is named before it begins: whoever reads knows what a process that
died was looking at.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import warnings
from pathlib import Path
from typing import Any

from spacefactory.hookspecs import PluginContext
from spacefactory.plugins import Plugins, installed
from spacefactory.providers import OutputValidator
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Check, Inspection, Output

NOWHERE = Path("nothing-yet")


def main() -> None:
    """Get ready, then work through the tasks of one job."""
    lines = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a decoder prints is not a finding
    warnings.simplefilter("ignore")
    setting = json.loads(sys.stdin.readline())
    validators = load(setting)
    get_ready(setting, validators)
    job = json.loads(sys.stdin.readline() or '{"outputs": [], "tasks": []}')
    outputs = [Output.model_validate(one) for one in job["outputs"]]
    for task in job["tasks"]:
        lines.write(json.dumps({"begin": task}) + "\n")
        lines.flush()
        _alarm(setting["seconds"], setting["patience"])
        answer = work(task, outputs, job["pairs"], validators)
        _alarm(0, 0)
        lines.write(json.dumps({"task": task, "answer": answer}) + "\n")
        lines.flush()
    os._exit(0)  # decoders with threads of their own may not end well


def get_ready(setting: dict[str, Any], validators: dict[str, list[OutputValidator]]) -> None:
    """Look at a file that is not there: validators import their decoders when they are first asked."""
    kind = setting["ready_for"]
    for validator in validators.get(kind, ()):
        nothing = Output(output_type=kind, path=NOWHERE)
        _alarm(setting["seconds"], setting["patience"])
        _asked(nothing, validator)
        _differ(nothing, nothing, [validator])
        _alarm(0, 0)


def _alarm(seconds: float, patience: float) -> None:
    """End this process after that much work, or that many times longer on the clock: nobody catches the signals."""
    signal.setitimer(signal.ITIMER_PROF, seconds)
    signal.setitimer(signal.ITIMER_REAL, seconds * patience)


def load(setting: dict[str, Any]) -> dict[str, list[OutputValidator]]:
    """The validators per output type; only plugins that hold one of them are imported, when that can be told."""
    wanted = {name for names in setting["validators"].values() for name in names}
    others = {name for name, entry in installed().items() if entry.module.partition(".")[0] not in setting["packages"]}
    known = _offers({*setting["disabled"], *others})
    if not wanted <= known.keys():
        known = _offers(set(setting["disabled"]))
    return {kind: [known[name] for name in names if name in known] for kind, names in setting["validators"].items()}


def _offers(disabled: set[str]) -> dict[str, OutputValidator]:
    plugins = Plugins(lambda name: PluginContext(home=Path(os.environ["HOME"]), plugin=name), disabled)
    return {one.name: one for one in plugins.validators()}


def work(
    task: str, outputs: list[Output], pairs: list[list[int]], validators: dict[str, list[OutputValidator]]
) -> dict[str, Any]:
    """One finding, as plain data; a validator that raises, or answers with nonsense, leaves its question open."""
    what, _, at = task.partition(":")
    if what == "output":
        output = outputs[int(at)]
        return _inspected(output, validators[output.output_type]).as_json()
    first, second = (outputs[one] for one in pairs[int(at)])
    return _differ(first, second, validators[first.output_type]).as_json()


def _inspected(output: Output, validators: list[OutputValidator]) -> Inspection:
    """What all validators of a type say about an output."""
    found = [_asked(output, one) for one in validators]
    measures = {name: value for one in reversed(found) for name, value in one.measures.items()}
    checks = tuple(check for one in found for check in one.checks)
    return Inspection(output_type=output.output_type, checks=checks, measures=measures)


def _asked(output: Output, validator: OutputValidator) -> Inspection:
    kind = output.output_type
    try:
        return Inspection.model_validate(validator.inspect(output))
    except MemoryError:
        failed = Check(name=f"{kind}.decodes", passed=None, detail="the decoder ran out of memory", level=Level.TYPED)
    except Exception as error:  # the plugin boundary
        failed = _open(f"{kind}.judged", validator, error)
    return Inspection(output_type=kind, checks=(failed,))


def _differ(first: Output, second: Output, validators: list[OutputValidator]) -> Check:
    try:
        return Check.model_validate(validators[0].differ(first, second))
    except Exception as error:  # the plugin boundary
        return _open(f"{first.output_type}.differs", validators[0], error)


def _open(name: str, validator: OutputValidator, error: Exception) -> Check:
    detail = f"validator {validator.name!r} failed: {type(error).__name__}: {error}"[:500]
    return Check(name=name, passed=None, detail=detail, level=Level.TYPED)


if __name__ == "__main__":
    main()
