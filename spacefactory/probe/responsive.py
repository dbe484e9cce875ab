"""Whether different inputs give different outputs, or different seeds where there is nothing to put in."""

from __future__ import annotations

from pydantic import JsonValue

from spacefactory.probe.evidence import Evidence, identical, main_outputs
from spacefactory.probe.fill import main_inputs
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Check, Output

NAME = "responsive.differs"
FEW_CHARACTERS, FEW_WORDS = 32, 3
"""An answer this short is one of a few that the model can give, such as `yes`: two inputs may honestly share it."""


def responsive_check(evidence: Evidence, sound: list[int]) -> Check:
    """Compare the first sound answer with the sound answers to other inputs.

    Args:
        evidence: all calls.
        sound: positions of the calls whose answers decode and hold something.
    """
    first = next((at for at in sound if at == evidence.first), None)
    others = [at for at in sound if first is not None and at > first and _counts(evidence, first, at)]
    if first is None or not others:
        return _check(None, "fewer than two answers to different inputs are there to be compared")
    found = [_compared(evidence, first, at) for at in others]
    words = [f"{evidence.calls[at].case.id}: {detail}" for at, (_, detail, _) in zip(others, found, strict=True)]
    for verdict in (True, None):
        for at, (passed, _, figure) in enumerate(found):
            if passed is verdict:
                return _check(verdict, words[at], figure)
    return _check(False, words[0], found[0][2])


def _check(passed: bool | None, detail: str, figure: Check | None = None) -> Check:
    measured, threshold = (figure.measured, figure.threshold) if figure else (None, None)
    return Check(
        name=NAME, passed=passed, detail=detail, level=Level.RESPONSIVE, measured=measured, threshold=threshold
    )


def _counts(evidence: Evidence, first: int, at: int) -> bool:
    """Whether two calls differ in what the answer should depend on: the input; without any, the seed or nothing."""
    main = main_inputs(evidence.endpoint, evidence.profile)
    if not main:
        return True
    one, two = (evidence.calls[call].case for call in (first, at))
    return any(not _same_input(one.inputs.get(part.name), two.inputs.get(part.name)) for part in main)


def _same_input(one: JsonValue, two: JsonValue) -> bool:
    return one == two


def _compared(evidence: Evidence, first: int, at: int) -> tuple[bool | None, str, Check | None]:
    """Whether two answers differ; None where that cannot be told."""
    one, two = (_main(evidence, call) for call in (first, at))
    if len(one) == len(two) and all(map(identical, one, two)):
        if all(map(is_short, one)):
            return None, "the answer is the same, and so short that two inputs may share it", None
        return False, "the answer is the same, byte for byte, as to another input", None
    checks = evidence.asked("other", at)
    if differ := next((check for check in checks if check.passed), None):
        return True, differ.detail, differ
    if not checks:
        return None, "the answers could not be compared", None
    closest = next((check for check in checks if check.passed is False), checks[0])
    if closest.passed is False and closest.measured:
        return (
            None,
            f"the answers are not the same, but may be the same picture or sound again; {closest.detail}",
            closest,
        )
    if closest.passed is False and all(map(is_short, (*one, *two))):
        return None, "the answer is the same, and so short that two inputs may share it", closest
    return closest.passed, closest.detail, closest


def _main(evidence: Evidence, at: int) -> list[Output]:
    call = evidence.calls[at]
    return [call.outputs[one] for one in main_outputs(call, evidence.expected)]


def is_short(output: Output) -> bool:
    """Whether a value is one of a few: a number, a word or two, a list of such without scores."""
    value = output.value
    if isinstance(value, dict):
        value = value.get("label") if set(value) <= {"label", "confidences"} and not value.get("confidences") else None
    if isinstance(value, list):
        return len(value) <= FEW_WORDS and all(
            isinstance(one, str | int) and len(str(one)) <= FEW_CHARACTERS for one in value
        )
    if isinstance(value, bool | int):
        return True
    return isinstance(value, str) and len(value) <= FEW_CHARACTERS and len(value.split()) <= FEW_WORDS
