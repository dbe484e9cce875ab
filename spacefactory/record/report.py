"""report.md: what was asked, what came out, and every check, for somebody who knows nothing of this tool."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from pydantic import JsonValue

from spacefactory.schema.event import Event, EventType
from spacefactory.schema.run import Answer, RunResult
from spacefactory.schema.status import Level, Status
from spacefactory.schema.verdict import Check

MEANING = {
    Status.FULL_INFERENCE_SUCCESS: "The app was called live; it answered with real output that depends on the input.",
    Status.CANDIDATE: "The app runs, but full inference is not shown: its output may be noise, or was not checked.",
    Status.MANUAL_HARDWARE_REQUIRED: "The app is published; it waits for hardware that could not be assigned.",
    Status.TECHNICAL_BLOCKER: "A named reason stands in the way.",
    Status.FAILED: "Something failed on our side or the platform's.",
    Status.CANCELLED: "The run was stopped on request.",
    Status.RUNNING: "The run has not ended.",
}
LEVELS = {
    Level.NONE: "nothing was proven",
    Level.GENERATED: "the files exist and passed lint and the publish gate",
    Level.RUNNING: "the app is up and answers",
    Level.TYPED: "a live call returned the expected type, and it decodes completely",
    Level.ALIVE: "the output is not blank, silent, constant, noise, an error or the input repeated",
    Level.RESPONSIVE: "different inputs give different outputs",
    Level.REFERENCE: "the output is what the model card says it should be",
}
SYMBOL = {True: "yes", False: "**no**", None: "not checked"}


def inert(value: JsonValue, limit: int = 300) -> str:
    """Untrusted text as one harmless line of Markdown: no HTML, links, tables, code or terminal control."""
    text = value if isinstance(value, str) else str(value)
    text = re.sub(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]+", " ", text)
    text = text if len(text) <= limit else text[: limit - 1] + "…"
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]()#+!|~])", r"\\\1", text)


def render(result: RunResult, events: Sequence[Event]) -> str:
    """The whole report as Markdown."""
    parts = [_head(result), _answers(result.answers), _checks(result.checks), _timing(result), _steps(events)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _head(result: RunResult) -> str:
    lines = [
        f"# {inert(result.model or result.reference)}",
        f"**{result.status}**, level **{result.level}**: {LEVELS[result.level]}. {MEANING[result.status]}",
    ]
    if result.blocker:
        detail, action = inert(result.blocker.detail, 600), inert(result.blocker.next_action)
        lines.append(f"Reason: `{result.blocker.reason}`. {detail} {action}".rstrip())
    lines += [f"Note: {inert(note)}" for note in result.notes]
    lines.append(_table(("", ""), _facts(result)))
    return "\n\n".join(lines)


def _facts(result: RunResult) -> Iterator[tuple[str, str]]:
    yield "run", f"`{result.run_id}` ({result.kind})"
    if result.space:
        name = "" if result.space.id == result.space.url else inert(result.space.id)
        yield "Space", f"{name} {result.space.url}".strip()
    if result.endpoint:
        yield "endpoint", inert(result.endpoint)
    if result.agent:
        yield "written by", f"agent {inert(result.agent)}"
    yield "cost", f"{result.cost_usd:.4f} USD"
    if result.seconds is not None:
        yield "took", f"{result.seconds:.1f} s"


def _answers(answers: Iterable[Answer]) -> str:
    rows = [
        (inert(a.case), inert(a.input, 120), _shown(a), "" if a.expected is None else inert(a.expected, 120))
        for a in answers
    ]
    return "## What was called\n\n" + _table(("case", "input", "answer", "the card says"), rows) if rows else ""


def _shown(answer: Answer) -> str:
    text = inert(answer.output, 200)
    return f"{text} ([file]({answer.artifact}))" if answer.artifact else text


def _checks(checks: Iterable[Check]) -> str:
    rows = [(f"`{check.name}`", SYMBOL[check.passed], str(check.level or ""), inert(check.detail)) for check in checks]
    return "## Checks\n\n" + _table(("check", "passed", "level", "detail"), rows) if rows else ""


def _timing(result: RunResult) -> str:
    if result.latency.calls == 0:
        return ""
    cold, warm = result.latency.cold_s, result.latency.warm_s
    lines = [f"- {result.latency.calls} calls"]
    lines += [f"- first call {cold:.2f} s"] if cold is not None else []
    lines += [f"- later calls {warm:.2f} s (median)"] if warm is not None else []
    if result.recommended_duration_s:
        lines.append(
            f"- recommended ZeroGPU duration {result.recommended_duration_s} s: {inert(result.duration_arithmetic)}"
        )
    return "## Time\n\n" + "\n".join(lines)


def _steps(events: Sequence[Event]) -> str:
    rows = []
    for event in events:
        if event.type in (EventType.STEP_DONE, EventType.STEP_FAILED):
            failure = event.facts.get("failure")
            why = inert(failure.get("summary", "")) if isinstance(failure, dict) else ""
            state = "done" if event.type == EventType.STEP_DONE else "failed"
            rows.append((event.at, inert(event.facts.get("step")), inert(event.facts.get("round")), state, why))
    return "## Steps\n\n" + _table(("at", "step", "round", "", "why"), rows) if rows else ""


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])
