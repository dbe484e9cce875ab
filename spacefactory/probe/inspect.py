"""Decoding is done elsewhere: outputs go to one confined process, checks come back.

A decoder that crashes, hangs or takes too much memory ends the process. The output that it was looking at has failed,
and another process goes on with the rest.
"""

from __future__ import annotations

import json
import signal
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from spacefactory.errors import PlatformError
from spacefactory.probe import decoders
from spacefactory.probe.decoders import Decoders
from spacefactory.providers import OutputValidator
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Check, Inspection, Output

STOPPED = tuple(code for one in (signal.SIGALRM, signal.SIGPROF, signal.SIGKILL) for code in (-one, 128 + one))
"""Exit statuses of a process whose time was up: that an output takes long to decode says nothing against it."""


@dataclass(frozen=True)
class Batch:
    """What is asked: outputs to inspect, and pairs to compare."""

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


def inspect(batch: Batch, by: Decoders) -> Findings:
    """Inspect and compare outputs in confined processes.

    Raises:
        BlockedError: this machine cannot confine them (sandbox_unavailable).
        PlatformError: they cannot be started.
    """
    outputs, pairs = _names(batch)
    tasks = list(dict.fromkeys([*outputs, *pairs]))
    answers: dict[str, Any] = {
        task: _unjudged(batch, task) for task in tasks if not _judges(batch, task, by.validators)
    }
    while left := [task for task in tasks if task not in answers]:
        answers |= _one_process(batch, left, by)
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


def _one_process(batch: Batch, tasks: list[str], by: Decoders) -> dict[str, Any]:
    """Answers of one process; when it ended too soon, the task that it was at counts as answered: by a failure."""
    everything = [output.as_json() for output in batch.everything]
    files = [output.path for output in batch.everything if output.path is not None]
    ended = by.work({"outputs": everything, "pairs": batch.pairs, "tasks": tasks}, files)
    answers: dict[str, Any] = {}
    begun = ""
    for line in ended.said.splitlines():
        message = _message(line)
        begun = str(message.get("begin") or begun)
        if message.get("task") in tasks:
            answers[message["task"]] = message["answer"]
    if len(answers) == len(tasks):
        return answers
    if begun in tasks and begun not in answers:
        return answers | {begun: _crashed(batch, begun, ended.code)}
    if not ended.early:
        last = ended.errors.decode("utf-8", "replace").strip().splitlines()[-1:] or [f"it ended with {ended.code}"]
        raise PlatformError(f"the process that inspects outputs cannot work: {last[0]}", "see: spacefactory doctor")
    return answers


def _message(line: bytes) -> dict[str, Any]:
    """A line of a process; one that was cut off in the middle says nothing."""
    try:
        message = json.loads(line)
    except ValueError:
        return {}
    return message if isinstance(message, dict) else {}


def _crashed(batch: Batch, task: str, code: int) -> dict[str, JsonValue]:
    kind = _type(batch, task)
    late = code in STOPPED
    detail = (
        f"the decoder did not end within {decoders.FILE_S:g} s" if late else f"the decoder crashed (exit status {code})"
    )
    if task.startswith("pair"):
        return Check(name=f"{kind}.differs", passed=None, detail=detail).as_json()
    passed = False if code < 0 and not late else None  # a process that leaves by itself is a fault of its code
    check = Check(name=f"{kind}.decodes", passed=passed, detail=detail, level=Level.TYPED)
    return {"output_type": kind, "checks": [check.as_json()]}
