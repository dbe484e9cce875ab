"""Whether the answers to different inputs are answers of their own.

One picture from a shelf, with the prompt written on it, grained or cropped by it, differs from call to call as the
input does; and of a few answers from a shelf two inputs get the same one. So some more inputs go in where that would be
odd: where pictures, sounds, films, long texts or many numbers come out. Two files that are one and the same are no
proof then, nor are texts and numbers that several inputs share; and where words alone went in, files that are nearly
the same are none.
"""

from __future__ import annotations

from itertools import combinations
from typing import Literal

from spacefactory.probe.again import groups, same, slow, steady
from spacefactory.probe.cases import INPUTS
from spacefactory.probe.evidence import Evidence, main_outputs
from spacefactory.probe.expectation import failing
from spacefactory.probe.fill import main_inputs
from spacefactory.probe.likeness import SIGNATURE, UNORDERED, distance
from spacefactory.probe.responsive import is_short
from spacefactory.probe.values import leaves
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Check, Output

NAME = "responsive.apart"
CLOSE, CLOSE_SOUND = 0.05, 0.12
"""distance of signatures, of the closest two of eight. Pictures with other words have 0.003, with other grain 0.01,
cropped elsewhere 0.03, honest clouds 0.13, flights over landscapes 0.07; clips that begin later 0.00, with other hiss
0.07, honest drums 0.33, voices and strings 0.4 and more"""
LONG, NUMBERS = 60, 5
"""characters of a text, and numbers of a document, that no two inputs share by chance; `The text sounds friendly` and
two scores are right for many"""
SHARED = 0.4
"""share of the inputs that may have such a text in common with another one: a small model of words looks at the last
ones only; four canned replies are shared by five of eight inputs at least"""


def to_call_next(evidence: Evidence) -> Literal["other inputs", "the same inputs", "nothing"]:
    """What tells most: inputs that no call had, those again that went in, or no more calls.

    Args:
        evidence: the calls so far, whose answers have not been looked at.
    """
    calls = evidence.calls
    answered = [at for at in evidence.answered if not failing(calls[at])]
    every = groups(calls, answered, evidence.endpoint, evidence.profile)
    firsts = [group[0] for group in every]
    own = main_inputs(evidence.endpoint, evidence.profile) and all(_own_file(evidence, at) for at in firsts)
    long = all(_long_value(evidence, at) for at in firsts)
    if not slow(calls) and len(firsts) > 1 and steady(calls, every) and _all_short_and_same(evidence, firsts):
        return "other inputs"
    if evidence.traced or not (own or long) or slow(calls) or len(firsts) < 2 or not steady(calls, every):
        return "the same inputs"
    shared = own and any(same(calls[one], calls[two]) for one, two in combinations(firsts, 2))
    return "nothing" if shared else "other inputs"


def shared_at_first(evidence: Evidence) -> bool:
    """Whether the first inputs have one short answer, and only further ones another: those have gone in once each."""
    calls = evidence.calls
    answered = [at for at in evidence.answered if not failing(calls[at])]
    every = groups(calls, answered, evidence.endpoint, evidence.profile)
    firsts = [group[0] for group in every]
    if slow(calls) or not steady(calls, every) or not _all_short_and_same(evidence, firsts[:INPUTS]):
        return False
    return not all(same(calls[firsts[0]], calls[at]) for at in firsts)


def _all_short_and_same(evidence: Evidence, firsts: list[int]) -> bool:
    """Whether some inputs have one and the same answer, which is one of a few that there are."""
    short = all(_answers(evidence, at) and all(map(is_short, _answers(evidence, at))) for at in firsts)
    return short and all(same(evidence.calls[firsts[0]], evidence.calls[at]) for at in firsts)


def apart_check(evidence: Evidence, sound: list[int]) -> Check | None:
    """Compare the answers to every two inputs; None where they cannot be compared, or may well be the same.

    Args:
        evidence: all calls.
        sound: positions of the calls whose answers decode and hold something.
    """
    if not main_inputs(evidence.endpoint, evidence.profile):
        return None
    firsts = [group[0] for group in groups(evidence.calls, sound, evidence.endpoint, evidence.profile)]
    if len(firsts) > 1 and all(_long_value(evidence, at) for at in firsts):
        return _values_check(evidence, firsts)
    pairs = [(_apart(evidence, one, two), one, two) for one, two in combinations(firsts, 2)]
    known = [(apart, one, two) for apart, one, two in pairs if apart is not None]
    if not known:
        return None
    apart, one, two = min(known)
    close = CLOSE_SOUND if evidence.expected == "audio" else CLOSE
    names = f"{evidence.calls[one].case.id} and {evidence.calls[two].case.id}"
    words = "are nearly one and the same, so one may have been made for all" if apart < close else "are apart"
    detail = f"the closest two answers to different inputs, {names}, {words}"
    return _check(apart >= close, detail, apart, close)


def _check(apart: bool, detail: str, measured: float, threshold: float) -> Check:
    return Check(
        name=NAME,
        passed=apart or None,
        detail=detail,
        level=Level.RESPONSIVE,
        measured=round(measured, 4),
        threshold=threshold,
    )


def _values_check(evidence: Evidence, firsts: list[int]) -> Check:
    """How many inputs have their whole answer, a long one, in common with others, or with the beginning of theirs."""
    said = {at: _answers(evidence, at) for at in firsts}
    alike = [
        pair
        for pair in combinations(firsts, 2)
        if same(*(evidence.calls[at] for at in pair)) or _begins(*(said[at] for at in pair))
    ]
    shared = {at for pair in alike for at in pair}
    detail = f"{len(shared)} of {len(firsts)} inputs have the same long answer as another one, or its beginning"
    return _check(len(shared) <= SHARED * len(firsts), detail, len(shared) / len(firsts), SHARED)


def _begins(one: list[Output], two: list[Output]) -> bool:
    """Whether a text is the beginning of another one, as canned ones are that were cut off."""
    texts = [[part.value.strip() for part in said if isinstance(part.value, str)] for said in (one, two)]
    shorter, longer = sorted(("\n".join(found) for found in texts), key=len)
    return bool(shorter) and longer.startswith(shorter.rstrip(".… "))


def _apart(evidence: Evidence, one: int, two: int) -> float | None:
    """0 for the same file; how far apart files are where words alone went in."""
    calls = evidence.calls
    if not all(_own_file(evidence, at) for at in (one, two)):
        return None
    if same(calls[one], calls[two]):
        return 0.0
    if evidence.traced or calls[one].case.files or calls[two].case.files:
        return 1.0
    found = [distance(evidence, one, two, frozenset(), measure) for measure in (SIGNATURE, UNORDERED)]
    return min((each for each in found if each is not None), default=None)


def _own_file(evidence: Evidence, at: int) -> bool:
    """Whether a call's answer is made of files: another input can hardly have the same."""
    found = _answers(evidence, at)
    return bool(found) and all(one.path is not None for one in found)


def _long_value(evidence: Evidence, at: int) -> bool:
    """Whether a call's answer is made of long texts, or of documents with some numbers."""
    found = _answers(evidence, at)
    return bool(found) and all(map(_long, found))


def _answers(evidence: Evidence, at: int) -> list[Output]:
    call = evidence.calls[at]
    return [call.outputs[one] for one in main_outputs(call, evidence.expected)]


def _long(output: Output) -> bool:
    if isinstance(output.value, str):
        return len(output.value) >= LONG
    return sum(isinstance(one, int | float) and not isinstance(one, bool) for one in leaves(output.value)) >= NUMBERS
