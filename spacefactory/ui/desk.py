"""What a visitor can do: the same actions as the command line, with the visitor's own token and store."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any, Literal

from spacefactory import api, runs, watch
from spacefactory.credentials import Credentials, from_machine, of_token
from spacefactory.errors import NotFoundError, UsageError
from spacefactory.plugins import Plugins
from spacefactory.providers import RunStore
from spacefactory.schema.base import ULID_PATTERN
from spacefactory.schema.choice import RunSummary
from spacefactory.schema.run import PlanResult, RunResult, RunSpec
from spacefactory.schema.status import Status
from spacefactory.schema.work import Job
from spacefactory.settings import Settings
from spacefactory.ui.visitors import Visitor

AT_ONCE = 2
"""Runs of one visitor that may be worked on at a time."""
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

    @contextmanager
    def of(self, key: str) -> Iterator[None]:
        """Wait for the visitor's turn."""
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            yield


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
        with self.turns.of(self.visitor.key):
            self._check_room()
            return api.detach(kind, reference.strip(), asked, self.with_options(options), self.visitor.token)

    def _check_room(self) -> None:
        at_work = [run for run in islice(self.store.list(), LOOKED_AT) if run.status == Status.RUNNING.value]
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
            return self.plugins.runner(spec.providers.runner).submit(spec, folder)

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
