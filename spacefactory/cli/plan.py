"""plan: what a model is and whether it can be built, before anything is spent."""

from __future__ import annotations

from time import perf_counter
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spacefactory.cli import inert, options, output
from spacefactory.errors import SpacefactoryError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import JsonValue
    from rich.console import Console

    from spacefactory.schema.profile import Claim
    from spacefactory.schema.run import PlanResult
    from spacefactory.schema.verdict import Check

    Planned = PlanResult | SpacefactoryError

FIELDS = (
    ("task", "task"),
    ("input_types", "input"),
    ("output_type", "output"),
    ("library", "library"),
    ("loader", "loaded by"),
    ("parameters", "parameters"),
    ("memory_gib", "memory"),
    ("hardware", "hardware"),
    ("license", "licence"),
    ("gated", "gated"),
    ("base_model", "base model"),
)


READERS = {"derived": "follows from the rest", "gating": "front matter", "names": "its name", "base_name": "base model"}
"""How a person says where a claim comes from that no line can be quoted for."""


def plan(
    models: Annotated[
        list[str],
        typer.Argument(metavar="MODEL...", help="Folders with a README.md, or ids that the platform's sources read."),
    ],
    platform: options.Platform = None,
    agent: options.Agent = None,
    hardware: options.Hardware = None,
    as_json: options.Json = False,
) -> None:
    """Read a model's card and say whether it can be built; nothing is spent or created.

    Shows each fact with the words of the card that say so, the checks of this machine and account, and what stands in
    the way. Exit status 0 when the plan could be made, ready or not: see `ready` in the document. With several models,
    a table with the time that each took, or with --json {"plans": [...], "seconds": [...]}; one that cannot be read
    stands there with its error, and the exit status is that of the first such.
    """
    from spacefactory import api

    chosen: dict[str, Any] = {"platform": platform, "agent": agent, "hardware": options.names(hardware)}
    if len(models) == 1:
        found = api.plan(models[0], **chosen)
        output.document(found.as_json()) if as_json else page(found, models[0])
        return
    plans, seconds = _timed(api.plans(models, **chosen))
    if as_json:
        documents = [_as_json(*one) for one in zip(models, plans, strict=True)]
        output.document({"schema_version": 1, "plans": documents, "seconds": seconds})
    else:
        _table(models, plans, seconds)
    failed = next((one for one in plans if isinstance(one, SpacefactoryError)), None)
    if failed is not None:
        raise typer.Exit(failed.exit_code)


def _as_json(reference: str, one: Planned) -> dict[str, JsonValue]:
    if isinstance(one, SpacefactoryError):
        return {"model": reference, "ready": False, "error": output.facts(one)}
    return one.as_json()


def _table(models: list[str], plans: list[Planned], seconds: list[float]) -> None:
    overview(models, plans, seconds)
    middle = sorted(seconds)[len(seconds) // 2]
    output.note(f"{len(plans)} cards: {middle * 1e3:.0f} ms per card (median), {max(seconds) * 1e3:.0f} ms at most")
    for reference, one in zip(models, plans, strict=True):
        if isinstance(one, SpacefactoryError):
            output.note(f"{inert.line(reference, 60)}: {inert.line(str(one), 600)}")


def _timed(plans: Iterator[Planned]) -> tuple[list[Planned], list[float]]:
    """The plans, and how long each took to make, in seconds; the first includes what all of them need."""
    made: list[Planned] = []
    seconds: list[float] = []
    while True:
        begun = perf_counter()
        if (one := next(plans, None)) is None:
            return made, seconds
        made.append(one)
        seconds.append(round(perf_counter() - begun, 4))


def overview(models: list[str], plans: list[Planned], seconds: list[float]) -> None:
    """One line per model."""
    head = ("MODEL", "READY", "TASK", "LIBRARY", "PARAMETERS", "MEMORY", "HARDWARE", "TIME", "STANDS IN THE WAY")
    rows = [_row(*one) for one in zip(models, plans, seconds, strict=True)]
    output.columns(head, rows)


def _row(reference: str, one: Planned, took: float) -> tuple[str, ...]:
    if isinstance(one, SpacefactoryError):
        return (inert.line(reference, 60), "no", *[""] * 5, f"{took * 1e3:.0f} ms", "cannot be read, see below")
    return (
        inert.line(one.model, 60),
        "yes" if one.ready else "no",
        inert.line(one.task or "unknown", 40),
        inert.line(one.library or "unknown", 30),
        value("parameters", one.parameters),
        value("memory_gib", one.memory_gib),
        one.hardware or "unknown",
        f"{took * 1e3:.0f} ms",
        ", ".join(blocker.reason for blocker in (*one.blockers, *one.obstacles)),
    )


def page(found: PlanResult, reference: str) -> None:
    """The whole plan of one model."""
    from rich.text import Text

    console = output.console()
    ready = ("ready to build", "green") if found.ready else ("cannot be built like this", "red")
    console.print(Text(inert.line(found.model), style="bold") + Text(f": {ready[0]}", style=f"bold {ready[1]}"))
    console.print(f"revision {inert.line(found.revision)}", style="dim")
    for blocker in (*found.blockers, *found.obstacles):
        console.print(Text.assemble("\n", (f"{blocker.reason}", "bold red"), f": {inert.line(blocker.detail, 600)}"))
        if blocker.next_action:
            console.print(f"  next: {inert.line(blocker.next_action, 600)}")
    console.print()
    _facts(console, found)
    _examples(console, found)
    _advice(console, found)
    _checks(console, found.checks)
    for note in found.notes:
        console.print(f"note: {inert.line(note, 600)}")
    if found.ready:
        console.print(f"\nnext: spacefactory build {inert.line(reference, 4096)}", style="bold")


def _facts(console: Console, found: PlanResult) -> None:
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for name, style in (("", "dim"), ("value", "bold"), ("sure", "cyan"), ("because", "")):
        table.add_column(name, style=style, overflow="fold", no_wrap=name in ("", "sure"))
    for field, name in FIELDS:
        known = found.confidence.get(field)
        why = _arithmetic(found) if field in ("memory_gib", "hardware") else _why(found, field)
        sure = f"{known:.0%}" if known is not None else ""
        table.add_row(name, Text(value(field, getattr(found, field))), sure, Text(why))
    console.print(table)


def _why(found: PlanResult, field: str) -> str:
    return next(iter(_because(found.evidence, field, getattr(found, field))), "")


def _arithmetic(found: PlanResult) -> str:
    """What the memory was computed from, which also decides on the hardware."""
    return inert.line(found.facts.get("memory") or "", 120)


def value(field: str, known: JsonValue | tuple[str, ...]) -> str:
    """A field as a person would say it."""
    if known is None or known == ():
        return "unknown"
    if isinstance(known, bool):
        return "yes" if known else "no"
    if field == "parameters" and isinstance(known, int):
        return next((f"{known / size:.3g} {unit}" for size, unit in _SIZES if known >= size), str(known))
    if field == "memory_gib" and isinstance(known, float | int):
        return f"{known:.3g} GiB" if known >= 0.1 else "less than 0.1 GiB"
    return inert.line(", ".join(known) if isinstance(known, tuple) else known, 120)


_SIZES = ((1e9, "billion"), (1e6, "million"), (1e3, "thousand"))


def _because(evidence: tuple[Claim, ...], field: str, chosen: object) -> Iterator[str]:
    """The strongest claims for the chosen value first, in the words of the card."""
    claims = [claim for claim in evidence if claim.field == field]
    for claim in sorted(claims, key=lambda claim: (_same(claim.value, chosen), claim.weight), reverse=True):
        where = f"line {claim.line}" if claim.line else READERS.get(claim.reader, claim.reader)
        yield inert.line(f'{where}: "{claim.quote}"' if claim.quote else where, 120)


def _same(claimed: object, chosen: object) -> bool:
    return (list(chosen) if isinstance(chosen, tuple) else chosen) == claimed


def _examples(console: Console, found: PlanResult) -> None:
    from spacefactory.cli.summary import brief

    for example in found.examples[:3]:
        expected = f"  ->  {brief(example.expected)}" if example.expected is not None else ""
        console.print(f"example: {brief(example.inputs)}{expected}")
    if (more := len(found.examples) - 3) > 0:
        console.print(f"         and {more} more")
    if found.examples:
        console.print()


def _advice(console: Console, found: PlanResult) -> None:
    """Words that wake an adapter and settings that the card recommends."""
    words = found.facts.get("trigger_words")
    if isinstance(words, list):
        console.print(f"trigger words: {inert.line(', '.join(map(str, words)), 300)}")
    if found.settings:
        console.print(
            f"settings: {inert.line(', '.join(f'{name}={one}' for name, one in found.settings.items()), 300)}"
        )


def _checks(console: Console, checks: tuple[Check, ...]) -> None:
    words = {True: ("pass", "green"), False: ("FAIL", "red"), None: ("unknown", "yellow")}
    from rich.text import Text

    for check in checks:
        word, style = words[check.passed]
        console.print(Text.assemble((f"{word:8}", style), f"{check.name}: {inert.line(check.detail, 600)}"))
