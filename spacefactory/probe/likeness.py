"""How far apart two answers are, whatever their type: 0 for the same, larger for less alike.

Texts are compared by their words without those that went in, into any of the calls: an answer that repeats its prompt
is like any other answer to that prompt, and that says nothing. (Without the words of its own prompt alone, random
answers to one prompt would be alike for the words that they lack.) Data are compared value by value, files by the
`signature` that their validator measured: numbers of which similar files have similar ones.
"""

from __future__ import annotations

import math
import re
from collections import Counter

from pydantic import JsonValue

from spacefactory.probe.echo import texts_in
from spacefactory.probe.evidence import COMPARED, Evidence, main_outputs
from spacefactory.probe.labels import scores
from spacefactory.probe.values import leaves
from spacefactory.schema.verdict import Call

SIGNATURE = "signature"
"""The measure of an inspection that holds a file's numbers."""
UNORDERED = "unordered"
"""The same for what is alike wherever it stands in a file; not every type has it."""
STRUCTURE = "structure"
"""The outlines of a picture, as a vector of length 1."""
ONLY_COMPARED = (SIGNATURE, UNORDERED, STRUCTURE)
"""Measures that are hundreds of numbers and tell a reader nothing; what their comparison showed is in the checks."""
LONGEST = 20_000
"""Characters of a text, and values of a document, that are compared."""
_WORD = re.compile(r"\w+")


def given_words(evidence: Evidence) -> frozenset[str]:
    """All words that went into any call."""
    return frozenset(word for call in evidence.calls for text in texts_in(call) for word in words(text))


def distance(
    evidence: Evidence, first: int, second: int, given: frozenset[str], measure: str = SIGNATURE
) -> float | None:
    """The mean over the main outputs of two calls; None when one of them cannot be measured.

    Args:
        evidence: all calls.
        first: position of one call.
        second: position of the other.
        given: words that do not count.
        measure: which numbers of files are compared.
    """
    return between(evidence.calls[first], evidence.calls[second], evidence.expected, given, measure)


def between(
    one: Call, two: Call, expected: str | None, given: frozenset[str], measure: str = SIGNATURE
) -> float | None:
    """The same for any two calls, with the type of the outputs that count."""
    places = [main_outputs(call, expected)[:COMPARED] for call in (one, two)]
    pairs = list(zip(*places, strict=False))
    found = [_apart((one, left), (two, right), given, measure) for left, right in pairs]
    known = [each for each in found if each is not None]
    if not pairs or len(known) < len(found):
        return None
    uneven = abs(len(places[0]) - len(places[1]))
    return (sum(known) + uneven) / (len(known) + uneven)


def _apart(one: tuple[Call, int], two: tuple[Call, int], given: frozenset[str], measure: str) -> float | None:
    outputs = [call.outputs[at] for call, at in (one, two)]
    if any(output.path is not None for output in outputs):
        return _files_apart(*(numbers(call, at, measure) for call, at in (one, two)))
    if all(isinstance(output.value, str) for output in outputs):
        return words_apart(*(_own_words(str(output.value), given) for output in outputs))
    return data_apart(outputs[0].value, outputs[1].value)


def numbers(call: Call, at: int, measure: str) -> list[float]:
    """A measure of an output that is a list of numbers; empty when there is none."""
    found = call.inspections[at].measures.get(measure)
    return [float(one) for one in found if isinstance(one, int | float)] if isinstance(found, list) else []


def _files_apart(one: list[float], two: list[float]) -> float | None:
    return math.dist(one, two) if one and len(one) == len(two) else None


def _own_words(text: str, given: frozenset[str]) -> Counter[str]:
    return Counter({word: count for word, count in words(text).items() if word not in given})


def words(text: str) -> Counter[str]:
    """Words without case; of scripts without spaces between words, pairs of characters."""
    found: Counter[str] = Counter()
    for word in _WORD.findall(text[:LONGEST].casefold()):
        wide = ord(max(word)) >= 0x2E80  # from here on are the scripts of East Asia
        found.update([word[at : at + 2] for at in range(max(1, len(word) - 1))] if wide else [word])
    return found


def words_apart(one: Counter[str], two: Counter[str]) -> float:
    """1 minus the cosine of two counts of words; nothing at all is like nothing at all."""
    if not one or not two:
        return float(bool(one) != bool(two))
    product = sum(count * two[word] for word, count in one.items())
    sizes = [math.sqrt(sum(count * count for count in found.values())) for found in (one, two)]
    return max(0.0, 1 - product / (sizes[0] * sizes[1]))


def data_apart(one: JsonValue, two: JsonValue) -> float:
    """Mean difference of the values of two documents, labels by their names, each between 0 and 1."""
    named = scores(one), scores(two)
    if named[0] and named[1]:
        names = sorted({*named[0], *named[1]})
        return sum(_values_apart(named[0].get(name), named[1].get(name)) for name in names) / len(names)
    left, right = leaves(one)[:LONGEST], leaves(two)[:LONGEST]
    longer = max(len(left), len(right))
    if not longer:
        return 0.0
    apart = sum(_values_apart(*pair) for pair in zip(left, right, strict=False)) + abs(len(left) - len(right))
    return apart / longer


def _values_apart(one: JsonValue, two: JsonValue) -> float:
    """Of numbers the difference relative to both (Canberra), of texts that of their words, else whether they differ."""
    if isinstance(one, int | float) and isinstance(two, int | float):
        size = abs(one) + abs(two)
        ratio = abs(one - two) / size if size else 0.0
        return ratio if math.isfinite(ratio) else float(one != two)
    if isinstance(one, str) and isinstance(two, str):
        return words_apart(words(one), words(two))
    return float(one != two)
