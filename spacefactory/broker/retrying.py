"""Asks again where an endpoint says "later": before any byte of an answer has passed on, and never for long."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from spacefactory.broker.far import Answer

LATER = frozenset({429, 503})
TRIES = 4
LONGEST_WAIT = 60.0


async def send(request: Callable[[], Awaitable[Answer]], left: float) -> Answer:
    """The first answer that is not "later", else the last one; waits as Retry-After says, within `left` seconds.

    Raises:
        FarError: the endpoint cannot be reached.
    """
    for attempt in range(TRIES):
        answer = await request()
        wait = wait_of(answer.headers.get("retry-after"), attempt)
        if answer.status not in LATER or attempt == TRIES - 1 or wait > min(LONGEST_WAIT, left):
            break
        answer.close()
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
