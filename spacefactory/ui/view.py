"""The page of one run, made from its record alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from spacefactory import watch, workspaces
from spacefactory.attend import concluded_in
from spacefactory.record.fold import fold_one
from spacefactory.record.journal import LOG
from spacefactory.schema.event import Event, EventType
from spacefactory.schema.run import RunResult, RunSpec, RunState, StepState
from spacefactory.schema.status import Status
from spacefactory.ui import words

SPENDING = (EventType.MODEL_REQUEST, EventType.AGENT_SPENT)
SILENCE_S = 15.0
"""How long a run may have no living writer before the page says so: one that was just submitted has none yet."""
PLAYED = {".png", ".jpg", ".jpeg", ".gif", ".webp"}, {".wav", ".mp3", ".flac", ".ogg"}, {".mp4", ".webm"}
MOST_ARTIFACTS = 60
MOST_TEXT = 60_000


@dataclass
class Following:
    """A run's log, read on from where the last look ended."""

    folder: Path
    known: int = 0
    """events that were there when the run was last handed to a job; a conclusion among them holds no more"""
    offset: int = 0
    state: RunState | None = None
    spec: RunSpec | None = None
    usd: float = 0.0
    last: Event | None = None
    marks: list[Event] = field(default_factory=list)
    space: dict[str, Any] = field(default_factory=dict)
    lines: list[tuple[str, str, str]] = field(default_factory=list)
    """time, kind and text of each line of the log, the newest last"""

    def read_on(self) -> list[Event]:
        """Take in what is new; a log that became shorter is another one and is read from its beginning.

        Raises:
            DamagedError: a line of the log cannot be trusted.
        """
        log = self.folder / LOG
        if self.offset and (not log.exists() or log.stat().st_size < self.offset):
            self.__init__(self.folder, self.known)  # type: ignore[misc]
        self.offset, fresh = watch.more(log, self.offset)
        for event in fresh:
            self._take(event)
        return fresh

    def _take(self, event: Event) -> None:
        self.state, self.last = fold_one(self.state, event), event
        if event.type == EventType.RUN_CREATED:
            self.spec = RunSpec.model_validate(event.facts["spec"])
        if event.type in (EventType.RUN_CONCLUDED, EventType.RUN_RESUMED):
            self.marks.append(event)
        if event.type in SPENDING and isinstance(usd := event.facts.get("usd"), int | float):
            self.usd += usd
        if event.type == EventType.STEP_DONE and isinstance(result := event.facts.get("result"), dict):
            found = {key: result[key] for key in ("space_id", "url", "settings_url") if result.get(key)}
            self.space |= found if "space_id" in result else {}
        if (told := _line(event)) is not None:
            self.lines.append(told)

    @property
    def result(self) -> RunResult | None:
        """The last conclusion, unless the run was taken up again after it."""
        return None if self.taken_up else concluded_in(self.marks)

    @property
    def taken_up(self) -> bool:
        """Whether a run that had come to an end was handed to a job that has not begun yet."""
        last = self.marks[-1] if self.marks else None
        return last is not None and last.type == EventType.RUN_CONCLUDED and last.seq < self.known

    @property
    def interrupted(self) -> bool:
        """Whether nobody works on a run that has not ended, as far as this machine can tell."""
        if self.state is None or self.last is None or self.state.status is not Status.RUNNING:
            return False
        silent = (datetime.now(UTC) - datetime.fromisoformat(self.last.at)).total_seconds()
        return self.state.interrupted or (silent > SILENCE_S and watch.writer_lives(self.last) is False)


def _line(event: Event) -> tuple[str, str, str] | None:
    """One line of the page's log; None for an event that says nothing a person wants to read."""
    facts: dict[str, Any] = dict(event.facts)
    at, kind = event.at[11:19], event.type
    match event.type:
        case EventType.STEP_PROGRESS:
            return at, "", words.line(facts.get("line", ""), 500)
        case EventType.STEP_INTENT:
            again = f", attempt {facts['attempt']}" if facts.get("attempt", 1) > 1 else ""
            in_round = f", round {facts['round']}" if facts.get("round") else ""
            return at, "step", f"{words.STEPS.get(facts['step'], words.line(facts['step']))}{in_round}{again}"
        case EventType.STEP_DONE:
            return None
        case EventType.STEP_FAILED:
            return at, "failed", words.line((facts.get("failure") or {}).get("summary", ""), 500)
        case EventType.REPAIR_DECIDED:
            reason = (facts.get("blocker") or {}).get("reason", "")
            return at, "repair", words.line(f"{reason}: {facts.get('action', '')}", 500)
        case EventType.RUN_CREATED:
            return at, "run", "made"
        case EventType.RUN_CONCLUDED:
            return at, "run", f"ended: {words.title(str(facts.get('status')))}"
        case EventType.RUN_RESUMED | EventType.RUN_INTERRUPTED:
            return at, "run", event.type.removeprefix("run.")
        case EventType.SANDBOX_REPORT:
            return None
        case _:
            shown = ", ".join(f"{key} {words.brief(value)}" for key, value in facts.items() if value not in (None, ""))
            return at, words.line(kind, 40), words.line(shown, 500)


def head(seen: Following) -> dict[str, Any]:
    """What stands at the top of the page."""
    state, result, spec = seen.state, seen.result, seen.spec
    if state is None or spec is None:
        return {}
    status = words.INTERRUPTED if seen.interrupted else Status.RUNNING.value if seen.taken_up else state.status.value
    ended = result is not None
    return {
        "run_id": state.run_id,
        "kind": state.kind,
        "reference": state.reference,
        "name": words.name(state.reference),
        "status": status,
        "title": words.title(status),
        "tone": words.tone(status),
        "level": state.level.value,
        "words": words.next_action(state, result, interrupted=seen.interrupted),
        "result": result,
        "blocker": result.blocker if result else None,
        "space": {"space_id": "", "url": "", "settings_url": ""} | seen.space,
        "created": state.created,
        "ended_s": result.seconds if result else None,
        "frozen": ended or seen.interrupted,
        "spent_s": _between(state.created, state.updated),
        "budget_s": spec.budget.minutes * 60,
        "usd": result.cost_usd if result else seen.usd,
        "budget_usd": spec.budget.usd,
        "agent": spec.providers.agent if state.kind == "build" else "",
        "can_stop": not ended,
        "can_resume": seen.interrupted or status == Status.MANUAL_HARDWARE_REQUIRED.value,
        "can_validate": ended and bool(seen.space.get("space_id")),
        "has_report": (seen.folder / "report.md").is_file(),
    }


def _between(first: str, second: str) -> float:
    return (datetime.fromisoformat(second) - datetime.fromisoformat(first)).total_seconds()


def steps(seen: Following) -> list[dict[str, Any]]:
    """The timeline: what was done, what is being done, what is still to come."""
    state = seen.state
    if state is None:
        return []
    begun = [_step(step, stopped=seen.result is not None or seen.interrupted) for step in state.steps]
    if seen.result is not None:
        return begun
    names = {step.name for step in state.steps if step.round == state.round} | {step.name for step in state.steps[:3]}
    way = words.WAYS[state.kind]
    there = max((way.index(name) for name in names if name in way), default=-1)
    nothing = {"state": "coming", "round": 0, "attempt": 1, "started": "", "took": "", "summary": ""}
    return begun + [{"name": name, "title": words.STEPS[name], **nothing} for name in way[there + 1 :]]


def _step(step: StepState, *, stopped: bool) -> dict[str, Any]:
    state = "stopped" if step.state == "running" and stopped else step.state
    return {
        "name": step.name,
        "title": words.STEPS.get(step.name, words.line(step.name, 40)),
        "round": step.round,
        "attempt": step.attempt,
        "state": state,
        "started": step.started,
        "took": words.seconds(step.seconds),
        "summary": words.line(step.summary, 400),
    }


def files(folder: Path) -> dict[str, Any]:
    """The generated files as they are now, and what each repair round changed."""
    place = folder / "generated" if (folder / "generated" / "app.py").is_file() else folder / "workspace"
    texts = workspaces.texts(place) if place.is_dir() else {}
    order = sorted(texts, key=lambda name: (name != "app.py", name.startswith("."), name))
    shown = [
        {"name": name, "text": words.block(texts[name], MOST_TEXT), "lines": texts[name].count("\n")} for name in order
    ]
    return {"files": shown, "rounds": list(_rounds(folder / "traces")), "final": place.name == "generated"}


def _rounds(traces: Path) -> Iterator[dict[str, Any]]:
    for path in sorted(traces.glob("round-*.diff"), key=lambda path: (len(path.name), path.name)):
        text = workspaces.read(traces, path.name)
        if text:
            number = path.stem.removeprefix("round-")
            yield {"round": words.line(number, 8), "lines": list(_marked(words.block(text, MOST_TEXT).splitlines()))}


def _marked(lines: Iterable[str]) -> Iterator[tuple[str, str]]:
    for one in lines:
        kind = "at" if one.startswith(("+++", "---", "@@")) else {"+": "add", "-": "del"}.get(one[:1], "")
        yield kind, one


def outcome(seen: Following) -> dict[str, Any]:
    """What was called and what came back; empty before anything was."""
    result = seen.result
    answers = [
        {
            "case": words.line(one.case, 60),
            "input": words.brief(one.input),
            "output": "" if one.artifact and one.output == one.artifact else words.brief(one.output),
            "expected": "" if one.expected is None else words.brief(one.expected),
            "media": media(one.artifact) if one.artifact else None,
        }
        for one in (result.answers if result else ())
    ]
    shown = {one.artifact for one in (result.answers if result else ())}
    others = [found for path in artifacts(seen.folder) if (found := media(path))["path"] not in shown]
    return {"result": result, "answers": answers, "artifacts": others}


def artifacts(folder: Path) -> list[str]:
    """Files that the app gave back, as paths in the record."""
    return [f"artifacts/{name}" for name in workspaces.files(folder / "artifacts")[:MOST_ARTIFACTS]]


def media(path: str) -> dict[str, str]:
    """How a file is shown: image, audio, video, or as a download."""
    suffix = Path(path).suffix.lower()
    kind = next((name for name, known in zip(("image", "audio", "video"), PLAYED, strict=True) if suffix in known), "")
    return {"path": path, "kind": kind, "name": words.line(Path(path).name, 80)}
