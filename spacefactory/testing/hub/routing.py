"""Which handler answers which request."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, unquote

from spacefactory.testing.hub.answers import Answer, HubError, Stream

if TYPE_CHECKING:
    from spacefactory.testing.hub.accounts import Caller
    from spacefactory.testing.hub.state import World

_PIECES = {
    "{kind}": r"(?P<kind>models|datasets|spaces)",
    "{prefix}": r"(?P<prefix>(?:datasets/|spaces/)?)",
    "{repo}": r"(?P<repo>[^/]+(?:/[^/]+)?)",
    "{bucket}": r"(?P<bucket>[^/]+/[^/]+)",
    "{path}": r"(?P<path>.+)",
}


@dataclass(frozen=True)
class Call:
    """One request as handlers see it."""

    method: str
    path: str
    query: str
    headers: Mapping[str, str]
    body: bytes
    base: str
    caller: Caller
    params: Mapping[str, str]

    def param(self, name: str) -> str:
        """A part of the path, decoded."""
        return unquote(self.params[name])

    @cached_property
    def options(self) -> tuple[tuple[str, str], ...]:
        """The query's pairs, in order."""
        return tuple(parse_qsl(self.query, keep_blank_values=True))

    def option(self, name: str, default: str = "") -> str:
        """One value of the query."""
        return next((value for key, value in self.options if key == name), default)

    def all(self, name: str) -> tuple[str, ...]:
        """Every value of a key of the query."""
        return tuple(value for key, value in self.options if key == name)

    def flag(self, name: str) -> bool:
        """Whether the query switches something on."""
        return self.option(name).lower() in ("true", "1")

    def json(self) -> dict[str, Any]:
        """The body as a JSON object.

        Raises:
            HubError: 400, it is none.
        """
        try:
            found = json.loads(self.body or b"{}")
        except ValueError as error:
            raise HubError(400, f"Invalid JSON: {error}") from error
        if not isinstance(found, dict):
            raise HubError(400, "The body must be a JSON object")
        return found

    def ndjson(self) -> list[dict[str, Any]]:
        """The body as one JSON object per line.

        Raises:
            HubError: 400, a line is none.
        """
        try:
            found = [json.loads(line) for line in self.body.split(b"\n") if line.strip()]
        except ValueError as error:
            raise HubError(400, f"Invalid JSON: {error}") from error
        if not all(isinstance(line, dict) for line in found):
            raise HubError(400, "Each line must be a JSON object")
        return found


Handler = Callable[["World", Call], Answer | Stream]


@dataclass(frozen=True)
class Route:
    """A method, a pattern of paths, and who answers. `GET` routes answer `HEAD` too."""

    method: str
    pattern: str
    handler: Handler

    @cached_property
    def regex(self) -> re.Pattern[str]:
        """The pattern over raw, still quoted paths."""
        parts = re.split(r"(\{\w+\})", self.pattern)
        return re.compile("".join(_piece(part) for part in parts))

    def match(self, method: str, path: str) -> Mapping[str, str] | None:
        """The parts of the path, or None."""
        if method != self.method and (method, self.method) != ("HEAD", "GET"):
            return None
        found = self.regex.fullmatch(path)
        return found.groupdict() if found else None


def _piece(part: str) -> str:
    if part in _PIECES:
        return _PIECES[part]
    return rf"(?P<{part[1:-1]}>[^/]+)" if part.startswith("{") else re.escape(part)


def find(routes: Iterable[Route], method: str, path: str) -> tuple[Handler, Mapping[str, str]]:
    """The first route that fits.

    Raises:
        HubError: 404, no route does.
    """
    for route in routes:
        if (params := route.match(method, path)) is not None:
            return route.handler, params
    raise HubError(404, f"Sorry, we can't find the page you are looking for: {method} {unquote(path)}")
