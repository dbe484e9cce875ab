"""`kill -9` of a build at every step, then `runs resume`: the same end, one Space, no lost event."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from spacefactory.record.fold import fold
from spacefactory.record.journal import LOG, read_events
from spacefactory.schema.event import EventType
from spacefactory.schema.run import RunState
from spacefactory.testing.fixtures import call, share_environments, stop_spaces

STEPS = ("resolve", "analyze", "preflight", "generate", "lint", "publish", "boot", "health", "validate")
POINTS = (
    *(f"after-done:{step}" for step in STEPS),
    "after-intent:generate",
    "after-intent:publish",
    "after-effect:publish",
    "after-intent:boot",
    "after-effect:boot",
    "after-effect:validate",
    "before-conclude",
    "after-conclude",
)
DIGITS = Path(__file__).parent.parent / "examples" / "digits"

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("crash")]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One data folder for all of these builds, so that the app's environment is made once."""
    folder = share_environments(tmp_path_factory.mktemp("crash"), tmp_path_factory)
    yield folder
    stop_spaces(folder)


@pytest.mark.parametrize("point", POINTS)
def test_a_build_that_was_killed_is_resumed_to_the_same_end(home: Path, point: str) -> None:
    before = {folder.name for folder in (home / "runs").glob("*")}
    env = {"SPACEFACTORY_HOME": str(home), "SPACEFACTORY_CRASH_AT": point}
    killed = call("build", DIGITS, "--json", env=env)
    assert killed.code == 137, killed.stderr
    (folder,) = [folder for folder in (home / "runs").glob("*") if folder.name not in before]
    acknowledged = read_events(folder / LOG)

    resumed = call("runs", "resume", folder.name, "--json", env={"SPACEFACTORY_HOME": str(home)})
    assert resumed.code == 0, resumed.stderr
    result = resumed.json()
    assert (result["status"], result["level"]) == ("full_inference_success", "reference")

    events = read_events(folder / LOG)
    assert events[: len(acknowledged)] == acknowledged
    kinds = [event.type for event in events]
    assert kinds.count(EventType.RUN_CREATED) == kinds.count(EventType.RUN_CONCLUDED) == 1
    for step in STEPS:
        ends = [e for e in events if e.type == EventType.STEP_DONE and e.facts["step"] == step]
        assert len(ends) == 1, f"{step} was done {len(ends)} times"
    spaces = [space for space in (home / "spaces").iterdir() if folder.name[-8:].lower() in space.name]
    assert [space.name for space in spaces] == [result["space"]["id"]]
    assert RunState.model_validate_json((folder / "state.json").read_bytes()) == fold(events)
    stopped = call("spaces", "stop", result["space"]["id"], env={"SPACEFACTORY_HOME": str(home)})
    assert stopped.code == 0, stopped.stderr
