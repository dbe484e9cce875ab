"""What the run's hardware strategies would ask for, in their order; the same when a restart asks again."""

from __future__ import annotations

from collections.abc import Iterator

from spacefactory.plugins import Plugins
from spacefactory.providers import HardwareStrategy
from spacefactory.schema.choice import Budget
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.space import Account, HardwareLimits, HardwareProposal, HardwareSkip


def proposals(
    plugins: Plugins, names: tuple[str, ...], budget: Budget, profile: ModelProfile, account: Account
) -> Iterator[tuple[HardwareStrategy, HardwareProposal | HardwareSkip]]:
    """Each strategy with what it would ask for, or why it has nothing to ask for."""
    limits = HardwareLimits(fixed_gpu=budget.fixed_gpu, usd=budget.usd, minutes=budget.minutes)
    for name in names:
        strategy = plugins.hardware(name)
        yield strategy, strategy.propose(profile, account, limits)


def first_flavor(
    plugins: Plugins, names: tuple[str, ...], budget: Budget, profile: ModelProfile, account: Account
) -> str | None:
    """The hardware that would be asked for first; None where none is assigned or none would be asked for."""
    if not account.assigns_hardware:
        return None
    made = (proposal for _, proposal in proposals(plugins, names, budget, profile, account))
    return next((proposal.flavor for proposal in made if isinstance(proposal, HardwareProposal)), None)
