"""Promises of a HardwareStrategy."""

# ruff: noqa: S101 - contracts assert

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from spacefactory.providers import HardwareStrategy
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.space import (
    Account,
    HardwareAnswer,
    HardwareLimits,
    HardwareProposal,
    HardwareResult,
    HardwareSkip,
)
from spacefactory.testing.contracts.named import NamedContract, one_sentence

REFUSALS = (
    (401, "Invalid credentials"),
    (402, "Payment required"),
    (403, "Forbidden"),
    (429, "Too many requests"),
    (500, "Internal error"),
    (503, ""),
    (None, ""),
    (None, "\0 odd \u202e words " * 200),
)
"""Status and message of answers that refuse; hosts word them as they like."""
MEMORY_GIB = (None, 0.0, 0.5, 20.0, 70.0, 500.0)
PLANS = ("", "free", "pro", "team", "enterprise", "something new")

Situation = tuple[ModelProfile, Account, HardwareLimits]


class HardwareContract(NamedContract):
    """Override `provider`, `fitting` and `unfitting`."""

    protocol: ClassVar[type[Any]] = HardwareStrategy

    @pytest.fixture
    def fitting(self) -> Situation:
        """A model, account and limits for which this strategy proposes hardware."""
        raise NotImplementedError("override the fixture 'fitting'")

    @pytest.fixture
    def unfitting(self) -> Situation:
        """A model, account and limits for which it has nothing to ask for."""
        raise NotImplementedError("override the fixture 'unfitting'")

    def test_proposes_with_a_reason(self, provider: HardwareStrategy, fitting: Situation) -> None:
        """The proposal names its strategy, a flavor and why."""
        proposal = provider.propose(*fitting)
        assert isinstance(proposal, HardwareProposal), proposal
        assert proposal.strategy == provider.name
        assert proposal.flavor.strip()
        assert one_sentence(proposal.reason)
        assert proposal == provider.propose(*fitting), "the same question got two answers"

    def test_skips_with_a_reason(self, provider: HardwareStrategy, unfitting: Situation) -> None:
        """What it cannot offer, it says."""
        skipped = provider.propose(*unfitting)
        assert isinstance(skipped, HardwareSkip), skipped
        assert skipped.strategy == provider.name
        assert one_sentence(skipped.reason)

    @pytest.mark.parametrize("plan", PLANS)
    @pytest.mark.parametrize("memory", MEMORY_GIB)
    def test_never_spends_unasked(
        self, provider: HardwareStrategy, fitting: Situation, memory: float | None, plan: str
    ) -> None:
        """Paid hardware only when the user allowed it, and never for more than the budget."""
        profile = fitting[0].model_copy(update={"memory_gib": memory})
        account = fitting[1].model_copy(update={"plan": plan})
        free = provider.propose(profile, account, HardwareLimits(fixed_gpu=False, usd=100, minutes=60))
        assert not isinstance(free, HardwareProposal) or free.usd_per_hour == 0
        small = provider.propose(profile, account, HardwareLimits(fixed_gpu=True, usd=0.01, minutes=60))
        assert not isinstance(small, HardwareProposal) or small.usd_per_hour <= 0.01

    def test_granted_is_what_was_asked_for(self, provider: HardwareStrategy, fitting: Situation) -> None:
        """Accepted with the flavor of the proposal: granted. With another: said so."""
        proposal = self._proposal(provider, fitting)
        same = HardwareAnswer(accepted=True, status=200, requested=proposal.flavor, current=proposal.flavor)
        assert provider.conclude(proposal, same).result == HardwareResult.GRANTED
        other = HardwareAnswer(accepted=True, status=200, requested=proposal.flavor, current="cpu-basic")
        less = provider.conclude(proposal, other)
        assert less.result == HardwareResult.SILENTLY_DOWNGRADED
        assert one_sentence(less.detail)
        assert one_sentence(less.next_action)

    @pytest.mark.parametrize(("status", "message"), REFUSALS)
    def test_a_refusal_is_explained(
        self, provider: HardwareStrategy, fitting: Situation, status: int | None, message: str
    ) -> None:
        """Never granted, always with what to do next; no status makes it raise."""
        proposal = self._proposal(provider, fitting)
        answer = HardwareAnswer(accepted=False, status=status, message=message, requested=proposal.flavor)
        outcome = provider.conclude(proposal, answer)
        assert outcome.strategy == provider.name
        assert outcome.result not in (HardwareResult.GRANTED, HardwareResult.NOT_NEEDED)
        assert one_sentence(outcome.detail)
        assert one_sentence(outcome.next_action)

    @staticmethod
    def _proposal(provider: HardwareStrategy, fitting: Situation) -> HardwareProposal:
        proposal = provider.propose(*fitting)
        assert isinstance(proposal, HardwareProposal)
        return proposal
