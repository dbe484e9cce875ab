"""One writer per run: a lease in the bucket says who, and an epoch tells a late one that it was replaced.

A bucket has no compare-and-swap. Whoever takes a lease looks again a moment later whether it is still the own one: of
two that took it at once the last one wins. Jobs are also unique by their labels (`jobs.py`).
"""

from __future__ import annotations

import json
import os
import socket
import time
import uuid
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime

from spacefactory.errors import PlatformError, SpacefactoryError, UsageError
from spacefactory.schema.base import Fact
from spacefactory_huggingface.calls import read
from spacefactory_huggingface.client import Hub
from spacefactory_huggingface.record_files import LEASE, listed, prefix, put

LASTS_S = 120.0
"""A lease that was not renewed for so long is void; clocks of two machines may differ by less."""
RENEW_S = 20.0
SETTLE_S = 1.0
"""Longer than it takes to look at a lease and to write one."""


class Holder(Fact):
    """Who writes a run's record."""

    id: str
    host: str
    pid: int
    job: str | None = None
    epoch: int = 0
    renewed: str = ""


@dataclass
class Lease:
    """This process's claim to write one run's record."""

    hub: Hub
    bucket: str
    run_id: str
    mine: Holder = field(init=False)

    def take(self) -> None:
        """Become the writer.

        Raises:
            UsageError: another process or job is at work.
        """
        now = self._read()
        if now is not None and self._lives(now):
            raise self._busy(now)
        self.mine = Holder(
            id=uuid.uuid4().hex,
            host=socket.gethostname(),
            pid=os.getpid(),
            job=os.environ.get("JOB_ID"),
            epoch=now.epoch + 1 if now else 0,
        )
        self.renew()
        time.sleep(SETTLE_S)
        if (now := self._read()) is not None and now.id != self.mine.id:
            raise self._busy(now)

    def _busy(self, now: Holder) -> UsageError:
        where = f"job {now.job}" if now.job else f"process {now.pid} on {now.host}"
        return UsageError(
            f"run {self.run_id} is being worked on by {where}",
            f"end it first: spacefactory runs cancel {self.run_id}",
        )

    def renew(self) -> None:
        """Say that this process is still at work."""
        self.mine = self.mine.model_copy(update={"renewed": datetime.now(UTC).isoformat(timespec="seconds")})
        put(self.hub, self.bucket, {self._path: json.dumps(self.mine.as_json()).encode()})

    def check(self) -> None:
        """Make sure that nobody has replaced this writer.

        Raises:
            PlatformError: somebody has; nothing more may be written.
        """
        now = self._read()
        if now is not None and now.id != self.mine.id and now.epoch >= self.mine.epoch:
            raise PlatformError(
                f"run {self.run_id} was taken over by another process",
                f"watch it: spacefactory runs show {self.run_id}",
            )

    def release(self) -> None:
        """Leave the lease void, so that the next writer need not wait; where that fails it becomes void by itself."""
        void = self.mine.model_copy(update={"renewed": ""})
        with suppress(SpacefactoryError):
            now = self._read()
            if now is None or now.id == self.mine.id:
                put(self.hub, self.bucket, {self._path: json.dumps(void.as_json()).encode()})

    def pulse(self, job: str) -> str | None:
        """The last sign of a job; None when it does not hold the lease."""
        holder = self._read()
        return holder.renewed if holder and holder.job == job and holder.renewed else None

    @property
    def _path(self) -> str:
        return f"{prefix(self.run_id)}{LEASE}"

    def _read(self) -> Holder | None:
        if self._path not in listed(self.hub, self.bucket, self._path):
            return None
        text = read_bytes(self.hub, self.bucket, self._path)
        try:
            return Holder.model_validate_json(text)
        except ValueError:
            return None

    def _lives(self, holder: Holder) -> bool:
        """A job or a process of this machine is asked after; of others only the time of their last sign is known."""
        if not holder.renewed:
            return False
        if holder.job and (lives := self._job_lives(holder.job)) is not None:
            return lives
        if not holder.job and holder.host == socket.gethostname():
            return _process_lives(holder.pid)
        return _age(holder.renewed) <= LASTS_S

    def _job_lives(self, job: str) -> bool | None:
        """None when the Hub does not tell."""
        from spacefactory_huggingface.job_states import ENDED

        api, namespace = self.hub.api, self.bucket.partition("/")[0]
        try:
            info = read(self.hub, f"reading job {job}", lambda: api.inspect_job(job_id=job, namespace=namespace))
        except SpacefactoryError:
            return None
        return str(getattr(info.status.stage, "value", info.status.stage)) not in ENDED


def _age(renewed: str) -> float:
    try:
        return (datetime.now(UTC) - datetime.fromisoformat(renewed)).total_seconds()
    except (ValueError, TypeError):
        return LASTS_S + 1


def _process_lives(pid: int) -> bool:
    if pid == os.getpid():
        return False
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def read_bytes(hub: Hub, bucket: str, path: str) -> bytes:
    """The content of one small file of the bucket.

    Raises:
        SpacefactoryError: the Hub refuses or does not answer.
    """
    import tempfile
    from pathlib import Path

    api = hub.api
    with tempfile.TemporaryDirectory() as folder:
        target = Path(folder) / "file"
        read(
            hub,
            f"reading {path}",
            lambda: api.download_bucket_files(bucket, [(path, target)], raise_on_missing_files=True),
        )
        return target.read_bytes()
