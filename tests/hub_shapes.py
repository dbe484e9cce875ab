"""Answers of the emulated Hub as they come over the wire, compared with shapes of recorded ones."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

from spacefactory.testing.hub import EmulatedHub

HEX24, HEX40, HEX64 = r"[0-9a-f]{24}", r"[0-9a-f]{40}", r"[0-9a-f]{64}"
"""Ids of the Hub, of commits and blobs, and of content."""


@dataclass(frozen=True)
class Said:
    """An answer as it came over the wire."""

    status: int
    headers: Message
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


class Ask:
    """Requests as they stand in the recordings, without the client in between."""

    def __init__(self, hub: EmulatedHub, token: str | None) -> None:
        self.hub, self.token = hub, token

    def __call__(self, method: str, path: str, body: Any = None, kind: str = "application/json") -> Said:
        link = http.client.HTTPConnection(urlsplit(self.hub.endpoint).netloc, timeout=20)
        headers = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        data = body if isinstance(body, (bytes, type(None))) else json.dumps(body).encode()
        try:
            link.request(method, path, data, headers | ({"Content-Type": kind} if data is not None else {}))
            answer = link.getresponse()
            return Said(answer.status, answer.headers, answer.read())
        finally:
            link.close()


def moment(text: Any) -> bool:
    """Whether it is a time with its zone."""
    return datetime.fromisoformat(str(text).replace("Z", "+00:00")).tzinfo is not None


def like(value: Any, shape: Any) -> bool:
    """Whether a value has a shape: keys (more may be there), items, pattern, type, predicate, value."""
    if isinstance(shape, dict):
        return isinstance(value, dict) and all(key in value and like(value[key], want) for key, want in shape.items())
    if isinstance(shape, list):
        return isinstance(value, list) and bool(value) and all(like(one, shape[0]) for one in value)
    if isinstance(shape, re.Pattern):
        return isinstance(value, str) and shape.fullmatch(value) is not None
    if isinstance(shape, tuple):
        return any(like(value, one) for one in shape)
    if isinstance(shape, type):
        return isinstance(value, shape) and (shape is bool or not isinstance(value, bool))
    return bool(shape(value)) if callable(shape) else bool(value == shape)


def assert_like(value: Any, shape: Mapping[str, Any] | list[Any]) -> None:
    """With the value in the message."""
    assert like(value, shape), json.dumps(value, indent=1, default=str)
