"""The runner `hf_jobs`: a run is worked on by one job of the user, which installs exactly what the run names."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import distribution
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spacefactory.credentials import from_machine
from spacefactory.errors import SpacefactoryError
from spacefactory.schema.run import RunSpec
from spacefactory.schema.work import Job, JobStatus
from spacefactory_huggingface.account import namespace, seconds_left, who
from spacefactory_huggingface.calls import explained, may_pass, read, wait
from spacefactory_huggingface.client import Hub, status_of
from spacefactory_huggingface.job_states import ENDED, LIVE
from spacefactory_huggingface.record_files import listed, put
from spacefactory_huggingface.wheels import wheels

if TYPE_CHECKING:
    from huggingface_hub import JobInfo

APP = "spacefactory"
MOUNT = "/run-wheels"
WHEELS = "wheels"
TRIES = 4
SPARE_MINUTES = 15
"""Beyond the run's own minutes: installing, and writing the end of the record."""
LOG_BYTES = 64 << 10


@dataclass(frozen=True)
class HubJobs:
    """One job per run, found again by its labels."""

    hub: Hub = field(repr=False)
    name: str = "hf_jobs"

    def submit(self, spec: RunSpec, folder: Path) -> Job:  # noqa: ARG002 - the record is in the bucket already
        """Start the run's job; one that is alive is given again, so that there is never a second.

        Raises:
            BlockedError: the account or token may not run jobs, has no credit, or expires before the run would end.
            PlatformError: the Hub fails.
        """
        from tenacity import Retrying, retry_if_exception, stop_after_attempt

        if (there := self._live(spec.run_id)) is not None:
            return there
        self._check_expiry(spec)
        request = self._request(spec)
        tries = Retrying(retry=retry_if_exception(may_pass), stop=stop_after_attempt(TRIES), wait=wait, reraise=True)
        try:
            return tries(self._ask, spec.run_id, request)
        except SpacefactoryError:
            raise
        except Exception as error:
            raise explained("starting the job", error) from error

    def _ask(self, run_id: str, request: Mapping[str, Any]) -> Job:
        """Looks before each attempt: a job whose answer was lost is not started twice."""
        return self._live(run_id) or self._job(self.hub.api.run_job(**request), run_id)

    def _check_expiry(self, spec: RunSpec) -> None:
        from spacefactory.errors import BlockedError

        left = seconds_left(who(self.hub))
        needed = (spec.budget.minutes + SPARE_MINUTES) * 60
        if left is not None and left < needed:
            raise BlockedError(
                "not_signed_in",
                f"the sign-in ends in {max(left, 0) / 60:.0f} minutes and the run may take {needed / 60:.0f}",
                "sign in again, or allow fewer --minutes",
            )

    def _request(self, spec: RunSpec) -> dict[str, Any]:
        from huggingface_hub import Volume

        owner = namespace(self.hub)
        bucket = f"{owner}/{self.hub.options.bucket}"
        names = _ship_wheels(self.hub, bucket, spec)
        return {
            "image": self.hub.options.job_image,
            "command": ["bash", "-c", _script(names, spec)],
            "env": _environment(self.hub, spec),
            "secrets": _secrets(self.hub, spec),
            "flavor": self.hub.options.job_flavor,
            "timeout": int((spec.budget.minutes + SPARE_MINUTES) * 60),
            "attempts": 1,
            "labels": {"app": APP, "run": spec.run_id, "kind": spec.kind},
            "volumes": [Volume(type="bucket", source=bucket, mount_path=MOUNT, read_only=True, path=WHEELS)],
            "namespace": owner,
        }

    def _live(self, run_id: str) -> Job | None:
        """The run's job that has not ended; of several the oldest, and the others are ended."""
        api, owner = self.hub.api, namespace(self.hub)
        found = read(
            "looking for the run's job",
            lambda: list(api.list_jobs(labels={"app": APP, "run": run_id}, namespace=owner)),
        )
        live = sorted((one for one in found if _stage(one) in LIVE), key=lambda one: str(one.created_at))
        for extra in live[1:]:
            self.cancel(self._job(extra, run_id))
        return self._job(live[0], run_id) if live else None

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
            info = read(f"reading job {job.id}", lambda: api.inspect_job(job_id=job.id, namespace=owner))
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
        try:
            lines = read(
                f"reading the log of job {job.id}", lambda: list(api.fetch_job_logs(job_id=job.id, namespace=owner))
            )
        except SpacefactoryError:
            return ""
        return "\n".join(lines)[-LOG_BYTES:]

    def cancel(self, job: Job) -> None:
        """End the job; what it wrote so far stays in the bucket."""
        api = self.hub.api
        owner = str(job.details["namespace"])
        try:
            read(f"cancelling job {job.id}", lambda: api.cancel_job(job_id=job.id, namespace=owner))
        except SpacefactoryError as error:
            if status_of(error.__cause__ or error) != 404:
                raise


def _stage(info: JobInfo) -> str:
    return str(getattr(info.status.stage, "value", info.status.stage))


def _ship_wheels(hub: Hub, bucket: str, spec: RunSpec) -> list[str]:
    """Put the wheels of the run's plugins into the bucket, those that are not there yet; returns their paths there."""
    files = {
        f"{hashlib.sha256(data).hexdigest()[:16]}/{name}": data
        for name, data in wheels(plugin.distribution for plugin in spec.plugins).items()
    }
    there = listed(hub, bucket, f"{WHEELS}/")
    missing = {f"{WHEELS}/{path}": data for path, data in files.items() if f"{WHEELS}/{path}" not in there}
    if missing:
        put(hub, bucket, missing)
    return sorted(files)


def _script(names: list[str], spec: RunSpec) -> str:
    """What the job does: an environment of its own, the wheels, the run. Names of files and runs need no quoting."""
    paths = " ".join(f"{MOUNT}/{name}{_extra(name, spec)}" for name in names)
    return (
        "set -eu; python3 -m venv /tmp/spacefactory-$$; cd /tmp/spacefactory-$$; "
        "bin/python -m pip install --quiet --disable-pip-version-check uv; "
        f"bin/python -m uv pip install --quiet --python bin/python {paths}; "
        f"exec bin/python -m spacefactory.worker {spec.run_id}"
    )


def _extra(name: str, spec: RunSpec) -> str:
    """What the chosen agent needs: the extra that has its name, where the distribution offers one."""
    wanted = spec.providers.agent.replace("_", "-")
    for plugin in {plugin.distribution for plugin in spec.plugins}:
        extras = distribution(plugin).metadata.get_all("Provides-Extra") or []
        if wanted in extras and name.partition("/")[2].startswith(f"{plugin.replace('-', '_')}-"):
            return f"[{wanted}]"
    return ""


def _environment(hub: Hub, spec: RunSpec) -> dict[str, str]:
    """Nothing secret: the metadata of a job shows it."""
    return {
        "SPACEFACTORY_PLATFORM": spec.platform,
        "SPACEFACTORY_HOME": "/tmp/spacefactory-home",  # noqa: S108 - the job's machine is its own
        "SPACEFACTORY_PLUGIN": hub.options.model_dump_json().join(['{"huggingface": ', "}"]),
        "HF_ENDPOINT": hub.endpoint,
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }


def _secrets(hub: Hub, spec: RunSpec) -> dict[str, str]:
    """The user's token, and the coding model's key where that is another one."""
    from spacefactory.settings import Settings

    settings = Settings.model_validate({**spec.settings, "home": hub.context.home})
    held = {"HF_TOKEN": hub.token()}
    name = settings.coding_model.api_key_env
    if name not in held and (key := from_machine(settings).model_key):
        held[name] = key
    return held
