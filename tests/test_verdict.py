"""The status that evidence allows, never a better one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacefactory.schema.status import BlockerReason, Level, Status
from spacefactory.schema.verdict import Check, Judgement, Latency
from spacefactory.verdict import STAND_IN_CHECKS, decide

LEVELS = [Level.RUNNING, Level.TYPED, Level.ALIVE, Level.RESPONSIVE, Level.REFERENCE]


def judged(level: Level, *checks: Check, noise: bool = False, contradicted: bool = False) -> Judgement:
    return Judgement(level=level, checks=checks, latency=Latency(), noise=noise, contradicted=contradicted)


def check(passed: bool | None, level: Level | None, *, noise: bool = False) -> Check:
    return Check(name="image.not_blank", passed=passed, detail="deviation 0.0, at least 1", level=level, noise=noise)


@pytest.mark.parametrize("level", [Level.RESPONSIVE, Level.REFERENCE])
def test_responsive_output_is_success(level: Level) -> None:
    assert decide(judged(level)).status == Status.FULL_INFERENCE_SUCCESS


@pytest.mark.parametrize("level", LEVELS)
def test_a_contradiction_is_never_success(level: Level) -> None:
    verdict = decide(judged(level, check(False, None), contradicted=True))
    assert verdict.status == Status.TECHNICAL_BLOCKER
    assert verdict.blocker is not None
    assert verdict.blocker.reason == BlockerReason.WRONG_OUTPUT


@pytest.mark.parametrize(
    ("level", "failed", "reason"),
    [
        (Level.RUNNING, Level.TYPED, BlockerReason.WRONG_OUTPUT),
        (Level.TYPED, Level.ALIVE, BlockerReason.WRONG_OUTPUT),
        (Level.ALIVE, Level.RESPONSIVE, BlockerReason.PLACEHOLDER),
    ],
)
def test_a_failed_check_of_the_next_level_is_a_blocker_that_quotes_it(
    level: Level, failed: Level, reason: BlockerReason
) -> None:
    verdict = decide(judged(level, check(False, failed)))
    assert (verdict.status, verdict.level) == (Status.TECHNICAL_BLOCKER, level)
    assert verdict.blocker is not None
    assert verdict.blocker.reason == reason
    assert "deviation 0.0" in verdict.blocker.detail


@pytest.mark.parametrize("level", LEVELS[:3])
def test_noise_and_what_could_not_be_checked_stay_candidates(level: Level) -> None:
    assert decide(judged(level, check(False, Level.ALIVE, noise=True), noise=True)).status == Status.CANDIDATE
    assert decide(judged(level, check(None, Level.ALIVE))).status == Status.CANDIDATE


checks = st.builds(check, st.sampled_from([True, False, None]), st.sampled_from([None, *LEVELS]), noise=st.booleans())


@given(level=st.sampled_from(LEVELS), found=st.lists(checks, max_size=6), noise=st.booleans(), other=st.booleans())
def test_success_needs_responsive_and_no_contradiction(
    level: Level, found: list[Check], noise: bool, other: bool
) -> None:
    verdict = decide(judged(level, *found, noise=noise, contradicted=other))
    success = verdict.status == Status.FULL_INFERENCE_SUCCESS
    assert success == (level.rank >= Level.RESPONSIVE.rank and not other)
    assert (verdict.blocker is not None) == (verdict.status == Status.TECHNICAL_BLOCKER)


@pytest.mark.parametrize("name", sorted(STAND_IN_CHECKS))
def test_handing_back_the_input_or_a_shipped_file_is_a_stand_in(name: str) -> None:
    handed_back = check(False, Level.ALIVE).model_copy(update={"name": name})
    verdict = decide(judged(Level.TYPED, handed_back))
    assert verdict.blocker is not None
    assert verdict.blocker.reason == BlockerReason.PLACEHOLDER


def test_the_names_of_those_checks_are_the_probes_own() -> None:
    from spacefactory.probe import echo, plain, shipped

    assert {echo.NAME, plain.NAME, shipped.NAME} == STAND_IN_CHECKS
