"""batch: many models, one table."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spacefactory.cli import inert, options, output

if TYPE_CHECKING:
    from spacefactory.providers import JobRunner, RunStore
    from spacefactory.schema.run import RunResult, RunState
    from spacefactory.schema.work import Job
    from spacefactory.settings import Settings

POLL_S = 0.5
GONE_S = 30.0
"""How long a job may be gone before its run counts as lost: its last event may come a little later."""
WORST_FIRST = (1, 130, 5, 4, 3, 0)


def batch(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="One MODEL per line; # begins a comment. - is stdin.")],
    parallel: Annotated[int, typer.Option("--parallel", metavar="N", min=1, help="How many at a time.")] = 1,
    platform: options.Platform = None,
    agent: options.Agent = None,
    budget_usd: options.BudgetUsd = None,
    minutes: options.Minutes = None,
    repair_rounds: options.RepairRounds = None,
    unsafe_no_sandbox: options.Unsafe = False,
    as_json: options.Json = False,
    quiet: options.Quiet = False,
) -> None:
    """Build many models, each as a job of its own, and print one table.

    Budgets hold for each model. Ctrl-C cancels all of them. Exit status 0 when every model ended in success, else
    that of the worst ending: 1 failed, 5 technical blocker, 4 hardware by hand, 3 candidate.
    """
    models = read(file)
    settings = options.settings(
        platform=platform,
        agent=agent,
        usd=budget_usd,
        minutes=minutes,
        repair_rounds=repair_rounds,
        unsafe_no_sandbox=unsafe_no_sandbox,
    )
    entries = [Entry(model) for model in models]
    Batch(settings, entries, quiet=quiet).work(parallel)
    if as_json:
        output.document({"schema_version": 1, "runs": [entry.as_json() for entry in entries]})
    else:
        _table(entries)
    codes = {entry.exit_code for entry in entries}
    if code := next(code for code in WORST_FIRST if code in codes):
        raise typer.Exit(code)


def read(file: Path) -> list[str]:
    """The models that a file names, each once, in order.

    Raises:
        UsageError: the file cannot be read or names none.
    """
    from spacefactory.errors import NotFoundError, UsageError

    try:
        text = sys.stdin.read() if str(file) == "-" else file.read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise NotFoundError(f"there is no file {file}", "give a file with one MODEL per line") from None
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{file} cannot be read as text: {error}", "give a file with one MODEL per line") from None
    lines = (line.partition(" #")[0].strip() for line in text.splitlines())
    models = list(dict.fromkeys(line for line in lines if line and not line.startswith("#")))
    if not models:
        raise UsageError(f"{file} names no model", "write one MODEL per line")
    return models


@dataclass
class Entry:
    """One model of the batch, and how far it is."""

    model: str
    job: Job | None = None
    result: RunResult | None = None
    error: str = ""
    exit_code: int = 1
    gone_since: float | None = None
    told: set[tuple[str, int]] = field(default_factory=set)

    @property
    def open(self) -> bool:
        """Whether its job was begun and has not ended."""
        return self.job is not None and self.result is None and not self.error

    def as_json(self) -> dict[str, Any]:
        """The result's document, or the error that stood in the way."""
        if self.result is not None:
            return self.result.as_json()
        run_id = self.job.run_id if self.job else None
        return {"reference": self.model, "run_id": run_id, "status": "failed", "error": self.error}


class Batch:
    """Keeps `parallel` jobs going until every model has ended."""

    def __init__(self, settings: Settings, entries: list[Entry], *, quiet: bool) -> None:
        plugins = options.plugins(settings)
        self._settings = settings
        self._entries = entries
        self._quiet = quiet
        self._store: RunStore = plugins.store(settings.providers().store)
        self._runner: JobRunner = plugins.runner(settings.providers().runner)

    def work(self, parallel: int) -> None:
        """Return when all have ended; Ctrl-C cancels those that have not."""
        with self._cancelled_on_interrupt():
            waiting = list(self._entries)
            while waiting or self._open():
                while waiting and len(self._open()) < parallel:
                    self._begin(waiting.pop(0))
                for entry in self._open():
                    self._look(entry)
                if self._open():
                    time.sleep(POLL_S)

    def _open(self) -> list[Entry]:
        return [entry for entry in self._entries if entry.open]

    def _begin(self, entry: Entry) -> None:
        from spacefactory.api import detach
        from spacefactory.errors import SpacefactoryError

        try:
            entry.job = detach("build", entry.model, {}, self._settings)
            self._tell(entry, f"run {entry.job.run_id}")
        except SpacefactoryError as error:
            entry.error, entry.exit_code = str(error), error.exit_code
            self._tell(entry, entry.error)

    def _look(self, entry: Entry) -> None:
        """Tell what is new, and notice the end."""
        from spacefactory import watch
        from spacefactory.record.fold import fold
        from spacefactory.schema.event import EventType
        from spacefactory.schema.run import RunResult

        if entry.job is None or (folder := self._store.find(entry.job.run_id)) is None:
            return
        events = watch.events(folder)
        self._steps(entry, fold(events))
        if events and events[-1].type == EventType.RUN_CONCLUDED:
            entry.result = RunResult.model_validate(events[-1].facts["result"])
            entry.exit_code = entry.result.status.exit_code
            self._tell(entry, f"{entry.result.status}, level {entry.result.level}")
        elif self._lost(entry):
            entry.error = f"its job ended without a result; go on with: spacefactory runs resume {entry.job.run_id}"
            self._tell(entry, entry.error)

    def _lost(self, entry: Entry) -> bool:
        assert entry.job is not None  # noqa: S101 - only open entries are looked at
        if self._runner.status(entry.job).state == "running":
            entry.gone_since = None
            return False
        entry.gone_since = entry.gone_since or time.monotonic()
        return time.monotonic() - entry.gone_since > GONE_S

    def _steps(self, entry: Entry, state: RunState | None) -> None:
        for step in state.steps if state else ():
            if step.state != "running" and (step.name, step.round) not in entry.told:
                entry.told.add((step.name, step.round))
                self._tell(entry, f"{step.name}: {step.state}, {step.seconds or 0:.1f} s: {step.summary}")

    def _tell(self, entry: Entry, text: str) -> None:
        if not self._quiet:
            output.note(f"{inert.line(entry.model, 60)}: {inert.line(text)}")

    @contextmanager
    def _cancelled_on_interrupt(self) -> Iterator[None]:
        from spacefactory import runs

        try:
            yield
        except KeyboardInterrupt:
            for entry in self._open():
                if entry.job is not None:
                    with suppress(KeyboardInterrupt):
                        runs.cancel(entry.job.run_id, self._settings)
            raise


def _table(entries: list[Entry]) -> None:
    rows = []
    for entry in entries:
        result = entry.result
        rows.append(
            (
                inert.line(entry.model, 60),
                result.status.value if result else "failed",
                result.level.value if result else "none",
                f"{result.seconds:.1f} s" if result and result.seconds is not None else "",
                entry.job.run_id if entry.job else "",
                _what(entry),
            )
        )
    output.columns(("MODEL", "STATUS", "LEVEL", "TOOK", "RUN", "APP OR REASON"), rows)


def _what(entry: Entry) -> str:
    result = entry.result
    if result is None:
        return inert.line(entry.error)
    if result.blocker:
        return inert.line(f"{result.blocker.reason}: {result.blocker.detail}")
    if result.space and result.space.url:
        return inert.line(result.space.url)
    return inert.line(result.notes[0]) if result.notes else ""
