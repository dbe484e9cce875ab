"""Whether the answers are of a kind that a few lines of code make from the input, so that no model need have run.

A text that is the input with other letters or another order, or a part of it; a picture or film of flat areas and a
sound of bare tones where only words or numbers went in. For an app of which nothing else is known that is a doubt, not
a fault: plotting, drawing and playing notes are honest work. Where a model is named, a text that is only the input
rearranged is a fault.
"""

from __future__ import annotations

import codecs
import re
from collections import Counter
from collections.abc import Callable
from statistics import median

from spacefactory.probe.echo import texts_in
from spacefactory.probe.evidence import Evidence, main_outputs
from spacefactory.probe.reference import folded
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Call, Check

NAME = "alive.not_rearranged"
LETTERS = 12
"""letters from which on a text that has all those of the input, and no others, is no coincidence"""
WORDS = 5
"""words from which on a text of nothing but the input's words is no coincidence"""
DISTINCT = 8
"""different letters from which on a fixed exchange of letters is no coincidence"""
FLAT = 0.88
"""share of a picture that is plain ground: words or shapes on one colour or one slope have more; photographs and what
models paint stay below 0.8"""
PURE = 0.9
"""share of the energy around one frequency at one time: beeps have 0.95 and more, voices and instruments below 0.7;
chords of bare tones count as 1"""
DRAWN = {
    "image": ("flat", FLAT, "pictures of flat areas of colour, such as words or shapes on plain ground"),
    "audio": ("purity", PURE, "bare tones one after the other"),
    "video": ("flat", FLAT, "films of flat areas of colour, such as shapes that move on plain ground"),
}
"""Output type -> the measure that tells, from where on, and what it tells."""


def rearranged_check(evidence: Evidence) -> Check | None:
    """Whether every answer is an input text in another order or other letters; None when no text came for a text."""
    pairs = [_texts(evidence, at) for at in evidence.answered if main_outputs(evidence.calls[at], evidence.expected)]
    told = [pair for pair in pairs if pair]
    if not told or len(told) < len(pairs):
        return None
    ways = [how(said, inputs) for said, inputs in told]
    if not all(ways):
        return Check(name=NAME, passed=True, detail="no answer is an input text rearranged", level=Level.ALIVE)
    fault = evidence.profile is not None and CUT not in ways
    detail = f"every answer is the input text, {ways[0]}; that takes no model"
    return Check(name=NAME, passed=False if fault else None, detail=detail, level=Level.ALIVE)


def _texts(evidence: Evidence, at: int) -> tuple[str, list[str]] | None:
    one = evidence.representative(at)
    said = None if one is None else evidence.calls[at].outputs[one].value
    inputs = texts_in(evidence.calls[at])
    return (said, inputs) if isinstance(said, str) and inputs else None


def how(said: str, inputs: list[str]) -> str | None:
    """In which way a text is one of the inputs again, None when it is not."""
    return next(
        (words for words, is_it in WAYS.items() if any(is_it(folded(one), folded(said)) for one in inputs)), None
    )


def _letters(text: str) -> str:
    return "".join(character for character in text if character.isalnum())


def _same_letters(given: str, said: str) -> bool:
    one, two = _letters(given), _letters(said)
    return len(one) >= LETTERS and Counter(one) == Counter(two)


def _exchanged(given: str, said: str) -> bool:
    """Whether each letter became the same one throughout, as in a cipher or where umlauts lose their dots."""
    if len(given) != len(said) or len(set(_letters(given))) < DISTINCT:
        return False
    table: dict[str, str] = {}
    return all(table.setdefault(one, two) == two for one, two in zip(given, said, strict=True))


def _left_out(given: str, said: str) -> bool:
    """Whether some letters are missing throughout, and nothing else."""
    kept = set(_letters(said))
    return len(_letters(said)) >= LETTERS and "".join(one for one in _letters(given) if one in kept) == _letters(said)


def _same_words(given: str, said: str) -> bool:
    """Whether a text has words of another one and no others, and as many of them at least."""
    one, two = (re.findall(r"\w+", text) for text in (given, said))
    return len(two) >= max(WORDS, len(one)) and set(two) <= set(one)


def _begins(given: str, said: str) -> bool:
    """Whether a text is the beginning of another, with or without dots after it."""
    begun = said.rstrip(".… ")
    return LETTERS <= len(begun) < len(given) and given.startswith(begun)


CUT = "cut off somewhere"
"""an honest end for a model that picks the first sentence of a text as its summary"""
WAYS: dict[str, Callable[[str, str], bool]] = {
    "with other capitals or punctuation": lambda given, said: (
        len(said) >= LETTERS and _letters(given) == _letters(said)
    ),
    "read backwards": lambda given, said: len(said) >= LETTERS and _letters(given)[::-1] == _letters(said),
    "its words in another order": lambda given, said: (
        len(said) >= LETTERS and Counter(given.split()) == Counter(said.split())
    ),
    "in a simple cipher": lambda given, said: codecs.encode(given, "rot13") == said or _exchanged(given, said),
    "its words again": _same_words,
    "its letters in another order": _same_letters,
    "some of its letters left out": _left_out,
    CUT: _begins,
}


def drawn_check(evidence: Evidence) -> Check | None:
    """Whether most pictures, sounds or films are of the kind that is drawn from words; None where that says nothing.

    It says nothing of an app that was built for a named model: there the code shows what the answer is made from.
    """
    name, limit, words = DRAWN.get(evidence.expected or "", ("", 0.0, ""))
    calls = [at for at in evidence.answered if main_outputs(evidence.calls[at], evidence.expected)]
    if not name or evidence.profile is not None or not calls or any(_media_in(evidence.calls[at]) for at in calls):
        return None
    figures = [_figure(evidence, at, name) for at in calls]
    known = [one for one in figures if one is not None]
    if len(known) < len(figures):
        return None
    usual = median(known)
    passed = True if usual < limit else None
    detail = (
        f"the answers are {words}; no file went in, and from words or numbers that takes no model"
        if passed is None
        else ("the answers are more than what is drawn or played from words in a few lines of code")
    )
    return Check(
        name="alive.not_drawn", passed=passed, detail=detail, level=Level.ALIVE, measured=usual, threshold=limit
    )


def _media_in(call: Call) -> bool:
    return bool(call.case.files)


def _figure(evidence: Evidence, at: int, name: str) -> float | None:
    inspection = evidence.inspection(at)
    found = inspection.measures.get(name) if inspection else None
    return float(found) if isinstance(found, int | float) else None
