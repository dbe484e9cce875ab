"""Whether two structured answers differ more than the last digits of their numbers."""

from __future__ import annotations

import math

from pydantic import JsonValue

from spacefactory.schema.verdict import Check
from spacefactory_validators.checks import difference, unequal
from spacefactory_validators.json_shapes import is_number, scores

NAME = "json.differs"
TOLERANCE = 1e-6
"""relative, and absolute around 0: what single precision and the order of additions leave open"""


def judge(first: JsonValue, second: JsonValue) -> Check:
    """Compare labels by name, everything else by place."""
    labels = scores(first), scores(second)
    one, two = (dict(named) for named in labels) if all(labels) else (first, second)  # type: ignore[arg-type]
    distance = 0.0
    waiting: list[tuple[JsonValue, JsonValue, str]] = [(one, two, "")]
    while waiting:
        left, right, place = waiting.pop()
        if is_number(left) and is_number(right):
            distance = max(distance, _apart(left, right))
        elif isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
            waiting += [(left[key], right[key], f"{place}/{key}") for key in left]
        elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
            waiting += [(*pair, f"{place}/{index}") for index, pair in enumerate(zip(left, right, strict=True))]
        elif type(left) is not type(right) or left != right:
            return unequal(NAME, f"the values at {place[:80] or 'the top'} are not the same")
    return difference(NAME, distance, TOLERANCE, "numbers by")


def _apart(left: JsonValue, right: JsonValue) -> float:
    """How far two numbers are apart, relative to the larger one, or absolutely when both are below 1."""
    if left == right:
        return 0.0
    try:
        one, two = float(left), float(right)  # type: ignore[arg-type]
    except OverflowError:
        return 1.0
    if math.isnan(one) or math.isnan(two):
        return 0.0 if math.isnan(one) and math.isnan(two) else 1.0
    if math.isinf(one) or math.isinf(two):
        return 1.0
    return abs(one - two) / max(1.0, abs(one), abs(two))
