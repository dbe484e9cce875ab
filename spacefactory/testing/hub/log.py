"""Every request that reached the emulated Hub or a Space's own host, and where in it a token stood."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import unquote_plus

Host = Literal["hub", "files", "space"]
"""Which of the emulator's servers was called: the Hub, the host of large files, or a Space's own host."""


@dataclass
class Entry:
    """One request. `status` is 0 while it is being answered, and when the connection was broken on purpose."""

    host: Host
    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes = b""
    space: str | None = None
    account: str | None = None
    token_kind: str = ""
    status: int = 0
    faults: list[str] = field(default_factory=list)

    def line(self) -> str:
        """For people: one line without any header."""
        return f"{self.status or '---'} {self.host} {self.method} {self.path} ({self.account or 'anonymous'})"


@dataclass(frozen=True)
class Sighting:
    """A token seen in a request, outside or inside the one place where it belongs."""

    entry: Entry
    place: str


class RequestLog:
    """Requests in the order in which they arrived."""

    def __init__(self) -> None:
        self._entries: list[Entry] = []
        self._lock = threading.Lock()

    def add(self, entry: Entry) -> Entry:
        """Keep a request; its status follows."""
        with self._lock:
            self._entries.append(entry)
        return entry

    def entries(self) -> tuple[Entry, ...]:
        """All requests so far."""
        with self._lock:
            return tuple(self._entries)

    def clear(self) -> None:
        """Forget what was."""
        with self._lock:
            self._entries.clear()

    def find(self, method: str | None = None, path: str = "", status: int | None = None) -> tuple[Entry, ...]:
        """Requests of a method (any if None) whose path contains a match of a pattern."""
        return tuple(
            entry
            for entry in self.entries()
            if method in (None, entry.method) and re.search(path, entry.path) and status in (None, entry.status)
        )

    def sightings(self, secret: str) -> tuple[Sighting, ...]:
        """Every place where a secret occurred: `header:authorization`, `path`, `query`, `body`, ..."""
        return tuple(Sighting(entry, place) for entry in self.entries() for place in _places(entry, secret))

    def misplaced(self, secret: str) -> tuple[Sighting, ...]:
        """Where a secret occurred other than in the Authorization header of a call to the Hub."""
        proper = ("hub", "header:authorization")
        return tuple(one for one in self.sightings(secret) if (one.entry.host, one.place) != proper)


def _places(entry: Entry, secret: str) -> Iterable[str]:
    texts: Mapping[str, str] = {"path": entry.path, "query": unquote_plus(entry.query)}
    yield from (place for place, text in texts.items() if secret in text)
    yield from (f"header:{name}" for name, value in entry.headers.items() if secret in value)
    if secret.encode() in entry.body:
        yield "body"
