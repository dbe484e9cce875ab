"""The agent `loop`: asks the run's coding model what to do next, and does it at the workbench."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spacefactory.hookspecs import hookimpl

if TYPE_CHECKING:
    from spacefactory.providers import Agent


@hookimpl
def spacefactory_agents() -> Iterable[Agent]:
    """Offer the agent `loop`."""
    from spacefactory_loop_agent.agent import LoopAgent

    return (LoopAgent(),)
