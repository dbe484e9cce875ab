"""Whether pictures for different inputs are one and the same drawing in other tones.

A stock picture that is tinted, lit or laid over by the input has other colours everywhere, but its outlines stay where
they are. Each picture's `structure` is its brightness in small, less that of the surroundings, as a vector of length 1:
the product of two is 1 for one drawing in whatever tones, and about 0 for two drawings.
"""

from __future__ import annotations

from itertools import combinations
from statistics import median

from spacefactory.probe.again import groups
from spacefactory.probe.evidence import Evidence
from spacefactory.probe.fill import main_inputs
from spacefactory.probe.likeness import STRUCTURE, numbers
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Check

NAME = "responsive.own_drawing"
ONE, MOST = 0.98, 0.9
"""products of structures: of any two where words alone went in, of most pairs where pictures did. A tinted, lit or
recoloured picture has 0.984 and more, one with clouds over it 0.94; what models and filters make of different pictures
has 0.2 in most pairs, and up to 0.97 in one (two spectrograms)"""


def drawing_check(evidence: Evidence, sound: list[int]) -> Check | None:
    """Compare the outlines of the pictures for every two inputs; None where there are no pictures, or only of one.

    Args:
        evidence: all calls.
        sound: positions of the calls whose answers decode and hold something.
    """
    if evidence.expected != "image" or not main_inputs(evidence.endpoint, evidence.profile) or evidence.traced:
        return None
    firsts = [group[0] for group in groups(evidence.calls, sound, evidence.endpoint, evidence.profile)]
    vectors = [
        numbers(evidence.calls[at], one, STRUCTURE) for at in firsts if (one := evidence.representative(at)) is not None
    ]
    known = [one for one in vectors if one]
    if len(known) < 2 or len({len(one) for one in known}) > 1:
        return None
    products = [abs(sum(a * b for a, b in zip(*pair, strict=True))) for pair in combinations(known, 2)]
    files = any(evidence.calls[at].case.files for at in firsts)
    measured, limit = (median(products), MOST) if files else (max(products), ONE)
    words = "are one drawing in other tones" if measured > limit else "are drawings of their own"
    return Check(
        name=NAME,
        passed=measured <= limit or None,
        detail=f"the answers to {'most' if files else 'any two'} different inputs {words}",
        level=Level.RESPONSIVE,
        measured=round(measured, 4),
        threshold=limit,
    )
