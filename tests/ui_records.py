"""Records of runs as the engine writes them, for pages that show them; some hold what attackers would write."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from ulid import ULID

from spacefactory.record.files import write_json
from spacefactory.record.fold import fold
from spacefactory.record.journal import LOG, Journal
from spacefactory.schema.event import EventType
from spacefactory.schema.run import Answer, RunResult, RunSpec, SpaceLink
from spacefactory.schema.status import Blocker, BlockerReason, Level, Status
from spacefactory.schema.verdict import Check, Latency
from spacefactory.settings import Settings

HOSTILE = (
    "<script>window.hurt=1</script>",
    "<img src=x onerror='window.hurt=1'>",
    '"><svg onload=window.hurt=1>',
    "' onmouseover='window.hurt=1",
    "{{ 7*7 }} ${window.hurt=1} {% raw %}",
    "</pre></details><iframe src=javascript:window.hurt=1>",
    "[x](javascript:window.hurt=1) ![](//elsewhere.invalid/beacon.png)",
    "\u202etxt.exe\u2066 \x1b]8;;http://elsewhere.invalid\x07click\x1b]8;;\x07",
    "&lt;script&gt;window.hurt=1&lt;/script&gt;",
    "<math><mtext></mtext><mglyph><style></style><img src=x onerror=window.hurt=1>",
)
"""Words of strangers that would do something where they are not taken for text."""


def spec(settings: Settings, run_id: str, reference: str, **more: Any) -> RunSpec:
    """What a run was asked to do."""
    return RunSpec(
        run_id=run_id,
        kind=more.pop("kind", "build"),
        reference=reference,
        platform=settings.platform,
        providers=settings.providers(),
        plugins=(),
        budget=settings.budget,
        version="0",
        created="2026-08-01T10:00:00+00:00",
        **more,
    )


def begun(settings: Settings, reference: str = "digits", **more: Any) -> tuple[str, Journal]:
    """A run that somebody, this process, works on; its log is open."""
    run_id = str(ULID())
    folder = settings.home / "runs" / run_id
    for name in ("generated", "tests", "artifacts", "traces", "control"):
        (folder / name).mkdir(parents=True)
    journal = Journal(folder / LOG, run_id)
    journal.append(EventType.RUN_CREATED, spec=spec(settings, run_id, reference, **more).as_json())
    return run_id, journal


def step(journal: Journal, name: str, line: str = "", result: dict[str, Any] | None = None) -> None:
    """One step from its beginning to its end."""
    journal.append(EventType.STEP_INTENT, step=name, round=0, attempt=1)
    if line:
        journal.append(EventType.STEP_PROGRESS, line=line)
    journal.append(EventType.STEP_DONE, step=name, round=0, result=result or {})


def conclude(journal: Journal, status: Status = Status.CANDIDATE, words: str = "", **more: Any) -> RunResult:
    """The end of a run, with `words` wherever a stranger may put words."""
    folder = journal.path.parent
    blocker = Blocker(reason=BlockerReason.LINT, detail=words, next_action=words)
    result = RunResult(
        run_id=folder.name,
        kind="build",
        reference=words or "digits",
        status=status,
        level=Level.RUNNING,
        checks=(Check(name=words or "text.decodes", passed=False, detail=words),),
        answers=(Answer(case=words, input=words, output={"label": words}, expected=words, **more),),
        space=SpaceLink(id="a-space", url="javascript:window.hurt=1" if words else "", settings_url=""),
        blocker=blocker if status is Status.TECHNICAL_BLOCKER else None,
        latency=Latency(cold_s=1.0, warm_s=0.5, calls=3),
        notes=(words,) if words else (),
        seconds=12.0,
    )
    blocked = result.blocker.as_json() if result.blocker else None
    facts = {"status": status, "level": Level.RUNNING, "blocker": blocked, "result": result.as_json()}
    journal.append(EventType.RUN_CONCLUDED, **facts)
    (folder / "report.md").write_text(f"# {words}\n", encoding="utf-8")
    write_json(folder / "report.json", result.as_json())
    saved(folder, journal)
    return result


def saved(folder: Path, journal: Journal) -> None:
    """Write state.json as the engine does after each step."""
    state = fold(journal.events)
    assert state is not None
    write_json(folder / "state.json", state.as_json())
