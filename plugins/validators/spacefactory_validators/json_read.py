"""Structured answers, from a value or a file, strictly."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import NoReturn

from pydantic import JsonValue

from spacefactory.schema.verdict import Check, Output
from spacefactory_validators import limits
from spacefactory_validators.checks import reject, typed
from spacefactory_validators.files import file_of, shortened

Leaf = str | int | float | bool | None
NAME = "json.decodes"


def read(output: Output) -> JsonValue:
    """The structured answer of an output; text that holds JSON counts as what it holds.

    Raises:
        RejectedError: there is none, it is too large or too deep, or it is not JSON.
    """
    if output.path is not None:
        value = _parsed(_file_text(output))
    elif isinstance(output.value, str):
        value = _parsed(output.value)
    elif output.value is None:
        raise reject(typed("json.value", False, "nothing came back"))
    else:
        value = output.value
    if _too_deep(value):
        raise reject(_deep())
    return value


def leaves(value: JsonValue) -> Iterator[Leaf]:
    """Everything in an answer that is neither a list nor an object, in order."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            waiting.extend(reversed(one.values()))
        elif isinstance(one, list):
            waiting.extend(reversed(one))
        else:
            yield one


def _file_text(output: Output) -> str:
    file = file_of(output, "json", limits.JSON_BYTES)
    try:
        return file.path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise reject(typed("json.file", False, f"the file cannot be read: {error.strerror}")) from error
    except UnicodeDecodeError as error:
        detail = f"the file is {file.kind.words}: byte {error.start} is not UTF-8"
        raise reject(typed(NAME, False, detail, error.start)) from error


def _parsed(text: str) -> JsonValue:
    try:
        value: JsonValue = json.loads(text, parse_constant=_not_json)
    except RecursionError as error:
        raise reject(_deep()) from error
    except ValueError as error:  # also a number of more than 4,300 digits
        raise reject(typed(NAME, False, f"the text is not JSON: {shortened(error)}")) from error
    if isinstance(value, str) or value is None:
        raise reject(typed("json.value", False, "bare text or null came back, no structured answer"))
    return value


def _not_json(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not a JSON number")


def _too_deep(value: JsonValue) -> bool:
    layer = [value]
    for _ in range(limits.JSON_DEPTH):
        layer = [
            inner
            for one in layer
            if isinstance(one, (dict, list))
            for inner in (one.values() if isinstance(one, dict) else one)
            if isinstance(inner, (dict, list))
        ]
        if not layer:
            return False
    return True


def _deep() -> Check:
    detail = f"the answer is nested deeper than the {limits.JSON_DEPTH} levels that are checked"
    return typed(NAME, None, detail, None, limits.JSON_DEPTH)
