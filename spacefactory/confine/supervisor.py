"""The process that outlasts a command: starts it, waits, enforces time and caps, reaps the whole tree.

It reads its order from standard input and answers with one line of JSON on standard output. For a command that is
waited for, the end of standard input means that the caller has ended.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from contextlib import suppress
from pathlib import Path

from spacefactory.confine import control_group, record, signals, tree
from spacefactory.confine.attend import Attendance, attend
from spacefactory.confine.claims import only_holder
from spacefactory.confine.kernel import Refused, become_subreaper
from spacefactory.confine.launcher import REFUSED, launch
from spacefactory.confine.log import CappedLog
from spacefactory.confine.order import Order, Streams, decode
from spacefactory.confine.users import User, choose

CONTROL, ANSWER = 0, 1


def main() -> None:
    """Do one order; exit status 78 when it is refused."""
    signals.reset()
    for number in (signal.SIGPIPE, signal.SIGXFSZ):  # an error, not the end: the caller or the disk may go first
        signal.signal(number, signal.SIG_IGN)
    order = decode(_line(CONTROL))
    if order.folder is not None and os.fork():
        os._exit(0)  # the caller waits for this one; the other has no parent that could forget to
    try:
        if order.folder is None:
            _waited(order)
        else:
            _detached(order, order.folder)
    except Refused as refusal:
        _answer({"refused": str(refusal)})
        sys.exit(REFUSED)


def _waited(order: Order) -> None:
    assert order.streams is not None  # noqa: S101 - set by waited.run
    become_subreaper()
    user = choose(order)
    _answer({"own": user.own, "uid": user.uid, "uid_mode": user.mode})
    child = launch(order, user, order.streams)
    _answer({"started": True})
    for stream in {order.streams.stdin, order.streams.stdout, order.streams.stderr}:
        os.close(stream)
    end = attend(Attendance(child, order, user, control=CONTROL))
    _end(user)
    _answer({"returncode": end.returncode, "timed_out": end.timed_out, "exceeded": end.exceeded})


def _line(source: int) -> bytes:
    """The order: everything up to the end of the line, and nothing after it."""
    line = b""
    while not line.endswith(b"\n"):
        some = os.read(source, 1 << 16)
        if not some:
            sys.exit(0)  # the caller ended while it wrote
        line += some
    return line


def _answer(facts: dict[str, object]) -> None:
    with suppress(BrokenPipeError):  # nobody may be left to be told
        os.write(ANSWER, json.dumps(facts).encode() + b"\n")


def _detached(order: Order, folder: str) -> None:
    become_subreaper()
    with record.owned(folder):
        user = choose(order)
        record.begin(folder, order, user.own)
        log = _log(order)
        reader, writer = os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        child = launch(order, user, Streams(nothing, writer, writer))
        os.close(writer)
        record.began(folder, child)
        _answer({"own": user.own, "started": True})
        _let_go()
        end = attend(Attendance(child, order, user, output=reader, log=log))
        _end(user)
        log.drain(reader)
        if end.exceeded:
            log.write(f"\n{end.exceeded}\n".encode())
        record.ended(folder, end.returncode, end.exceeded)


def _let_go() -> None:
    """Keep nothing of the caller open."""
    nothing = os.open(os.devnull, os.O_RDWR)
    for one in (0, 1, 2):
        os.dup2(nothing, one)
    os.close(nothing)


def _log(order: Order) -> CappedLog:
    path = Path(order.log or os.devnull)
    try:
        return CappedLog(path, order.confinement.limits.log_bytes)
    except OSError as error:
        raise Refused(f"its log {path} cannot be written: {error.strerror}") from error


def _end(user: User) -> None:
    alone = user.lock is not None and only_holder(user.lock)
    tree.end_all(user.uid if alone else None)
    if user.group is not None:
        control_group.remove(user.group)
