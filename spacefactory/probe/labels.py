"""Answers that are labels with scores, in the shapes that apps and cards give them."""

from __future__ import annotations

import math

from pydantic import JsonValue

NAMES = ("label", "token_str", "class", "name")
PLACED = {"box", "start", "entity", "entity_group"}
"""Keys of things that were found somewhere: their scores are no shares of one whole."""
SCORES = ("score", "confidence", "probability", "prob")


def scores(value: JsonValue) -> dict[str, float] | None:
    """Label -> score, highest first; None for another shape.

    Shapes: what Gradio's Label shows, a pipeline's list of labels (also inside one more list), one such label, a
    mapping of labels to numbers.
    """
    if isinstance(value, dict) and isinstance(value.get("confidences"), list):
        value = value["confidences"]
    while isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    if isinstance(value, dict):
        pair = _pair(value)
        found = [pair] if pair else [(name, one) for name, one in value.items() if _is_score(one)]
        complete = bool(pair) or len(found) == len(value)
    elif isinstance(value, list):
        found = [pair for one in value if isinstance(one, dict) and (pair := _pair(one))]
        complete = len(found) == len(value)
    else:
        return None
    if not found or not complete:
        return None
    return dict(sorted(((name, _number(one)) for name, one in found), key=lambda pair: -pair[1]))


def top(value: JsonValue) -> str | None:
    """The label that an answer names first, None when it names none; a card may leave the scores out."""
    if isinstance(value, dict) and isinstance(value.get("label"), str):
        return str(value["label"])
    if found := scores(value):
        return next(iter(found))
    first = value[0] if isinstance(value, list) and value else None
    return top(first) if isinstance(first, dict) and set(first) == {"label"} else None


def confidences(value: JsonValue) -> list[float]:
    """Every number that is a score by its name, anywhere in a document, in order."""
    if isinstance(value, dict):
        own = [_number(one) for name, one in value.items() if name.lower() in SCORES and _is_score(one)]
        return own + [one for part in value.values() if isinstance(part, dict | list) for one in confidences(part)]
    return [one for part in value for one in confidences(part)] if isinstance(value, list) else []


def _pair(one: dict[str, JsonValue]) -> tuple[str, JsonValue] | None:
    if not PLACED.isdisjoint(one):
        return None
    name = next((one[key] for key in NAMES if isinstance(one.get(key), str | int)), None)
    score = next((one[key] for key in SCORES if key in one), None)
    return (str(name), score) if name is not None and _is_score(score) else None


def _is_score(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _number(value: JsonValue) -> float:
    try:
        number = float(value) if isinstance(value, int | float) else 0.0
    except OverflowError:
        return math.inf
    return number if math.isfinite(number) else -math.inf
