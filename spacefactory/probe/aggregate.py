"""The checks of all calls as one list: each name once, with the figure that decided."""

from __future__ import annotations

from dataclasses import dataclass

from spacefactory.probe.evidence import Evidence, empty, main_outputs
from spacefactory.probe.outputs import NOT_FETCHED
from spacefactory.probe.samples import is_made
from spacefactory.probe.values import leaves
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Call, Check, Inspection

MEDIA_INPUT = "nothing was found in an input that was made for this call, which may be right"


@dataclass(frozen=True)
class Reading:
    """How far one answered call goes by its own output."""

    at: int
    checks: tuple[Check, ...]
    level: Level
    """none, typed or alive"""

    @property
    def open(self) -> bool:
        """Whether nothing is wrong with it, but something could not be checked."""
        return not any(check.passed is False for check in self.checks)

    @property
    def noise(self) -> bool:
        """Whether nothing is wrong with it but that it cannot be told from noise."""
        failed = [check for check in self.checks if check.passed is False]
        return bool(failed) and all(check.noise for check in failed)


def readings(evidence: Evidence) -> list[Reading]:
    """One per answered call, in order."""
    found = []
    for at in evidence.answered:
        checks = (_type_check(evidence, at), *_own(evidence, at))
        inspection = Inspection(output_type=evidence.expected or "", checks=checks)
        found.append(Reading(at, checks, inspection.reached()))
    return found


def _type_check(evidence: Evidence, at: int) -> Check:
    """Whether something of the expected type came back."""
    call, expected = evidence.calls[at], evidence.expected
    given = sorted({one.output_type for one in call.outputs if not empty(one)})
    words = f"{expected or 'an output'} is expected, {' and '.join(given) or 'nothing'} came back"
    if main_outputs(call, expected):
        return Check(name="output.type", passed=True, detail=words, level=Level.TYPED)
    if NOT_FETCHED in leaves(call.value):
        words = "the answer holds a file that is larger than is fetched, or more files than are fetched"
        return Check(name="output.type", passed=None, detail=words, level=Level.TYPED)
    return Check(name="output.type", passed=False, detail=words, level=Level.TYPED)


def _own(evidence: Evidence, at: int) -> tuple[Check, ...]:
    """The checks of the output that speaks for a call."""
    one = evidence.representative(at)
    if one is None:
        return ()
    call = evidence.calls[at]
    checks = call.inspections[one].checks
    if not _says_nothing(call, one) or not _made(call):
        return checks
    return tuple(
        check.model_copy(update={"passed": None, "detail": f"{check.detail}; {MEDIA_INPUT}"})
        if check.passed is False and check.level == Level.ALIVE
        else check
        for check in checks
    )


def _says_nothing(call: Call, one: int) -> bool:
    value = call.outputs[one].value
    return call.outputs[one].path is None and (value in ([], {}) or (isinstance(value, str) and not value.strip()))


def _made(call: Call) -> bool:
    """Whether a file that went in was made here: a made sound has no words, and few things are in a drawn picture."""
    return any(
        is_made(value) for name in call.case.files for value in leaves(call.case.inputs[name]) if isinstance(value, str)
    )


def merged(found: list[Reading], calls: tuple[Call, ...]) -> list[Check]:
    """Each check once. It failed when no call got past it; where some did, it is open: neither shown nor refuted."""
    names = list(dict.fromkeys(check.name for one in found for check in one.checks))
    return [
        _merged([(one, check) for one in found for check in one.checks if check.name == name], found, calls)
        for name in names
    ]


def _merged(pairs: list[tuple[Reading, Check]], found: list[Reading], calls: tuple[Call, ...]) -> Check:
    failed = [pair for pair in pairs if pair[1].passed is False]
    unknown = [pair for pair in pairs if pair[1].passed is None]
    if not failed and not unknown:
        return pairs[0][1]
    reading, check = next((pair for pair in failed if not pair[1].noise), (failed or unknown)[0])
    best = max(one.level.rank for one in found)
    others_passed = check.level is not None and best >= check.level.rank
    detail = f"{calls[reading.at].case.id}: {check.detail}"
    if failed and others_passed:
        count = f"{len(failed)} of {len(found)} answers fail this"
        return check.model_copy(update={"passed": None, "noise": False, "detail": f"{count}; {detail}"})
    return check.model_copy(update={"detail": detail})
