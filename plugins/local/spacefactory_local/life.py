"""Starting and stopping a Space: the steps that change what it does, each under its lock."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from spacefactory import confine
from spacefactory.errors import PlatformError, SpaceCrashedError
from spacefactory_local import environments
from spacefactory_local.app_files import AppFiles, read
from spacefactory_local.launch import launch, pick_port
from spacefactory_local.locks import held, locked
from spacefactory_local.options import LocalOptions
from spacefactory_local.plan import make_plan
from spacefactory_local.records import Place, Stage, State
from spacefactory_local.spaces import forget
from spacefactory_local.stages import port_was_taken, ports_in_use
from spacefactory_local.uv import find_uv

GRACE_S = 5.0
PORT_TRIES = 4
Tell = Callable[[str], None]
_KEPT: dict[str, Stage] = {"BUILD_ERROR": "BUILD_ERROR", "CONFIG_ERROR": "CONFIG_ERROR"}
"""Failures that stay the Space's stage; that the app file is missing shows by itself."""


@dataclass(frozen=True)
class Life:
    """What starting needs to know about this machine."""

    spaces: Path
    environments: Path
    options: LocalOptions
    confined: bool


def start(life: Life, space: Place, tell: Tell) -> None:
    """Bring the content in force up; nothing is done when it is up or coming up already.

    Raises:
        SpaceCrashedError: it cannot be built or started as it is.
        PlatformError: this machine could not do it, or it was stopped meanwhile.
        BlockedError: it cannot be confined, or needs what cannot be had.
    """
    with locked(space.lock("start")):
        if _up(space):
            tell(f"{space.name} is up already")
            return
        token, revision = _begin(space), space.revision()
        app, environment = _build(life, space, token, tell)
        with locked(space.lock("change")):
            if space.state().token != token:
                raise PlatformError(f"{space.name} was stopped while it was being started")
            if space.revision() != revision:
                space.save(State())
                raise PlatformError(f"{space.name} was given new files while it was being started", "start it again")
            tell(f"{space.name}: starting {app.file}")
            _launch(life, space, app, environment, tries=1)


def _up(space: Place) -> bool:
    state = space.state()
    known = state.launch.revision if state.stage == "STARTED" and state.launch else None
    return known == space.revision() and known is not None and confine.alive(space.process)


def _begin(space: Place) -> str:
    token = secrets.token_hex(8)
    with locked(space.lock("change")):
        confine.stop(space.process, GRACE_S)
        space.run_log.unlink(missing_ok=True)
        space.build_log.write_bytes(b"")
        space.save(State(stage="BUILDING", token=token))
    return token


def _build(life: Life, space: Place, token: str, tell: Tell) -> tuple[AppFiles, Path]:
    """The app's environment; whatever goes wrong is written down as the Space's stage."""
    try:
        if space.revision() is None:
            raise SpaceCrashedError("the Space has no content yet", "", "NO_APP_FILE")
        app = read(space.app)
        if not (space.app / app.file).is_file():
            raise SpaceCrashedError(f"the Space holds no {app.file}", "", "NO_APP_FILE")
        uv = find_uv()
        plan = make_plan(app, life.options, uv)
        _note(space.build_log, f"Python {plan.interpreter.version}; README.md names {app.python or 'none'}")
        for note in plan.notes:
            tell(note)
            _note(space.build_log, note)
        return app, environments.provide(life.environments, plan, uv, space.build_log, tell)
    except SpaceCrashedError as error:
        _note(space.build_log, str(error))
        _end(space, token, State(stage=_KEPT.get(error.stage, "STOPPED"), detail=str(error)))
        raise
    except BaseException:
        _end(space, token, State())
        raise


def _end(space: Place, token: str, state: State) -> None:
    with locked(space.lock("change")):
        if space.state().token == token:
            space.save(state)


def _note(log: Path, line: str) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write(line + "\n")


def _launch(life: Life, space: Place, app: AppFiles, environment: Path, tries: int) -> None:
    """Under the lock `ports`: the port is written down before another Space looks for one."""
    with locked(life.spaces / ".locks" / "ports"):
        port = pick_port(app, ports_in_use(life.spaces, space.name))
        space.ready.unlink(missing_ok=True)
        try:
            made = launch(space, app, environment, life.options, confined=life.confined, port=port, tries=tries)
        except BaseException:
            space.save(State())
            raise
        space.save(State(stage="STARTED", token=space.state().token, launch=made))


def start_elsewhere(life: Life, space: Place) -> bool:
    """Start an app again whose port was taken before it opened it; says whether that was so."""
    made = space.state().launch
    if made is None or made.tries >= PORT_TRIES or not port_was_taken(space) or held(space.lock("change")):
        return False
    with locked(space.lock("change")):
        if space.state().launch != made:
            return True
        app = read(space.contents / made.revision)
        if app.port is not None or space.revision() != made.revision:
            return False
        _launch(life, space, app, life.environments / made.environment, tries=made.tries + 1)
    return True


def stop(space: Place) -> None:
    """End the app and everything it started.

    Raises:
        PlatformError: a process does not end.
    """
    with locked(space.lock("change")):
        _stop(space)
        space.save(State())


def _stop(space: Place) -> None:
    try:
        confine.stop(space.process, GRACE_S)
    except (PermissionError, TimeoutError) as error:
        raise PlatformError(f"the app of {space.name} could not be stopped: {error}") from None


def delete(space: Place) -> None:
    """Stop it and remove everything of it."""
    with locked(space.lock("change")):
        _stop(space)
        forget(space)
