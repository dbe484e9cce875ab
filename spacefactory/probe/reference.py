"""Whether an answer is the one that the model card shows.

Labels: the label with the highest score must be the card's first one; case and white space do not count. A card whose
label the app does not know at all, such as LABEL_1 for a class with a name, cannot be checked.

Texts: the same after normalisation (compatible characters, one case, single spaces, no punctuation at the ends); or
the card's text stands in an answer, word for word, that has at most twelve words or at most twice as many as the card's
text. Generated text that is another one is no fault: sampling, precision and versions change it.

Files: the validator of the type sees no more difference than encoding makes.

Other data: the same structure, numbers within 2 %.
"""

from __future__ import annotations

import re
import unicodedata

from pydantic import JsonValue

from spacefactory.probe.evidence import Evidence
from spacefactory.probe.labels import scores, top
from spacefactory.probe.values import shortened
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Call, Check

NAME = "reference.matches"
SHORT = 12
"""Words of an answer in which the expected words are the point, not a coincidence."""
CLOSE = 0.02
"""Relative difference of numbers that precision, hardware and versions explain."""
PURPOSE = "reference"
"""Purpose of a case whose expected answer the card shows."""


def reference_checks(evidence: Evidence) -> list[Check]:
    """One check per answered call for which the card shows what comes out."""
    found = []
    for at in evidence.answered:
        call = evidence.calls[at]
        if call.case.purpose == PURPOSE and call.case.expected is not None:
            found.append(_check(evidence, at, call))
    return found


def contradiction(checks: list[Check], calls: int) -> Check | None:
    """A failed check when the app knows the card's labels and gives another one each time, at least twice.

    One wrong label may be a borderline case or a mistake of the card; all of several are another model or a broken one.
    """
    wrong = [check for check in checks if check.passed is False]
    if len(wrong) < 2 or len(wrong) < calls:
        return None
    return Check(
        name="model.answers",
        passed=False,
        detail=f"none of the card's {len(wrong)} expected labels came out; {wrong[0].detail}",
        level=Level.RESPONSIVE,
    )


def _check(evidence: Evidence, at: int, call: Call) -> Check:
    matches, detail = _compared(evidence, at, call)
    return Check(name=NAME, passed=matches, detail=f"{call.case.id}: {detail}", level=Level.REFERENCE)


def _compared(evidence: Evidence, at: int, call: Call) -> tuple[bool | None, str]:
    expected = call.case.expected
    if similar := evidence.asked("reference", at):
        return _file(similar)
    one = evidence.representative(at)
    value = call.outputs[one].value if one is not None else None
    if value is None:
        return None, "the answer is a file, and the card shows something else"
    label = top(expected)
    known = scores(value)
    if known and (label or isinstance(expected, str)):
        return _label(label or str(expected), value, known)
    if isinstance(value, str):
        return _text(label or (expected if isinstance(expected, str) else None), value)
    return _data(expected, value)


def _file(similar: list[Check]) -> tuple[bool | None, str]:
    if any(check.passed is False for check in similar):
        return True, "the file is the card's own, as far as encoding lets one tell"
    return None, f"the file is another one than the card's: {similar[0].detail}"


def _label(expected: str, value: JsonValue, known: dict[str, float]) -> tuple[bool | None, str]:
    given = top(value) or next(iter(known))
    names = {folded(name): name for name in known}
    words = f"the card expects {shortened(expected, 80)!r}, the app answers {shortened(given, 80)!r}"
    if folded(given) == folded(expected):
        return True, f"{words} ({known.get(given, 0.0):.3g})"
    if folded(expected) not in names:
        return None, f"{words}, which has no such label among the {len(known)} that it names"
    return False, f"{words}; its score for the card's label is {known[names[folded(expected)]]:.3g}"


def _text(expected: str | None, value: str) -> tuple[bool | None, str]:
    if expected is None:
        return None, "the card shows data, the answer is text"
    words = f"the card expects {shortened(expected, 80)!r}, the app answers {shortened(value, 80)!r}"
    return (True, words) if same_text(expected, value) else (None, words)


def _data(expected: JsonValue, value: JsonValue) -> tuple[bool | None, str]:
    if close(expected, value):
        return True, f"the answer has the card's values, numbers within {100 * CLOSE:g} %"
    return None, "the answer has other values than the card shows"


def same_text(expected: str, given: str) -> bool:
    """Whether a text is the expected one, or a short answer that contains it word for word."""
    wanted, said = folded(expected), folded(given)
    if not wanted:
        return False
    if wanted == said:
        return True
    most = max(SHORT, 2 * len(wanted.split()))
    return len(said.split()) <= most and re.search(rf"(?<!\w){re.escape(wanted)}(?!\w)", said) is not None


def folded(value: str) -> str:
    """Text for comparison: compatible characters, one case, single spaces, no punctuation at the ends."""
    plain = " ".join(unicodedata.normalize("NFKC", value).casefold().split())
    return plain.strip(" \t\"'`.,;:!?()[]{}*_#>-")


def close(expected: JsonValue, given: JsonValue) -> bool:
    """Whether two values have one structure, equal texts, and numbers that are close."""
    if _is_number(expected) and _is_number(given):
        one, two = float(expected), float(given)  # type: ignore[arg-type]
        return abs(one - two) <= CLOSE * max(abs(one), abs(two), CLOSE)
    if isinstance(expected, str) and isinstance(given, str):
        return folded(expected) == folded(given)
    if isinstance(expected, dict) and isinstance(given, dict):
        return bool(expected) and all(key in given and close(one, given[key]) for key, one in expected.items())
    if isinstance(expected, list) and isinstance(given, list):
        return len(expected) == len(given) > 0 and all(map(close, expected, given))
    return expected == given


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300
