"""The agent `pi`: the Pi coding agent, confined, thinking with the run's coding model."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spacefactory.hookspecs import PluginContext, hookimpl

if TYPE_CHECKING:
    from spacefactory.providers import Agent


@hookimpl
def spacefactory_agents(context: PluginContext) -> Iterable[Agent]:
    """Offer the agent `pi`."""
    from spacefactory_pi_agent.agent import PiAgent
    from spacefactory_pi_agent.options import PiOptions

    return (PiAgent(context.home, context.options(PiOptions)),)
