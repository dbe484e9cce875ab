"""One reader per watched run, however many look: it reads the record on and hands what changed to every viewer."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass, field

from spacefactory.errors import BlockedError, SpacefactoryError
from spacefactory.record.lines import DamagedError
from spacefactory.schema.work import Job
from spacefactory.ui import fragments
from spacefactory.ui.desk import Desk, MissingRunError
from spacefactory.ui.view import Following

FASTEST_S, SLOWEST_S = 0.4, 8.0
PATIENCE = 4
"""The reader rests so many times longer than a look took: a record that is far away is not asked all the time."""
REFRESH_S = 2.0
"""How often parts that depend on the clock or on files, not on the log, are made anew."""
LOG_LINES = 400
"""Lines that a viewer gets at first; the whole log is in the record."""
WAITING = 256
"""Messages that may wait for a viewer; one that is slower is let go and comes back."""
Message = tuple[str, dict[str, object]]


@dataclass(eq=False)
class Watch:
    """One run with its viewers."""

    run_id: str
    desk: Desk
    job_url: str = ""
    known: int = 0
    """events of the record when the run was handed to a job that may not have begun yet"""
    viewers: dict[asyncio.Queue[Message | None], asyncio.AbstractEventLoop] = field(default_factory=dict)
    parts: dict[str, str] = field(default_factory=dict)
    record_url: str = ""
    ended: bool = False
    _seen: Following | None = None
    _told: int = 0
    _made: float = 0.0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def look(self) -> None:
        """Read the record on and tell the viewers what changed; trouble is told as well and passes by itself."""
        try:
            self._look()
            self._change({"trouble": ""})
        except MissingRunError as error:
            gone = fragments.notice("bad", "This run is gone", "It was deleted, or it never was yours.")
            self._change({"trouble": "", "head": gone} | dict.fromkeys(("steps", "files", "outcome"), ""))
            self._end(str(error))
        except (SpacefactoryError, DamagedError, OSError) as error:
            self._change({"trouble": _trouble(error)})

    def recall(self) -> None:
        """Find where the record is, and the job for who did not see it begin; without an answer there is no link."""
        with suppress(SpacefactoryError):
            self.record_url = self.desk.record_url()
        if not self.job_url:
            with suppress(SpacefactoryError):
                self.job_url = self.desk.job_url(self.run_id)

    def _look(self) -> None:
        folder = self.desk.folder(self.run_id)
        if self._seen is None or self._seen.folder != folder:
            self._seen = Following(folder, self.known)
        fresh = self._seen.read_on()
        if fresh or time.monotonic() - self._made >= REFRESH_S:
            self._made = time.monotonic()
            ended = self._seen.result is not None
            if ended and not self.ended:
                self._address(self._seen)
            self._change(fragments.run(self._seen, self.job_url, self.record_url))
            self._tell_log(self._seen)
            if ended:
                self._end("")

    def _address(self, seen: Following) -> None:
        """Where the Space of an ended run is now: one that does not run any more is not offered."""
        if seen.spec and (name := seen.space.get("space_id")):
            there = self.desk.plugins.host(seen.spec.providers.host).find(str(name))
            seen.space["url"] = there.url if there else ""

    def _change(self, parts: dict[str, str]) -> None:
        changed = {name: text for name, text in parts.items() if self.parts.get(name) != text}
        with self._lock:
            self.parts |= changed
            for name, text in changed.items():
                self._send(("part", {"name": name, "html": text}))

    def _tell_log(self, seen: Following) -> None:
        with self._lock:
            if fresh := seen.lines[self._told :]:
                self._told = len(seen.lines)
                self._send(("log", {"html": fragments.log(fresh[-LOG_LINES:]), "reset": False}))

    def _end(self, why: str) -> None:
        with self._lock:
            self.ended = True
            self._send(("end", {"why": why}))

    def _send(self, message: Message | None) -> None:
        for queue, loop in list(self.viewers.items()):
            loop.call_soon_threadsafe(self._put, queue, message)

    def _put(self, queue: asyncio.Queue[Message | None], message: Message | None) -> None:
        if queue.qsize() < WAITING:
            queue.put_nowait(message)
        else:
            self.leave(queue)
            while not queue.empty():
                queue.get_nowait()
            queue.put_nowait(None)

    def join(self, queue: asyncio.Queue[Message | None], loop: asyncio.AbstractEventLoop) -> None:
        """Begin with all there is, then hear what changes."""
        with self._lock:
            queue.put_nowait(("clock", {"now": time.time() * 1000}))
            for name, text in self.parts.items():
                queue.put_nowait(("part", {"name": name, "html": text}))
            lines = self._seen.lines[: self._told] if self._seen else []
            queue.put_nowait(("log", {"html": fragments.log(lines[-LOG_LINES:]), "reset": True}))
            if self.ended:
                queue.put_nowait(("end", {"why": ""}))
            self.viewers[queue] = loop

    def leave(self, queue: asyncio.Queue[Message | None]) -> None:
        """One viewer less."""
        self.viewers.pop(queue, None)


class Watches:
    """The runs that are looked at now; each has a thread as long as somebody looks and the run goes on."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._watches: dict[tuple[str, str], Watch] = {}
        self._jobs: dict[tuple[str, str], str] = {}
        self._taken_up: dict[tuple[str, str], tuple[int, float]] = {}

    def started(self, desk: Desk, job: Job, known: int = 0) -> None:
        """Remember where the job of a run is seen; a run that was looked at goes on.

        Args:
            desk: whose run it is.
            job: what works on it, or will once it has a machine.
            known: how many events the record of a run had before it was taken up again.
        """
        key = (desk.visitor.key, job.run_id)
        with self._lock:
            self._jobs[key] = str(job.details.get("url", ""))
            self._taken_up[key] = known, time.monotonic()
            self._watches.pop(key, None)

    async def follow(self, desk: Desk, run_id: str) -> AsyncIterator[Message | None]:
        """What one viewer sees of a run, from the beginning; None when nothing happened for a while.

        Raises:
            MissingRunError: the visitor has no such run.
        """
        loop = asyncio.get_running_loop()
        queue: asyncio.Queue[Message | None] = asyncio.Queue()
        watch = await loop.run_in_executor(None, self._open, desk, run_id)
        watch.join(queue, loop)
        try:
            while True:
                try:
                    message = await asyncio.wait_for(queue.get(), HEARTBEAT_S)
                except TimeoutError:
                    yield None
                    continue
                if message is None:
                    return
                yield message
                if message[0] == "end":
                    return
        finally:
            watch.leave(queue)

    def _open(self, desk: Desk, run_id: str) -> Watch:
        key = (desk.visitor.key, run_id)
        with self._lock:
            watch = self._watches.get(key)
            if watch is not None and not watch.ended:
                watch.desk = desk  # the newest sign-in lasts longest
                return watch
            job_url = self._jobs.get(key, "")
            known, at = self._taken_up.get(key, (0, 0.0))
        desk.folder(run_id)
        made = Watch(run_id, desk, job_url, known if time.monotonic() - at < QUEUED_S else 0)
        made.recall()
        made.look()
        with self._lock:
            self._jobs[key] = made.job_url
            there = self._watches.get(key)
            if there is not None and not there.ended:
                return there
            self._watches[key] = made
        threading.Thread(target=self._read, args=(key, made), name=f"watch-{run_id}", daemon=True).start()
        return made

    def _read(self, key: tuple[str, str], watch: Watch) -> None:
        idle = 0.0
        while not watch.ended and idle < IDLE_S:
            begun = time.monotonic()
            watch.look()
            rest = min(max(FASTEST_S, PATIENCE * (time.monotonic() - begun)), SLOWEST_S)
            time.sleep(rest)
            idle = 0.0 if watch.viewers else idle + rest
        with self._lock:
            if self._watches.get(key) is watch:
                del self._watches[key]
        watch.desk.plugins.close()


HEARTBEAT_S = 15.0
QUEUED_S = 1800.0
"""How long a run that was taken up again may wait for its job; then the page shows what it had come to."""
IDLE_S = 5.0
"""How long a run is read on after its last viewer has gone: a reload comes back at once."""


def _trouble(error: Exception) -> str:
    if isinstance(error, BlockedError) and error.reason == "not_signed_in":
        link, text = "login/huggingface", "Sign in again"
        return fragments.notice("warn", "Your sign-in is not accepted any more", "The run goes on.", link, text)
    return fragments.notice("warn", f"The record cannot be read now: {error}", "It is tried again by itself.")
