"""One run at work: its record, its providers, its clock, and the way it is stopped."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

from pydantic import JsonValue

from spacefactory.credentials import Credentials, context_of
from spacefactory.errors import BlockedError, PlatformError
from spacefactory.plugins import Plugins
from spacefactory.providers import RunStore, SpaceHost
from spacefactory.record.files import FOLDERS, write_json
from spacefactory.record.fold import fold, fold_one
from spacefactory.record.journal import LOG, Journal
from spacefactory.record.redaction import redactor
from spacefactory.schema.base import Fact
from spacefactory.schema.event import Event, EventType
from spacefactory.schema.run import RunSpec
from spacefactory.schema.status import Status
from spacefactory.settings import Settings

Result = TypeVar("Result", bound=Fact)
Listener = Callable[[Event], None]


class Run:
    """What every step of a workflow is given.

    Args:
        spec: what was asked for.
        settings: the configuration that the spec was made with.
        folder: the record's folder; it exists.
        credentials: what may be used in the user's name.
        listener: hears each event, for progress on a screen.
    """

    def __init__(
        self,
        spec: RunSpec,
        settings: Settings,
        folder: Path,
        credentials: Credentials,
        listener: Listener | None = None,
    ) -> None:
        self.spec = spec
        self.credentials = credentials
        self.settings = settings
        self.folder = folder
        for name in FOLDERS:
            (folder / name).mkdir(exist_ok=True)
        self.clean = redactor(credentials.secrets())
        self.journal = Journal(folder / LOG, spec.run_id, self.clean)
        self.plugins = Plugins(
            context_of(settings, credentials, self._heard), settings.plugins.disabled, self._plugin_failed
        )
        self.results: dict[str, Fact] = {}
        self.round = 0
        self.stopping = threading.Event()
        self.deadline = time.monotonic() + spec.budget.minutes * 60
        self.state = fold(self.journal.events)
        self.journal.listen(self._fold)
        if listener:
            self.journal.listen(listener)

    @property
    def host(self) -> SpaceHost:
        """Where this run's Space lives."""
        return self.plugins.host(self.spec.providers.host)

    @property
    def store(self) -> RunStore:
        """What keeps this run's record."""
        return self.plugins.store(self.spec.providers.store)

    def result(self, step: str, kind: type[Result]) -> Result:
        """What an earlier step left."""
        found = self.results[step]
        if not isinstance(found, kind):
            raise TypeError(f"step {step} left a {type(found).__name__}, not a {kind.__name__}")
        return found

    def tell(self, line: str) -> None:
        """A line for people: what is being done now."""
        self.journal.append(EventType.STEP_PROGRESS, line=line)

    def emit(self, kind: str, facts: dict[str, JsonValue]) -> None:
        """An event of a plugin."""
        self.journal.append(kind, **facts)

    def check(self) -> None:
        """Called between and inside long steps.

        Raises:
            KeyboardInterrupt: the run was asked to stop.
            BlockedError: the run's time is used up.
        """
        if self.stopping.is_set():
            raise KeyboardInterrupt
        if time.monotonic() > self.deadline:
            raise BlockedError(
                "budget_exhausted",
                f"the run used up its {self.spec.budget.minutes:g} minutes",
                "allow more with SPACEFACTORY_BUDGET__MINUTES or [budget] minutes",
            )

    def wait(self, seconds: float) -> None:
        """Sleep that a request to stop interrupts."""
        self.check()
        self.stopping.wait(seconds)
        self.check()

    def save(self) -> None:
        """Write state.json and have the store keep what is there."""
        if self.state is not None:
            write_json(self.folder / "state.json", self.state.as_json())
        self.store.flush(self.spec.run_id)

    def close(self) -> None:
        """Give up what this process holds of the run: its log's lock, and what providers opened."""
        self.plugins.close()
        self.journal.close()

    def connect_observers(self) -> None:
        """Let observers hear every event from now on; one that raises is reported and the others still hear."""
        for observer in self.plugins.observers():
            self.journal.listen(self._shielded(observer.name, observer.on_event))

    def _heard(self, kind: str, facts: dict[str, JsonValue]) -> None:
        """An event of a provider, while the run is at work: what happens on the way to its end changes nothing."""
        if self.state is not None and self.state.status is Status.RUNNING:
            with contextlib.suppress(PlatformError):  # a log that cannot be written is told by the next step
                self.journal.append(kind, **facts)

    def _fold(self, event: Event) -> None:
        self.state = fold_one(self.state, event)

    def _shielded(self, name: str, hear: Listener) -> Listener:
        def told(event: Event) -> None:
            try:
                hear(event)
            except Exception as error:  # the plugin boundary: an observer cannot change the outcome
                if event.type != EventType.PLUGIN_FAILED:
                    self._plugin_failed({"plugin": name, "error": f"observer: {type(error).__name__}: {error}"})

        return told

    def _plugin_failed(self, facts: dict[str, Any]) -> None:
        self.journal.append(EventType.PLUGIN_FAILED, **facts)
