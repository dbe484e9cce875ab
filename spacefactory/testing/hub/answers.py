"""What a handler gives back: an answer, a stream, or an error as the Hub words it."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Answer:
    """A whole answer."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)


@dataclass
class Stream:
    """An answer that is written as it comes about."""

    chunks: AsyncIterator[bytes]
    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    breaks: bool = False
    """The connection is broken after the last chunk."""


class HubError(Exception):
    """The Hub refuses.

    Args:
        status: HTTP status.
        message: the text that the client shows as its server message.
        code: value of X-Error-Code, by which the client picks its exception.
        extra: further keys of the JSON body, such as the `url` of a 409.
    """

    def __init__(
        self, status: int, message: str, code: str = "", *, extra: Mapping[str, Any] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message)
        self.status, self.message, self.code = status, message, code
        self.extra, self.headers = dict(extra or {}), dict(headers or {})

    def answer(self) -> Answer:
        """The error as it goes over the wire."""
        answer = json_answer({"error": self.message} | self.extra, self.status)
        printable = self.message.encode("ascii", "replace").decode().replace("\n", " ")
        answer.headers |= {"X-Error-Message": printable} | self.headers
        if self.code:
            answer.headers["X-Error-Code"] = self.code
        return answer


class MovedError(Exception):
    """A repository has another name now; the answer is a redirect."""

    def __init__(self, old: str, new: str) -> None:
        super().__init__(f"{old} is now {new}")
        self.old, self.new = old, new


def json_answer(value: Any, status: int = 200, headers: Mapping[str, str] | None = None) -> Answer:
    """An answer with a JSON body."""
    body = json.dumps(value).encode()
    return Answer(status, body, {"Content-Type": "application/json; charset=utf-8"} | dict(headers or {}))


def text_answer(text: str, status: int = 200) -> Answer:
    """An answer with a plain text body."""
    return Answer(status, text.encode(), {"Content-Type": "text/plain; charset=utf-8"})
