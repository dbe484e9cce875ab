"""Asks for ZeroGPU where the model fits it."""

from __future__ import annotations

from dataclasses import dataclass

from spacefactory.hardware import read_answer
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.space import (
    Account,
    HardwareAnswer,
    HardwareLimits,
    HardwareOutcome,
    HardwareProposal,
    HardwareSkip,
)

FLAVOR = "zero-a10g"
"""The Hub still calls it so, although the GPUs are others by now."""
LARGE_GIB, XLARGE_GIB = 48.0, 96.0
"""GPU memory of the two sizes, from the Hub's documentation of August 2026."""


@dataclass(frozen=True)
class ZeroGpu:
    """Free of charge; every caller spends from a daily quota of their own."""

    name: str = "zerogpu"

    def propose(
        self,
        profile: ModelProfile,
        account: Account,
        limits: HardwareLimits,  # noqa: ARG002 - nothing is paid by the hour here
    ) -> HardwareProposal | HardwareSkip:
        """ZeroGPU, unless the host has none or the model needs more than one of its GPUs."""
        need = profile.memory_gib or 0.0
        if account.flavors and FLAVOR not in {flavor.name for flavor in account.flavors}:
            return HardwareSkip(strategy=self.name, reason=f"this host has no {FLAVOR}")
        if need > XLARGE_GIB:
            return HardwareSkip(
                strategy=self.name, reason=f"the model needs about {need:.0f} GiB, ZeroGPU has {XLARGE_GIB:.0f}"
            )
        size = "large" if need <= LARGE_GIB else "xlarge"
        return HardwareProposal(strategy=self.name, flavor=FLAVOR, reason=f"fits ZeroGPU {size}, no hourly price")

    def conclude(self, proposal: HardwareProposal, answer: HardwareAnswer) -> HardwareOutcome:
        """What the answer means."""
        return read_answer(proposal, answer)
