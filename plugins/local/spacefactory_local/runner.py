"""The runner `process`: a run is worked on by a process of its own, which outlives the command that began it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue
from ulid import ULID

from spacefactory.errors import PlatformError
from spacefactory.record.files import read_json, write_json
from spacefactory.record.journal import boot_id
from spacefactory.schema.run import RunSpec, RunState
from spacefactory.schema.work import Job, JobStatus
from spacefactory_local.disk import told
from spacefactory_local.files import log_tail
from spacefactory_local.processes import alive, start_time

LOG = "worker.log"
LOG_BYTES = 64 << 10
ASKED_S, TERMINATED_S = 30.0, 5.0
"""How long a worker may take after it was asked, and after it was terminated."""
POLL_S = 0.05


@dataclass(frozen=True)
class ProcessRunner:
    """Starts `python -m spacefactory.worker` in a session of its own."""

    home: Path
    name: str = "process"

    def submit(self, spec: RunSpec, folder: Path) -> Job:
        """Start working on a run; returns at once.

        Raises:
            PlatformError: no process could be started.
        """
        command = [sys.executable, "-m", "spacefactory.worker", spec.run_id, "--folder", str(folder.absolute())]
        with told("the worker cannot be started", folder), (folder / LOG).open("ab") as log:
            worker = subprocess.Popen(
                command,
                env=os.environ | {"SPACEFACTORY_HOME": str(self.home)},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        begun = start_time(worker.pid)
        threading.Thread(target=worker.wait, name=f"reap-{worker.pid}", daemon=True).start()
        details: dict[str, JsonValue] = {"pid": worker.pid, "start_time": begun, "boot_id": boot_id()}
        details["folder"] = str(folder.absolute())
        return Job(id=f"{worker.pid}-{begun}", runner=self.name, run_id=spec.run_id, details=details)

    def status(self, job: Job) -> JobStatus:
        """Whether the worker runs, and how its run ended."""
        if _alive(job):
            return JobStatus(state="running")
        state = _state(job)
        if state is None:
            return JobStatus(state="unknown", detail="the run's record cannot be read")
        if state.status.value != "running":
            return JobStatus(state="ended", exit_code=state.status.exit_code, detail=state.status.value)
        step = f"spacefactory runs resume {job.run_id}"
        return JobStatus(state="ended", detail=f"the worker ended before the run did; take it up again: {step}")

    def logs(self, job: Job) -> str:
        """The end of what the worker said beside the run's events."""
        return log_tail(_folder(job) / LOG, LOG_BYTES)

    def cancel(self, job: Job) -> None:
        """Ask the worker to conclude the run as cancelled; one that does not is terminated and the run can be resumed.

        Raises:
            PlatformError: the worker does not end.
        """
        if not _alive(job):
            return
        write_json(_folder(job) / "control" / f"{ULID()}.json", {"request": "cancel"})
        if _ends_within(job, ASKED_S):
            return
        for number in (signal.SIGTERM, signal.SIGKILL):
            _signal(job, number)
            if _ends_within(job, TERMINATED_S):
                return
        raise PlatformError(f"the worker of run {job.run_id} does not end", f"look at process {_pid(job)}")


def _pid(job: Job) -> int:
    return int(str(job.details["pid"]))


def _folder(job: Job) -> Path:
    return Path(str(job.details["folder"]))


def _alive(job: Job) -> bool:
    if job.details.get("boot_id") != boot_id():
        return False
    begun = job.details.get("start_time")
    return alive(_pid(job), int(str(begun)) if begun is not None else None)


def _ends_within(job: Job, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while _alive(job):
        if time.monotonic() > until:
            return False
        time.sleep(POLL_S)
    return True


def _signal(job: Job, number: signal.Signals) -> None:
    """To the worker's whole session, which is named by its pid; the worker is known to be alive."""
    if _alive(job):
        try:
            os.killpg(_pid(job), number)
        except ProcessLookupError:
            return


def _state(job: Job) -> RunState | None:
    try:
        return RunState.model_validate(read_json(_folder(job) / "state.json"))
    except (OSError, ValueError):
        return None
