"""What a user expects of an answer, and whether it is so (docs/cases-file.md)."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, JsonValue, field_validator, model_validator

from spacefactory.probe.evidence import Evidence, main_outputs
from spacefactory.probe.labels import top
from spacefactory.probe.reference import close, folded
from spacefactory.probe.values import leaves, shortened
from spacefactory.schema.base import Fact
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Call, Case, Check, Output

PURPOSE = "your case"
"""Purpose of a case that a user wrote; its `expected` is an `Expectation`."""
STEP = re.compile(r"([^.\[\]]+)|\[(-?\d+)\]")
LONGEST = 100_000
"""Characters of an answer that a user's pattern is tried on: patterns can be slow."""
Outcome = tuple[bool | None, str]


def _listed(given: Any) -> Any:
    return [given] if isinstance(given, str) else given


class Range(Fact):
    """Limits of a figure; whatever is left out is open."""

    min: float | None = None
    max: float | None = None

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if self.min is not None and self.max is not None and self.min > self.max:
            raise ValueError("min is above max")
        return self

    def holds(self, figure: float) -> bool:
        """Whether a figure lies within, limits included."""
        return (self.min is None or figure >= self.min) and (self.max is None or figure <= self.max)

    def __str__(self) -> str:
        return f"{'any' if self.min is None else f'{self.min:g}'} to {'any' if self.max is None else f'{self.max:g}'}"


class Expectation(Fact):
    """What the answer to a case must be like; whatever is left out is not checked."""

    type: str | None = Field(default=None, description="output type that must be there: image, audio, text, ...")
    contains: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    regex: str | None = None
    equals: JsonValue = None
    label: str | None = Field(default=None, description="the label with the highest score")
    json_path: dict[str, JsonValue] = Field(default_factory=dict, description="place such as `a.b[0]` -> value there")
    measures: dict[str, Range] = Field(default_factory=dict, description="figure of the validator -> its limits")
    bytes: Range | None = Field(default=None, description="size of the file")
    similar: str | None = Field(
        default=None, description="file that the answer must be like, relative to the cases file"
    )
    error: bool | str | None = Field(default=None, description="the call must fail; a text must stand in the message")

    @field_validator("regex")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"is not a regular expression: {error}") from None
        return pattern

    @property
    def fails(self) -> bool:
        """Whether the call must end in an error."""
        return self.error is not None and self.error is not False


def of(call: Call) -> Expectation | None:
    """What the user expects of a call, None when it is not the user's or nothing is expected."""
    return _of_case(call.case)


def _of_case(case: Case) -> Expectation | None:
    if case.purpose != PURPOSE or not isinstance(case.expected, dict):
        return None
    return Expectation.model_validate(case.expected)


def failing(call: Call) -> bool:
    """Whether a call is meant to end in an error."""
    return must_fail(call.case)


def must_fail(case: Case) -> bool:
    """Whether a case is meant to end in an error."""
    wanted = _of_case(case)
    return wanted is not None and wanted.fails


def expectation_checks(evidence: Evidence) -> list[Check]:
    """One check per expectation of the user's cases."""
    found = []
    for at, call in enumerate(evidence.calls):
        wanted = of(call)
        if wanted is None:
            continue
        for what, (passed, detail) in _outcomes(evidence, at, wanted):
            name = f"case.{what}"
            found.append(Check(name=name, passed=passed, detail=f"{call.case.id}: {detail}", level=Level.ALIVE))
    return found


def _outcomes(evidence: Evidence, at: int, wanted: Expectation) -> Iterator[tuple[str, Outcome]]:
    call = evidence.calls[at]
    if wanted.error is not None:
        yield "error", _error(wanted, call)
        if wanted.fails:
            return
    if call.error:
        yield "answered", (False, f"the call failed: {shortened(call.error)}")
        return
    outputs = [call.outputs[one] for one in main_outputs(call, evidence.expected)] or list(call.outputs)
    if wanted.type is not None:
        kinds = sorted({one.output_type for one in call.outputs if one.path is not None or one.value is not None})
        yield "type", (wanted.type in kinds, f"{wanted.type} is expected, {', '.join(kinds) or 'nothing'} came back")
    yield from _words(wanted, outputs)
    yield from _values(wanted, outputs)
    yield from _figures(wanted, evidence, at, outputs)


def _error(wanted: Expectation, call: Call) -> Outcome:
    if not wanted.fails:
        return not call.error, f"no error is expected, and {shortened(call.error) or 'none'} came"
    if not call.error:
        return False, "an error is expected, and the app answered"
    text = wanted.error if isinstance(wanted.error, str) else ""
    return text.casefold() in call.error.casefold(), f"the call failed as expected: {shortened(call.error)}"


def _words(wanted: Expectation, outputs: list[Output]) -> Iterator[tuple[str, Outcome]]:
    if not wanted.contains and wanted.regex is None:
        return
    text = "\n".join(_texts(outputs))
    for word in wanted.contains:
        inside = word.casefold() in text.casefold()
        yield "contains", (inside, f"{word!r} is {'' if inside else 'not '}in {shortened(text, 120)!r}")
    if wanted.regex is not None:
        found = re.search(wanted.regex, text[:LONGEST]) is not None
        yield "regex", (found, f"{wanted.regex!r} {'fits' if found else 'does not fit'} {shortened(text, 120)!r}")


def _values(wanted: Expectation, outputs: list[Output]) -> Iterator[tuple[str, Outcome]]:
    values = [one.value for one in outputs if one.value is not None]
    shown = shortened(str(values[0] if len(values) == 1 else values), 120)
    if wanted.equals is not None:
        yield (
            "equals",
            (any(_equal(wanted.equals, one) for one in values), f"{wanted.equals!r} is expected, {shown} came back"),
        )
    if wanted.label is not None:
        labels = [top(one) or (one if isinstance(one, str) else None) for one in values]
        same = any(one is not None and folded(one) == folded(wanted.label) for one in labels)
        yield "label", (same, f"label {wanted.label!r} is expected, {shown} came back")
    for place, one in wanted.json_path.items():
        there = [found for value in values for found in at_path(value, place)]
        yield (
            "json_path",
            (
                any(_equal(one, found) for found in there),
                f"{one!r} is expected at {place}, {there or 'nothing'} is there",
            ),
        )


def _equal(wanted: JsonValue, given: JsonValue) -> bool:
    if isinstance(wanted, int | float) and not isinstance(wanted, bool) and isinstance(given, str):
        return folded(str(wanted)) == folded(given)
    return close(wanted, given)


def _figures(wanted: Expectation, evidence: Evidence, at: int, outputs: list[Output]) -> Iterator[tuple[str, Outcome]]:
    inspection = evidence.inspection(at)
    measured = inspection.measures if inspection else {}
    for name, limits in wanted.measures.items():
        yield "measures", _within(name, limits, measured.get(name), measured)
    if wanted.bytes is not None:
        path = next((one.path for one in outputs if one.path is not None), None)
        yield "bytes", _within("bytes", wanted.bytes, path.stat().st_size if path else None, {})
    if wanted.similar is not None:
        same = evidence.asked("reference", at)
        if not same or all(check.passed is None for check in same):
            yield "similar", (None, "the answer could not be compared with the file")
        else:
            yield "similar", (any(check.passed is False for check in same), same[0].detail)


def _within(name: str, limits: Range, figure: JsonValue, known: Iterable[str]) -> Outcome:
    if isinstance(figure, bool) or not isinstance(figure, int | float) or not math.isfinite(figure):
        return None, f"{name} was not measured; known here: {', '.join(sorted(known)) or 'nothing'}"
    return limits.holds(figure), f"{name} is {figure:g}, {limits} is expected"


def _texts(outputs: list[Output]) -> list[str]:
    found = [str(leaf) for one in outputs for leaf in leaves(one.value) if leaf is not None]
    return found + [
        _content(one.path) for one in outputs if one.path is not None and one.output_type in ("text", "json")
    ]


def _content(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(LONGEST).decode("utf-8", "replace")


def at_path(value: JsonValue, place: str) -> list[JsonValue]:
    """The value at a place such as `detections[0].label`, in a list; empty when there is no such place."""
    for key, index in STEP.findall(place.removeprefix("$").removeprefix(".")):
        if key and isinstance(value, dict) and key in value:
            value = value[key]
        elif index and isinstance(value, list) and -len(value) <= int(index) < len(value):
            value = value[int(index)]
        else:
            return []
    return [value]
