"""The shapes of structured answers that models give: labels with scores, vectors, errors."""

from __future__ import annotations

import math
from collections.abc import Iterator

from pydantic import JsonValue

VECTOR = 8
"""numbers in the shortest list that is taken for a vector; a box has 4, a box with score and class 6"""
_EMBEDDING_KEYS = {"embedding", "embeddings", "vector", "vectors", "features", "feature", "sentence_embedding"}
_ERROR_KEYS = {"error", "errors", "exception", "traceback", "stacktrace"}
_STATUS_KEYS = {
    "status",
    "code",
    "message",
    "detail",
    "type",
    "success",
    "ok",
    "status_code",
    "statuscode",
    "id",
    "time",
}
_PLACED = {"box", "start", "entity", "entity_group"}
"""keys of things that were found somewhere: each has a score of its own, and all may be sure"""
BESIDE = 3
"""values beside an error that say nothing: the number of a request, its time, a name"""
_SCORE_KEYS = ("score", "confidence", "probability")
_NAME_KEYS = ("label", "token_str", "word")


def is_number(value: JsonValue) -> bool:
    """Whether it is a number; true and false are not."""
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def finite(value: JsonValue) -> bool:
    """Whether it is no number that stands for none: not NaN, not infinite."""
    return not isinstance(value, float) or math.isfinite(value)


def scores(value: JsonValue) -> dict[str, float] | None:
    """Label -> score, of what Gradio's Label shows, of a pipeline's list of labels, or None for other shapes.

    A score of null is NaN: JSON has no other way to say it.
    """
    if isinstance(value, dict) and isinstance(value.get("confidences"), list):
        value = value["confidences"]
    while isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    if not isinstance(value, list) or not value:
        return None
    found: dict[str, float] = {}
    for entry in value:
        pair = _scored(entry)
        if pair is None or pair[0] in found:
            return None
        found[pair[0]] = pair[1]
    return found


def vectors(value: JsonValue) -> Iterator[list[float]]:
    """Every embedding: a list of numbers at the top, in a list of lists, or under a key that says so."""
    if isinstance(value, dict):
        for key, inner in value.items():
            if key.lower() in _EMBEDDING_KEYS or isinstance(inner, dict):
                yield from vectors(inner)
    elif _is_vector(value):
        yield [float("nan") if one is None else _float(one) for one in value] if isinstance(value, list) else []
    elif isinstance(value, list):
        for inner in value:
            if isinstance(inner, (list, dict)):
                yield from vectors(inner)


def error_of(value: JsonValue) -> str | None:
    """What an answer says went wrong, when it says nothing else."""
    while isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict) or not value:
        return None
    told = {key.lower(): inner for key, inner in value.items() if inner not in (None, "", [], {}, False)}
    errors = [told[key] for key in told if key in _ERROR_KEYS and not is_number(told[key])]
    others = [told[key] for key in told if key not in _ERROR_KEYS | _STATUS_KEYS]
    if errors and (not others or (_says(errors[0]) and len(others) <= BESIDE and all(map(_label, others)))):
        return str(errors[0])[:100]
    status = str(told.get("status", "")).lower()
    if set(told) <= _STATUS_KEYS and (status in ("error", "failed", "failure") or set(told) == {"detail"}):
        return str(told.get("message") or told.get("detail") or status)[:100]
    return None


def _says(error: JsonValue) -> bool:
    """Whether an error is told in words; `none` beside an answer is none."""
    return isinstance(error, str) and len(error.split()) > 1


def _label(value: JsonValue) -> bool:
    """Whether a value only marks a request, such as its number."""
    return isinstance(value, int) or (isinstance(value, str) and len(value.split()) <= 1)


def _is_vector(value: JsonValue) -> bool:
    if not isinstance(value, list) or len(value) < VECTOR:
        return False
    return all(one is None or is_number(one) for one in value) and any(one is not None for one in value)


def _float(value: JsonValue) -> float:
    """A number as float; integers beyond its range become infinite."""
    try:
        return float(value) if isinstance(value, (int, float)) else math.nan
    except OverflowError:
        return math.inf


def _scored(entry: JsonValue) -> tuple[str, float] | None:
    if not isinstance(entry, dict) or not _PLACED.isdisjoint(entry):
        return None
    name = next((entry[key] for key in _NAME_KEYS if isinstance(entry.get(key), (str, int, float))), None)
    key = next((key for key in _SCORE_KEYS if key in entry), None)
    if name is None or key is None or isinstance(entry[key], bool):
        return None
    score = entry[key]
    if score is None:
        return str(name), math.nan
    return (str(name), _float(score)) if is_number(score) else None
