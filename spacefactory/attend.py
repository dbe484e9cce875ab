"""Watches a run that a job works on: its events, its result, and a job that died without one."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from spacefactory.errors import PlatformError
from spacefactory.providers import JobRunner, Pulsing, RunStore
from spacefactory.record.journal import LOG, read_events
from spacefactory.schema.event import Event, EventType
from spacefactory.schema.run import RunResult
from spacefactory.schema.work import Job, JobStatus

POLL_S = 3.0
LAST_WORDS_S = 20.0
"""How long after a job's end its last events may still be on their way; with the polls well below 90 s."""
SILENT_S, STALLED_S = 75.0, 300.0
"""Without a sign of life for so long, a job that runs is reported, and then ended: its work can be taken up again."""

Listener = Callable[[Event], None]


def attend(
    run_id: str,
    store: RunStore,
    runner: JobRunner,
    job: Job,
    listener: Listener | None = None,
    *,
    known: int = 0,
    poll_s: float = POLL_S,
) -> RunResult:
    """Follow a job until its run has concluded. Ctrl-C asks the job to cancel the run, a second one leaves it alone.

    Args:
        run_id: the run.
        store: where its record grows.
        runner: what the job belongs to.
        job: works on the run.
        listener: hears each event.
        known: how many events the record held before the job: a pause among them is what the job goes on from.
        poll_s: seconds between two looks.

    Raises:
        PlatformError: the job ended before the run did, or was ended because it stood still.
        KeyboardInterrupt: the user left; the job goes on or cancels by itself.
    """
    watched, asked = _Watched(run_id, store, runner, job, listener, known), False
    while True:
        try:
            if (result := watched.look()) is not None:
                return result
            time.sleep(poll_s)
        except KeyboardInterrupt:
            if asked:
                raise
            asked = True
            store.ask(run_id, "cancel")


@dataclass
class _Watched:
    """A run from afar, and what has been heard of it."""

    run_id: str
    store: RunStore
    runner: JobRunner
    job: Job
    listener: Listener | None
    known: int
    seen: int = 0
    ended: float | None = None
    """since when its job is seen to have ended"""

    def __post_init__(self) -> None:
        self.heart = _Heart(self.store, self.job)

    def look(self) -> RunResult | None:
        """Tell what is new; the result once the run has concluded.

        Raises:
            PlatformError: the job ended before the run did, or stands still.
        """
        folder = self.store.find(self.run_id)
        events = self._heard(folder)
        result = concluded_in(events)
        if result is not None and (len(events) > self.known or self._last_words_are_over() or result.status.terminal):
            return result.model_copy(update={"report": str(folder / "report.md") if folder else ""})
        status = self.runner.status(self.job)
        self.ended = (self.ended or time.monotonic()) if status.state == "ended" else None
        if self._last_words_are_over():
            raise _orphaned(self.run_id, self.runner, self.job, status)
        if status.state == "running":
            _look_after(self.heart, self.runner, self.listener, len(events))
        return None

    def _heard(self, folder: Path | None) -> list[Event]:
        events = _events(folder)
        if self.listener:
            for event in events[self.seen :]:
                self.listener(event)
        self.seen = len(events)
        return events

    def _last_words_are_over(self) -> bool:
        return self.ended is not None and time.monotonic() - self.ended > LAST_WORDS_S


@dataclass
class _Heart:
    """How long a job has shown no sign of life, by the clock of whoever watches: clocks of machines may differ."""

    store: RunStore
    job: Job
    beat: str | None = None
    since: float = field(default_factory=time.monotonic)
    told: bool = False

    def silent_s(self) -> float:
        """Seconds since the last sign; none while nothing has begun, for a job may wait long for its machine."""
        now = time.monotonic()
        beat = self.store.pulse(self.job) if isinstance(self.store, Pulsing) else None
        if beat is None or beat != self.beat:
            self.beat, self.since, self.told = beat, now, False
        return now - self.since


def _look_after(heart: _Heart, runner: JobRunner, listener: Listener | None, seq: int) -> None:
    job, silent = heart.job, heart.silent_s()
    if silent > STALLED_S:
        runner.cancel(job)
        raise PlatformError(
            f"the job {job.id} gave no sign of life for {silent:.0f} s and was ended",
            f"take the run up again: spacefactory runs resume {job.run_id}",
        )
    if silent > SILENT_S and not heart.told:
        heart.told = True
        if listener:
            listener(_silence(job, silent, seq))


def _silence(job: Job, silent: float, seq: int) -> Event:
    return Event(
        seq=seq,
        run_id=job.run_id,
        type=EventType.JOB_SILENT,
        at=datetime.now(UTC).isoformat(timespec="milliseconds"),
        mono=round(time.monotonic(), 3),
        boot_id="",
        writer="",
        facts={"job": job.id, "seconds": round(silent)},
    )


def concluded_in(events: list[Event]) -> RunResult | None:
    """The result of the last conclusion; None when the run was taken up again after it, or has none."""
    marks = [event for event in events if event.type in (EventType.RUN_CONCLUDED, EventType.RUN_RESUMED)]
    if not marks or marks[-1].type != EventType.RUN_CONCLUDED:
        return None
    return RunResult.model_validate(marks[-1].facts["result"])


def _events(folder: Path | None) -> list[Event]:
    """What the record holds now; nothing while it is on its way."""
    try:
        return read_events(folder / LOG) if folder else []
    except FileNotFoundError:
        return []


def _orphaned(run_id: str, runner: JobRunner, job: Job, status: JobStatus) -> PlatformError:
    last = runner.logs(job).strip().splitlines()[-1:]
    said = f"; its last words: {' '.join(last[0].split())[:200]}" if last else ""
    why = f" ({status.detail})" if status.detail else ""
    return PlatformError(
        f"the job {job.id} ended before the run did{why}{said}", f"take it up again: spacefactory runs resume {run_id}"
    )
