"""state.json is a fold of the log: the same events give the same state, step by step."""

from __future__ import annotations

from pathlib import Path

from pydantic import JsonValue

from spacefactory.record.fold import fold, fold_one
from spacefactory.record.journal import Journal
from spacefactory.schema.event import Event, EventType
from spacefactory.schema.run import RunState
from spacefactory.schema.status import Level, Status

RUN = "01JZZZZZZZZZZZZZZZZZZZZZZZ"
SPEC: dict[str, JsonValue] = {"kind": "build", "reference": "examples/digits"}


def state_after(folder: Path, *events: tuple[str, dict[str, JsonValue]]) -> tuple[RunState, list[Event]]:
    with Journal(folder / "log", RUN) as journal:
        for kind, facts in events:
            journal.append(kind, **facts)
        state = fold(journal.events)
        assert state is not None
        stepwise: RunState | None = None
        for event in journal.events:
            stepwise = fold_one(stepwise, event)
        assert stepwise == state
        assert RunState.model_validate_json(state.model_dump_json()) == state
        return state, journal.events


def intent(step: str, attempt: int = 1, of_round: int = 0) -> tuple[str, dict[str, JsonValue]]:
    return EventType.STEP_INTENT, {"step": step, "round": of_round, "attempt": attempt}


def done(step: str, level: str | None = None, **result: JsonValue) -> tuple[str, dict[str, JsonValue]]:
    return EventType.STEP_DONE, {"step": step, "round": 0, "result": result, "level": level}


CREATED: tuple[str, dict[str, JsonValue]] = (EventType.RUN_CREATED, {"spec": SPEC})


def test_steps_levels_and_space(tmp_path: Path) -> None:
    state, events = state_after(
        tmp_path,
        CREATED,
        intent("publish"),
        (EventType.STEP_PROGRESS, {"line": "uploading"}),
        done("publish", space_id="sf-digits"),
        intent("health"),
        done("health", level="running"),
        intent("validate"),
    )
    assert (state.status, state.level, state.space_id) == (Status.RUNNING, Level.RUNNING, "sf-digits")
    assert [(step.name, step.state) for step in state.steps] == [
        ("publish", "done"),
        ("health", "done"),
        ("validate", "running"),
    ]
    assert state.steps[0].summary == "uploading"
    assert state.events == len(events)


def test_a_new_attempt_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    state, _ = state_after(tmp_path, CREATED, intent("boot"), intent("boot", attempt=2))
    assert [(step.name, step.attempt) for step in state.steps] == [("boot", 2)]


def test_rounds_stand_side_by_side(tmp_path: Path) -> None:
    failure: dict[str, JsonValue] = {"summary": "it crashed"}
    state, _ = state_after(
        tmp_path,
        CREATED,
        intent("boot"),
        (EventType.STEP_FAILED, {"step": "boot", "round": 0, "failure": failure}),
        intent("boot", of_round=1),
    )
    assert [(step.round, step.state, step.summary) for step in state.steps] == [
        (0, "failed", "it crashed"),
        (1, "running", ""),
    ]
    assert state.round == 1


def test_interrupted_resumed_concluded(tmp_path: Path) -> None:
    concluded: dict[str, JsonValue] = {
        "status": "technical_blocker",
        "level": "generated",
        "blocker": {"reason": "dependency", "detail": "no such package", "next_action": ""},
    }
    state, _ = state_after(tmp_path, CREATED, (EventType.RUN_INTERRUPTED, {}))
    assert state.interrupted
    state, _ = state_after(tmp_path, (EventType.RUN_RESUMED, {}), (EventType.RUN_CONCLUDED, concluded))
    assert (state.status, state.level, state.interrupted) == (Status.TECHNICAL_BLOCKER, Level.GENERATED, False)
    assert state.blocker is not None
    assert state.blocker.reason == "dependency"


def test_a_paused_run_that_is_resumed_runs_again(tmp_path: Path) -> None:
    paused: dict[str, JsonValue] = {"status": "manual_hardware_required", "level": "generated", "blocker": None}
    state, _ = state_after(tmp_path, CREATED, (EventType.RUN_CONCLUDED, paused), (EventType.RUN_RESUMED, {}))
    assert state.status == Status.RUNNING


def test_events_of_plugins_change_nothing_but_the_count(tmp_path: Path) -> None:
    state, _ = state_after(tmp_path, CREATED, ("agent.written", {"files": ["app.py"]}))
    assert (state.events, state.steps) == (2, ())


def test_nothing_before_the_run_exists() -> None:
    assert fold([]) is None
