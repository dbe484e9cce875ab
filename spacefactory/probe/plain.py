"""Whether the answers are of a kind that a few lines of code make from the input, so that no model need have run.

A text that is the input with other letters or another order; a picture of flat areas and a sound of bare tones where
only words or numbers went in. For an app of which nothing else is known that is a doubt, not a fault: plotting, drawing
and playing notes are honest work. Where a model is named, a text that is only the input rearranged is a fault.
"""

from __future__ import annotations

import codecs
from collections import Counter
from collections.abc import Callable

from spacefactory.probe.echo import texts_in
from spacefactory.probe.evidence import Evidence, main_outputs
from spacefactory.probe.reference import folded
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Call, Check

NAME = "alive.not_rearranged"
LETTERS = 12
"""letters from which on a text that has all those of the input, and no others, is no coincidence"""
DISTINCT = 8
"""different letters from which on a fixed exchange of letters is no coincidence"""
FLAT = 0.9
"""share of neighbouring pixels, across and down, that are exactly alike: words or shapes on plain ground have more;
photographs and what models paint stay below a half, with a blown-out white ground below 0.8"""
PURE = 0.9
"""share of the energy around one frequency at one time: beeps have 0.95 and more, voices and instruments below 0.7"""
DRAWN = {
    "image": ("flat", FLAT, "pictures of flat areas of colour, such as words or shapes on plain ground"),
    "audio": ("purity", PURE, "bare tones one after the other"),
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
    known = evidence.profile is not None
    detail = f"every answer is the input text, {ways[0]}; that takes no model"
    return Check(name=NAME, passed=False if known else None, detail=detail, level=Level.ALIVE)


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
    """Whether one letter stands for another throughout, and some for others than themselves."""
    if len(given) != len(said) or len(set(_letters(given))) < DISTINCT:
        return False
    table: dict[str, str] = {}
    fits = all(table.setdefault(one, two) == two for one, two in zip(given, said, strict=True))
    return fits and len(set(table.values())) == len(table)


WAYS: dict[str, Callable[[str, str], bool]] = {
    "with other capitals or punctuation": lambda given, said: (
        len(said) >= LETTERS and _letters(given) == _letters(said)
    ),
    "read backwards": lambda given, said: len(said) >= LETTERS and _letters(given)[::-1] == _letters(said),
    "its words in another order": lambda given, said: (
        len(said) >= LETTERS and Counter(given.split()) == Counter(said.split())
    ),
    "in a simple cipher": lambda given, said: codecs.encode(given, "rot13") == said or _exchanged(given, said),
    "its letters in another order": _same_letters,
}


def drawn_check(evidence: Evidence) -> Check | None:
    """Whether every picture or sound is of the kind that is drawn from words; None where that says nothing.

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
    least = min(known)
    passed = True if least < limit else None
    detail = (
        f"the answers are {words}; words alone went in, and that takes no model"
        if passed is None
        else ("the answers are more than what is drawn or played from words in a few lines of code")
    )
    return Check(
        name="alive.not_drawn", passed=passed, detail=detail, level=Level.ALIVE, measured=least, threshold=limit
    )


def _media_in(call: Call) -> bool:
    return bool(call.case.files)


def _figure(evidence: Evidence, at: int, name: str) -> float | None:
    inspection = evidence.inspection(at)
    found = inspection.measures.get(name) if inspection else None
    return float(found) if isinstance(found, int | float) else None
