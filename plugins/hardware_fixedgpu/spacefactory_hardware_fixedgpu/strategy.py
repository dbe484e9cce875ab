"""Chooses the cheapest flavor that fits the model and the budget."""

from __future__ import annotations

from dataclasses import dataclass

from spacefactory.hardware import read_answer
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.space import (
    Account,
    Flavor,
    HardwareAnswer,
    HardwareLimits,
    HardwareOutcome,
    HardwareProposal,
    HardwareSkip,
)

SLEEP_S = 300
"""The shortest sleep time that the Hub accepts for paid hardware: an idle Space costs no more after it."""


@dataclass(frozen=True)
class FixedGpu:
    """Paid by the hour, so it needs `budget.fixed_gpu`."""

    name: str = "fixedgpu"

    def propose(
        self, profile: ModelProfile, account: Account, limits: HardwareLimits
    ) -> HardwareProposal | HardwareSkip:
        """The cheapest flavor with one GPU and enough memory whose price for the run's time is within the budget."""
        if not limits.fixed_gpu:
            return HardwareSkip(strategy=self.name, reason="paid hardware was not allowed (budget.fixed_gpu)")
        need = profile.memory_gib
        if need is None:
            return HardwareSkip(strategy=self.name, reason="the model's memory is unknown, so no flavor can be chosen")
        fitting = sorted((one for one in account.flavors if _fits(one, need)), key=lambda one: one.usd_per_hour)
        if not fitting:
            return HardwareSkip(strategy=self.name, reason=f"no flavor with one GPU holds {need:.0f} GiB")
        return self._within_budget(fitting[0], need, limits)

    def _within_budget(self, flavor: Flavor, need: float, limits: HardwareLimits) -> HardwareProposal | HardwareSkip:
        price = flavor.usd_per_hour * limits.minutes / 60
        figures = (
            f"{flavor.name} costs {flavor.usd_per_hour:.2f} USD an hour, {price:.2f} for {limits.minutes:g} minutes"
        )
        if price > limits.usd:
            return HardwareSkip(strategy=self.name, reason=f"{figures}; the budget is {limits.usd:.2f}")
        return HardwareProposal(
            strategy=self.name,
            flavor=flavor.name,
            reason=f"the cheapest that holds {need:.0f} GiB; {figures}",
            usd_per_hour=flavor.usd_per_hour,
            sleep_s=SLEEP_S,
        )

    def conclude(self, proposal: HardwareProposal, answer: HardwareAnswer) -> HardwareOutcome:
        """What the answer means."""
        return read_answer(proposal, answer)


def _fits(flavor: Flavor, need: float) -> bool:
    """One GPU: apps of one process seldom use more; a price of zero is no rented hardware."""
    return flavor.gpus == 1 and flavor.gpu_memory_gib >= need and flavor.usd_per_hour > 0
