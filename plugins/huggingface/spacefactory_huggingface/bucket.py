"""The store `bucket`: run records in a private bucket of the user, written by one process, read by any."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from ulid import ULID

from spacefactory.errors import BlockedError, NotFoundError, PlatformError
from spacefactory_huggingface.calls import read
from spacefactory_huggingface.client import Hub
from spacefactory_huggingface.record_files import CONTROL, ROOT, drop, fetch, listed, prefix, put, ship

if TYPE_CHECKING:
    from spacefactory.schema.preflight import Examined, Need
    from spacefactory.schema.summary import RunSummary
    from spacefactory.schema.work import Job
    from spacefactory_huggingface.shipping import Shipping


@dataclass(frozen=True)
class BucketStore:
    """Works on a copy in the data folder and ships it; the bucket is the record."""

    hub: Hub = field(repr=False)
    home: Path
    name: str = "bucket"
    _at_work: dict[str, Shipping] = field(default_factory=dict, repr=False)
    _known: dict[str, str] = field(default_factory=dict, repr=False)

    def preflight(self, need: Need) -> tuple[Examined, ...]:  # noqa: ARG002 - a record is small
        """Whether the bucket can be used."""
        from spacefactory_huggingface import checks

        return checks.of_bucket(self.hub, self.bucket) if self.hub.signed_in else ()

    def create(self, run_id: str) -> Path:
        """A new, empty folder for this run; the bucket is made private when it is missing.

        Raises:
            BlockedError: nobody is signed in, the token may not have a bucket, or the bucket is public.
        """
        self._ensure_bucket()
        folder = self._folder(run_id)
        folder.mkdir(parents=True, mode=0o700)
        return folder

    def find(self, run_id: str) -> Path | None:
        """The local copy of a run's record, brought up to date unless this process writes it."""
        folder = self._folder(run_id)
        if run_id in self._at_work or fetch(self.hub, self.bucket, run_id, folder) or folder.is_dir():
            return folder
        return None

    def list(self) -> Iterator[RunSummary]:
        """Every run, newest first."""
        from spacefactory_huggingface.summaries import summaries

        yield from summaries(self.hub, self.bucket, self.home / "records" / "summaries")

    def flush(self, run_id: str) -> None:
        """Ship what is there. While this process is at work, trouble is told at its end."""
        if at_work := self._at_work.get(run_id):
            at_work.now()
        else:
            ship(self.hub, self.bucket, run_id, self._folder(run_id))

    @contextmanager
    def hold(self, run_id: str) -> Iterator[None]:
        """Be the run's writer: its record is shipped as it grows, and requests arrive.

        Raises:
            UsageError: another process or job is at work.
            PlatformError: the end of the record could not be shipped.
        """
        from spacefactory_huggingface.lease import Lease
        from spacefactory_huggingface.shipping import Shipping

        lease = Lease(self.hub, self.bucket, run_id)
        lease.take()
        shipping = Shipping(self.hub, self.bucket, run_id, self._folder(run_id), lease)
        self._at_work[run_id] = shipping
        with ExitStack() as stack:
            stack.callback(lease.release)
            stack.callback(self._at_work.pop, run_id, None)
            stack.enter_context(shipping.going_on())
            yield

    def pulse(self, job: Job) -> str | None:
        """The last sign of a job that writes its run's record; one is given every 20 s."""
        from spacefactory_huggingface.lease import Lease

        return Lease(self.hub, self.bucket, job.run_id).pulse(job.id)

    def ask(self, run_id: str, request: str) -> None:
        """Leave a request for whoever works on the run."""
        document = json.dumps({"request": request}).encode()
        put(self.hub, self.bucket, {f"{prefix(run_id)}{CONTROL}/{ULID()}.json": document})

    def delete(self, run_id: str) -> None:
        """Remove a run's record, here and in the bucket.

        Raises:
            NotFoundError: there is no such run.
        """
        there = listed(self.hub, self.bucket, prefix(run_id))
        folder = self._folder(run_id)
        if not there and not folder.is_dir():
            raise NotFoundError(f"there is no run {run_id!r}", "see: spacefactory runs list")
        if there:
            drop(self.hub, self.bucket, sorted(there))
        shutil.rmtree(folder, ignore_errors=True)

    @property
    def bucket(self) -> str:
        """Id of the bucket."""
        if "owner" not in self._known:
            from spacefactory_huggingface.account import namespace

            self._known["owner"] = namespace(self.hub)
        return f"{self._known['owner']}/{self.hub.options.bucket}"

    def page(self) -> str:
        """The bucket's own page."""
        return f"{self.hub.endpoint}/buckets/{self.bucket}"

    def _folder(self, run_id: str) -> Path:
        return self.home / "records" / self.bucket.replace("/", "--") / ROOT / run_id

    def _ensure_bucket(self) -> None:
        self.hub.token()
        api, bucket = self.hub.api, self.bucket
        try:
            read(
                self.hub, f"making the bucket {bucket}", lambda: api.create_bucket(bucket, private=True, exist_ok=True)
            )
            info = read(self.hub, f"reading the bucket {bucket}", lambda: api.bucket_info(bucket))
        except BlockedError as error:
            raise BlockedError(
                error.reason, f"the bucket {bucket} cannot be used: {error.message}", error.next_step
            ) from error
        if info.private is not True:
            raise PlatformError(
                f"the bucket {bucket} is public, and run records are private",
                "make it private, or name another with SPACEFACTORY_PLUGIN__huggingface__BUCKET",
            )
