"""What a run is doing, on stderr: a small live list on a terminal, one line per step elsewhere, nothing when quiet."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from spacefactory.cli import inert, output
from spacefactory.record.fold import fold, fold_one
from spacefactory.schema.event import Event, EventType
from spacefactory.schema.run import RunState, StepState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from rich.table import Table

    from spacefactory.run import Listener

ASIDE = (
    EventType.PLUGIN_FAILED,
    EventType.REPAIR_DECIDED,
    EventType.RETRY,
    EventType.LOG_RECOVERED,
    EventType.JOB_SILENT,
)
"""Events that a person should hear about and that belong to no step's line."""
REFRESH = 8


@contextmanager
def shown(events: Iterable[Event], *, quiet: bool) -> Iterator[Listener]:
    """A listener that shows a run's progress while the block lasts; `events` is what the run has behind it."""
    if quiet:
        yield lambda _event: None
    elif sys.stderr.isatty():
        with _live(fold(events)) as listener:
            yield listener
    else:
        yield _plain(fold(events))


def label(step: StepState) -> str:
    """A step's name, with its round when it is a repair."""
    return step.name if step.round == 0 else f"{step.name} (round {step.round})"


def aside(event: Event) -> str:
    """One line for an event of `ASIDE`."""
    facts: dict[str, Any] = dict(event.facts)
    if event.type == EventType.REPAIR_DECIDED:
        reason = (facts.get("blocker") or {}).get("reason", "")
        return inert.line(f"repair: {reason}: {facts.get('action')}")
    if event.type == EventType.PLUGIN_FAILED:
        return inert.line(f"plugin {facts.get('plugin')} failed: {facts.get('error')}")
    rest = ", ".join(f"{key} {value}" for key, value in facts.items())
    return inert.line(f"{event.type}: {rest}")


def _plain(state: RunState | None) -> Callable[[Event], None]:
    """One line per step, when it ends."""

    def told(event: Event) -> None:
        nonlocal state
        state = fold_one(state, event)
        if event.type in ASIDE:
            output.note(f"  {aside(event)}")
        elif event.type in (EventType.STEP_DONE, EventType.STEP_FAILED) and state is not None and state.steps:
            step = state.steps[-1]
            took = f"{step.seconds:.1f} s" if step.seconds is not None else ""
            output.note(f"{label(step)}: {step.state}, {took}: {inert.line(step.summary)}".rstrip(": "))

    return told


@contextmanager
def _live(state: RunState | None) -> Iterator[Callable[[Event], None]]:
    from rich.live import Live

    console = output.console(err=True)
    picture = _Picture(state, ascii_only=console.options.ascii_only)
    with Live(console=console, get_renderable=picture.render, refresh_per_second=REFRESH) as live:

        def told(event: Event) -> None:
            if event.type in ASIDE:
                live.console.print(f"  {aside(event)}")
            picture.hear(event)

        try:
            yield told
        finally:
            picture.stop()


class _Picture:
    """The live list; `hear` and `render` are called from different threads."""

    def __init__(self, state: RunState | None, *, ascii_only: bool) -> None:
        from rich.spinner import Spinner

        self._lock = threading.Lock()
        self._state = state
        self._began = time.monotonic()
        self._spinner = Spinner("line" if ascii_only else "dots")
        self._marks = {"done": "+", "failed": "x"} if ascii_only else {"done": "✓", "failed": "✗"}
        self._stopped = False

    def hear(self, event: Event) -> None:
        with self._lock:
            self._state = fold_one(self._state, event)
            if event.type == EventType.STEP_INTENT:
                self._began = time.monotonic()

    def stop(self) -> None:
        self._stopped = True

    def render(self) -> Table:
        from rich.table import Table

        with self._lock:
            steps = self._state.steps if self._state else ()
        table = Table.grid(padding=(0, 1))
        for style in ("", "bold", "cyan", "dim"):
            table.add_column(style=style, no_wrap=True, justify="right" if style == "cyan" else "left")
        for step in steps:
            table.add_row(self._mark(step), label(step), self._seconds(step), inert.line(step.summary))
        return table

    def _mark(self, step: StepState) -> Any:
        from rich.text import Text

        if step.state == "running":
            return Text("-") if self._stopped else self._spinner
        return Text(self._marks[step.state], style="green" if step.state == "done" else "red")

    def _seconds(self, step: StepState) -> str:
        seconds = step.seconds if step.seconds is not None else time.monotonic() - self._began
        return f"{seconds:.1f} s"
