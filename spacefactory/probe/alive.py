"""The cheapest questions to a running app: is it a Gradio app, and what does its /health say."""

from __future__ import annotations

from typing import Any

from pydantic import JsonValue

from spacefactory.probe import web
from spacefactory.probe.app import App, look
from spacefactory.probe.values import clean
from spacefactory.schema.space import Connection


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
        answer = web.document(web.address(app.url, f"{app.prefix}/run/health"), timeout, {"data": []})
    except web.WebError:
        return None
    return _first(answer)


def _has_health(app: App) -> bool:
    events = app.config.get("dependencies")
    named = [event.get("api_name") for event in events if isinstance(event, dict)] if isinstance(events, list) else []
    return "health" in named


def _first(answer: Any) -> dict[str, JsonValue] | None:
    data = answer.get("data") if isinstance(answer, dict) else None
    found = clean(data[0]) if isinstance(data, list) and data else None
    return found if isinstance(found, dict) else None
