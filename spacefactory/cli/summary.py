"""How a run ended, for a person: what was proven, where the app is, what it answered, what to do next."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from spacefactory.cli import inert, output
from spacefactory.record.report import LEVELS, MEANING
from spacefactory.schema.run import Answer, RunResult
from spacefactory.schema.status import Status
from spacefactory.schema.verdict import Check

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue
    from rich.table import Table

COLOURS = {
    Status.FULL_INFERENCE_SUCCESS: "green",
    Status.CANDIDATE: "yellow",
    Status.MANUAL_HARDWARE_REQUIRED: "yellow",
}
ANSWERS = 6
"""Answers shown; the report has all of them."""


def show(result: RunResult) -> None:
    """Print the summary on stdout."""
    from rich.text import Text

    console = output.console()
    head = Text(result.status, style=f"bold {COLOURS.get(result.status, 'red')}")
    console.print(head + Text(f", level {result.level}: {LEVELS[result.level]}", style="not bold default"))
    console.print(MEANING[result.status])
    console.print()
    console.print(_table(result))


def _table(result: RunResult) -> Table:
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    shown = ""
    for name, text in _rows(result):
        table.add_row("" if name == shown else name, Text(text))
        shown = name
    return table


def _rows(result: RunResult) -> Iterator[tuple[str, str]]:
    if result.blocker:
        yield "reason", inert.line(f"{result.blocker.reason}: {result.blocker.detail}", 600)
    if result.space:
        yield "app", inert.line(f"{result.space.url} ({result.space.id})" if result.space.url else result.space.id)
    for given in result.answers[:ANSWERS]:
        yield "answers", _answer(given)
    if result.checks:
        yield "checks", _counted(result.checks)
    for check in result.checks:
        if check.passed is False:
            yield "failed", inert.line(f"{check.name}: {check.detail}")
    yield "time", _time(result)
    if result.recommended_duration_s:
        yield "duration", f"{result.recommended_duration_s} s a call would do on ZeroGPU; the report has the arithmetic"
    if result.cost_usd:
        yield "cost", f"{result.cost_usd:.4f} USD"
    for text in result.notes:
        yield "note", inert.line(text, 600)
    yield "run", result.run_id
    yield "report", inert.line(result.report, 4096)
    yield from (("next", inert.line(step, 600)) for step in next_steps(result))


def next_steps(result: RunResult) -> Iterator[str]:
    """What a person can do now."""
    space = result.space
    if result.status == Status.MANUAL_HARDWARE_REQUIRED:
        where = f" at {space.settings_url}" if space and space.settings_url else ""
        yield f"set the hardware{where}, then: spacefactory runs resume {result.run_id}"
    elif result.blocker and result.blocker.next_action:
        yield result.blocker.next_action
    elif result.status == Status.CANCELLED:
        yield f"start again with: spacefactory {result.kind} {result.reference}"
    elif result.status == Status.FAILED:
        yield f"once the cause is gone, start again: spacefactory {result.kind} {result.reference}"
    elif space and space.url and result.kind == "build":
        yield f"open the app; it runs until: spacefactory spaces stop {space.id}"


def _answer(given: Answer) -> str:
    expected = "" if given.expected is None else f"   (the card says: {brief(given.expected)})"
    return f"{brief(given.input)}  ->  {brief(given.output)}{expected}"


def brief(value: JsonValue) -> str:
    """A value as a person would say it, on one line."""
    if isinstance(value, str):
        is_file = value.startswith("/") and PurePath(value).suffix
        return inert.line(PurePath(value).name if is_file else value, 100)
    if isinstance(value, dict):
        if isinstance(label := value.get("label"), str):
            return inert.line(label, 100)
        if isinstance(path := value.get("path"), str):
            return inert.line(PurePath(path).name, 100)
        parts = [f"{key} {brief(item)}" if len(value) > 1 else brief(item) for key, item in value.items()]
        return inert.line(", ".join(parts), 140)
    if isinstance(value, list):
        return inert.line(", ".join(brief(item) for item in value[:5]) + (", …" if len(value) > 5 else ""), 140)
    if isinstance(value, float):
        return f"{value:.4g}"
    return "-" if value is None else inert.line(value, 100)


def _counted(checks: tuple[Check, ...]) -> str:
    counts = {word: sum(check.passed is state for check in checks) for word, state in _WORDS.items()}
    return ", ".join(f"{count} {word}" for word, count in counts.items() if count)


_WORDS = {"passed": True, "failed": False, "not checked": None}


def _time(result: RunResult) -> str:
    parts = [f"{result.seconds:.1f} s in all"] if result.seconds is not None else []
    cold, warm = result.latency.cold_s, result.latency.warm_s
    parts += [f"first call {cold:.2f} s"] if cold is not None else []
    parts += [f"later calls {warm:.2f} s"] if warm is not None else []
    return ", ".join(parts) or "-"
