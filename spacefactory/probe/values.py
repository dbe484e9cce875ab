"""Values of an app as plain JSON that can be written and sent, whatever the app put into them."""

from __future__ import annotations

import math
from typing import Any

from pydantic import JsonValue

DEEPEST = 64
"""Levels of nesting that are kept: more than any component of Gradio gives, less than what recursion bears."""


def clean(value: Any, depth: int = 0) -> JsonValue:
    """The same value as JSON: numbers that are not finite become null, broken Unicode is replaced, keys become text."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if depth >= DEEPEST:
        return "..."
    if isinstance(value, dict):
        return {text(key): clean(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [clean(one, depth + 1) for one in value]
    return text(value)


def text(value: Any) -> str:
    """As text that any file can hold: halves of surrogate pairs are replaced."""
    return str(value).encode("utf-8", "replace").decode("utf-8")


def normal(value: str) -> str:
    """Text for comparison: without case and with single spaces."""
    return " ".join(value.split()).casefold()


def leaves(value: JsonValue) -> list[JsonValue]:
    """Every value that is neither a list nor a mapping."""
    if isinstance(value, dict):
        return [leaf for one in value.values() for leaf in leaves(one)]
    if isinstance(value, list):
        return [leaf for one in value for leaf in leaves(one)]
    return [value]


def shortened(value: str, most: int = 200) -> str:
    """On one line and cut, for a sentence or a table."""
    line = " ".join(value.split())
    return line if len(line) <= most else line[: most - 3] + "..."
