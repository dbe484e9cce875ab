"""What each round of a run got to: its files are kept, and the best of them is the run's content in the end."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from spacefactory import workspaces
from spacefactory.engine import Step, perform
from spacefactory.record.files import read_json, write_json
from spacefactory.run import Run
from spacefactory.schema.event import Event, EventType
from spacefactory.schema.status import Level
from spacefactory.schema.steps import Booted, Generated, Healthy, Linted, Proven, Published, Repaired, Restored

KEPT = "tests/rounds"
RESULTS: dict[str, type[Any]] = {
    "generate": Generated,
    "lint": Linted,
    "publish": Published,
    "boot": Booted,
    "health": Healthy,
    "validate": Proven,
}


@dataclass(frozen=True)
class Attempt:
    """One round, and how good it was: the level it reached, then how many checks passed."""

    round: int
    level: Level
    passed: int = 0

    @property
    def rank(self) -> tuple[int, int]:
        """Larger is better."""
        return self.level.rank, self.passed


def keep(run: Run) -> None:
    """Keep the files of the current round as they were published, when it came that far."""
    if "lint" in _done(run, run.round):
        workspaces.copy(run.folder / "generated", folder(run, run.round))


def before_repair(run: Run, workspace: Path) -> tuple[dict[str, str], bool]:
    """The app as the current round left it, and whether a repair of it was interrupted before."""
    path = run.folder / KEPT / f"{run.round}.before.json"
    if path.is_file():
        return dict(read_json(path)), True
    found = workspaces.texts(workspace)
    write_json(path, run.clean(found))
    return found, False


def folder(run: Run, number: int) -> Path:
    """Where the files of a round are kept."""
    return run.folder / KEPT / str(number)


def diff_path(number: int) -> str:
    """Where the changes of a round stand in the record."""
    return f"{KEPT}/{number}.diff"


def changes(run: Run) -> str:
    """What all earlier rounds changed."""
    paths = (run.folder / diff_path(number) for number in range(1, run.round + 1))
    return "\n".join(path.read_text(encoding="utf-8") for path in paths if path.is_file())


def attempt(run: Run, number: int) -> Attempt:
    """How far a round came, by its events."""
    done = _done(run, number)
    levels = [Level(str(event.facts["level"])) for event in done.values() if event.facts.get("level")]
    passed = 0
    if "validate" in done:
        judgement = Proven.model_validate(done["validate"].facts["result"]).judgement
        levels.append(judgement.level)
        passed = sum(check.passed is True for check in judgement.checks)
    return Attempt(number, max(levels, key=lambda level: level.rank, default=Level.NONE), passed)


def best(run: Run) -> Attempt:
    """The best round so far; of two that are equal the later one."""
    return max((attempt(run, number) for number in range(run.round + 1)), key=lambda one: (one.rank, one.round))


def restore(run: Run, chosen: Attempt, repaired: Repaired) -> Restored:
    """Make an earlier round the run's content, in the record and in the Space; its results are the run's again."""

    def effect(run: Run) -> Restored:
        kept = folder(run, chosen.round)
        shutil.rmtree(run.folder / "generated", ignore_errors=True)
        shutil.copytree(kept, run.folder / "generated")
        if isinstance(published := run.results.get("publish"), Published) and published.managed:
            run.host.upload(published.space_id, run.folder / "generated")
        run.tell(f"the best attempt was round {chosen.round}, which reached {chosen.level}; it is the content again")
        return Restored(round=chosen.round, level=chosen.level, blocker=repaired.blocker)

    found = perform(run, Step("restore", Restored, effect))
    done = _done(run, chosen.round)
    for name, kind in RESULTS.items():
        if name != "publish":  # the Space is there, whichever round made it
            run.results.pop(name, None)
        if name in done:
            run.results[name] = kind.model_validate(done[name].facts["result"])
    return found


def decision(run: Run, number: int) -> Repaired | None:
    """What was decided at the end of a round."""
    found = _done(run, number).get("repair")
    return Repaired.model_validate(found.facts["result"]) if found else None


def _done(run: Run, number: int) -> dict[str, Event]:
    """The steps of a round that were done, by name."""
    events = (event for event in run.journal.events if event.type == EventType.STEP_DONE)
    return {str(event.facts["step"]): event for event in events if event.facts.get("round") == number}
