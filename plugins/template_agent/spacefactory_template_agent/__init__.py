"""The template agent: a coding agent without a coding model, deterministic, for tasks that have a template."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spacefactory.hookspecs import hookimpl

if TYPE_CHECKING:
    from spacefactory.providers import Agent


@hookimpl
def spacefactory_agents() -> Iterable[Agent]:
    """Offer the agent `template`."""
    from spacefactory_template_agent.agent import TemplateAgent

    return (TemplateAgent(),)
