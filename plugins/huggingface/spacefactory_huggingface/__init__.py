"""The Hugging Face platform: models, private Spaces, jobs and buckets of the user, with the user's own token."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spacefactory.hookspecs import PluginContext, hookimpl

if TYPE_CHECKING:
    from spacefactory.providers import ModelSource, SpaceHost


@hookimpl
def spacefactory_sources(context: PluginContext) -> Iterable[ModelSource]:
    """Offer the model source `hub`."""
    from spacefactory_huggingface.client import Hub
    from spacefactory_huggingface.source import HubSource

    return (HubSource(Hub(context)),)


@hookimpl
def spacefactory_hosts(context: PluginContext) -> Iterable[SpaceHost]:
    """Offer the Space host `hub`."""
    from spacefactory_huggingface.client import Hub
    from spacefactory_huggingface.host import HubHost

    return (HubHost(Hub(context)),)
