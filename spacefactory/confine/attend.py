"""Wait for a command: its end, its time, its caller, its caps, a request to stop, whichever comes first."""

from __future__ import annotations

import contextlib
import math
import os
import select
import signal
import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from spacefactory.confine.log import CappedLog
from spacefactory.confine.order import Order
from spacefactory.confine.record import grace
from spacefactory.confine.tree import collect
from spacefactory.confine.users import User
from spacefactory.confine.watch import watch

SLICE_S = 0.05
"""Longest time for one look at the caps, so that output and requests do not wait."""


@dataclass(frozen=True)
class Attendance:
    """What to attend to.

    Args:
        child: the command; started by this process.
        order: what was asked for.
        user: who it runs as.
        control: its end means that the caller has ended; None when the command outlives its caller.
        output: output of a detached command.
        log: where that goes.
    """

    child: int
    order: Order
    user: User
    control: int | None = None
    output: int | None = None
    log: CappedLog | None = None


@dataclass(frozen=True)
class End:
    """How the command itself ended; other processes of it may still be there."""

    returncode: int
    timed_out: bool
    exceeded: str


@dataclass
class _Moment:
    """What has happened so far."""

    until: float
    stop: bool = False
    kill_at: float = math.inf
    timed_out: bool = False
    exceeded: str = ""
    requests: list[int] = field(default_factory=list)


def attend(what: Attendance) -> End:
    """Wait until the command has ended, killing it when its time, a cap or a request says so."""
    timeout = what.order.timeout
    now = _Moment(until=math.inf if timeout is None else time.monotonic() + timeout)
    wakeup = _signals(now)
    poll = select.poll()
    for one in (wakeup, what.control, what.output):
        if one is not None:
            poll.register(one, select.POLLIN)
    caps = watch(what.order, what.user)
    look_at = time.monotonic()
    while (code := collect().get(what.child)) is None:
        _decide(what, now)
        look_at = _look(caps, look_at, now)
        due = min(now.until, now.kill_at, look_at) - time.monotonic()
        for ready, _ in poll.poll(None if due == math.inf else max(0, math.ceil(due * 1000))):
            _serve(ready, what, now, poll)
    return End(code, now.timed_out, now.exceeded)


def _signals(now: _Moment) -> int:
    """Let signals wake the wait; returns the descriptor that becomes readable."""
    reader, writer = os.pipe()
    for one in (reader, writer):
        os.set_blocking(one, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.signal(signal.SIGTERM, lambda *_: now.requests.append(signal.SIGTERM))
    return reader


def _serve(ready: int, what: Attendance, now: _Moment, poll: select.poll) -> None:
    if ready == what.output and what.log is not None:
        if not what.log.take(ready):
            poll.unregister(ready)
    elif not _read(ready):
        poll.unregister(ready)  # the caller has ended
        now.kill_at = 0.0


def _read(source: int) -> bytes:
    try:
        return os.read(source, 4096)
    except BlockingIOError:
        return b" "


def _decide(what: Attendance, now: _Moment) -> None:
    """Ask the command to end, or make it."""
    moment = time.monotonic()
    if now.requests and not now.stop:
        now.stop = True
        now.kill_at = min(now.kill_at, moment + grace(what.order.folder))
        _signal_group(what.child, signal.SIGTERM)
    if moment >= now.until:
        now.timed_out, now.until = True, math.inf
        now.kill_at = 0.0
    if moment >= now.kill_at or now.exceeded:
        now.kill_at = now.until = math.inf
        _signal_group(what.child, signal.SIGKILL)


def _signal_group(child: int, number: signal.Signals) -> None:
    """To the command and what shares its group; the number is its own until it is waited for."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, number)
    with contextlib.suppress(ProcessLookupError):
        os.kill(child, number)


def _look(caps: Iterator[tuple[float, str]], look_at: float, now: _Moment) -> float:
    """One slice of a look at the caps; returns when the next is due."""
    if now.exceeded or time.monotonic() < look_at:
        return math.inf if now.exceeded else look_at
    end = time.monotonic() + SLICE_S
    for pause, exceeded in caps:
        now.exceeded = exceeded
        if exceeded:
            return 0.0
        if pause or time.monotonic() > end:
            return time.monotonic() + (pause or SLICE_S)
    return math.inf
