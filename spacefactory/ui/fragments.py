"""The parts of the pages as HTML, from what the record tells."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from spacefactory.record.report import LEVELS, MEANING
from spacefactory.schema.run import PlanResult, RunResult
from spacefactory.schema.status import Level, Status
from spacefactory.schema.summary import RunSummary
from spacefactory.schema.verdict import Endpoint
from spacefactory.ui import view, words
from spacefactory.ui.render import html
from spacefactory.ui.view import Following

FIELDS = (
    ("task", "Task"),
    ("input_types", "Input"),
    ("output_type", "Output"),
    ("library", "Library"),
    ("parameters", "Parameters"),
    ("memory_gib", "Memory"),
    ("hardware", "Hardware"),
    ("license", "Licence"),
    ("base_model", "Base model"),
)
NOT_ENDED = {
    words.INTERRUPTED: "The run stopped before its end.",
    Status.RUNNING.value: "The run is being worked on.",
}


def plan(found: PlanResult, limits: str = "") -> str:
    """What the analysis thinks of a model; `limits` says what a build may take and cost."""
    stops, facts = (*found.blockers, *found.obstacles), list(map(_fact(found), FIELDS))
    return html("plan", plan=found, stops=stops, facts=facts, limits=limits)


def _fact(found: PlanResult) -> Any:
    def fact(field: tuple[str, str]) -> tuple[str, str, str, str]:
        name, label = field
        sure = found.confidence.get(name)
        claims = sorted((one for one in found.evidence if one.field == name), key=lambda one: -one.weight)
        why = words.line(claims[0].quote or claims[0].reader, 160) if claims else ""
        return label, _value(name, getattr(found, name)), f"{sure:.0%}" if sure is not None else "", why

    return fact


def _value(name: str, value: Any) -> str:
    if value is None or value == ():
        return "unknown"
    if name == "parameters":
        return words.count(value)
    if name == "memory_gib":
        return f"{value:.3g} GiB" if value >= 0.1 else "less than 0.1 GiB"
    return words.line(", ".join(value) if isinstance(value, tuple) else value, 80)


def run(seen: Following, job_url: str = "", record_url: str = "") -> dict[str, str]:
    """The parts of a run's page by name, without its log."""
    top = view.head(seen)
    if not top:
        return {"head": html("notice", tone="work", title="The run is being prepared", text="", link="", link_text="")}
    meaning = NOT_ENDED.get(top["status"]) or MEANING[Status(top["status"])]
    level = Level(top["level"])
    links = {"job_url": job_url, "record_url": record_url}
    shown = links | {"level_words": LEVELS[level] if level is not Level.NONE else "", "meaning": meaning}
    return {
        "head": html("head", **top, **shown),
        "steps": html("steps", steps=view.steps(seen)),
        "files": html("files", kind=top["kind"], **view.files(seen.folder)),
        "outcome": html("outcome", run_id=top["run_id"], **view.outcome(seen)),
    }


def log(lines: Sequence[tuple[str, str, str]]) -> str:
    """Lines of the log."""
    return html("log", lines=lines)


def runs(found: Sequence[RunSummary], page: int, size: int, *, more: bool, filtered: bool) -> str:
    """One page of the list of runs."""
    first = page * size
    facts = {"page": page, "first": first + 1, "last": first + len(found), "more": more, "filtered": filtered}
    return html("runs", runs=found, **facts)


def compare(folders: Sequence[Path]) -> str:
    """Runs side by side."""
    followed = [Following(folder) for folder in folders]
    for one in followed:
        one.read_on()
    tops = [view.head(one) for one in followed]
    results = [one.result for one in followed]
    return html("compare", runs=tops, rows=[*_figures(tops, results), *_checks(results)])


def _figures(tops: Sequence[dict[str, Any]], results: Sequence[RunResult | None]) -> list[tuple[str, list[str]]]:
    warm = [one.latency.warm_s if one else None for one in results]
    return [
        ("Level", [top["level"] for top in tops]),
        ("Agent", [words.line(top["agent"], 40) for top in tops]),
        ("Time", [words.seconds(top["ended_s"] if top["ended_s"] is not None else top["spent_s"]) for top in tops]),
        ("Money", [words.money(top["usd"]) for top in tops]),
        ("Later calls", [f"{one:.2f} s" if one is not None else "-" for one in warm]),
    ]


def _checks(results: Sequence[RunResult | None]) -> list[tuple[str, list[str]]]:
    said = {True: "passed", False: "failed", None: "not checked"}
    tables = [{check.name: said[check.passed] for check in one.checks} if one else {} for one in results]
    names = dict.fromkeys(name for table in tables for name in table)
    return [(name, [table.get(name, "-") for table in tables]) for name in names]


def notice(tone: str, title: str, text: str = "", link: str = "", link_text: str = "") -> str:
    """A sentence with what to do next. `link` is one of our own addresses."""
    return html("notice", tone=tone, title=title, text=text, link=link, link_text=link_text)


def hint(text: str) -> str:
    """A quiet sentence where something will appear."""
    return html("hint", text=text)


def endpoints(found: Sequence[Endpoint]) -> str:
    """What a Space can be asked."""
    return html("endpoints", found=found)
