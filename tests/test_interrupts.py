"""Ctrl-C in every step, a request to cancel, a provider's own fault: the run ends typed and leaves nothing running."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import spacefactory
from spacefactory.record.journal import LOG, read_events
from spacefactory.schema.event import Event, EventType
from spacefactory.schema.status import Status
from spacefactory.testing.fixtures import share_environments, stop_spaces

ROOT = Path(__file__).parent.parent
DIGITS = ROOT / "examples" / "digits"
QUICK = ("resolve", "analyze", "preflight", "generate", "lint", "publish")
SLOW = ("boot", "health", "validate")
BROKEN = """
from dataclasses import dataclass
from spacefactory.hookspecs import hookimpl

@dataclass(frozen=True)
class Broken:
    name: str = "broken"
    needs_model: bool = False

    def supports(self, profile):
        return None

    def build(self, task, workbench):
        raise KeyError("a fault of this agent")

@hookimpl
def spacefactory_agents():
    return [Broken()]
"""

pytestmark = [
    pytest.mark.xdist_group("sample"),
    # An interrupt may strike between the opening of a file and the `with` that closes it; the collector closes it then.
    pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning", "ignore::ResourceWarning"),
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A data folder that these tests share, so that the app's environment is made once."""
    folder = share_environments(tmp_path_factory.mktemp("interrupts"), tmp_path_factory)
    yield folder
    stop_spaces(folder)


@pytest.fixture(autouse=True)
def at_home(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The runs of these tests are kept there."""
    monkeypatch.setenv("SPACEFACTORY_HOME", str(home))


def interrupting(step: str) -> Callable[[Event], None]:
    """A listener that presses Ctrl-C, once, as soon as a step has begun."""
    pressed: list[Event] = []

    def hear(event: Event) -> None:
        if event.type == EventType.STEP_INTENT and event.facts["step"] == step and not pressed:
            pressed.append(event)
            os.kill(os.getpid(), signal.SIGINT)

    return hear


@pytest.mark.parametrize("step", [*QUICK, *(pytest.param(step, marks=pytest.mark.slow) for step in SLOW)])
def test_ctrl_c_in_any_step_ends_as_cancelled(home: Path, step: str) -> None:
    result = spacefactory.build(str(DIGITS), listener=interrupting(step))
    assert (result.status, result.status.exit_code) == (Status.CANCELLED, 130)
    events = read_events(home / "runs" / result.run_id / LOG)
    assert [event.seq for event in events] == list(range(len(events)))
    assert events[-1].type == EventType.RUN_CONCLUDED
    if result.space is not None:
        assert not alive(home, result.space.id)


def alive(home: Path, space: str) -> bool:
    from spacefactory import runs
    from spacefactory.settings import load

    plugins = runs.plugins_of(load().settings)
    assert home.is_dir()
    return plugins.host("local").runtime(space).stage == "RUNNING"


def test_a_request_in_control_cancels_a_run(home: Path) -> None:
    from spacefactory.record.files import write_json

    def ask(event: Event) -> None:
        if event.type == EventType.STEP_INTENT and event.facts["step"] == "resolve":
            write_json(home / "runs" / event.run_id / "control" / "x.json", {"request": "cancel"})

    result = spacefactory.build(str(DIGITS), listener=ask)
    assert result.status == Status.CANCELLED


def test_a_providers_own_fault_is_a_failed_run_with_a_sentence_and_the_place(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "their_broken_agent.py").write_text(BROKEN)
    info = tmp_path / "their_broken_agent-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: their-broken-agent\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text("[spacefactory]\nbroken = their_broken_agent\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    result = spacefactory.build(str(DIGITS), agent="broken")
    sys.modules.pop("their_broken_agent", None)
    assert (result.status, result.status.exit_code) == (Status.FAILED, 1)
    assert "a fault of this agent" in result.notes[0]
    traces = list((home / "runs" / result.run_id / "traces").glob("generate-*-error.txt"))
    assert len(traces) == 1
    assert "KeyError" in traces[0].read_text()


def test_the_time_of_a_run_is_a_typed_blocker() -> None:
    result = spacefactory.build(str(DIGITS), minutes=0.0001)
    assert result.status == Status.TECHNICAL_BLOCKER
    assert result.blocker is not None
    assert result.blocker.reason == "budget_exhausted"
