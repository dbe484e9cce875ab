"""The runner `hf_jobs`: a run is worked on by one job of the user, which installs exactly what the run names."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from spacefactory.errors import BlockedError, SpacefactoryError, UsageError
from spacefactory.paths import expanded
from spacefactory.schema.preflight import Examined, Need
from spacefactory.schema.run import RunSpec
from spacefactory.schema.work import Job, JobStatus
from spacefactory_huggingface import checks
from spacefactory_huggingface.account import namespace, seconds_left, who
from spacefactory_huggingface.calls import AGAIN, explained, read, tried
from spacefactory_huggingface.client import Hub, status_of
from spacefactory_huggingface.job_request import APP, SPARE_MINUTES, job_request
from spacefactory_huggingface.job_states import ENDED, LIVE
from spacefactory_huggingface.logs import until_cut
from spacefactory_huggingface.record_files import forget_requests

if TYPE_CHECKING:
    from huggingface_hub import JobInfo
    from tenacity import RetryCallState

TRIES = 4
LOG_BYTES = 64 << 10


@dataclass(frozen=True)
class HubJobs:
    """One job per run, found again by its labels."""

    hub: Hub = field(repr=False)
    name: str = "hf_jobs"
    listed_after_s: float = 10.0
    """how long a job that was made may be missing from lists: nothing says, so a second one waits for so long"""

    def submit(self, spec: RunSpec, folder: Path) -> Job:  # noqa: ARG002 - the record is in the bucket already
        """Start the run's job; one that is alive is given again, so that there is never a second.

        Raises:
            BlockedError: the account or token may not run jobs, has no credit, or expires before the run would end.
            UsageError: the run needs a file of this machine, which a job does not have.
            PlatformError: the Hub fails.
        """
        if (there := self._live(spec.run_id)) is not None:
            return there
        _reachable(spec)
        self._check_expiry(spec)
        request = job_request(self.hub, spec)
        forget_requests(self.hub, f"{namespace(self.hub)}/{self.hub.options.bucket}", spec.run_id)
        try:
            info = tried(
                self.hub,
                "starting the job",
                lambda: self.hub.api.run_job(**request),
                tries=TRIES,
                before=lambda state: self._look_before(state, spec.run_id),
            )
            return self._job(info, spec.run_id)
        except _FoundError as found:
            return found.job
        except SpacefactoryError:
            raise
        except Exception as error:
            raise explained("starting the job", error) from error

    def _look_before(self, state: RetryCallState, run_id: str) -> None:
        """A job whose answer was lost is not started twice: lists are given time to show it before the next try."""
        if state.attempt_number == 1:
            return
        until = time.monotonic() + self.listed_after_s
        while True:
            if (there := self._live(run_id)) is not None:
                raise _FoundError(there)
            if time.monotonic() >= until:
                return
            time.sleep(min(1.0, self.listed_after_s))

    def _check_expiry(self, spec: RunSpec) -> None:
        left = seconds_left(who(self.hub))
        needed = (spec.budget.minutes + SPARE_MINUTES) * 60
        if left is not None and left < needed:
            raise BlockedError(
                "not_signed_in",
                f"the sign-in ends in {max(left, 0) / 60:.0f} minutes and the run may take {needed / 60:.0f}",
                "sign in again, or allow less time with SPACEFACTORY_BUDGET__MINUTES",
            )

    def preflight(self, need: Need) -> tuple[Examined, ...]:
        """Whether this token may run jobs, and lasts as long as one."""
        return checks.of_jobs(self.hub, need.minutes + SPARE_MINUTES) if self.hub.signed_in else ()

    def recall(self, run_id: str) -> Job | None:
        """The run's newest job, found by its labels.

        Raises:
            PlatformError: the Hub fails.
        """
        found = self._listed(run_id)
        return self._job(found[-1], run_id) if found else None

    def _live(self, run_id: str) -> Job | None:
        """The run's job that has not ended; of several the oldest, and the others are ended."""
        live = [one for one in self._listed(run_id) if _stage(one) not in ENDED]
        for extra in live[1:]:
            self.cancel(self._job(extra, run_id))
        return self._job(live[0], run_id) if live else None

    def _listed(self, run_id: str) -> list[JobInfo]:
        """The run's jobs, the oldest first."""
        api, owner = self.hub.api, namespace(self.hub)
        found = read(
            self.hub,
            "looking for the run's job",
            lambda: list(api.list_jobs(labels={"app": APP, "run": run_id}, namespace=owner)),
            tries=AGAIN,
        )
        return sorted(found, key=lambda one: str(one.created_at))

    def _job(self, info: JobInfo, run_id: str) -> Job:
        owner = namespace(self.hub)
        return Job(
            id=info.id,
            runner=self.name,
            run_id=run_id,
            details={"namespace": owner, "url": f"{self.hub.endpoint}/jobs/{owner}/{info.id}"},
        )

    def status(self, job: Job) -> JobStatus:
        """What the job is doing; one that the Hub does not know any more has ended."""
        api = self.hub.api
        owner = str(job.details["namespace"])
        try:
            info = read(
                self.hub, f"reading job {job.id}", lambda: api.inspect_job(job_id=job.id, namespace=owner), new=True
            )
        except SpacefactoryError as error:
            if status_of(error.__cause__ or error) == 404:
                return JobStatus(state="ended", detail="the Hub does not know this job any more")
            raise
        stage, said = _stage(info), " ".join(str(info.status.message or "").split())
        if stage in ENDED:
            return JobStatus(
                state="ended", exit_code=0 if stage == "COMPLETED" else None, detail=f"{stage} {said}".strip()
            )
        return JobStatus(state="running" if stage in LIVE else "unknown", detail=stage)

    def logs(self, job: Job) -> str:
        """The end of the job's own output; empty where the Hub gives none."""
        api = self.hub.api
        owner = str(job.details["namespace"])
        lines = until_cut(lambda: api.fetch_job_logs(job_id=job.id, namespace=owner))
        return "\n".join(lines)[-LOG_BYTES:]

    def cancel(self, job: Job) -> None:
        """End the job; what it wrote so far stays in the bucket."""
        api = self.hub.api
        owner = str(job.details["namespace"])
        try:
            read(self.hub, f"cancelling job {job.id}", lambda: api.cancel_job(job_id=job.id, namespace=owner))
        except SpacefactoryError as error:
            if status_of(error.__cause__ or error) != 404:
                raise


class _FoundError(Exception):
    """An earlier attempt had its effect although its answer was lost."""

    def __init__(self, job: Job) -> None:
        super().__init__("the job exists")
        self.job = job


def _reachable(spec: RunSpec) -> None:
    """A job has the Hub and the record, and nothing of the caller's disk.

    Raises:
        UsageError: the run names a folder or file of this machine.
    """
    here = f"have the run work on this machine: SPACEFACTORY_PLATFORMS__{spec.platform}__RUNS_IN=caller"
    if spec.kind == "build" and expanded(spec.reference).is_dir():
        raise UsageError(f"{spec.reference} is a folder of this machine, which a job cannot read", here)
    if spec.cases is not None:
        raise UsageError(f"{spec.cases} is a file of this machine, which a job cannot read", here)


def _stage(info: JobInfo) -> str:
    return str(getattr(info.status.stage, "value", info.status.stage))
