"""What is kept of a local Space, and where: one folder below `spaces/`, named as the Space is."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from spacefactory.errors import NotFoundError, UsageError
from spacefactory.record.files import write_json
from spacefactory.schema.base import Fact
from spacefactory.schema.card import ModelLocation

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,95}\Z")
Stage = Literal["STOPPED", "BUILDING", "STARTED", "BUILD_ERROR", "CONFIG_ERROR"]


class Marker(Fact):
    """space.json: whose Space this is; written before the Space has its name, and never changed."""

    format: Literal["spacefactory-local-space/1"] = "spacefactory-local-space/1"
    name: str
    run_id: str
    model: ModelLocation | None = None
    created: str


class Launch(Fact):
    """One start of the app."""

    revision: str
    port: int
    nonce: str
    environment: str
    tries: int = 1


class State(Fact):
    """state.json: what was last done with the Space. What it does now is asked of its processes."""

    stage: Stage = "STOPPED"
    detail: str = ""
    token: str = ""
    """names one call of start; a stop in between takes it away"""
    launch: Launch | None = None


@dataclass(frozen=True)
class Place:
    """The paths of one Space."""

    root: Path

    @property
    def name(self) -> str:
        """The Space's name."""
        return self.root.name

    @property
    def app(self) -> Path:
        """Link to the content in force: replacing it is the one step that publishes."""
        return self.root / "app"

    @property
    def contents(self) -> Path:
        """One folder per uploaded tree, named by its digest."""
        return self.root / "content"

    @property
    def build_log(self) -> Path:
        """What making the environment said."""
        return self.root / "build.log"

    @property
    def run_log(self) -> Path:
        """What the app said."""
        return self.root / "run.log"

    @property
    def process(self) -> Path:
        """Where the running command is recorded."""
        return self.root / "process"

    @property
    def work(self) -> Path:
        """The only folder that the app may write."""
        return self.root / "work"

    @property
    def ready(self) -> Path:
        """Holds the nonce of a launch whose app has answered."""
        return self.root / "ready"

    def lock(self, kind: str) -> Path:
        """Outside the Space, so that it outlives it."""
        return self.root.parent / ".locks" / f"{self.name}.{kind}"

    def revision(self) -> str | None:
        """Digest of the content in force; None before the first upload."""
        try:
            return self.app.readlink().name
        except OSError:
            return None

    def marker(self) -> Marker | None:
        """Whose Space this is; None when the folder is damaged or not ours."""
        try:
            return Marker.model_validate_json((self.root / "space.json").read_bytes())
        except (OSError, ValidationError):
            return None

    def state(self) -> State:
        """What was last done; a Space whose state cannot be read counts as stopped."""
        try:
            return State.model_validate_json((self.root / "state.json").read_bytes())
        except (OSError, ValidationError):
            return State()

    def save(self, state: State) -> None:
        """Replace state.json."""
        write_json(self.root / "state.json", state.as_json())


def place(spaces: Path, name: str) -> Place:
    """The paths of a Space of that name, which need not exist.

    Raises:
        UsageError: no local Space can have that name.
    """
    if not NAME.match(name):
        raise UsageError(
            f"{name!r} cannot be the name of a local Space",
            "use letters, digits and _ . - only, 96 at most, beginning with a letter or digit",
        )
    return Place(spaces / name)


def existing(spaces: Path, name: str) -> Place:
    """The paths of a Space that is there.

    Raises:
        NotFoundError: there is none.
    """
    if not NAME.match(name) or not (spaces / name).is_dir():
        raise NotFoundError(f"there is no local Space {name!r}", "see: spacefactory spaces list")
    return Place(spaces / name)


def write_marker(folder: Path, marker: Marker) -> None:
    """Write space.json into a folder that has no name yet."""
    (folder / "space.json").write_text(json.dumps(marker.as_json(), indent=1) + "\n", encoding="utf-8")
