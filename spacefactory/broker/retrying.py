"""Asks again where an endpoint says "later": before any byte of an answer has passed on, and never for long."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import httpx

LATER = frozenset({429, 503})
TRIES = 4
LONGEST_WAIT = 60.0


async def send(far: httpx.AsyncClient, request: Callable[[], httpx.Request], left: float) -> httpx.Response:
    """The first answer that is not "later", else the last one; waits as Retry-After says, within `left` seconds.

    Raises:
        httpx.HTTPError: the endpoint cannot be reached.
    """
    for attempt in range(TRIES):
        answer = await far.send(request(), stream=True)
        wait = wait_of(answer.headers.get("retry-after"), attempt)
        if answer.status_code not in LATER or attempt == TRIES - 1 or wait > min(LONGEST_WAIT, left):
            break
        await answer.aclose()
        await asyncio.sleep(wait)
        left -= wait
    return answer


def wait_of(said: str | None, attempt: int) -> float:
    """Seconds to wait: what the answer says in seconds or as a date, else 1, 2, 4."""
    if not said:
        return float(2**attempt)
    try:
        return max(0.0, float(said))
    except ValueError:
        pass
    try:
        until = parsedate_to_datetime(said)
    except ValueError:
        return float(2**attempt)
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())
