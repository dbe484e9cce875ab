"""Calls that are made again: which ones are the same, and which to add when their answers are not."""

from __future__ import annotations

import json
from collections.abc import Sequence

from spacefactory.probe.cases import again
from spacefactory.probe.evidence import identical
from spacefactory.probe.expectation import failing
from spacefactory.probe.fill import main_inputs
from spacefactory.probe.permutation import ALIKE, Dealt, deal
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.verdict import Call, Case, Endpoint

STEADY = 1 / 60
"""Chance at which answers that repeat exactly count as proof: three inputs that go in three times, twice and once have
60 ways. A lot among three to eight canned answers comes out like that less than once in a hundred times."""
SIZES = {2: (8, 7), 3: (4, 3, 3)}
"""How often each input goes in where chance is to be told from the input: more than 4,000 ways to deal out answers."""
SIZES_OF_TWO = {2: (8, 7), 3: (7, 5, 5)}
"""The same where only one answer or another has come so far: one of two at random repeats in ten calls once in 170
times, in seventeen once in 20,000."""
SIZES_IN_DOUBT = {2: (13, 13), 3: (10, 8, 8)}
"""The same where answers change and seem to follow the input."""
QUICK_S = 30.0
"""Seconds that the planned calls take together of an app that is called more often whatever it answered: answers drawn
by lot from three would repeat in six calls once in 120 times, in ten once in 10,000."""


def groups(
    calls: Sequence[Call], among: Sequence[int], endpoint: Endpoint, profile: ModelProfile | None
) -> list[list[int]]:
    """Positions of calls with the very same inputs, one group for every main input; the first seed counts.

    Args:
        calls: all calls.
        among: positions of those that count.
        endpoint: what was called.
        profile: the model's profile, when one is known.
    """
    main = main_inputs(endpoint, profile)
    found: dict[str, tuple[str, list[int]]] = {}
    for at in among:
        inputs = calls[at].case.inputs
        whole = _key(inputs)
        key = _key({one.name: inputs.get(one.name) for one in main}) if main else whole
        first, places = found.setdefault(key, (whole, []))
        if first == whole:
            places.append(at)
    return [places for _, places in found.values()]


def _key(inputs: object) -> str:
    return json.dumps(inputs, sort_keys=True)


def steady(calls: Sequence[Call], grouped: Sequence[Sequence[int]]) -> bool:
    """Whether every call that was made again gave the very same answer again."""
    return all(same(calls[one[0]], calls[at]) for one in grouped for at in one[1:])


def of_steady(calls: Sequence[Call], grouped: Sequence[Sequence[int]]) -> Dealt:
    """The ways to deal out answers that are either the same or not."""
    return deal(grouped, lambda one, two: float(not same(calls[one], calls[two])))


def same(one: Call, two: Call) -> bool:
    """Whether two answers are the same, byte for byte."""
    return len(one.outputs) == len(two.outputs) and all(map(identical, one.outputs, two.outputs))


def more(calls: Sequence[Call], endpoint: Endpoint, profile: ModelProfile | None) -> list[Case]:
    """Calls to add until chance is ruled out: more of each input, in turn.

    A slow app is spared them when the same call gives the same answer again, and other inputs other ones.
    """
    answered = [at for at, call in enumerate(calls) if not call.error and not failing(call)]
    found = _telling(calls, groups(calls, answered, endpoint, profile))
    if len(found) not in SIZES or (slow(calls) and _settled(calls, found)):
        return []
    if all(same(calls[found[0][0]], calls[at]) for at in answered):
        return []
    sizes = (SIZES_OF_TWO if _two(calls, answered) else SIZES)[len(found)]
    rounds = range(1, max(sizes) + 1)
    wanted = [(turn, one) for turn in rounds for one, size in zip(found, sizes, strict=True) if len(one) <= turn < size]
    return [again(calls[one[0]].case, turn) for turn, one in wanted]


def _telling(calls: Sequence[Call], every: Sequence[list[int]]) -> list[list[int]]:
    """The inputs that go in more often: the first ones, one with another answer among them where there is one."""
    found = list(every[: max(SIZES)])
    other = next((one for one in every if not same(calls[every[0][0]], calls[one[0]])), None)
    return found if other is None or other in found else [*found[:-1], other]


def _two(calls: Sequence[Call], answered: Sequence[int]) -> bool:
    """Whether there are two different answers and no third."""
    first = answered[0]
    others = [at for at in answered if not same(calls[first], calls[at])]
    return bool(others) and all(same(calls[others[0]], calls[at]) for at in others)


def changing(calls: Sequence[Call], endpoint: Endpoint, profile: ModelProfile | None) -> bool:
    """Whether a call that was made again gave another answer."""
    answered = [at for at, call in enumerate(calls) if not call.error and not failing(call)]
    return not steady(calls, groups(calls, answered, endpoint, profile))


def slow(calls: Sequence[Call]) -> bool:
    """Whether calls took so long that only those are added that a verdict needs."""
    return sum(call.seconds for call in calls) > QUICK_S


def _settled(calls: Sequence[Call], grouped: Sequence[Sequence[int]]) -> bool:
    return steady(calls, grouped) and of_steady(calls, grouped).chance <= STEADY + ALIKE
