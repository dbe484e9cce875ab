"""The checks of a structured answer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Check
from spacefactory_validators import text_signs
from spacefactory_validators.checks import alive, proves_something, typed
from spacefactory_validators.json_read import Leaf, leaves
from spacefactory_validators.json_shapes import error_of, finite, scores, vectors

OVER = 1e-3
"""by how much a score may leave the range of 0 to 1: half-precision softmax is off by less"""
SAME = 1e-6
"""scores, or numbers of a vector, closer than this are the same number in single precision"""


def judge(value: JsonValue) -> tuple[Sequence[Check], Mapping[str, JsonValue]]:
    """The checks of an answer that is JSON, and its figures."""
    found = list(leaves(value))
    kind = "object" if isinstance(value, dict) else "list" if isinstance(value, list) else "number"
    checks = [
        typed("json.decodes", True, f"an {kind} with {len(found)} values" if kind == "object" else f"a {kind}"),
        _not_empty(value, found),
    ]
    measures: dict[str, JsonValue] = {"kind": kind, "values": len(found)}
    if found:
        checks += [_not_null(found), _finite(found), _not_error(value, found)]
    if labels := scores(value):
        checks += _labels(value, labels)
        measures |= {"labels": len(labels), "top": max(labels, key=lambda name: _rank(labels[name]))}
    if embeddings := list(vectors(value)):
        checks.append(_vectors(embeddings))
        measures |= {"vectors": len(embeddings), "dimensions": len(embeddings[0])}
    return checks, measures


def _not_empty(value: JsonValue, found: Sequence[Leaf]) -> Check:
    """An empty list may be right: nothing was detected. An empty object says nothing at all."""
    if found:
        return alive("json.not_empty", True, f"it holds {len(found)} values", len(found), 1)
    if _has_list(value):
        return alive("json.not_empty", None, "the list is empty, which is right when there is nothing to find", 0, 1)
    return alive("json.not_empty", False, "the answer holds no value", 0, 1)


def _has_list(value: JsonValue) -> bool:
    inner = value.values() if isinstance(value, dict) else ()
    return isinstance(value, list) or any(_has_list(one) for one in inner)


def _not_null(found: Sequence[Leaf]) -> Check:
    said = sum(leaf is not None and leaf != "" for leaf in found)
    return alive("json.not_null", said > 0, f"{said} of {len(found)} values are not null or empty text", said, 1)


def _finite(found: Sequence[Leaf]) -> Check:
    wrong = sum(not finite(leaf) or leaf in ("NaN", "Infinity", "-Infinity") for leaf in found)
    return alive("json.finite", not wrong, f"{wrong} of {len(found)} values are not finite numbers", wrong, 0)


def _not_error(value: JsonValue, found: Sequence[Leaf]) -> Check:
    texts = [leaf for leaf in found if isinstance(leaf, str)]
    error = error_of(value)
    if error is None and len(texts) == len(found) == 1:
        error = text_signs.error_in(texts[0])
    return alive("json.not_error", error is None, f"the answer is an error: {error}" if error else "it is no error")


def _labels(value: JsonValue, labels: dict[str, float]) -> list[Check]:
    values = list(labels.values())
    wrong = [name for name, score in labels.items() if not -OVER <= score <= 1 + OVER]
    worst = f", such as {labels[wrong[0]]:g} for {wrong[0][:40]!r}" if wrong else ""
    detail = f"{len(wrong)} of {len(labels)} scores are not within 0 and 1{worst}"
    probabilities = Check(name="json.scores", passed=not wrong or None, detail=detail, measured=len(wrong), threshold=0)
    shown = (
        isinstance(value, dict) and len(values) > 1
    )  # Gradio's Label shows percentages; a ranking may have any range
    checks = [probabilities.model_copy(update={"level": Level.ALIVE}) if shown else probabilities]
    if len(values) > 1 and not wrong:
        spread = max(values) - min(values)
        words = f"the scores of {len(values)} labels differ by {spread:.3g}"
        checks.append(proves_something("json.decided", spread > SAME, words, spread, SAME))
    return checks


def _vectors(embeddings: list[list[float]]) -> Check:
    """A vector of zeros, or of one number, carries nothing of its input."""
    flat = [vector for vector in embeddings if max(vector) - min(vector) <= SAME * max(abs(max(vector)), 1e-6)]
    unfinite = sum(any(math.isnan(one) for one in vector) for vector in embeddings)
    lengths = [math.sqrt(sum(min(abs(one), 1e150) ** 2 for one in vector)) for vector in embeddings]
    detail = (
        f"{len(flat)} of {len(embeddings)} vectors are constant and {unfinite} not finite; "
        f"the first has length {lengths[0]:.3g}"
    )
    passed = not unfinite and len(flat) < len(embeddings)
    return alive("json.vectors", passed, detail, max(len(flat), unfinite), len(embeddings))


def _rank(score: float) -> float:
    return -math.inf if math.isnan(score) else score
