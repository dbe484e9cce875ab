"""The store `folder`: one folder per run below `runs/`, named by the run's id."""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from spacefactory.errors import NotFoundError
from spacefactory.schema.summary import ULID_PATTERN, RunSummary
from spacefactory_local.disk import remove, sweep, told
from spacefactory_local.summaries import summaries

_RUN_ID = re.compile(ULID_PATTERN)


@dataclass(frozen=True)
class FolderStore:
    """Keeps run records where the engine writes them."""

    root: Path
    name: str = "folder"

    def create(self, run_id: str) -> Path:
        """A new, empty folder for this run.

        Raises:
            PlatformError: it cannot be made.
        """
        with told("the run's record cannot be made", self.root):
            self.root.mkdir(parents=True, exist_ok=True)
            (self.root / run_id).mkdir(mode=0o700)
        return self.root / run_id

    def find(self, run_id: str) -> Path | None:
        """The folder of a run; it is the record itself. None when there is no such run."""
        folder = self.root / run_id if _RUN_ID.match(run_id) else None
        return folder if folder is not None and folder.is_dir() else None

    def list(self) -> Iterable[RunSummary]:
        """Every run, newest first; a folder that is no readable record is listed as `damaged` or `foreign`."""
        return summaries(self.root)

    def flush(self, run_id: str) -> None:
        """Nothing is left to do: the engine's own writes are synced when they return."""

    def hold(self, run_id: str) -> AbstractContextManager[None]:  # noqa: ARG002 - the log's own lock is enough here
        """The folder is the record, and its log is locked by whoever writes it."""
        return nullcontext()

    def ask(self, run_id: str, request: str) -> None:
        """Leave a request for whoever works on the run.

        Raises:
            NotFoundError: there is no such run.
            PlatformError: it cannot be written.
        """
        from ulid import ULID

        from spacefactory.record.files import write_json

        if (folder := self.find(run_id)) is None:
            raise NotFoundError(f"there is no run {run_id!r}", "see: spacefactory runs list")
        write_json(folder / "control" / f"{ULID()}.json", {"request": request})

    def delete(self, run_id: str) -> None:
        """Remove a run's record.

        Raises:
            NotFoundError: there is no such run.
            PlatformError: it cannot be removed.
        """
        if (folder := self.find(run_id)) is None:
            raise NotFoundError(f"there is no run {run_id!r}", "see: spacefactory runs list")
        with told("the run's record cannot be removed", folder):
            remove(folder)
            sweep(self.root, "removed")
