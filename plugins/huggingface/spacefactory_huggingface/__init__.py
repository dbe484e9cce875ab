"""The Hugging Face platform: models, private Spaces, jobs and buckets of the user, with the user's own token."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spacefactory.hookspecs import Later, PluginContext, hookimpl

if TYPE_CHECKING:
    from spacefactory.hookspecs import Offer
    from spacefactory.providers import JobRunner, ModelSource, RunStore, SpaceHost


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


@hookimpl
def spacefactory_stores(context: PluginContext) -> Iterable[Offer[RunStore]]:
    """Offer the run store `bucket`."""

    def make() -> RunStore:
        from spacefactory_huggingface.bucket import BucketStore
        from spacefactory_huggingface.client import Hub

        return BucketStore(Hub(context), context.home)

    return (Later("bucket", make),)


@hookimpl
def spacefactory_runners(context: PluginContext) -> Iterable[JobRunner]:
    """Offer the job runner `hf_jobs`."""
    from spacefactory_huggingface.client import Hub
    from spacefactory_huggingface.jobs import HubJobs

    return (HubJobs(Hub(context)),)
