"""Failures on the way: rules that say which requests go wrong, how, and how often."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

Where = Literal["before", "after"]


@dataclass(frozen=True)
class Refuse:
    """Answer with an error; the request has no effect. `error` is the text of the body."""

    status: int
    error: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Reset:
    """Break the connection before or after the request had its effect."""

    when: Where = "before"


@dataclass(frozen=True)
class Slow:
    """Wait before working on the request."""

    seconds: float


@dataclass(frozen=True)
class Drip:
    """Send the body in small pieces, with a pause after each."""

    pause_s: float
    size: int = 16


@dataclass(frozen=True)
class Cut:
    """Send this many bytes of the body, then break the connection."""

    after: int


@dataclass(frozen=True)
class Truncate:
    """Send a whole answer whose body ends too early, so that its JSON is broken."""

    after: int


@dataclass(frozen=True)
class Twice:
    """Deliver the request two times; the second answer is the one that is sent."""


Action = Refuse | Reset | Slow | Drip | Cut | Truncate | Twice


@dataclass
class Fault:
    """What happens to requests whose path contains a match of `path`.

    Args:
        times: how many requests it hits; None means all.
        skip: how many matching requests pass unharmed first.
    """

    action: Action
    path: str
    method: str | None = None
    times: int | None = 1
    skip: int = 0


def rate_limited(path: str, *, retry_after: str | None = None, reset_s: int = 2, times: int | None = 1) -> Fault:
    """A 429 with the Hub's RateLimit header, and Retry-After (seconds or a date) when given."""
    headers = {"RateLimit": f'"api";r=0;t={reset_s}', "RateLimit-Policy": '"fixed window";"api";q=1000;w=300'}
    if retry_after is not None:
        headers["Retry-After"] = retry_after
    return Fault(Refuse(429, "We had to rate limit you, you hit the quota of 1000 api requests per 5 minutes period.",
                        headers), path, times=times)  # fmt: skip


class Faults:
    """The rules in force."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []
        self._lock = threading.Lock()

    def add(self, *faults: Fault) -> None:
        """Put rules into force."""
        with self._lock:
            self._faults.extend(faults)

    def clear(self) -> None:
        """Nothing goes wrong any more."""
        with self._lock:
            self._faults.clear()

    def hit(self, method: str, path: str) -> tuple[Action, ...]:
        """What happens to this request; each rule that applies is used up by one."""
        with self._lock:
            return tuple(fault.action for fault in self._matching(method, path))

    def _matching(self, method: str, path: str) -> Iterable[Fault]:
        for fault in self._faults:
            if fault.method not in (None, method) or not re.search(fault.path, path):
                continue
            if fault.skip:
                fault.skip -= 1
            elif fault.times is None:
                yield fault
            elif fault.times:
                fault.times -= 1
                yield fault
