"""The local platform: models from folders, records in a folder, Spaces and jobs as processes of this machine."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spacefactory.hookspecs import Later, PluginContext, hookimpl

if TYPE_CHECKING:
    from spacefactory.hookspecs import Offer
    from spacefactory.providers import JobRunner, ModelSource, RunStore, SpaceHost


@hookimpl
def spacefactory_sources() -> Iterable[ModelSource]:
    """Offer the source `folder`."""
    from spacefactory_local.source import FolderSource

    return (FolderSource(),)


@hookimpl
def spacefactory_stores(context: PluginContext) -> Iterable[Offer[RunStore]]:
    """Offer the store `folder`."""

    def make() -> RunStore:
        from spacefactory_local.store import FolderStore

        return FolderStore(context.home / "runs")

    return (Later("folder", make),)


@hookimpl
def spacefactory_hosts(context: PluginContext) -> Iterable[SpaceHost]:
    """Offer the host `local`."""
    from spacefactory_local.host import LocalHost
    from spacefactory_local.options import LocalOptions

    return (LocalHost(context.home, context.options(LocalOptions), confined=context.confined),)


@hookimpl
def spacefactory_runners(context: PluginContext) -> Iterable[JobRunner]:
    """Offer the runner `process`."""
    from spacefactory_local.runner import ProcessRunner

    return (ProcessRunner(context.home),)
