"""report.html: the same report as one page that shows and plays what came back. It loads nothing, and runs nothing.

Everything in it that an app, a card or a model said is text that was escaped, or a picture, sound or film whose first
bytes say that it is one. The page forbids its browser every address but its own content (Content-Security-Policy).
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from spacefactory.record.report import LEVELS, MEANING
from spacefactory.record.report_media import Embedder, safe
from spacefactory.record.report_style import STYLE
from spacefactory.schema.event import Event, EventType
from spacefactory.schema.run import Answer, RunResult, SpaceLink
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Check

POLICY = (
    "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'"
)
PASSED = {True: ("passed", "ok"), False: ("failed", "bad"), None: ("not known", "open")}


def render_page(result: RunResult, events: Sequence[Event], folder: Path) -> str:
    """The whole report as one HTML document.

    Args:
        result: how the run ended.
        events: its log.
        folder: the run's folder; calls and their files are read from it, and left out where they are not there.
    """
    title = safe(result.model or result.reference, 200)
    parts = [_head(result, title), _facts(result), *_sections(result, events, folder)]
    body = "\n".join(part for part in parts if part)
    head = (
        '<meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<meta http-equiv="Content-Security-Policy" content="{POLICY}"><meta name="referrer" content="no-referrer">'
        f"<title>{title}: {result.status}</title><style>{STYLE}</style>"
    )
    return f'<!doctype html>\n<html lang="en"><head>{head}</head><body><main>\n{body}\n</main></body></html>\n'


def _head(result: RunResult, title: str) -> str:
    lines = [
        f'<header><p class="kind">{result.kind} · {safe(result.run_id)}</p><h1>{title}</h1>',
        f'<p class="status {result.status}">{result.status.replace("_", " ")}</p>',
        f'<p class="lead">{MEANING[result.status]}</p>',
    ]
    if result.blocker:
        reason = f"<strong>{safe(result.blocker.reason)}</strong>: {safe(result.blocker.detail, 900)}"
        action = f"<br>Next: {safe(result.blocker.next_action)}" if result.blocker.next_action else ""
        lines.append(f'<p class="reason">{reason}{action}</p>')
    lines += [f'<p class="note">{safe(note)}</p>' for note in result.notes]
    return "\n".join([*lines, _ladder(result), "</header>"])


def _ladder(result: RunResult) -> str:
    """The levels of proof, those that were reached marked; what was not written here has no level `generated`."""
    rows = []
    for level, words in LEVELS.items():
        if level is Level.NONE or (level is Level.GENERATED and result.kind != "build"):
            continue
        state = "reached" if level.rank <= result.level.rank else "missed"
        mark = "✓" if state == "reached" else "-"
        rows.append(f'<li class="{state}"><span>{mark}</span><b>{level}</b><em>{words}</em></li>')
    return f'<ol class="ladder" aria-label="levels of proof">{"".join(rows)}</ol>'


def _facts(result: RunResult) -> str:
    rows = {
        "Space": _space(result.space) if result.space else "",
        "Endpoint": f"<code>{safe(result.endpoint)}</code>" if result.endpoint else "",
        "Written by": f"agent {safe(result.agent)}" if result.agent else "",
        "Calls": _times(result),
        "ZeroGPU duration": f"{result.recommended_duration_s} s: {safe(result.duration_arithmetic)}"
        if result.recommended_duration_s
        else "",
        "Cost": f"{result.cost_usd:.4f} USD",
        "Took": f"{result.seconds:.1f} s" if result.seconds is not None else "",
    }
    listed = "".join(f"<dt>{name}</dt><dd>{text}</dd>" for name, text in rows.items() if text)
    return f'<dl class="facts">{listed}</dl>'


def _times(result: RunResult) -> str:
    found = result.latency
    if not found.calls:
        return ""
    cold = f", the first took {found.cold_s:.2f} s" if found.cold_s is not None else ""
    warm = f", later ones {found.warm_s:.2f} s (median)" if found.warm_s is not None else ""
    return f"{found.calls} answered{cold}{warm}"


def _space(space: SpaceLink) -> str:
    """Its name, unless that is its address, and the address."""
    name = "" if space.id == space.url else safe(space.id)
    return " ".join(filter(None, (name, _link(space.url))))


def _link(url: str) -> str:
    """An address of a Space as a link; anything that is no plain web address stays text."""
    plain = re.fullmatch(r"https?://[A-Za-z0-9.:/_-]{1,300}", url or "")
    return (
        f'<a href="{html.escape(url)}" rel="noreferrer noopener">{html.escape(url)}</a>' if plain else safe(url or "")
    )


def _sections(result: RunResult, events: Sequence[Event], folder: Path) -> Iterator[str]:
    calls = _calls(folder)
    embedder = Embedder(folder)
    shown = [_call(call, embedder) for call in calls] or [_answer(one, embedder) for one in result.answers]
    if shown:
        yield f"<section><h2>What was called, and what came back</h2>{''.join(shown)}</section>"
    if result.checks:
        yield _checks(result.checks)
    if steps := _steps(events):
        yield f"<section><h2>Steps</h2>{steps}</section>"


def _calls(folder: Path) -> list[Mapping[str, Any]]:
    """The calls as the run recorded them."""
    try:
        document = json.loads((folder / "tests" / "calls.json").read_bytes())
    except (OSError, ValueError):
        return []
    calls = document.get("calls") if isinstance(document, dict) else None
    return [one for one in calls if isinstance(one, dict)] if isinstance(calls, list) else []


def _call(call: Mapping[str, Any], embedder: Embedder) -> str:
    case = call["case"]
    files = set(case.get("files", ()))
    inputs = [_named(name, _value(value, embedder, file=name in files)) for name, value in case["inputs"].items()]
    about = [safe(case.get("purpose") or ""), f"{float(call['seconds']):.2f} s", "cold" if call.get("cold") else ""]
    head = f'<h3>{safe(case["id"])}</h3><p class="aside">{" · ".join(filter(None, about))}</p>'
    if call.get("error"):
        back = f'<div class="error">{safe(call["error"], 1500)}</div>'
    else:
        back = "".join(_output(one, embedder) for one in call.get("outputs", ())) or '<p class="aside">nothing</p>'
    wanted = case.get("expected")
    expected = _named("expected", f"<pre>{safe(wanted, 500)}</pre>") if wanted is not None else ""
    return f'<article>{head}<div class="in">{"".join(inputs)}{expected}</div><div class="out">{back}</div></article>'


def _answer(answer: Answer, embedder: Embedder) -> str:
    """An answer of a run whose calls are not at hand."""
    shown = embedder.shown(answer.artifact) if answer.artifact else ""
    said = shown or f"<pre>{safe(answer.output)}</pre>"
    asked = f'<div class="in"><pre>{safe(answer.input, 1000)}</pre></div>'
    return f'<article><h3>{safe(answer.case)}</h3>{asked}<div class="out">{said}</div></article>'


def _named(name: str, content: str) -> str:
    return f'<div class="named"><span>{safe(name)}</span>{content}</div>'


def _value(value: JsonValue, embedder: Embedder, *, file: bool) -> str:
    paths = [one for one in _texts(value) if file]
    media = "".join(embedder.shown(one) for one in paths)
    return media or f"<pre>{safe(value, 1000)}</pre>"


def _texts(value: JsonValue) -> list[str]:
    if isinstance(value, str):
        return [value]
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return [text for one in inner for text in _texts(one)]


def _output(output: Mapping[str, Any], embedder: Embedder) -> str:
    kind = safe(output.get("output_type") or "")
    path = output.get("path")
    content = embedder.shown(str(path)) if path else f"<pre>{safe(output.get('value'))}</pre>"
    return f"<figure>{content}<figcaption>{kind}</figcaption></figure>"


def _checks(checks: Iterable[Check]) -> str:
    rows = "".join(_check(one) for one in checks)
    names = ("check", "result", "what was found", "measured", "threshold", "needed for")
    head = "".join(f"<th scope=col>{name}</th>" for name in names)
    return (
        "<section><h2>Checks</h2><p class=aside>A check that is “not known” is neither passed nor failed; "
        "what needs it is not claimed.</p>"
        f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table></section>"
    )


def _check(check: Check) -> str:
    words, style = PASSED[check.passed]
    figures = ["" if one is None else f"{one:g}" for one in (check.measured, check.threshold)]
    cells = (
        ("check", f"<code>{safe(check.name)}</code>"),
        ("result", f'<span class="{style}">{words}</span>'),
        ("found", safe(check.detail, 1000)),
        ("measured", figures[0]),
        ("threshold", figures[1]),
        ("needed for", str(check.level or "")),
    )
    return f"<tr>{''.join(f'<td data-name={json.dumps(name)}>{text}</td>' for name, text in cells)}</tr>"


def _steps(events: Sequence[Event]) -> str:
    rows = []
    for event in events:
        if event.type in (EventType.STEP_DONE, EventType.STEP_FAILED):
            failure = event.facts.get("failure")
            why = f": {safe(failure.get('summary', ''), 500)}" if isinstance(failure, dict) else ""
            state = "done" if event.type == EventType.STEP_DONE else "failed"
            rows.append(f"<li><time>{safe(event.at)}</time> <b>{safe(event.facts.get('step'))}</b> {state}{why}</li>")
    return f'<ul class="steps">{"".join(rows)}</ul>' if rows else ""
