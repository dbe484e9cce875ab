"""Whether the answer is only what was put in.

A file is an echo when it does not differ from an input file of its type. A text is an echo when it is an input text
again, alone or in a frame of words that is the same for every call ("You said: ..."). Where a model is known, case and
punctuation make no difference; an app of which nothing is known may well be made to change them. Structured data is an
echo when all that it says are input texts. Answers to all calls must be echoes: a corrector that is given a correct
sentence returns it.
"""

from __future__ import annotations

import re
import unicodedata

from pydantic import JsonValue

from spacefactory.probe.evidence import Evidence, main_outputs
from spacefactory.probe.reference import folded
from spacefactory.probe.values import leaves, shortened
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Call, Check

NAME = "alive.not_echo"
LEAST = 4
"""Characters from which on a text that comes back is more than a coincidence: `2` may be the answer to `2`."""
FRAME = 60
"""Characters of the longest frame around an echo; real answers that quote a question say more."""


def echo_check(evidence: Evidence) -> Check | None:
    """Whether all answers are echoes; None when nothing was put in that could come back."""
    calls = [at for at in evidence.answered if main_outputs(evidence.calls[at], evidence.expected)]
    found = {at: one for at in calls if (one := _echo(evidence, at)) is not None}
    framed = _framed(evidence, calls)
    if not found and framed is None:
        return None
    repeated = [at for at, (passed, _) in found.items() if passed is False]
    if framed:
        return _check(False, framed)
    if repeated and len(repeated) == len(calls):
        return _check(False, found[repeated[0]][1])
    if repeated:
        names = ", ".join(evidence.calls[at].case.id for at in repeated)
        return _check(True, f"the answer is the input in {len(repeated)} of {len(calls)} calls ({names}), not in all")
    unknown = [why for passed, why in found.values() if passed is None]
    return (
        _check(None, unknown[0])
        if unknown and len(unknown) == len(found)
        else _check(True, "no answer is an input again")
    )


def _check(passed: bool | None, detail: str) -> Check:
    return Check(name=NAME, passed=passed, detail=detail, level=Level.ALIVE)


def _echo(evidence: Evidence, at: int) -> tuple[bool | None, str] | None:
    """Whether a call's answer differs from its inputs, and why; None when there is nothing to compare with."""
    if files := evidence.asked("echo", at):
        same = next((check for check in files if check.passed is False), None)
        open_ = next((check for check in files if check.passed is None), None)
        chosen = same or open_ or files[0]
        return chosen.passed, f"the input came back: {chosen.detail}" if same else chosen.detail
    call = evidence.calls[at]
    said, inputs = _answer(evidence, at), texts_in(call)
    if said is None or not inputs:
        return None
    loose = evidence.profile is not None
    if isinstance(said, str):
        return _text_echo(said, inputs, loose=loose)
    words = [one for one in leaves(said) if one is not None]
    if words and all(isinstance(one, str) and _same(one, inputs, loose=loose) for one in words):
        return False, "the answer holds nothing but the input texts"
    return True, ""


def _text_echo(said: str, inputs: list[str], *, loose: bool) -> tuple[bool, str]:
    if _same(said, inputs, loose=loose):
        return False, f"the answer is the input again: {shortened(said, 80)!r}"
    return True, ""


def _same(said: str, inputs: list[str], *, loose: bool) -> bool:
    plain = folded if loose else spaced
    return len(said.strip()) >= LEAST and plain(said) in {plain(one) for one in inputs}


def _framed(evidence: Evidence, calls: list[int]) -> str | None:
    """The frame in which every answer repeats another input, None when there is no such frame."""
    frames, used = set(), set()
    for at in calls:
        said, inputs = _answer(evidence, at), texts_in(evidence.calls[at])
        if not isinstance(said, str):
            return None
        frame = _frame(spaced(said), [spaced(one) for one in inputs])
        if frame is None:
            return None
        frames.add(frame[0])
        used.add(frame[1])
    if len(frames) != 1 or len(used) < 2:
        return None
    return f"every answer is the input in one frame: {shortened(next(iter(frames)), 80)!r}"


def _frame(said: str, inputs: list[str]) -> tuple[str, str] | None:
    """What stands around the longest input in an answer, and that input."""
    held = [one for one in inputs if len(one) >= LEAST and one in said]
    if not held:
        return None
    longest = max(held, key=len)
    frame = said.replace(longest, "{}")
    return (frame, longest) if len(frame) - 2 <= FRAME and re.search(r"\S", frame) else None


def spaced(value: str) -> str:
    """Text with compatible characters and single spaces; case and punctuation stay."""
    return " ".join(unicodedata.normalize("NFKC", value).split())


def _answer(evidence: Evidence, at: int) -> JsonValue:
    one = evidence.representative(at)
    return None if one is None else evidence.calls[at].outputs[one].value


def texts_in(call: Call) -> list[str]:
    """The texts that went into a call, files left out."""
    plain = [value for name, value in call.case.inputs.items() if name not in call.case.files]
    return [one for value in plain for one in leaves(value) if isinstance(one, str) and len(one.strip()) >= LEAST]
