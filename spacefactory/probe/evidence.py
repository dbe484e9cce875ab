"""What the judge looks at: answered calls with their inspections, and comparisons between outputs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from spacefactory.probe.artifacts import suffix_type
from spacefactory.probe.inspect import Batch, Findings
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Call, Check, Endpoint, Inspection, Output

COMPARED = 4
"""Outputs of one call that are compared with others; a gallery of more is judged by its first ones."""


@dataclass(frozen=True)
class Evidence:
    """Everything that a judgement rests on."""

    endpoint: Endpoint
    calls: tuple[Call, ...]
    expected: str | None
    """the output type that must come back"""
    comparisons: Mapping[tuple[int, int, int], Check] = field(default_factory=dict)
    """(call, other call, position among the main outputs) -> whether they differ"""
    echoes: Mapping[tuple[int, int], tuple[Check, ...]] = field(default_factory=dict)
    """(call, position among the main outputs) -> whether the output differs from each input of its type"""
    health: Mapping[str, JsonValue] | None = None
    profile: ModelProfile | None = None

    @property
    def answered(self) -> list[int]:
        """Positions of the calls that gave an answer."""
        return [at for at, call in enumerate(self.calls) if not call.error]

    def representative(self, at: int) -> int | None:
        """Which main output speaks for a call: the first that does not decode, else the most alive; None without one."""
        reached = [(one, self.calls[at].inspections[one].reached()) for one in main_outputs(self.calls[at], self.expected)]
        broken = next((one for one, level in reached if level is Level.NONE), None)
        return broken if broken is not None else max(reached, key=lambda one: one[1].rank, default=(None, Level.NONE))[0]

    def inspection(self, at: int) -> Inspection | None:
        """The inspection of a call's representative."""
        one = self.representative(at)
        return None if one is None else self.calls[at].inspections[one]


def main_outputs(call: Call, expected: str | None) -> list[int]:
    """Positions of a call's outputs that have the expected type and hold something."""
    return [at for at, output in enumerate(call.outputs) if output.output_type == expected and not empty(output)]


def empty(output: Output) -> bool:
    """Whether nothing came back: no file and no value."""
    return output.path is None and output.value is None


def settled_type(calls: Sequence[Call], expected: str | None) -> str | None:
    """The expected type, or that of the first output where nobody expects one."""
    if expected:
        return expected
    return next((output.output_type for call in calls for output in call.outputs if not empty(output)), None)


def batch(calls: Sequence[Call], expected: str | None) -> tuple[Batch, list[tuple[int, ...]]]:
    """Everything to inspect and compare, and what each pair is about.

    A pair is named (call, other call, position) for two answers, (call, position) for an answer and an input of its
    own call. Files with the same digest need no comparison.
    """
    outputs = [output for call in calls for output in call.outputs]
    start = [sum(len(call.outputs) for call in calls[:at]) for at in range(len(calls))]
    main = [main_outputs(call, expected)[:COMPARED] for call in calls]
    first = next((at for at, one in enumerate(main) if one), None)
    pairs: list[tuple[int, int]] = []
    named: list[tuple[int, ...]] = []
    for at, call in enumerate(calls):
        for position, one in enumerate(main[at]):
            if first is not None and at > first and position < len(main[first]):
                pairs.append((start[first] + main[first][position], start[at] + one))
                named.append((first, at, position))
            for path in input_files(call, call.outputs[one].output_type):
                outputs.append(Output(output_type=call.outputs[one].output_type, path=path))
                pairs.append((len(outputs) - 1, start[at] + one))
                named.append((at, position))
    return Batch(tuple(outputs), tuple(pairs)), named


def with_findings(
    calls: Sequence[Call], findings: Findings, named: Sequence[tuple[int, ...]]
) -> tuple[tuple[Call, ...], dict[tuple[int, int, int], Check], dict[tuple[int, int], tuple[Check, ...]]]:
    """The calls with their inspections, and the comparisons by name."""
    done, at = [], 0
    for call in calls:
        part = findings.inspections[at : at + len(call.outputs)]
        done.append(call.model_copy(update={"inspections": part}))
        at += len(call.outputs)
    comparisons: dict[tuple[int, int, int], Check] = {}
    echoes: dict[tuple[int, int], tuple[Check, ...]] = {}
    for name, check in zip(named, findings.differences, strict=True):
        if len(name) == 3:
            comparisons[name[0], name[1], name[2]] = check
        else:
            echoes[name[0], name[1]] = (*echoes.get((name[0], name[1]), ()), check)
    return tuple(done), comparisons, echoes


def input_files(call: Call, kind: str) -> list[Path]:
    """The files that went into a call, of one output type."""
    values = [value for name in call.case.files for value in paths(call.case.inputs[name])]
    return list(dict.fromkeys(path for path in values if suffix_type(path.suffix.lower(), {}) == kind))


def paths(value: JsonValue) -> list[Path]:
    """Paths of existing files anywhere in the value of an input."""
    if isinstance(value, str):
        return [Path(value)] if Path(value).is_file() else []
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [path for one in parts for path in paths(one)]


def digest(path: Path) -> str:
    """sha256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
