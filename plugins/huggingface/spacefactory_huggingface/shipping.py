"""Keeps the bucket up to date while a run goes on, and brings requests for the run back."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from spacefactory.errors import PlatformError, SpacefactoryError
from spacefactory.record.files import write_atomic
from spacefactory_huggingface.client import Hub
from spacefactory_huggingface.lease import RENEW_S, Lease, read_bytes
from spacefactory_huggingface.record_files import CONTROL, listed, prefix, ship

EVERY_S = 4.0
"""A reader sees the run with at most that delay; with its other calls a job stays well below 1000 in 5 minutes."""
ASK_S = 8.0


@dataclass
class Shipping:
    """One run's record on its way into the bucket."""

    hub: Hub
    bucket: str
    run_id: str
    folder: Path
    lease: Lease | None = None
    trouble: str = ""
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _renewed: float = 0.0

    def now(self) -> None:
        """Ship what changed. A failure is kept for the end: a run does not fail because its record is late."""
        with self._lock:
            try:
                if self.lease:
                    self._keep_lease(self.lease)
                ship(self.hub, self.bucket, self.run_id, self.folder)
                self.trouble = ""
            except (SpacefactoryError, OSError) as error:
                self.trouble = str(error)

    def _keep_lease(self, lease: Lease) -> None:
        if time.monotonic() - self._renewed >= RENEW_S:
            lease.check()
            lease.renew()
            self._renewed = time.monotonic()

    def requests(self) -> None:
        """Fetch requests that somebody left for this run."""
        below = f"{prefix(self.run_id)}{CONTROL}/"
        for path in listed(self.hub, self.bucket, below):
            name = path.removeprefix(below)
            target = self.folder / CONTROL / name
            if "/" not in name and name.endswith(".json") and not target.exists():
                target.parent.mkdir(exist_ok=True)
                write_atomic(target, read_bytes(self.hub, self.bucket, path))

    @contextmanager
    def going_on(self) -> Iterator[None]:
        """Ship every few seconds until the context ends, then once more.

        Raises:
            PlatformError: the end of the record could not be written; it is complete on this machine.
        """
        done = threading.Event()
        thread = threading.Thread(target=self._loop, args=(done,), daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()
            self.now()
        if self.trouble:
            raise PlatformError(
                f"the record of run {self.run_id} is not whole in the bucket ({self.trouble}); it is in {self.folder}",
                f"ship it with: spacefactory runs resume {self.run_id}",
            )

    def _loop(self, done: threading.Event) -> None:
        asked = -ASK_S
        while not done.wait(EVERY_S):
            self.now()
            if time.monotonic() - asked < ASK_S:
                continue
            asked = time.monotonic()
            with suppress(SpacefactoryError, OSError):  # it is asked again; what cannot be shipped is told by `now`
                self.requests()
