"""What both doors do with the far side: which headers pass, how much, and no redirects."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import httpx


class Door(Protocol):
    """Whoever forwards."""

    far: httpx.AsyncClient


CONNECT_S = 15.0
TO_UPSTREAM = frozenset({"accept", "content-type", "range", "user-agent"})
FROM_UPSTREAM = frozenset(
    {"accept-ranges", "cache-control", "content-disposition", "content-range", "content-type", "etag", "retry-after"}
)


def client(read_s: float) -> httpx.AsyncClient:
    """A client that follows nothing, trusts nothing of the environment and waits `read_s` seconds for a byte."""
    import httpx

    return httpx.AsyncClient(timeout=httpx.Timeout(read_s, connect=CONNECT_S), follow_redirects=False, trust_env=False)


@asynccontextmanager
async def opened(door: Door, read_s: float) -> AsyncIterator[None]:
    """The door's connections to its far side, while its application runs."""
    async with client(read_s) as far:
        door.far = far
        yield


def passing(headers: Mapping[str, str], allowed: Iterable[str]) -> dict[str, str]:
    """The headers whose names are allowed; everything else, logins and cookies first of all, stays behind."""
    names = frozenset(allowed)
    return {name: value for name, value in headers.items() if name.lower() in names}
