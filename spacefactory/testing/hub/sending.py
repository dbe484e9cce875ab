"""Writes answers to the wire, whole or damaged as the faults in force demand."""

from __future__ import annotations

import asyncio
import uuid
from collections.abc import AsyncIterator, Iterable

from spacefactory.testing.hub.answers import Answer, Stream
from spacefactory.testing.hub.clock import Clock
from spacefactory.testing.hub.faults import Action, Cut, Drip, Truncate
from spacefactory.testing.serving import Send, reset


async def send_answer(
    send: Send, method: str, answer: Answer | Stream, clock: Clock, actions: Iterable[Action] = ()
) -> None:
    """Send an answer with exactly one Date header."""
    headers = {"Date": clock.date(), "X-Request-Id": str(uuid.uuid4())} | answer.headers
    cuts = [action for action in actions if isinstance(action, (Cut, Drip, Truncate))]
    if isinstance(answer, Answer):
        body = _truncated(answer.body, cuts)
        headers.setdefault("Content-Length", str(len(body)))
        chunks = _one(b"" if method == "HEAD" else body)
    else:
        headers |= {"Connection": "close", "Cache-Control": "no-store"}
        chunks = answer.chunks
    await send({"type": "http.response.start", "status": answer.status, "headers": _raw(headers)})
    await _send_body(send, chunks, cuts, breaks=isinstance(answer, Stream) and answer.breaks)


def _truncated(body: bytes, actions: Iterable[Action]) -> bytes:
    for action in actions:
        body = body[: action.after] if isinstance(action, Truncate) else body
    return body


async def _one(body: bytes) -> AsyncIterator[bytes]:
    yield body


async def _send_body(send: Send, chunks: AsyncIterator[bytes], actions: Iterable[Action], breaks: bool) -> None:
    cut = next((action.after for action in actions if isinstance(action, Cut)), None)
    drip = next((action for action in actions if isinstance(action, Drip)), None)
    sent = 0
    async for chunk in chunks:
        part = chunk if cut is None else chunk[: cut - sent]
        sent += len(part)
        await _send_part(send, part, drip)
        if cut is not None and sent >= cut:
            breaks = True
            break
    if breaks:
        await asyncio.sleep(0.05)  # let what was sent arrive before the connection breaks
        reset(send)
        return
    await send({"type": "http.response.body", "body": b"", "more_body": False})


async def _send_part(send: Send, part: bytes, drip: Drip | None) -> None:
    size = drip.size if drip else len(part) or 1
    for start in range(0, len(part), size):
        await send({"type": "http.response.body", "body": part[start : start + size], "more_body": True})
        if drip:
            await asyncio.sleep(drip.pause_s)


def _raw(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in headers.items()]
