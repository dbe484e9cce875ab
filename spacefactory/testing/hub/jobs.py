"""Jobs: what was asked, what became of it, and how the Hub shows it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from spacefactory.testing.hub.accounts import Account, hex_id
from spacefactory.testing.hub.answers import HubError
from spacefactory.testing.hub.clock import Clock
from spacefactory.testing.hub.hardware import CPU_BASIC, Flavor, job_flavor
from spacefactory.testing.hub.logs import LogBuffer
from spacefactory.testing.hub.names import environment, labels, volumes

Stage = Literal["SCHEDULING", "RUNNING", "COMPLETED", "ERROR", "CANCELED", "DELETED"]
TERMINAL = ("COMPLETED", "ERROR", "CANCELED", "DELETED")
MAX_COMMAND = 64 * 1024
_KEYS = frozenset(
    {"command", "arguments", "environment", "flavor", "secrets", "timeoutSeconds", "attempts", "labels", "dockerImage",
     "spaceId", "volumes", "expose", "ssh", "network", "resourceGroupId", "arch", "tags"}
)  # fmt: skip


@dataclass(frozen=True)
class JobPlan:
    """What becomes of a job, beside or instead of really running.

    Args:
        stuck: it never leaves SCHEDULING.
        stage: it ends in this stage at once, without running.
        message: the message of its status.
        cancel_reason: NO_CREDITS or NO_SUBSCRIPTION.
        die_after_s: its processes are killed this long after they started, as when a machine fails.
    """

    stuck: bool = False
    stage: Stage | None = None
    message: str = ""
    cancel_reason: str = ""
    die_after_s: float | None = None


@dataclass(frozen=True)
class JobSpec:
    """A checked request."""

    command: tuple[str, ...]
    arguments: tuple[str, ...]
    environment: Mapping[str, str]
    secrets: Mapping[str, str]
    flavor: Flavor
    timeout_s: float
    labels: dict[str, str]
    image: str | None
    space_id: str | None
    volumes: tuple[Mapping[str, Any], ...]
    attempts: int


@dataclass
class Job:
    """A job."""

    id: str
    owner: Account
    initiator: Account
    spec: JobSpec
    labels: dict[str, str]
    log: LogBuffer
    created_at: datetime
    plan: JobPlan = field(default_factory=JobPlan)
    stage: Stage = "SCHEDULING"
    message: str | None = None
    cancel_reason: str = ""
    started_at: datetime | None = None
    finished_at: datetime | None = None
    exit_code: int | None = None
    cancel_asked: bool = False
    hidden_lists: int = 0
    pid: int | None = None

    @property
    def ended(self) -> bool:
        """Whether nothing more will happen."""
        return self.stage in TERMINAL

    def finish(self, clock: Clock, stage: Stage, message: str | None = None) -> None:
        """Reach a terminal stage; a later one changes nothing."""
        if not self.ended:
            self.stage, self.message, self.finished_at = stage, message, clock.now()
            self.log.close()


def read_spec(asked: Mapping[str, Any], default_timeout_s: float) -> JobSpec:
    """The request of `POST /api/jobs/{namespace}`, checked.

    Raises:
        HubError: 400.
    """
    if unknown := sorted(set(asked) - _KEYS):
        raise HubError(400, f"Unrecognized key: {unknown[0]}")
    image, space_id = asked.get("dockerImage"), asked.get("spaceId")
    if (image is None) == (space_id is None):
        raise HubError(400, "Exactly one of dockerImage and spaceId must be given")
    name = str(asked.get("flavor") or CPU_BASIC)
    if (flavor := job_flavor(name)) is None:
        raise HubError(400, f"Invalid hardware flavor: {name}")
    return JobSpec(
        _words(asked, "command"),
        _words(asked, "arguments"),
        environment(asked.get("environment") or {}, "environment"),
        environment(asked.get("secrets") or {}, "secrets"),
        flavor,
        _timeout(asked, default_timeout_s),
        labels(asked.get("labels") or {}),
        image,
        space_id,
        tuple(volumes(asked["volumes"])) if asked.get("volumes") else (),
        int(asked.get("attempts", 1)),
    )


def _timeout(asked: Mapping[str, Any], default: float) -> float:
    seconds = asked.get("timeoutSeconds", default)
    if not isinstance(seconds, (int, float)) or seconds <= 0:
        raise HubError(400, "timeoutSeconds must be a positive number")
    return float(seconds)


def _words(asked: Mapping[str, Any], key: str) -> tuple[str, ...]:
    words = asked.get(key) or []
    if not isinstance(words, list) or not all(isinstance(word, str) for word in words):
        raise HubError(400, f"{key} must be a list of strings")
    if sum(map(len, words)) > MAX_COMMAND:
        raise HubError(413, f"{key} is too long")
    return tuple(words)


def view(job: Job, clock: Clock) -> dict[str, Any]:
    """The job as the Hub shows it; secrets are a list of names."""
    spec = job.spec
    status: dict[str, Any] = {"stage": job.stage, "message": job.message, "failureCount": int(job.stage == "ERROR")}
    if job.cancel_reason:
        status["cancelReason"] = job.cancel_reason
    return {
        "id": job.id,
        "createdAt": clock.iso(job.created_at),
        "startedAt": clock.iso(job.started_at) if job.started_at else None,
        "finishedAt": clock.iso(job.finished_at) if job.finished_at else None,
        "dockerImage": spec.image,
        "spaceId": spec.space_id,
        "command": list(spec.command),
        "arguments": list(spec.arguments),
        "environment": dict(spec.environment),
        "secrets": sorted(spec.secrets),
        "flavor": spec.flavor.name,
        "labels": job.labels,
        "volumes": [dict(volume) for volume in spec.volumes],
        "timeout": int(spec.timeout_s),
        "type": "job",
        "status": status,
        "owner": {"id": job.owner.id, "name": job.owner.name, "type": job.owner.kind},
        "initiator": {"type": "user", "id": job.initiator.id, "name": job.initiator.name},
        "durations": _durations(job, clock),
    }


def _durations(job: Job, clock: Clock) -> dict[str, int | None]:
    end = job.finished_at or clock.now()
    scheduling = int((job.started_at - job.created_at).total_seconds()) if job.started_at else None
    running = int((end - job.started_at).total_seconds()) if job.started_at else None
    return {"schedulingSecs": scheduling, "runningSecs": running,
            "totalSecs": int((end - job.created_at).total_seconds())}  # fmt: skip


def new_id(count: int) -> str:
    """An id of 24 hex digits."""
    return hex_id(f"job {count}")
