"""Makes anything that YAML or JSON gave into bounded plain JSON values."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Set
from datetime import date, datetime, time
from typing import Any

from pydantic import JsonValue

MAX_DEPTH = 40
"""Levels that are kept; pydantic gives up at about 250."""
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\U000e0000-\U000e007f]+")
LARGEST_INTEGER = 2**63 - 1


def plain(value: Any, depth: int = MAX_DEPTH) -> JsonValue:
    """The value as JSON holds it: dates as text, sets as lists; what JSON has no word for becomes None."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return text(value)
    if isinstance(value, int):
        return value if abs(value) <= LARGEST_INTEGER else None
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, date | datetime | time):
        return value.isoformat()
    return _collection(value, depth - 1) if depth > 0 else None


def text(value: str) -> str:
    """The text without halves of surrogate pairs, which no encoding can write."""
    return value if value.isascii() else value.encode("utf-8", "replace").decode("utf-8")


def inert(value: object, longest: int = 200) -> str:
    """Foreign words for a message: one line, without signs that steer a terminal, turn the direction or hide."""
    return " ".join(_UNSEEN.sub(" ", str(value)[: longest * 4]).split())[:longest]


def _collection(value: Any, depth: int) -> JsonValue:
    if isinstance(value, Mapping):
        return {_key(key): plain(one, depth) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [plain(one, depth) for one in value]
    if isinstance(value, Set):
        return [plain(one, depth) for one in sorted(value, key=str)]
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return None


def _key(key: Any) -> str:
    if isinstance(key, bool) or key is None:
        return {True: "true", False: "false", None: "null"}[key]
    return text(key if isinstance(key, str) else str(key))
