"""The cheapest questions to a running app: is it a Gradio app, and what does its /health say."""

from __future__ import annotations

import json
import re
from typing import Any

from pydantic import JsonValue

from spacefactory.probe import web
from spacefactory.probe.app import App, look
from spacefactory.probe.values import clean
from spacefactory.schema.space import Connection

EVENT = re.compile(r"[A-Za-z0-9_-]{1,100}\Z")
LARGEST_STREAM = 1 << 20


def config_answers(connection: Connection, timeout: float) -> bool:
    """Whether `GET /config` answers 200 with JSON, as every Gradio app does."""
    try:
        look(connection, timeout)
    except web.WebError:
        return False
    return True


def health(connection: Connection, timeout: float) -> dict[str, JsonValue] | None:
    """What the app's `/health` answers; None when it has none, or one that cannot be asked without arguments."""
    try:
        app = look(connection, timeout)
        if not _has_health(app):
            return None
        return _first(_asked(app, timeout))
    except web.WebError:
        return None


def _asked(app: App, timeout: float) -> Any:
    """The answer to a direct call; where the app wants callers to queue, the end of the queue's stream."""
    try:
        return web.document(web.address(app.url, f"{app.prefix}/run/health"), timeout, {"data": []})
    except web.WebError:
        waiting = web.document(web.address(app.url, f"{app.prefix}/call/health"), timeout, {"data": []})
    number = waiting.get("event_id") if isinstance(waiting, dict) else None
    if not isinstance(number, str) or not EVENT.match(number):
        raise web.WebError("the app gives no number for a queued call")
    said = bytearray()
    web.read(web.address(app.url, f"{app.prefix}/call/health/{number}"), timeout, said.extend, LARGEST_STREAM)
    return _completed(said.decode("utf-8", "replace"))


def _completed(stream: str) -> Any:
    """The data of the last event, when that is `complete`."""
    last = stream.strip().rpartition("event:")[2]
    kind, _, data = last.partition("data:")
    if kind.strip() != "complete":
        raise web.WebError("the call of /health did not complete")
    try:
        return {"data": json.loads(data)}
    except (ValueError, RecursionError) as error:
        raise web.WebError(f"/health does not answer with JSON: {error}") from None


def _has_health(app: App) -> bool:
    events = app.config.get("dependencies")
    named = [event.get("api_name") for event in events if isinstance(event, dict)] if isinstance(events, list) else []
    return "health" in named


def _first(answer: Any) -> dict[str, JsonValue] | None:
    data = answer.get("data") if isinstance(answer, dict) else None
    found = clean(data[0]) if isinstance(data, list) and data else None
    return found if isinstance(found, dict) else None
