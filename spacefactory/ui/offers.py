"""What the forms offer: the names that installed plugins bring, and what this platform can do."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from spacefactory import api
from spacefactory.errors import SpacefactoryError
from spacefactory.plugins import Plugins
from spacefactory.schema.space import Account
from spacefactory.settings import Settings
from spacefactory.steps.coding_model import needed


@dataclass(frozen=True)
class Offers:
    """The choices of a form."""

    agents: tuple[str, ...]
    thinking: frozenset[str]
    """agents that think with a coding model"""
    hardware: tuple[str, ...]
    types: tuple[str, ...]
    assigns_hardware: bool
    failed: dict[str, str]
    """plugins that could not be loaded, and why"""


def offers(settings: Settings, plugins: Plugins) -> Offers:
    """What is installed; a plugin that fails to load is named, and the others are offered all the same."""
    agents = plugins.offers("spacefactory_agents")
    return Offers(
        agents=tuple(sorted(agents)),
        thinking=frozenset(name for name, agent in agents.items() if needed(agent)),
        hardware=tuple(sorted(plugins.offers("spacefactory_hardware"))),
        types=tuple(api.expected_types(plugins)),
        assigns_hardware=_assigns(settings, plugins),
        failed=dict(plugins.failed),
    )


def _assigns(settings: Settings, plugins: Plugins) -> bool:
    """Whether hardware is chosen on this platform; where the host cannot tell without a sign-in, it is."""
    with suppress(SpacefactoryError):
        return plugins.host(settings.providers().host).account().assigns_hardware
    return True


def price(account: Account) -> str:
    """What a GPU of one's own costs, in one sentence."""
    paid = sorted(one.usd_per_hour for one in account.flavors if one.gpus and one.usd_per_hour > 0)
    return f"${paid[0]:.2f} to ${paid[-1]:.2f} an hour on this account, while the Space is up" if paid else ""
