"""Decoding is done elsewhere: outputs go to one confined child process, checks come back.

A decoder that crashes, hangs or takes too much memory ends the child. The output that it was looking at has failed,
and another child goes on with the rest.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import sysconfig
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from spacefactory.errors import BlockedError, PlatformError
from spacefactory.providers import OutputValidator
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Check, Inspection, Output

FILE_S = 20.0
"""Seconds of processor time for one output."""
PATIENCE = 6
"""Times as many seconds may go by on the clock, for a busy machine."""
START_S = 60.0
"""Seconds for the child to come up on a busy machine."""
MEMORY = 1 << 30
"""Bytes that the child may hold."""
ANSWER = 16 << 20
STOPPED = tuple(code for one in (signal.SIGALRM, signal.SIGPROF, signal.SIGKILL) for code in (-one, 128 + one))
"""Exit statuses of a child whose time was up: that an output takes long to decode says nothing against it."""
CHILD = ("-P", "-s", "-m", "spacefactory.probe.child")


@dataclass(frozen=True)
class Batch:
    """What one child is asked: outputs to inspect, and pairs to compare."""

    outputs: tuple[Output, ...]
    pairs: tuple[tuple[int, int], ...] = ()
    """positions in `everything`"""
    others: tuple[Output, ...] = ()
    """only compared: inputs, references"""

    @property
    def everything(self) -> tuple[Output, ...]:
        """What is inspected, then what is only compared."""
        return (*self.outputs, *self.others)


@dataclass(frozen=True)
class Findings:
    """The answers, in the order of the questions."""

    inspections: tuple[Inspection, ...]
    differences: tuple[Check, ...]


@dataclass(frozen=True)
class Place:
    """How the child may run."""

    confined: bool = True
    disabled_plugins: tuple[str, ...] = ()


def inspect(batch: Batch, validators: Sequence[OutputValidator], place: Place) -> Findings:
    """Inspect and compare outputs in a confined child.

    Raises:
        BlockedError: this machine cannot confine the child (sandbox_unavailable).
        PlatformError: the child cannot be started.
    """
    outputs, pairs = _names(batch)
    tasks = list(dict.fromkeys([*outputs, *pairs]))
    answers: dict[str, Any] = {task: _unjudged(batch, task) for task in tasks if not _judges(batch, task, validators)}
    while left := [task for task in tasks if task not in answers]:
        answers |= _one_child(batch, left, validators, place)
    return Findings(
        inspections=tuple(Inspection.model_validate(answers[task]) for task in outputs),
        differences=tuple(Check.model_validate(answers[task]) for task in pairs),
    )


def _names(batch: Batch) -> tuple[list[str], list[str]]:
    """The task that answers each output, and each pair: what came back twice is looked at once."""
    keys = [output.model_dump_json() for output in batch.everything]
    first = [keys.index(key) for key in keys]
    seen: dict[tuple[int, int], int] = {}
    pairs = [seen.setdefault((first[one], first[two]), at) for at, (one, two) in enumerate(batch.pairs)]
    return [f"output:{first[at]}" for at in range(len(batch.outputs))], [f"pair:{at}" for at in pairs]


def judging(kind: str, validators: Iterable[OutputValidator]) -> list[str]:
    """Names of the validators that judge an output type."""
    return [one.name for one in validators if kind in one.output_types]


def _type(batch: Batch, task: str) -> str:
    what, _, at = task.partition(":")
    return batch.everything[int(at) if what == "output" else batch.pairs[int(at)][0]].output_type


def _judges(batch: Batch, task: str, validators: Sequence[OutputValidator]) -> bool:
    return bool(judging(_type(batch, task), validators))


def _unjudged(batch: Batch, task: str) -> dict[str, JsonValue]:
    kind = _type(batch, task)
    why = Check(
        name="output.judged", passed=None, detail=f"no installed validator judges {kind}", level=Level.TYPED
    ).as_json()
    return why if task.startswith("pair") else {"output_type": kind, "checks": [why]}


def _one_child(batch: Batch, tasks: list[str], validators: Sequence[OutputValidator], place: Place) -> dict[str, Any]:
    """Answers of one child; when it ended early, the task that it was at counts as answered: by a failure."""
    code, said, errors = _run(batch, tasks, validators, place)
    answers: dict[str, Any] = {}
    begun = ""
    for line in said.splitlines():
        message = _message(line)
        begun = str(message.get("begin") or begun)
        if message.get("task") in tasks:
            answers[message["task"]] = message["answer"]
    if len(answers) == len(tasks):
        return answers
    if begun not in tasks or begun in answers:
        last = errors.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"it ended with {code}"]
        raise PlatformError(f"the process that inspects outputs cannot work: {last[0]}", "see: spacefactory doctor")
    return answers | {begun: _crashed(batch, begun, code)}


def _message(line: bytes) -> dict[str, Any]:
    """A line of the child; one that was cut off in the middle says nothing."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _crashed(batch: Batch, task: str, code: int) -> dict[str, JsonValue]:
    kind = _type(batch, task)
    late = code in STOPPED
    detail = f"the decoder did not end within {FILE_S:g} s" if late else f"the decoder crashed (exit status {code})"
    if task.startswith("pair"):
        return Check(name=f"{kind}.differs", passed=None, detail=detail).as_json()
    passed = False if code < 0 and not late else None  # a process that leaves by itself is a fault of its code
    check = Check(name=f"{kind}.decodes", passed=passed, detail=detail, level=Level.TYPED)
    return {"output_type": kind, "checks": [check.as_json()]}


def _run(
    batch: Batch, tasks: list[str], validators: Sequence[OutputValidator], place: Place
) -> tuple[int, bytes, bytes]:
    from spacefactory import confine

    job = {
        "outputs": [output.as_json() for output in batch.everything],
        "pairs": batch.pairs,
        "tasks": tasks,
        "validators": {kind: judging(kind, validators) for kind in {output.output_type for output in batch.everything}},
        "packages": sorted({type(one).__module__.partition(".")[0] for one in validators}),
        "disabled": place.disabled_plugins,
        "seconds": FILE_S,
        "patience": PATIENCE,
    }
    with tempfile.TemporaryDirectory(prefix="spacefactory-inspect-") as workspace:
        confinement = confine.Confinement(
            workspace=Path(workspace).resolve(),
            readable=(*_code(validators), *_files(batch)),
            environment=_environment(Path(workspace).resolve(), validators),
            limits=confine.Limits(memory_bytes=MEMORY),
            enforced=place.confined,
        )
        try:
            done = confine.run(
                [sys.executable, *CHILD],
                confinement,
                timeout=START_S + (FILE_S * PATIENCE + 1) * len(tasks),
                input=json.dumps(job).encode(),
                output_limit=ANSWER,
            )
        except confine.SandboxUnavailable as error:
            raise BlockedError("sandbox_unavailable", str(error)) from None
    return done.returncode, done.stdout, done.stderr


def _files(batch: Batch) -> tuple[Path, ...]:
    return tuple(sorted({output.path.resolve() for output in batch.everything if output.path is not None}))


def _roots(validators: Iterable[OutputValidator]) -> list[Path]:
    """Folders that Python must search for the core and for the validators' packages, in the order of its own path."""
    packages = {"spacefactory", *(type(one).__module__.partition(".")[0] for one in validators)}
    modules = [sys.modules[name] for name in sorted(packages) if name in sys.modules]
    homes = {Path(module.__file__).resolve().parent for module in modules if module.__file__}
    return sorted({home.parent if (home / "__init__.py").is_file() else home for home in homes})


def _code(validators: Iterable[OutputValidator]) -> tuple[Path, ...]:
    """What a Python that judges must read: the interpreter, its libraries, the core and the validators' packages."""
    installed = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    prefixes = [sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parent.parent)]
    wanted = {Path(name).resolve() for name in (*installed, *prefixes)} | {*_roots(validators), Path(sys.prefix)}
    return tuple(sorted(path for path in wanted if path.exists()))


def _environment(workspace: Path, validators: Iterable[OutputValidator]) -> Mapping[str, str]:
    return {
        "HOME": str(workspace),
        "TMPDIR": str(workspace),
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(map(str, _roots(validators))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
