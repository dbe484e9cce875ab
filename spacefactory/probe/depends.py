"""Whether the answers depend on the input at all, or would be what they are whatever goes in.

Some calls are made again with the same input. If answers have nothing to do with inputs, then it does not matter which
answer belongs to which call: every way to deal the answers out to the calls is as likely as the one that happened. So
all ways are tried, and it is counted in how many of them answers to one input are as alike as they were (a permutation
test; Good, Permutation, Parametric and Bootstrap Tests of Hypotheses, chapter 3). Few ways: the input decides. Many: it
may be chance, as with random pictures, canned answers drawn by lot, or a model that samples freely.
"""

from __future__ import annotations

from itertools import combinations

from spacefactory.probe.again import SIZES, SIZES_IN_DOUBT, STEADY, groups, of_steady, same, steady
from spacefactory.probe.evidence import Evidence
from spacefactory.probe.fill import main_inputs
from spacefactory.probe.kinds import is_seed
from spacefactory.probe.labels import confidences
from spacefactory.probe.likeness import distance, given_words
from spacefactory.probe.permutation import ALIKE, Dealt, deal
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Call, Check

NAME = "responsive.depends"
CHANGING = 1 / 2000
"""Chance at which answers that change from call to call count as proof; of ten calls, two in 4,200 ways can be had."""
LATER = 1 / 5000
"""The same where calls were added to answers that seemed to follow the input: a second look needs more."""
SHAKEN = 0.02
"""by which scores for the same input may differ: graphics processors round in any order, and leave a thousandth"""
MOST_GROUPS = 3
"""Inputs whose ways are counted; of more, those that went in most often."""


def depends_check(evidence: Evidence, sound: list[int]) -> Check:
    """Whether answers to one input are more alike than answers to different inputs, and not by chance.

    Args:
        evidence: all calls.
        sound: positions of the calls whose answers decode and hold something.
    """
    if not _takes_anything(evidence):
        return _open("the app takes no input and no seed, so there is nothing that its answer could depend on")
    every = groups(evidence.calls, sound, evidence.endpoint, evidence.profile)
    grouped = _some(every)
    if len(grouped) < 2:
        return _open("fewer than two different inputs were answered")
    if all(len(one) < 2 for one in grouped):
        return _open("no call was made twice, so answers drawn by lot would look the same; ask for at least 3 calls")
    if steady(evidence.calls, every):
        return _of_steady(evidence, grouped)
    return _of_changing(evidence, grouped)


def _takes_anything(evidence: Evidence) -> bool:
    return bool(main_inputs(evidence.endpoint, evidence.profile)) or any(map(is_seed, evidence.endpoint.parameters))


def _some(grouped: list[list[int]]) -> list[list[int]]:
    """As many calls of each input as were planned; all that were added in doubt, or none of those."""
    ordered = sorted((one for one in grouped if one), key=len, reverse=True)[:MOST_GROUPS]
    sizes = (SIZES_IN_DOUBT if _in_doubt(ordered) else SIZES).get(len(ordered), ())
    return [one[:size] for one, size in zip(ordered, sizes, strict=True)] if sizes else ordered


def _in_doubt(grouped: list[list[int]]) -> bool:
    """Whether calls were added because answers seemed to follow the input, and all of them were answered."""
    sizes = SIZES_IN_DOUBT.get(len(grouped), ())
    return bool(sizes) and all(len(one) >= size for one, size in zip(grouped, sizes, strict=True))


def _open(detail: str, dealt: Dealt | None = None, threshold: float | None = None) -> Check:
    return _check(None, detail, dealt, threshold)


def _check(passed: bool | None, detail: str, dealt: Dealt | None, threshold: float | None) -> Check:
    measured = round(dealt.chance, 6) if dealt else None
    limit = round(threshold, 6) if threshold else None
    return Check(name=NAME, passed=passed, detail=detail, level=Level.RESPONSIVE, measured=measured, threshold=limit)


def _of_steady(evidence: Evidence, grouped: list[list[int]]) -> Check:
    """The same call gives the same answer; then only a lot among few answers could look like this."""
    calls = evidence.calls
    dealt = of_steady(calls, grouped)
    repeats = sum(len(one) - 1 for one in grouped)
    words = f"{len(grouped)} inputs, {repeats} calls made again: the same call gives the same answer"
    unlike = not any(same(calls[one[0]], calls[two[0]]) for one, two in combinations(grouped, 2))
    if dealt.chance <= STEADY + ALIKE:
        return _check(True, f"{words}, which {_odds(dealt)}", dealt, STEADY)
    if unlike and dealt.ways < 1 / STEADY:
        return _check(True, f"{words}; with so few calls that is no more than likely ({_odds(dealt)})", dealt, None)
    return _open(f"{words}, but so do other inputs: that {_odds(dealt)}", dealt, STEADY)


def _of_changing(evidence: Evidence, grouped: list[list[int]]) -> Check:
    words = "the same call gives another answer"
    if shaken := _shaken(evidence, grouped):
        return _open(f"{words}: its scores move by up to {shaken:.2g}, as those drawn by lot do")
    dealt = dealt_to_changing(evidence, grouped)
    if dealt is None:
        return _open(f"{words}, and how alike answers of this type are cannot be measured")
    limit = LATER if _in_doubt(grouped) else CHANGING
    if dealt.chance <= limit:
        return _check(True, f"{words}, but one more like the first than answers to other inputs are", dealt, limit)
    why = f"{words}, and it is no more like the first than answers to other inputs are: chance alone {_odds(dealt)}"
    return _open(
        f"{why}. That is so where answers are drawn at random, and with models that sample freely", dealt, limit
    )


def _shaken(evidence: Evidence, grouped: list[list[int]]) -> float:
    """By how much the scores for one and the same input differ; 0 when by no more than what computing leaves."""
    furthest = 0.0
    for group in grouped:
        found = [_scores(evidence.calls[at]) for at in group]
        alike = [one for one in found if len(one) == len(found[0])]
        furthest = max([furthest, *(max(same) - min(same) for same in zip(*alike, strict=True))])
    return furthest if furthest > SHAKEN else 0.0


def _scores(call: Call) -> list[float]:
    return [one for output in call.outputs for one in confidences(output.value)]


def dealt_to_changing(evidence: Evidence, grouped: list[list[int]]) -> Dealt | None:
    """In how many ways answers that change could be as alike as they are; None where likeness cannot be measured."""
    pairs = list(combinations(sorted(at for one in grouped for at in one), 2))
    given = given_words(evidence)
    apart = {pair: found for pair in pairs if (found := distance(evidence, *pair, given)) is not None}
    if len(apart) < len(pairs):
        return None
    return deal(grouped, lambda one, two: apart[min(one, two), max(one, two)])


def _odds(dealt: Dealt) -> str:
    return f"comes about in {dealt.alike} of {dealt.ways} ways to deal out the answers"
