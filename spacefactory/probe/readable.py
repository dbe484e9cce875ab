"""The answers of an app in a form that a person can read and a journal can hold."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import JsonValue

from spacefactory.probe.evidence import is_path
from spacefactory.probe.expectation import PURPOSE
from spacefactory.probe.labels import top
from spacefactory.probe.request import ProbeResult
from spacefactory.schema.run import Answer
from spacefactory.schema.verdict import Call

LONGEST = 2_000
"""Characters of a text or of a document that an answer shows; calls.json holds the whole."""


def answers(result: ProbeResult) -> tuple[Answer, ...]:
    """One per answered call."""
    return tuple(_answer(call) for call in result.calls if not call.error)


def _answer(call: Call) -> Answer:
    path = next((one.path for one in call.outputs if one.path is not None), None)
    expected = call.case.expected
    return Answer(
        case=call.case.id,
        input=_input(call),
        output=shown(_said(call)),
        expected=None if call.case.purpose == PURPOSE else shown(_first_label(expected)),
        artifact=f"artifacts/{path.name}" if path else None,
    )


def _said(call: Call) -> JsonValue:
    """The answer; of labels with scores the first one, as the card's expected answers have it."""
    return _first_label(call.value) if isinstance(call.value, dict) and "confidences" in call.value else call.value


def _first_label(value: JsonValue) -> JsonValue:
    label = top(value) if isinstance(value, dict | list) else None
    return value if label is None else label


def _input(call: Call) -> JsonValue:
    """What went in: the bare value when there is one input only; files by their name."""
    named = {name: shown(_plain(value)) for name, value in call.case.inputs.items()}
    return next(iter(named.values())) if len(named) == 1 else named


def _plain(value: JsonValue) -> JsonValue:
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return Path(value).name if isinstance(value, str) and "/" in value and is_path(value) else value


def shown(value: JsonValue) -> JsonValue:
    """The value itself when it is small, else the beginning of it as text."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return value if len(text) <= LONGEST else f"{text[:LONGEST]}... ({len(text)} characters)"
