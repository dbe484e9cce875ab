"""state.json as a fold over the log: no state that the events do not tell."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from spacefactory.schema.event import Event, EventType
from spacefactory.schema.run import RunState, StepState
from spacefactory.schema.status import Blocker, Level, Status


def fold(events: Iterable[Event]) -> RunState | None:
    """Where a run stands after these events; None before the run exists."""
    state: RunState | None = None
    for event in events:
        state = fold_one(state, event)
    return state


def fold_one(state: RunState | None, event: Event) -> RunState | None:
    """The state after one more event."""
    if event.type == EventType.RUN_CREATED:
        return _created(event)
    return state.model_copy(update=_changes(state, event)) if state else None


def _created(event: Event) -> RunState:
    spec: Any = event.facts["spec"]
    return RunState(
        run_id=event.run_id,
        kind=spec["kind"],
        reference=spec["reference"],
        created=event.at,
        updated=event.at,
        events=event.seq + 1,
    )


def _changes(state: RunState, event: Event) -> dict[str, Any]:
    facts: dict[str, Any] = dict(event.facts)
    common = {"updated": event.at, "events": event.seq + 1}
    match event.type:
        case EventType.STEP_INTENT:
            begun = StepState(
                name=facts["step"], round=facts["round"], attempt=facts["attempt"], state="running", started=event.at
            )
            others = tuple(step for step in state.steps if (step.name, step.round) != (begun.name, begun.round))
            return common | {"steps": (*others, begun), "round": begun.round}
        case EventType.STEP_PROGRESS:
            return common | {"steps": _last(state, summary=facts["line"])}
        case EventType.STEP_DONE:
            done = _last(state, state="done", seconds=_seconds(state, event))
            space = (facts.get("result") or {}).get("space_id") or state.space_id
            level = Level(facts["level"]) if facts.get("level") else state.level
            return common | {"steps": done, "level": level, "space_id": space}
        case EventType.STEP_FAILED:
            failed = _last(state, state="failed", seconds=_seconds(state, event), summary=facts["failure"]["summary"])
            return common | {"steps": failed}
        case EventType.RUN_CONCLUDED:
            return common | {
                "status": Status(facts["status"]),
                "level": Level(facts["level"]),
                "blocker": Blocker.model_validate(facts["blocker"]) if facts.get("blocker") else None,
                "interrupted": False,
            }
        case EventType.RUN_INTERRUPTED:
            return common | {"interrupted": True}
        case EventType.RUN_RESUMED:
            return common | {"interrupted": False, "status": Status.RUNNING}
        case _:
            return common


def _last(state: RunState, /, **update: Any) -> tuple[StepState, ...]:
    if not state.steps:
        return ()
    return (*state.steps[:-1], state.steps[-1].model_copy(update=update))


def _seconds(state: RunState, event: Event) -> float | None:
    if not state.steps:
        return None
    begun = datetime.fromisoformat(state.steps[-1].started)
    return round((datetime.fromisoformat(event.at) - begun).total_seconds(), 3)
