"""Weighs claims: one value per field with a confidence, and nothing where the evidence is too thin.

Each claim's weight is taken as the chance that its reader is right about this field. Readers that agree strengthen each
other (1 - product of their doubts), a reader counts once per value, and the confidence sets the best value against the
next one and against none of them.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from spacefactory.schema.profile import Claim

Special = Sequence[tuple[str, float, Collection[str]]]
LEAST = 0.25
"""Confidence below which a field stays unknown."""
HIGHEST = 0.99


@dataclass(frozen=True)
class Answer:
    """The value of a field, and how sure it is."""

    value: JsonValue
    confidence: float


def scores(claims: Iterable[Claim], field: str) -> dict[str, float]:
    """Strength of the evidence per value (as JSON text), from 0 to 1, the strongest first."""
    by_value: dict[str, dict[str, float]] = {}
    for claim in claims:
        if claim.field == field:
            readers = by_value.setdefault(json.dumps(claim.value, sort_keys=True), {})
            readers[claim.reader] = max(claim.weight, readers.get(claim.reader, 0.0))
    found = {value: _together(readers.values()) for value, readers in by_value.items()}
    return dict(sorted(found.items(), key=lambda pair: (-pair[1], pair[0])))


def _together(weights: Iterable[float]) -> float:
    doubt = 1.0
    for weight in weights:
        doubt *= 1 - weight
    return min(1 - doubt, HIGHEST)


def resolve(claims: Iterable[Claim], field: str, special: Special | None = None) -> Answer | None:
    """The best value of a field, None when too little speaks for any.

    Args:
        claims: all evidence.
        field: which field.
        special: a value, how strong its evidence must be to take over that of more general values, and those.
    """
    return choose(scores(claims, field), special or ())


def choose(found: Mapping[str, float], special: Special) -> Answer | None:
    """The strongest value with its confidence."""
    if not found:
        return None
    found = _with_general(found, special)
    (best, score), *rest = sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))
    value = json.loads(best)
    against = next((other for _, other in rest), 0.0)
    confidence = certainty(score, against)
    return Answer(value, round(confidence, 3)) if confidence >= LEAST else None


def _with_general(found: Mapping[str, float], special: Special) -> dict[str, float]:
    """Half of what speaks for a general value speaks for the special one, if that stands well enough by itself."""
    left = dict(found)
    for value, least, general in special:
        key = json.dumps(value)
        if found.get(key, 0.0) >= least:
            taken = [left.pop(json.dumps(one), 0.0) for one in general]
            left[key] = _together([left.get(key, found[key]), *(score / 2 for score in taken)])
    return left


def certainty(score: float, against: float) -> float:
    """The chance that a value holds, given the evidence for it and for the next one, if at most one of them does."""
    one, other, neither = score * (1 - against), against * (1 - score), (1 - score) * (1 - against)
    total = one + other + neither
    return one / total if total else 0.0
