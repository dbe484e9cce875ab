"""A running Gradio app as its own documents describe it."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass, field
from typing import Any

from spacefactory.errors import BlockedError
from spacefactory.probe import web
from spacefactory.schema.space import Connection

PREFIX = re.compile(r"(/[A-Za-z0-9_-]{1,64}){0,4}\Z")
PATIENCE_S = 30.0
"""How long an app that was just said to be up may refuse its first requests."""


@dataclass(frozen=True)
class App:
    """Where a running app is and what it says about itself."""

    url: str
    prefix: str = ""
    """what stands before the paths of its API: /gradio_api since Gradio 5"""
    config: dict[str, Any] = field(default_factory=dict)
    info: dict[str, Any] = field(default_factory=dict)
    """the API schema: named_endpoints and unnamed_endpoints"""


def look(connection: Connection, timeout: float) -> App:
    """Read an app's configuration once.

    Raises:
        WebError: it does not answer as a Gradio app does.
    """
    config = web.document(web.address(connection.url, "config"), timeout)
    if not isinstance(config, dict):
        raise web.WebError(f"{connection.url} does not answer as a Gradio app does")
    prefix = config.get("api_prefix")
    known = prefix.rstrip("/") if isinstance(prefix, str) and PREFIX.match(prefix.rstrip("/")) else ""
    return App(url=connection.url, prefix=known, config=config)


def describe(connection: Connection, timeout: float) -> App:
    """Read an app's configuration and API schema, with patience for one that is just coming up.

    Raises:
        BlockedError: it does not answer as a Gradio app does (no_endpoint).
    """
    from tenacity import Retrying, retry_if_exception_type, stop_after_delay, wait_exponential

    tries = Retrying(
        retry=retry_if_exception_type(web.WebError),
        stop=stop_after_delay(min(PATIENCE_S, timeout)),
        wait=wait_exponential(multiplier=0.1, max=3),
        sleep=time.sleep,
        reraise=True,
    )
    try:
        return tries(_described, connection, timeout)
    except web.WebError as error:
        raise BlockedError(
            "no_endpoint", f"the app cannot be called: {error}", "give the address of a running Gradio app"
        ) from None


def _described(connection: Connection, timeout: float) -> App:
    app = look(connection, timeout)
    info = web.document(web.address(app.url, f"{app.prefix}/info"), timeout)
    if not isinstance(info, dict):
        raise web.WebError(f"{app.url} has no API schema")
    return App(url=app.url, prefix=app.prefix, config=app.config, info=info)
