"""Whether two structured answers differ more than the last digits of their numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

from pydantic import JsonValue

from spacefactory.schema.verdict import Check
from spacefactory_validators.checks import difference, unequal
from spacefactory_validators.json_shapes import is_number, scores, vectors

NAME = "json.differs"
TOLERANCE = 1e-6
"""relative, and absolute around 0: what single precision and the order of additions leave open"""
ANGLE = 1e-8
"""1 minus the cosine of two vectors of one direction; rounding to six digits leaves less between them"""
VOLATILE = frozenset(
    (
        *("time", "timestamp", "created", "created_at", "uptime", "uptime_s", "duration_s"),
        *("duration_ms", "elapsed", "elapsed_s", "elapsed_ms", "elapsed_seconds", "latency", "latency_s", "latency_ms"),
        *("runtime", "runtime_s", "took", "took_s", "inference_time", "processing_time"),
        *("id", "uuid", "request_id", "session_id", "run_id", "nonce"),
    )
)
"""keys whose values change from call to call whatever goes in"""


def judge(first: JsonValue, second: JsonValue) -> Check:
    """Compare labels by name, everything else by place; vectors of one direction are left open."""
    found = _exactly(first, second)
    if found.passed and _one_direction(first, second):
        return Check(name=NAME, passed=None, detail="the vectors differ in length alone")
    return found


def _one_direction(first: JsonValue, second: JsonValue) -> bool:
    """Whether vectors differ in length alone, which says nothing of what is embedded."""
    pairs = list(zip(vectors(first), vectors(second), strict=False))
    return bool(pairs) and all(_angle(*pair) < ANGLE for pair in pairs)


def _angle(one: Sequence[float], two: Sequence[float]) -> float:
    """1 minus the cosine; 1 where it is not known."""
    size = math.sqrt(math.fsum(a * a for a in one) * math.fsum(b * b for b in two))
    known = len(one) == len(two) and 0 < size < math.inf
    return 1 - math.fsum(a * b for a, b in zip(one, two, strict=True)) / size if known else 1.0


def _exactly(first: JsonValue, second: JsonValue) -> Check:
    one, two = scores(first), scores(second)
    distance = 0.0
    waiting: list[tuple[JsonValue, JsonValue, str]] = (
        [(dict(one), dict(two), "")] if one and two else [(first, second, "")]
    )
    while waiting:
        left, right, place = waiting.pop()
        if is_number(left) and is_number(right):
            distance = max(distance, _apart(left, right))
        elif isinstance(left, dict) and isinstance(right, dict) and left.keys() == right.keys():
            waiting += [(left[key], right[key], f"{place}/{key}") for key in _lasting(left)]
        elif isinstance(left, list) and isinstance(right, list) and len(left) == len(right):
            waiting += [(*pair, f"{place}/{index}") for index, pair in enumerate(zip(left, right, strict=True))]
        elif type(left) is not type(right) or left != right:
            return unequal(NAME, f"the values at {place[:80] or 'the top'} are not the same")
    return difference(NAME, distance, TOLERANCE, "numbers by")


def _lasting(value: dict[str, JsonValue]) -> list[str]:
    """The keys that say something about the input: not those of clocks and counters, unless there are no others."""
    return [key for key in value if key.lower() not in VOLATILE] or list(value)


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
