"""Brings Spaces up, through the stages that the Hub shows, and notices when they end.

Each deployment has a thread. A newer deployment, a stop or a pause raises the Space's `generation`; older threads see
that they are no longer in force and end without a word.
"""

from __future__ import annotations

import http.client
import threading
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from spacefactory.testing.hub.hardware import CPU_BASIC
from spacefactory.testing.hub.logs import LogBuffer
from spacefactory.testing.hub.repo_info import card_data
from spacefactory.testing.hub.repos import Commit
from spacefactory.testing.hub.space_runner import App, Deployment, SpaceFailedError
from spacefactory.testing.hub.spaces import SpaceOutcome, SpaceState, granted_flavor

if TYPE_CHECKING:
    from spacefactory.testing.hub.state import World

LOOK_S = 0.05
DRAIN_S = 10.0
_UP = ("RUNNING", "RUNNING_BUILDING", "RUNNING_APP_STARTING")


class _SupersededError(Exception):
    """Another deployment, a stop or a pause came in between."""


def deploy(world: World, state: SpaceState) -> None:
    """Build and start the newest commit. The caller holds the lock."""
    state.generation += 1
    commit, card = state.repo.head, card_data(world, state.repo.head)
    app_file = str(card.get("app_file") or "app.py")
    if app_file not in commit.files:
        _end(world, state, "NO_APP_FILE", "")
        state.sha = commit.oid
        return
    for log in (state.build_log, state.run_log):
        log.close()
    state.build_log, state.run_log = LogBuffer(world.clock), LogBuffer(world.clock)
    outcome = world.space_outcomes.popleft() if world.space_outcomes else None
    work = _Work(world, state, commit, card, app_file, outcome)
    state.enter("RUNNING_BUILDING" if state.app else "BUILDING")
    threading.Thread(target=work.run, name=f"test-space-{state.id}", daemon=True).start()


def stop(world: World, state: SpaceState, stage: str) -> None:
    """Be in a stage without an app from now on; the app ends soon after. The caller holds the lock."""
    state.generation += 1
    _end(world, state, stage, "")


def _end(world: World, state: SpaceState, stage: str, error: str) -> None:
    state.enter(stage, error)
    app, state.app = state.app, None
    if stage in ("PAUSED", "SLEEPING", "STOPPED", "DELETING"):
        state.current = None
    for log in (state.build_log, state.run_log):
        log.close()
    if app is not None:  # not here: whoever holds the lock must not wait for processes
        ending = threading.Thread(target=app.stop, name=f"test-space-end-{state.id}", daemon=True)
        world.ending.append(ending)
        ending.start()


class _Work:
    """One deployment."""

    def __init__(
        self, world: World, state: SpaceState, commit: Commit, card: dict[str, Any], app_file: str,
        outcome: SpaceOutcome | None,
    ) -> None:  # fmt: skip
        self.world, self.state, self.commit, self.outcome = world, state, commit, outcome
        self.generation, self.app_file, self.card = state.generation, app_file, card
        self.build_log, self.run_log = state.build_log, state.run_log

    def run(self) -> None:
        """Go through the stages until the app ends or something newer comes."""
        try:
            self._check_config()
            deployment = self._build()
            self._watch(self._start_or_discard(deployment))
        except _SupersededError:
            return
        except SpaceFailedError as failure:
            self._fail(failure)
        except Exception as error:  # a Space runner may come from a plugin; whatever it raises is a failed build
            self._fail(SpaceFailedError("BUILD_ERROR", f"{type(error).__name__}: {error}"))

    def _check_config(self) -> None:
        sdk = self.card.get("sdk")
        if sdk != self.state.repo.sdk:
            raise SpaceFailedError("CONFIG_ERROR", f"Missing or wrong sdk in README.md: {sdk!r}")

    def _build(self) -> Deployment:
        deployment = self._deployment()
        began = time.monotonic()
        if self.outcome is not None:
            self.build_log.write(self.outcome.build_log)
        self._outcome_is("BUILD_ERROR", "CONFIG_ERROR")
        while self.outcome is not None and self.outcome.stage == "BUILDING":
            self._pause()
        self._rest(began)
        self.world.space_runner.build(deployment, self.build_log.write)
        self.build_log.close()
        return deployment

    def _start_or_discard(self, deployment: Deployment) -> App:
        try:
            return self._start(deployment)
        except BaseException:
            self.world.space_runner.discard(deployment)
            raise

    def _start(self, deployment: Deployment) -> App:
        with self._in_force():
            self.state.enter("RUNNING_APP_STARTING" if self.state.app else "APP_STARTING")
        began = time.monotonic()
        if self.outcome is not None:
            self.run_log.write(self.outcome.run_log)
        if self.outcome is None or self.outcome.crash_after_s is None:
            self._outcome_is("RUNTIME_ERROR")
        app = self.world.space_runner.start(deployment, self.run_log.write)
        try:
            self._await_answer(app)
            self._rest(began)
            self._take_over(app)
        except BaseException:
            app.stop()
            raise
        return app

    def _await_answer(self, app: App) -> None:
        deadline = time.monotonic() + self.world.knobs.start_timeout_s
        while not answers(app.address):
            if (code := app.exit_code()) is not None:
                raise SpaceFailedError("RUNTIME_ERROR", f"Exit code: {code}. Reason: the app ended while starting")
            if time.monotonic() > deadline:
                raise SpaceFailedError("RUNTIME_ERROR", "Launch timed out, space was not healthy after 30 min")
            self._pause()

    def _take_over(self, app: App) -> None:
        state = self.state
        with self._in_force():
            before, state.app = state.app, app
            state.sha, state.current = self.commit.oid, granted_flavor(self.world, state)
            state.enter("RUNNING")
            state.last_call = time.monotonic()
        if before is not None:
            self._drain(before)
        if self.outcome is not None and self.outcome.stage not in ("RUNNING", "RUNTIME_ERROR"):
            with self._in_force():
                stop(self.world, state, self.outcome.stage)

    def _drain(self, before: App) -> None:
        """End the app of before once its last call is answered."""
        deadline = time.monotonic() + DRAIN_S
        while self.state.busy[before.address] and time.monotonic() < deadline:
            time.sleep(LOOK_S)
        before.stop()

    def _watch(self, app: App) -> None:
        began = time.monotonic()
        crash_after = self.outcome.crash_after_s if self.outcome else None
        while (code := app.exit_code()) is None:
            self._pause()
            if crash_after is not None and time.monotonic() - began > crash_after:
                raise SpaceFailedError("RUNTIME_ERROR", self.outcome.message if self.outcome else "")
            self._maybe_sleep()
        raise SpaceFailedError("RUNTIME_ERROR", f"Exit code: {code}. Reason: the app ended")

    def _maybe_sleep(self) -> None:
        state = self.state
        upgraded = state.current not in (None, CPU_BASIC)
        with self._in_force():
            if upgraded and state.sleep_s and time.monotonic() - state.last_call > state.sleep_s:
                stop(self.world, state, "SLEEPING")

    def _fail(self, failure: SpaceFailedError) -> None:
        try:
            with self._in_force():
                self.state.generation += 1
                self.state.sha = self.commit.oid
                log = self.run_log if failure.stage == "RUNTIME_ERROR" else self.build_log
                log.write(failure.message)
                _end(self.world, self.state, failure.stage, failure.message)
        except _SupersededError:
            return

    def _outcome_is(self, *stages: str) -> None:
        if self.outcome is not None and self.outcome.stage in stages:
            raise SpaceFailedError(self.outcome.stage, self.outcome.message)

    def _deployment(self) -> Deployment:
        folder = self.world.folder / "spaces" / self.state.id / f"{self.commit.oid[:7]}-{self.generation}"
        for path, file in self.commit.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(self.world.blobs.read(file.blob))
        return Deployment(self.state.id, self.commit.oid, folder, self.app_file, self._environment())

    def _environment(self) -> dict[str, str]:
        state = self.state
        owner, _, name = state.id.partition("/")
        chosen = {key: one.value for key, one in (state.variables | state.secrets).items()}
        return {
            "SPACE_ID": state.id,
            "SPACE_AUTHOR_NAME": owner,
            "SPACE_REPO_NAME": name,
            "SPACE_TITLE": str(self.card.get("title", name)),
            "SPACE_HOST": state.listener.url.removeprefix("http://"),
            "SPACE_CREATOR_USER_ID": self.world.owner(owner).id,
            "HF_ENDPOINT": self.world.endpoint,
        } | chosen

    def _rest(self, began: float) -> None:
        while time.monotonic() - began < self.world.knobs.stage_s:
            self._pause()

    def _pause(self) -> None:
        time.sleep(LOOK_S)
        if self.state.generation != self.generation:
            raise _SupersededError

    def _in_force(self) -> _Held:
        return _Held(self)


class _Held:
    """The world's lock, held while this deployment is the one in force."""

    def __init__(self, work: _Work) -> None:
        self.work = work

    def __enter__(self) -> None:
        self.work.world.lock.acquire()
        if self.work.state.generation != self.work.generation:
            self.work.world.lock.release()
            raise _SupersededError

    def __exit__(self, *_exc: object) -> None:
        self.work.world.lock.release()


def answers(address: str) -> bool:
    """Whether an app answers HTTP."""
    target = urlsplit(address)
    link = http.client.HTTPConnection(target.hostname or "", target.port, timeout=2)
    try:
        link.request("GET", "/")
        return link.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def wakes(state: SpaceState) -> bool:
    """Whether a call to its host brings the Space back."""
    return state.stage == "SLEEPING"


def is_up(state: SpaceState) -> bool:
    """Whether the Space's host passes calls on."""
    return state.app is not None and state.stage in _UP
