"""The host `local`: Spaces are folders of this machine, and their apps are confined processes."""

from __future__ import annotations

import getpass
import os
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from spacefactory.errors import NotFoundError, PlatformError
from spacefactory.schema.space import Account, Connection, Created, HardwareAnswer, Runtime, Space, SpaceRequest
from spacefactory_local import bytecode, life, ports, references, spaces, stages
from spacefactory_local.disk import told
from spacefactory_local.files import LEFT_OUT, log_tail
from spacefactory_local.options import LocalOptions
from spacefactory_local.records import NAME, Place, existing
from spacefactory_local.torch_rule import cuda_device

LOG_BYTES = 64 << 10


@dataclass(frozen=True)
class LocalHost:
    """Owns the Spaces of one data folder."""

    home: Path
    options: LocalOptions = field(default_factory=LocalOptions)
    confined: bool = True
    name: str = "local"

    @property
    def root(self) -> Path:
        """Where the Spaces are."""
        return self.home / "spaces"

    def account(self) -> Account:
        """The user of this machine, and what it has."""
        return Account(name=_user(), assigns_hardware=False, hardware=self._hardware())

    def find(self, space_id: str) -> Space | None:
        """A Space by name; None when there is none."""
        if not NAME.match(space_id) or not (self.root / space_id).is_dir():
            return None
        return self._space(Place(self.root / space_id))

    def resolve(self, reference: str, run_id: str) -> Space:
        """The Space that a validation names; a folder becomes a Space that belongs to the run.

        Raises:
            UsageError: the reference names nothing that can be called from here.
        """
        if (found := references.running(reference)) is not None:
            return Space(id=found.url, url=found.url, managed=False)
        if (there := self.find(reference)) is not None:
            return there
        folder = references.app_folder(reference)
        with told("the app cannot be copied", self.root):
            new = spaces.make(self.root, SpaceRequest(name=f"validate-{run_id.lower()}", run_id=run_id))
            spaces.fill(new, folder, LEFT_OUT)
        return self._space(new)

    def create(self, request: SpaceRequest) -> Created:
        """Make a Space that carries the run's marker, or find the one that the run made before.

        Raises:
            NameTakenError: a Space of that name belongs to another run.
            UsageError: no local Space can have that name.
            PlatformError: the disk refuses.
        """
        with told("the Space cannot be made", self.root):
            made = spaces.make(self.root, request)
        return Created(space=self._space(made), hardware=HardwareAnswer(accepted=True, current=self._hardware()))

    def upload(self, space_id: str, folder: Path) -> str:
        """Make the folder's files the content of the Space; returns their digest."""
        space = existing(self.root, space_id)
        with told("the app's files cannot be copied", space.root):
            return spaces.fill(space, folder)

    def start(self, space_id: str, tell: Callable[[str], None]) -> None:
        """Make its environment and start its app; returns while the app is still coming up.

        Raises:
            SpaceCrashedError: it cannot be built or started; `log` says why.
            PlatformError: no uv, network or room.
            BlockedError: this machine cannot confine it, or has no build of a package that it needs.
        """
        space = existing(self.root, space_id)
        with told("the Space cannot be started", space.root):
            life.start(self._life, space, tell)

    def runtime(self, space_id: str) -> Runtime:
        """What the Space is doing now."""
        if (outside := references.address(space_id)) is not None:
            up = ports.listening(outside.host, outside.port)
            return Runtime(stage="RUNNING" if up else "RUNTIME_ERROR", detail="" if up else "nothing listens there")
        space = existing(self.root, space_id)
        with told("the Space cannot be looked at", space.root):
            now = stages.runtime(space, self._hardware())
            if now.stage == "RUNNING":
                self._came_up(space)
            if now.stage == "RUNTIME_ERROR" and life.start_elsewhere(self._life, space):
                return stages.runtime(space, self._hardware())
            return now

    def logs(self, space_id: str, kind: str) -> str:
        """The end of its log of kind "build" or "run"; an app that was not started here has none."""
        if references.address(space_id) is not None:
            return ""
        space = existing(self.root, space_id)
        with told("the log cannot be read", space.root):
            return log_tail(space.build_log if kind == "build" else space.run_log, LOG_BYTES)

    def connect(self, space_id: str) -> Connection:
        """Where its app is, and the nonce of this start.

        Raises:
            NotFoundError: it is not up.
        """
        if (outside := references.address(space_id)) is not None:
            return Connection(url=outside.url)
        launch = existing(self.root, space_id).state().launch
        if launch is None:
            raise NotFoundError(f"{space_id} is not running", "start it by validating it: spacefactory validate")
        return Connection(url=stages.address(launch), nonce=launch.nonce)

    def list(self) -> tuple[Space, ...]:
        """Every Space of this data folder, in order of name."""
        with told("the Spaces cannot be listed", self.root):
            return tuple(map(self._space, spaces.every(self.root)))

    def stop(self, space_id: str) -> None:
        """End its app and everything that it started; its content stays."""
        if references.address(space_id) is not None:
            raise PlatformError(f"{space_id} was not started here", "end it where it was started")
        space = existing(self.root, space_id)
        with told("the Space cannot be stopped", space.root):
            life.stop(space)

    def delete(self, space_id: str) -> None:
        """Stop it and remove it."""
        space = existing(self.root, space_id)
        with told("the Space cannot be removed", space.root):
            life.delete(space)

    @property
    def _life(self) -> life.Life:
        return life.Life(self.root, self.home / "environments", self.options, self.confined)

    def _came_up(self, space: Place) -> None:
        if (launch := space.state().launch) is not None:
            bytecode.remember(self.home / "environments" / launch.environment, space.work)

    def _hardware(self) -> str:
        return "cpu" if self.options.torch == "cpu" else cuda_device() or "cpu"

    def _space(self, space: Place) -> Space:
        marker, launch = space.marker(), space.state().launch
        up = launch is not None and stages.runtime(space, "").stage == "RUNNING"
        url = stages.address(launch) if launch is not None and up else ""
        return Space(id=space.name, url=url, run_id=marker.run_id if marker else None)


def _user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"user {os.getuid()}"
