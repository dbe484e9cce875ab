"""From evidence to the level that it proves; every level needs the ones before it."""

from __future__ import annotations

from spacefactory.probe import aggregate
from spacefactory.probe.apart import apart_check
from spacefactory.probe.depends import depends_check
from spacefactory.probe.drawing import drawing_check
from spacefactory.probe.echo import echo_check
from spacefactory.probe.evidence import Evidence
from spacefactory.probe.expectation import expectation_checks, failing
from spacefactory.probe.identity import identity_checks
from spacefactory.probe.plain import drawn_check, rearranged_check
from spacefactory.probe.reference import contradiction, reference_checks
from spacefactory.probe.responsive import responsive_check
from spacefactory.probe.shipped import shipped_check
from spacefactory.probe.template import template_check
from spacefactory.probe.timing import latency
from spacefactory.probe.touched import smooth_check
from spacefactory.probe.values import shortened
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Call, Check, Judgement
from spacefactory.verdict import ANSWERED

ABOUT_INPUTS = (responsive_check, depends_check, apart_check, drawing_check, smooth_check)
"""Questions about what the answers have to do with the inputs."""
ABOUT_ALL = (echo_check, shipped_check, rearranged_check, template_check, drawn_check)
"""Questions about all answers together, whose doubts keep them below `alive`."""


FEW = 0.125
"""share of the answers that may be like noise where the others are not: of drum beats, one in eleven is a mere hiss"""


def judge(evidence: Evidence) -> Judgement:
    """What all calls together prove, with every check that was made.

    A level is reached when one call reaches it, no call is left in doubt about it, and nothing said about all calls
    stands against it.
    """
    found = aggregate.readings(evidence)
    own = aggregate.merged(found, evidence.calls)
    shared = [check for ask in ABOUT_ALL if (check := ask(evidence))]
    users = expectation_checks(evidence)
    sound = [one.at for one in found if one.level.rank >= Level.TYPED.rank and one.open]
    asked = (ask(evidence, sound) for ask in ABOUT_INPUTS) if found else ()
    responsive = [check for check in asked if check]
    references = reference_checks(evidence)
    identity = identity_checks(evidence)
    wrong = contradiction(references, len(references))
    if wrong:
        identity = [wrong, *identity]
    contradicted = any(check.passed is False for check in identity)
    answered = _answered(evidence)
    partly = [answered] if answered and answered.level is Level.RESPONSIVE else []
    level = _level(found, [*shared, *users], [*responsive, *partly], references)
    checks = [answered, *own, *shared, *users, *responsive, *references, *identity]
    if contradicted:
        checks.sort(key=lambda check: check not in identity)  # what decides comes first
    return Judgement(
        level=level,
        checks=tuple(check for check in checks if check),
        latency=latency(evidence.calls),
        endpoint=evidence.endpoint.name,
        noise=_noise(level, found, [*shared, *users, *responsive]),
        contradicted=contradicted,
    )


def _answered(evidence: Evidence) -> Check | None:
    """Whether all calls were answered. One that failed among others keeps the rest from being a success.

    Where another call with the very same inputs was answered, the failure was a passing one.
    """
    calls = [call for call in evidence.calls if not failing(call)]
    errors = [call for call in calls if call.error]
    if not calls:
        return None
    words = f"{len(calls) - len(errors)} of {len(calls)} calls were answered"
    if errors:
        words += f"; {errors[0].case.id} ended with {shortened(errors[0].error, 300)}"
    if not errors or len(errors) == len(calls):
        return Check(name=ANSWERED, passed=not errors, detail=words, level=Level.TYPED)
    answered = [call.case.inputs for call in calls if not call.error]
    passing = all(call.case.inputs in answered for call in errors) or could_not(errors)
    return Check(name=ANSWERED, passed=None if passing else False, detail=words, level=Level.RESPONSIVE)


def could_not(errors: list[Call]) -> bool:
    """Whether the calls failed on the way or for want of quota, which says nothing about the app's answers."""
    return all(any(sign in call.error for sign in ON_THE_WAY) for call in errors)


ON_THE_WAY = ("httpx.", "TimeoutError", "CancelledError", "CallerDiedError", "quota", "ZeroGPU")


def _level(
    found: list[aggregate.Reading], about_all: list[Check], responsive: list[Check], references: list[Check]
) -> Level:
    best = max((one.level for one in found), key=lambda level: level.rank, default=Level.NONE)
    if best.rank < Level.TYPED.rank:
        return Level.RUNNING
    if best is Level.TYPED or not _passed(about_all):
        return Level.TYPED
    if _doubtful(found) or not _passed(responsive):
        return Level.ALIVE
    matched = any(check.passed for check in references) and all(check.passed is not False for check in references)
    return Level.REFERENCE if matched else Level.RESPONSIVE


def _doubtful(found: list[aggregate.Reading]) -> bool:
    """Whether an answer has a fault, or so many of them are like noise that the others may have passed by chance."""
    faulty = [one for one in found if one.level is not Level.ALIVE and not one.open]
    return not all(one.noise for one in faulty) or len(faulty) > FEW * len(found)


def _passed(checks: list[Check]) -> bool:
    return all(check.passed for check in checks)


def _noise(level: Level, found: list[aggregate.Reading], about_all: list[Check]) -> bool:
    """Whether nothing stands against the app but that its output cannot be told from noise."""
    if level is not Level.TYPED or any(check.passed is False and not check.noise for check in about_all):
        return False
    return any(one.noise for one in found) and all(one.noise or one.open for one in found)
