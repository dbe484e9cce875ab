"""What a running Space says it can be asked, before it is validated."""

from __future__ import annotations

from spacefactory.errors import NotFoundError, SpacefactoryError, UsageError
from spacefactory.probe.app import describe
from spacefactory.probe.discover import endpoints
from spacefactory.providers import SpaceHost
from spacefactory.schema.space import READY_STAGES
from spacefactory.schema.verdict import Endpoint
from spacefactory.ui.desk import Desk

PATIENCE_S = 10.0


def endpoints_of(desk: Desk, reference: str) -> tuple[Endpoint, ...]:
    """The endpoints of a Space that runs; nothing is started.

    Raises:
        SpacefactoryError: there is no such Space, it does not run, or it does not answer.
    """
    host = desk.plugins.host(desk.mine.providers().host)
    try:
        return endpoints(describe(host.connect(_running(host, reference)), PATIENCE_S).info)
    finally:
        desk.plugins.close()


def _running(host: SpaceHost, reference: str) -> str:
    is_address = reference.startswith(("http://", "https://"))
    space = None if is_address else host.find(reference)
    if space is None and not is_address:
        raise NotFoundError(
            "no Space of this name is known", "a folder or a Space of others is looked at once it is validated"
        )
    name = space.id if space else reference
    try:
        stage = host.runtime(name).stage
    except SpacefactoryError as error:
        raise UsageError(error.message, error.next_step) from error
    if stage not in READY_STAGES:
        raise UsageError(f"the Space does not run now: {stage}", "it is started when you validate it")
    return name
