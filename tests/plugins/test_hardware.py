"""Hardware strategies: what is asked for, what it may cost, and what an answer means."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacefactory_hardware_fixedgpu.strategy import FixedGpu
from spacefactory_hardware_zerogpu.strategy import ZeroGpu

from spacefactory.hardware import NEXT
from spacefactory.schema.card import ModelLocation
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.space import (
    Account,
    Flavor,
    HardwareAnswer,
    HardwareLimits,
    HardwareProposal,
    HardwareResult,
    HardwareSkip,
)

FLAVORS = (
    Flavor(name="cpu-basic", usd_per_hour=0),
    Flavor(name="zero-a10g", usd_per_hour=0, gpus=1, gpu_memory_gib=48),
    Flavor(name="t4-small", usd_per_hour=0.4, gpus=1, gpu_memory_gib=16),
    Flavor(name="l4x1", usd_per_hour=0.8, gpus=1, gpu_memory_gib=24),
    Flavor(name="a10g-largex2", usd_per_hour=3.0, gpus=2, gpu_memory_gib=48),
    Flavor(name="a100-large", usd_per_hour=2.5, gpus=1, gpu_memory_gib=80),
)
ACCOUNT = Account(name="ada", assigns_hardware=True, flavors=FLAVORS)
ALLOWED = HardwareLimits(fixed_gpu=True, usd=2.0, minutes=45)


def profile(memory_gib: float | None) -> ModelProfile:
    return ModelProfile(location=ModelLocation(model="ada/model", revision="0" * 40), memory_gib=memory_gib)


@pytest.mark.parametrize("memory", [None, 0.5, 48, 90])
def test_zerogpu_is_asked_for_where_the_model_fits(memory: float | None) -> None:
    proposal = ZeroGpu().propose(profile(memory), ACCOUNT, HardwareLimits())
    assert isinstance(proposal, HardwareProposal)
    assert (proposal.flavor, proposal.usd_per_hour) == ("zero-a10g", 0)
    assert ("xlarge" in proposal.reason) == (memory == 90)


def test_zerogpu_steps_aside_for_large_models_and_hosts_without_it() -> None:
    large = ZeroGpu().propose(profile(140), ACCOUNT, HardwareLimits())
    without = Account(name="ada", assigns_hardware=True, flavors=FLAVORS[2:])
    elsewhere = ZeroGpu().propose(profile(1), without, HardwareLimits())
    assert isinstance(large, HardwareSkip)
    assert "140 GiB" in large.reason
    assert isinstance(elsewhere, HardwareSkip)


@pytest.mark.parametrize(("memory", "flavor"), [(8, "t4-small"), (20, "l4x1"), (30, "a100-large")])
def test_the_cheapest_single_gpu_that_fits_is_rented(memory: float, flavor: str) -> None:
    proposal = FixedGpu().propose(profile(memory), ACCOUNT, ALLOWED)
    assert isinstance(proposal, HardwareProposal)
    assert proposal.flavor == flavor
    assert proposal.sleep_s == 300


@pytest.mark.parametrize(
    ("memory", "limits", "words"),
    [
        (8, HardwareLimits(fixed_gpu=False, usd=99, minutes=1), "not allowed"),
        (None, ALLOWED, "unknown"),
        (200, ALLOWED, "no flavor"),
        (30, HardwareLimits(fixed_gpu=True, usd=1.0, minutes=45), "the budget is 1.00"),
    ],
)
def test_nothing_is_rented_without_leave_knowledge_or_money(
    memory: float | None, limits: HardwareLimits, words: str
) -> None:
    skip = FixedGpu().propose(profile(memory), ACCOUNT, limits)
    assert isinstance(skip, HardwareSkip)
    assert words in skip.reason


@given(memory=st.floats(0, 300), usd=st.floats(0, 5), minutes=st.floats(1, 600))
def test_a_proposal_never_costs_more_than_the_budget(memory: float, usd: float, minutes: float) -> None:
    limits = HardwareLimits(fixed_gpu=True, usd=usd, minutes=minutes)
    proposal = FixedGpu().propose(profile(memory), ACCOUNT, limits)
    if isinstance(proposal, HardwareProposal):
        assert proposal.usd_per_hour * minutes / 60 <= usd


ANSWERS = [
    (HardwareAnswer(accepted=True, requested="zero-a10g", current="zero-a10g"), HardwareResult.GRANTED),
    (HardwareAnswer(accepted=True, requested="zero-a10g"), HardwareResult.GRANTED),
    (HardwareAnswer(accepted=True, requested="zero-a10g", current="cpu-basic"), HardwareResult.SILENTLY_DOWNGRADED),
    (HardwareAnswer(accepted=False, status=402, message="requires a PRO subscription"), HardwareResult.PLAN_REQUIRED),
    (HardwareAnswer(accepted=False, status=402, message="insufficient credits"), HardwareResult.NO_CREDITS),
    (HardwareAnswer(accepted=False, status=403, message="You must add a payment method"), HardwareResult.NO_CREDITS),
    (HardwareAnswer(accepted=False, status=403, message="forbidden"), HardwareResult.NOT_PERMITTED),
    (HardwareAnswer(accepted=False, status=403, message="maximum of 2 ZeroGPU Spaces"), HardwareResult.SLOTS_FULL),
    (HardwareAnswer(accepted=False, status=401, message="Invalid username or password."), HardwareResult.OAUTH_LIMIT),
    (HardwareAnswer(accepted=False, status=429, message="daily quota used up"), HardwareResult.QUOTA_EXHAUSTED),
    (HardwareAnswer(accepted=False, status=503, message="no capacity"), HardwareResult.UNAVAILABLE),
]


@pytest.mark.parametrize(("answer", "result"), ANSWERS, ids=lambda value: str(value)[:40])
@pytest.mark.parametrize("strategy", [ZeroGpu(), FixedGpu()], ids=lambda one: one.name)
def test_every_answer_is_typed_with_what_to_do_next(
    strategy: ZeroGpu | FixedGpu, answer: HardwareAnswer, result: HardwareResult
) -> None:
    proposal = HardwareProposal(strategy=strategy.name, flavor="zero-a10g", reason="")
    outcome = strategy.conclude(proposal, answer)
    assert (outcome.strategy, outcome.result) == (strategy.name, result)
    assert (outcome.next_action == "") == (result is HardwareResult.GRANTED)
    assert outcome.next_action == NEXT.get(result, "")
