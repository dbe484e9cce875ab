"""Whether the answers to different words are pictures, sounds or films of their own.

One picture from a shelf, with the prompt written on it, grained or cropped by it, differs from call to call as the
input does; and of a few pictures from a shelf two inputs get the same one. Answers that are this close are no proof.
"""

from __future__ import annotations

from itertools import combinations

from spacefactory.probe.again import groups
from spacefactory.probe.evidence import Evidence
from spacefactory.probe.fill import main_inputs
from spacefactory.probe.likeness import distance
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Check

NAME = "responsive.apart"
CLOSE = 0.05
"""distance of signatures: a picture with other words on it has 0.003, with other grain 0.01, cropped elsewhere 0.03;
honest clouds 0.19, a flight over a landscape 0.12, voices and instruments 0.4 and more"""


def apart_check(evidence: Evidence, sound: list[int]) -> Check | None:
    """Compare the answers to every two inputs; None where files went in, or where the answers are no files.

    Args:
        evidence: all calls.
        sound: positions of the calls whose answers decode and hold something.
    """
    calls = evidence.calls
    words_alone = main_inputs(evidence.endpoint, evidence.profile) and not any(call.case.files for call in calls)
    if not words_alone or not any(output.path for at in sound for output in calls[at].outputs):
        return None
    firsts = [group[0] for group in groups(calls, sound, evidence.endpoint, evidence.profile)]
    pairs = [(distance(evidence, one, two, frozenset()), one, two) for one, two in combinations(firsts, 2)]
    known = [(apart, one, two) for apart, one, two in pairs if apart is not None]
    if not known:
        return None
    apart, one, two = min(known)
    names = f"{calls[one].case.id} and {calls[two].case.id}"
    words = "are nearly one and the same, so one may have been made for all" if apart < CLOSE else "are apart"
    return Check(
        name=NAME,
        passed=None if apart < CLOSE else True,
        detail=f"the closest two answers to different inputs, {names}, {words}",
        level=Level.RESPONSIVE,
        measured=round(apart, 4),
        threshold=CLOSE,
    )
