"""What a visitor can do: the same actions as the command line, with the visitor's own token and store."""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from spacefactory import api, runs, watch
from spacefactory.credentials import Credentials, from_machine, of_token
from spacefactory.errors import NotFoundError, SpacefactoryError, UsageError
from spacefactory.plugins import Plugins
from spacefactory.providers import Addressed, Recalling, RunStore
from spacefactory.schema.run import PlanResult, RunResult, RunSpec
from spacefactory.schema.status import Status
from spacefactory.schema.summary import ULID_PATTERN, RunSummary
from spacefactory.schema.work import Job
from spacefactory.settings import Settings
from spacefactory.ui import words
from spacefactory.ui.visitors import Visitor

AT_ONCE = 2
"""Runs of one visitor that may be worked on at a time."""
FRESH_S = 60.0
"""How long a run that was handed to a job may have nobody working on it."""
LOOKED_AT = 200
"""Newest runs among which the ones at work are counted."""
RUN_ID = re.compile(ULID_PATTERN)


class MissingRunError(NotFoundError):
    """No such run, for this visitor; somebody else's run is as missing as one that never was."""

    def __init__(self) -> None:
        super().__init__("there is no such run", "see the list of your runs")


class Turns:
    """One lock per visitor: two tabs cannot start more runs than one visitor may have."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._locks: dict[str, threading.Lock] = {}
        self._begun: dict[str, dict[str, float]] = {}

    @contextmanager
    def of(self, key: str) -> Iterator[None]:
        """Wait for the visitor's turn."""
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            yield

    def begun(self, key: str, run_id: str) -> None:
        """Remember a run that was just handed to a job runner."""
        with self._guard:
            self._begun.setdefault(key, {})[run_id] = time.monotonic()

    def fresh(self, key: str) -> frozenset[str]:
        """Runs of a visitor that were begun a moment ago."""
        limit = time.monotonic() - FRESH_S
        with self._guard:
            kept = {run_id: at for run_id, at in self._begun.get(key, {}).items() if at > limit}
            self._begun[key] = kept
            return frozenset(kept)


def _at_work(run: RunSummary, fresh: frozenset[str]) -> bool:
    return run.status == Status.RUNNING.value or (run.run_id in fresh and run.status == words.INTERRUPTED)


@dataclass(frozen=True)
class Desk:
    """One visitor's way to everything, for one request or one watched run."""

    visitor: Visitor
    settings: Settings
    turns: Turns = field(default_factory=Turns, repr=False)

    @cached_property
    def mine(self) -> Settings:
        """The settings with a data folder that only this visitor's runs are in."""
        if self.visitor.is_local:
            return self.settings
        return self.settings.model_copy(update={"home": self.settings.home / "visitors" / self.visitor.key})

    @cached_property
    def credentials(self) -> Credentials:
        """What may be used in the visitor's name."""
        token = self.visitor.token
        return of_token(token, self.mine) if token else from_machine(self.mine)

    @cached_property
    def plugins(self) -> Plugins:
        """The plugins, working with those credentials."""
        return runs.plugins_of(self.mine, self.credentials)

    @cached_property
    def store(self) -> RunStore:
        """Where this visitor's runs are."""
        return self.plugins.store(self.mine.providers().store)

    def with_options(self, options: Mapping[str, Any]) -> Settings:
        """The visitor's settings with the options of one run on top.

        Raises:
            SettingsError: a value cannot be used.
        """
        chosen = api.settings(platform=self.settings.platform, **options)
        return chosen.model_copy(update={"home": self.mine.home})

    def plan(self, model: str, options: Mapping[str, Any]) -> PlanResult:
        """Read and analyse a model; nothing is spent or created.

        Raises:
            SpacefactoryError: the reference names nothing that can be read.
        """
        return api.plan(
            model, token=self.visitor.token, home=self.mine.home, platform=self.settings.platform, **options
        )

    def start(
        self, kind: Literal["build", "validate"], reference: str, asked: Mapping[str, Any], options: Mapping[str, Any]
    ) -> Job:
        """Make a run and hand it to the platform's job runner; returns at once.

        Raises:
            UsageError: an option cannot be used, or as many runs are at work as may be.
        """
        if not reference.strip():
            raise UsageError(
                f"there is no {'model' if kind == 'build' else 'Space'} to {kind}", "enter one, then try again"
            )
        configured = self.with_options(options)
        with self.turns.of(self.visitor.key):
            self._check_room()
            spec, folder = runs.create(kind, reference.strip(), configured, asked, self.credentials)
            try:
                return self._submit(spec, folder, configured)
            except SpacefactoryError:  # nothing works on it and nothing will: it is not left in the list
                with suppress(SpacefactoryError):
                    self.store.delete(spec.run_id)
                raise

    def _submit(self, spec: RunSpec, folder: Path, configured: Settings) -> Job:
        job = runs.plugins_of(configured, self.credentials).runner(spec.providers.runner).submit(spec, folder)
        self.turns.begun(self.visitor.key, spec.run_id)
        return job

    def _check_room(self) -> None:
        """Count the runs at work; one that was just begun has nobody working on it yet and counts all the same."""
        fresh = self.turns.fresh(self.visitor.key)
        at_work = [run for run in islice(self.store.list(), LOOKED_AT) if _at_work(run, fresh)]
        if len(at_work) >= AT_ONCE:
            raise UsageError(f"{len(at_work)} of your runs are at work", "wait until one ends, or stop one")

    def runs(self) -> Iterable[RunSummary]:
        """Every run of this visitor, newest first."""
        return self.store.list()

    def folder(self, run_id: str) -> Path:
        """The record of one of this visitor's runs.

        Raises:
            MissingRunError: there is none.
        """
        found = self.store.find(run_id) if RUN_ID.match(run_id) else None
        if found is None:
            raise MissingRunError
        return found

    def spec(self, run_id: str) -> RunSpec:
        """What one of this visitor's runs was asked to do."""
        self.folder(run_id)
        return runs.open_run(run_id, self.mine, self.credentials)[0]

    def resume(self, run_id: str) -> Job:
        """Have a run taken up again where it was left."""
        self.folder(run_id)
        spec, folder = runs.open_run(run_id, self.mine, self.credentials)
        with self.turns.of(self.visitor.key):
            self._check_room()
            return self._submit(spec, folder, self.mine)

    def job_url(self, run_id: str) -> str:
        """Where the job of a run is seen; empty where its runner knows of none, or cannot tell.

        Raises:
            SpacefactoryError: the platform does not answer.
        """
        runner = self.plugins.runner(self.spec(run_id).providers.runner)
        job = runner.recall(run_id) if isinstance(runner, Recalling) else None
        return str(job.details.get("url", "")) if job else ""

    def record_url(self) -> str:
        """Where this visitor's records are seen; empty where that is nowhere but here.

        Raises:
            SpacefactoryError: the platform does not answer.
        """
        store = self.plugins.store(self.settings.providers().store)
        return store.page() if isinstance(store, Addressed) else ""

    def cancel(self, run_id: str) -> RunResult | None:
        """Stop a run; None when whoever works on it was asked to."""
        self.folder(run_id)
        return runs.cancel(run_id, self.mine, self.credentials)

    def again(self, run_id: str) -> Job:
        """Validate a run's Space once more, as a run of its own.

        Raises:
            UsageError: the run made no Space.
        """
        spec, space = self.spec(run_id), self._space(run_id)
        expect, endpoint = (spec.expect, spec.endpoint) if spec.kind == "validate" else (None, None)
        return self.start("validate", space, {"expect": expect, "endpoint": endpoint}, {})

    def _space(self, run_id: str) -> str:
        from spacefactory.record.fold import fold

        state = fold(watch.events(self.folder(run_id)))
        if state is None or not state.space_id:
            raise UsageError("this run has no Space", "build it first")
        return state.space_id

    def delete(self, run_id: str) -> None:
        """Remove a run's record; its Space stays.

        Raises:
            UsageError: somebody works on it.
        """
        watch.delete(run_id, self.folder(run_id), self.store)

    def log(self, run_id: str, kind: str) -> str:
        """The end of the log of a run's Space, of kind "build" or "run"."""
        return self.plugins.host(self.spec(run_id).providers.host).logs(self._space(run_id), kind)
