"""Whether the answers depend on the input at all, or would be what they are whatever goes in.

Some calls are made again with the same input. If answers have nothing to do with inputs, then it does not matter which
answer belongs to which call: every way to deal the answers out to the calls is as likely as the one that happened. So
all ways are tried, and it is counted in how many of them answers to one input are as alike as they were (a permutation
test; Good, Permutation, Parametric and Bootstrap Tests of Hypotheses, chapter 3). Few ways: the input decides. Many: it
may be chance, as with random pictures, canned answers drawn by lot, or a model that samples freely.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from spacefactory.probe.again import groups, same, steady
from spacefactory.probe.evidence import Evidence
from spacefactory.probe.fill import main_inputs
from spacefactory.probe.kinds import is_seed
from spacefactory.probe.likeness import distance
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Check

NAME = "responsive.depends"
STEADY = 1 / 60
"""Chance at which answers that repeat exactly count as proof: three inputs that go in three times, twice and once have
60 ways. A lot among three to eight canned answers comes out like that less than once in a hundred times."""
CHANGING = 1 / 200
"""The same for answers that change from call to call, of which there are ten: one in 4,200 ways is possible."""
ALIKE = 1e-9
"""Sums of distances that are closer than this are equal."""
MOST_GROUPS, MOST_CALLS = 3, 11
"""Inputs, and calls, whose ways are counted; of more, those that were repeated most."""


@dataclass(frozen=True)
class Dealt:
    """In how many ways the answers could have been dealt out, and in how many they would be as alike as they were."""

    ways: int
    alike: int

    @property
    def chance(self) -> float:
        """Share of the ways that are as good as what happened."""
        return self.alike / self.ways


def depends_check(evidence: Evidence, sound: list[int]) -> Check:
    """Whether answers to one input are more alike than answers to different inputs, and not by chance.

    Args:
        evidence: all calls.
        sound: positions of the calls whose answers decode and hold something.
    """
    if not _takes_anything(evidence):
        return _open("the app takes no input and no seed, so there is nothing that its answer could depend on")
    grouped = _some(groups(evidence.calls, sound, evidence.endpoint, evidence.profile))
    if len(grouped) < 2:
        return _open("fewer than two different inputs were answered")
    if all(len(one) < 2 for one in grouped):
        return _open("no call was made twice, so answers drawn by lot would look the same; ask for at least 3 calls")
    if steady(evidence.calls, grouped):
        return _of_steady(evidence, grouped)
    return _of_changing(evidence, grouped)


def _takes_anything(evidence: Evidence) -> bool:
    return bool(main_inputs(evidence.endpoint, evidence.profile)) or any(map(is_seed, evidence.endpoint.parameters))


def _some(grouped: list[list[int]]) -> list[list[int]]:
    ordered = sorted((one for one in grouped if one), key=len, reverse=True)[:MOST_GROUPS]
    found: list[list[int]] = []
    for one in ordered:
        room = MOST_CALLS - sum(map(len, found))
        found += [one[:room]] if room > 0 else []
    return found


def _open(detail: str, dealt: Dealt | None = None, threshold: float | None = None) -> Check:
    return _check(None, detail, dealt, threshold)


def _check(passed: bool | None, detail: str, dealt: Dealt | None, threshold: float | None) -> Check:
    measured = round(dealt.chance, 6) if dealt else None
    limit = round(threshold, 6) if threshold else None
    return Check(name=NAME, passed=passed, detail=detail, level=Level.RESPONSIVE, measured=measured, threshold=limit)


def _of_steady(evidence: Evidence, grouped: list[list[int]]) -> Check:
    """The same call gives the same answer; then only a lot among few answers could look like this."""
    calls = evidence.calls
    dealt = deal(grouped, lambda one, two: float(not same(calls[one], calls[two])))
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
    apart = {pair: distance(evidence, *pair) for pair in combinations(sorted(at for one in grouped for at in one), 2)}
    if any(one is None for one in apart.values()):
        return _open(f"{words}, and how alike answers of this type are cannot be measured")
    known = {pair: one or 0.0 for pair, one in apart.items()}
    dealt = deal(grouped, lambda one, two: known[min(one, two), max(one, two)])
    if dealt.chance <= CHANGING:
        return _check(True, f"{words}, but one more like the first than answers to other inputs are", dealt, CHANGING)
    why = f"{words}, and it is no more like the first than answers to other inputs are: chance alone {_odds(dealt)}"
    return _open(
        f"{why}. That is so where answers are drawn at random, and with models that sample freely", dealt, CHANGING
    )


def _odds(dealt: Dealt) -> str:
    return f"comes about in {dealt.alike} of {dealt.ways} ways to deal out the answers"


def deal(grouped: Sequence[Sequence[int]], apart: Callable[[int, int], float]) -> Dealt:
    """Count the ways to deal answers out to groups, and those in which the groups are at least as close."""
    everything = sorted(at for one in grouped for at in one)
    table = {pair: apart(*pair) for pair in combinations(everything, 2)}

    def spread(one: Sequence[int]) -> float:
        pairs = list(combinations(sorted(one), 2))
        return sum(table[pair] for pair in pairs) / len(pairs) if pairs else 0.0

    happened = sum(map(spread, grouped))
    ways = [sum(map(spread, way)) for way in _ways(tuple(everything), [len(one) for one in grouped])]
    return Dealt(len(ways), sum(one <= happened + ALIKE for one in ways))


def _ways(left: tuple[int, ...], sizes: Sequence[int]) -> Iterator[list[tuple[int, ...]]]:
    if not sizes:
        yield []
        return
    for chosen in combinations(left, sizes[0]):
        rest = tuple(one for one in left if one not in chosen)
        for others in _ways(rest, sizes[1:]):
            yield [chosen, *others]
