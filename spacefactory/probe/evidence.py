"""What the judge looks at: answered calls with their inspections, and comparisons between outputs."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import JsonValue

from spacefactory.probe.artifacts import suffix_type
from spacefactory.probe.inspect import Batch, Findings
from spacefactory.probe.outputs import is_json
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Call, Check, Endpoint, Inspection, Output

COMPARED = 4
"""Outputs of one call that are compared with others; a gallery of more is judged by its first ones."""


@dataclass(frozen=True)
class Question:
    """What a pair of outputs is compared for."""

    what: Literal["other", "echo", "reference"]
    """the answer of another call, an input of the same call, the file that should come out"""
    call: int
    position: int
    """of the output among all outputs of the call"""


@dataclass(frozen=True)
class Evidence:
    """Everything that a judgement rests on."""

    endpoint: Endpoint
    calls: tuple[Call, ...]
    expected: str | None
    """the output type that must come back"""
    differences: Mapping[Question, tuple[Check, ...]] = field(default_factory=dict)
    """passed is True where the two outputs differ"""
    health: Mapping[str, JsonValue] | None = None
    profile: ModelProfile | None = None
    shipped: Mapping[str, str] = field(default_factory=dict)
    """sha256 -> name of the files that the app came with"""
    code: Check | None = None
    """what the app's code says about where answers come from"""
    touched: tuple[Call, ...] = ()
    """calls whose input differs from another one's in what nobody sees; no other check looks at them"""

    @property
    def traced(self) -> bool:
        """Whether the code shows that answers come from the model: they may be alike then, as all X-rays are."""
        return self.code is not None and bool(self.code.passed)

    @property
    def answered(self) -> list[int]:
        """Positions of the calls that gave an answer."""
        return [at for at, call in enumerate(self.calls) if not call.error]

    @property
    def first(self) -> int | None:
        """The call that others are compared with: the first one with an output of the expected type."""
        return next((at for at in self.answered if main_outputs(self.calls[at], self.expected)), None)

    def representative(self, at: int) -> int | None:
        """Which main output speaks for a call: the first that does not decode, else the most alive; None if none."""
        reached = [
            (one, self.calls[at].inspections[one].reached()) for one in main_outputs(self.calls[at], self.expected)
        ]
        broken = next((one for one, level in reached if level is Level.NONE), None)
        return (
            broken if broken is not None else max(reached, key=lambda one: one[1].rank, default=(None, Level.NONE))[0]
        )

    def inspection(self, at: int) -> Inspection | None:
        """The inspection of a call's representative."""
        one = self.representative(at)
        return None if one is None else self.calls[at].inspections[one]

    def asked(self, what: Literal["other", "echo", "reference"], at: int) -> list[Check]:
        """The comparisons of one kind that were made for a call."""
        return [
            check for name, found in self.differences.items() if (name.what, name.call) == (what, at) for check in found
        ]


def main_outputs(call: Call, expected: str | None) -> list[int]:
    """Positions of a call's outputs that have the expected type and hold something."""
    return [at for at, output in enumerate(call.outputs) if output.output_type == expected and not empty(output)]


def empty(output: Output) -> bool:
    """Whether nothing came back: no file and no value."""
    return output.path is None and output.value is None


VALUES = ("text", "json")


def settled_type(calls: Sequence[Call], expected: str | None, *, firm: bool) -> str | None:
    """The expected type, or that of the first output where nobody expects one.

    Args:
        calls: what came back.
        expected: from the profile or the API schema, or the user's own word.
        firm: it is the user's word. Otherwise text and data stand for one another: a schema knows a component, and
            what a component shows may be a sentence or a mapping.
    """
    given = [output.output_type for call in calls for output in call.outputs if not empty(output)]
    if expected is None:
        return given[0] if given else None
    other = next((kind for kind in given if kind in VALUES), None)
    return other if other and expected in VALUES and expected not in given and not firm else expected


def as_expected(calls: Sequence[Call], expected: str | None) -> list[Call]:
    """The calls, where texts that are JSON documents count as data when data is expected and none came otherwise."""
    return [_as_json(call) if expected == "json" and not main_outputs(call, expected) else call for call in calls]


def _as_json(call: Call) -> Call:
    outputs = [
        one.model_copy(update={"output_type": "json"}) if isinstance(one.value, str) and is_json(one.value) else one
        for one in call.outputs
    ]
    return call.model_copy(update={"outputs": tuple(outputs)})


def batch(
    calls: Sequence[Call], expected: str | None, references: Mapping[str, Path], touched: Sequence[Call] = ()
) -> tuple[Batch, list[Question]]:
    """Everything to inspect and compare, and what each pair is about.

    Args:
        calls: the calls; those with an error have no outputs.
        touched: calls whose outputs are only inspected.
        expected: the output type that matters.
        references: case -> file that should come out.
    """
    outputs = tuple(output for call in (*calls, *touched) for output in call.outputs)
    start = [sum(len(call.outputs) for call in calls[:at]) for at in range(len(calls))]
    main = [main_outputs(call, expected)[:COMPARED] for call in calls]
    first = next((at for at, one in enumerate(main) if one), None)
    pairs: list[tuple[int, int]] = []
    questions: list[Question] = []
    others: list[Output] = []

    def compare(left: int, at: int, one: int, what: Literal["other", "echo", "reference"]) -> None:
        pairs.append((left, start[at] + one))
        questions.append(Question(what, at, one))

    for at, call in enumerate(calls):
        for position, one in enumerate(main[at]):
            before = (
                calls[first].outputs[main[first][position]]
                if first is not None and position < len(main[first])
                else None
            )
            if first is not None and before is not None and at > first and not identical(before, call.outputs[one]):
                compare(start[first] + main[first][position], at, one, "other")
            kind = call.outputs[one].output_type
            wanted = references.get(call.case.id)
            for what, path in [("echo", path) for path in input_files(call, kind)] + (
                [("reference", wanted)] if wanted else []
            ):
                others.append(Output(output_type=kind, path=path))
                compare(len(outputs) + len(others) - 1, at, one, "echo" if what == "echo" else "reference")
    return Batch(outputs, tuple(pairs), tuple(others)), questions


def with_inspections(calls: Sequence[Call], findings: Findings) -> tuple[Call, ...]:
    """The calls with what was found about each of their outputs."""
    done, at = [], 0
    for call in calls:
        done.append(call.model_copy(update={"inspections": findings.inspections[at : at + len(call.outputs)]}))
        at += len(call.outputs)
    return tuple(done)


def by_question(questions: Sequence[Question], checks: Sequence[Check]) -> dict[Question, tuple[Check, ...]]:
    """The comparisons by what they are about."""
    found: dict[Question, tuple[Check, ...]] = {}
    for question, check in zip(questions, checks, strict=True):
        found[question] = (*found.get(question, ()), check)
    return found


def input_files(call: Call, kind: str) -> list[Path]:
    """The files that went into a call, of one output type."""
    values = [value for name in call.case.files for value in paths(call.case.inputs[name])]
    return list(dict.fromkeys(path for path in values if suffix_type(path.suffix.lower(), {}) == kind))


def paths(value: JsonValue) -> list[Path]:
    """Paths of existing files anywhere in the value of an input."""
    if isinstance(value, str):
        return [Path(value)] if is_path(value) else []
    parts = value.values() if isinstance(value, dict) else value if isinstance(value, list) else []
    return [path for one in parts for path in paths(one)]


def is_path(value: str) -> bool:
    """Whether a text names an existing file; a text that no path can be is none."""
    try:
        return Path(value).is_file()
    except (OSError, ValueError):
        return False


def identical(one: Output, two: Output) -> bool:
    """Whether two outputs hold the same bytes or the same value."""
    if one.path is not None and two.path is not None:
        return one.path == two.path or digest(one.path) == digest(two.path)
    return one.path is two.path is None and one.value == two.value


def digest(path: Path) -> str:
    """sha256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
