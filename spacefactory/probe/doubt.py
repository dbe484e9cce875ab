"""Calls that are added where answers change from call to call and seem to follow the input.

That is how models look that sample freely: what they say to one input is somewhat more alike than what they say to
others. Of apps that answer by lot one in eight looks so, too; the calls that are added tell the two apart.
"""

from __future__ import annotations

import random
from collections.abc import Sequence

from spacefactory.probe.again import SIZES_IN_DOUBT, groups, slow, steady
from spacefactory.probe.cases import again
from spacefactory.probe.depends import dealt_to_changing
from spacefactory.probe.evidence import Evidence
from spacefactory.probe.expectation import failing
from spacefactory.schema.verdict import Call, Case

LIKELY = 1 / 8
"""Chance from which on no calls are added: an app whose answers follow its input is hardly ever found there."""


def further(evidence: Evidence) -> list[Case]:
    """The cases to call in addition; none where all is chance most likely, or slow calls alone could tell.

    They come in no order that an app could follow: answers that are given in turn must not meet the same input again.

    Args:
        evidence: the calls so far. Files among the answers have not been looked at, so there are no cases for those.
    """
    calls = evidence.calls
    answered = [at for at in evidence.answered if not failing(calls[at])]
    every = [one for one in groups(calls, answered, evidence.endpoint, evidence.profile) if len(one) > 1]
    files = any(output.path for at in answered for output in calls[at].outputs)
    if files or slow(calls) or len(every) not in SIZES_IN_DOUBT or steady(calls, every):
        return []
    dealt = dealt_to_changing(evidence, every)
    follows = dealt is not None and dealt.chance <= LIKELY
    return _shuffled(calls, every, SIZES_IN_DOUBT[len(every)]) if follows else []


def _shuffled(calls: Sequence[Call], every: Sequence[Sequence[int]], sizes: Sequence[int]) -> list[Case]:
    wanted = [
        again(calls[one[0]].case, turn)
        for one, size in zip(sorted(every, key=len, reverse=True), sizes, strict=True)
        for turn in range(len(one), size)
    ]
    random.Random(len(wanted)).shuffle(wanted)  # noqa: S311 - the same order for everyone
    return wanted
