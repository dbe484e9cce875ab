"""conclude: status, result and report; the Space is left as the ending says; nothing changes after it."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass
from datetime import UTC, datetime

from spacefactory.engine import StepFailedError, crash_point
from spacefactory.errors import SpacefactoryError, UsageError
from spacefactory.record.files import write_atomic, write_json
from spacefactory.record.report import render
from spacefactory.record.report_page import render_page
from spacefactory.run import Run
from spacefactory.schema.event import EventType
from spacefactory.schema.run import RunResult, SpaceLink
from spacefactory.schema.status import Blocker, BlockerReason, Level, Status
from spacefactory.schema.steps import Booted, Generated, Proven, Published, Resolved
from spacefactory.schema.verdict import Latency
from spacefactory.steps import rental
from spacefactory.steps.coding_model import spent

KEPT_UP = (Status.FULL_INFERENCE_SUCCESS, Status.CANDIDATE)
"""Endings after which the Space that a build made goes on running: it is what the user wanted."""


@dataclass(frozen=True)
class Ending:
    """How a workflow ended."""

    status: Status
    level: Level | None = None
    blocker: Blocker | None = None
    note: str = ""


def conclude(run: Run, ending: Ending) -> RunResult:
    """Settle the Space, write the report, then the final event; a second call returns what the first one wrote."""
    if (there := concluded(run)) is not None:
        return there
    notes = [ending.note] if ending.note else []
    notes += _settle(run, ending)
    result = _result(run, ending, tuple(notes))
    write_json(run.folder / "report.json", result.as_json())
    write_atomic(run.folder / "report.md", render(result, run.journal.events).encode())
    write_atomic(run.folder / "report.html", render_page(result, run.journal.events, run.folder).encode())
    crash_point("before-conclude")
    run.journal.append(
        EventType.RUN_CONCLUDED,
        status=result.status,
        level=result.level,
        blocker=result.blocker.as_json() if result.blocker else None,
        result=result.as_json(),
    )
    crash_point("after-conclude")
    run.save()
    if result.status.terminal:
        shutil.rmtree(run.folder / "workspace", ignore_errors=True)
    return result


def concluded_by(run: Run, failed: StepFailedError, ending: Ending) -> RunResult:
    """Conclude after a failed step.

    Raises:
        UsageError: the step says that what was asked for cannot be used.
    """
    result = conclude(run, ending)
    if failed.usage:
        raise UsageError(failed.failure.summary) from failed
    return result


def concluded(run: Run) -> RunResult | None:
    """The result that the log holds already, unless the run was taken up again after it."""
    last = [e for e in run.journal.events if e.type in (EventType.RUN_CONCLUDED, EventType.RUN_RESUMED)]
    ended = next((e for e in reversed(last) if e.type == EventType.RUN_CONCLUDED), None)
    if ended is None:
        return None
    result = RunResult.model_validate(ended.facts["result"])
    return result if result.status.terminal or last[-1] is ended else None


def _settle(run: Run, ending: Ending) -> list[str]:
    """Leave no process that the user did not ask for; what cannot be stopped is said in the notes."""
    space = _space(run)
    if space is None or not space.managed:
        return []
    try:
        if run.spec.kind == "validate":
            _restore(run, space)
        elif ending.status not in KEPT_UP and ending.status != Status.MANUAL_HARDWARE_REQUIRED:
            run.host.stop(space.space_id)
        elif ending.status in KEPT_UP and rental.rented(run) is not None:
            run.host.stop(space.space_id)
            return [_paused(space)]
    except (SpacefactoryError, OSError) as error:
        return [f"the Space {space.space_id} could not be settled: {error}"]
    return []


def _paused(space: Published) -> str:
    hardware = space.hardware
    cost = f"{hardware.flavor} costs {hardware.usd_per_hour:.2f} USD an hour" if hardware else "its hardware costs"
    return f"the Space is paused, since {cost}; start it again in its settings: {space.settings_url}"


def _restore(run: Run, space: Published) -> None:
    if space.created:
        run.host.delete(space.space_id)
    elif not space.was_running:
        run.host.stop(space.space_id)


def _space(run: Run) -> Published | None:
    for step in ("publish", "find"):
        if isinstance(found := run.results.get(step), Published):
            return found
    return _unfinished(run)


def _unfinished(run: Run) -> Published | None:
    """A Space that an interrupted step made before it could say so."""
    if run.spec.kind != "build" or "lint" not in run.results or "publish" not in _begun(run):
        return None
    from spacefactory.steps.publish import made

    with contextlib.suppress(SpacefactoryError):
        return made(run)
    return None


def _begun(run: Run) -> set[str]:
    return {str(event.facts["step"]) for event in run.journal.events if event.type == EventType.STEP_INTENT}


def _result(run: Run, ending: Ending, notes: tuple[str, ...]) -> RunResult:
    proven = run.results.get("validate")
    known = proven if isinstance(proven, Proven) else None
    judgement = known.judgement if known else None
    resolved, generated = run.results.get("resolve"), run.results.get("generate")
    level = ending.level or (run.state.level if run.state else Level.NONE)
    return RunResult(
        run_id=run.spec.run_id,
        kind=run.spec.kind,
        reference=run.spec.reference,
        model=resolved.model if isinstance(resolved, Resolved) else None,
        status=ending.status,
        level=level,
        checks=judgement.checks if judgement else (),
        answers=known.answers if known else (),
        endpoint=judgement.endpoint if judgement else None,
        space=_link(run),
        blocker=ending.blocker or _fallback(ending, level),
        recommended_duration_s=known.recommended_duration_s if known else None,
        duration_arithmetic=known.duration_arithmetic if known else "",
        cost_usd=round(spent(run) + rental.usd(run), 6),
        agent=generated.agent if isinstance(generated, Generated) else None,
        seconds=_seconds(run),
        report=str(run.folder / "report.md"),
        notes=notes,
        latency=judgement.latency if judgement else Latency(),
    )


def _fallback(ending: Ending, level: Level) -> Blocker | None:
    """A technical blocker always has a reason."""
    if ending.status != Status.TECHNICAL_BLOCKER:
        return None
    return Blocker(reason=BlockerReason.CALL_FAILED, detail=f"the run went no further than {level}")


def _link(run: Run) -> SpaceLink | None:
    space = _space(run)
    if space is None:
        return None
    booted = run.results.get("boot")
    up = booted.url if isinstance(booted, Booted) else ""
    return SpaceLink(id=space.space_id, url=space.url or up, settings_url=space.settings_url)


def _seconds(run: Run) -> float | None:
    if run.state is None:
        return None
    return round((datetime.now(UTC) - datetime.fromisoformat(run.state.created)).total_seconds(), 2)
