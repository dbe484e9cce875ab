"""What each step of a workflow leaves in the record for the steps after it."""

from __future__ import annotations

from pydantic import Field, JsonValue

from spacefactory.schema.base import Fact
from spacefactory.schema.run import Answer
from spacefactory.schema.space import HardwareOutcome
from spacefactory.schema.status import Blocker, Level
from spacefactory.schema.verdict import Check, Judgement
from spacefactory.schema.work import Failure, Finding


class Resolved(Fact):
    """resolve of a build: the card was read and is kept."""

    model: str
    revision: str
    document: str = Field(description="path of the ModelCard inside the run's folder")
    digest: str = Field(description="sha256 of that document")


class Analyzed(Fact):
    """analyze: the profile was made and is kept."""

    task: str | None
    document: str = Field(description="path of the ModelProfile inside the run's folder")
    digest: str


class Preflighted(Fact):
    """preflight: this machine, account and agent can do it."""

    checks: tuple[Check, ...]


class Generated(Fact):
    """generate: the agent wrote the app into its workspace."""

    agent: str
    summary: str
    files: tuple[str, ...]
    cost_usd: float = 0.0


class Linted(Fact):
    """lint: the tree broke no rule that stops publishing, passed the gate, and lies in `generated/`."""

    digest: str
    files: tuple[str, ...]
    findings: tuple[Finding, ...] = Field(default=(), description="warnings")
    report: dict[str, JsonValue] = Field(default_factory=dict, description="what the gate saw, for the report")


class Published(Fact):
    """publish of a build, or resolve of a validation: a Space with this content exists."""

    space_id: str
    revision: str | None = Field(default=None, description="what must be running before anything is validated")
    hardware: HardwareOutcome | None = None
    url: str = Field(default="", description="where a person opens it, when that is known before it runs")
    settings_url: str = ""
    managed: bool = Field(default=True, description="False for an app that we did not start and never stop")
    created: bool = Field(default=True, description="True when this run made the Space")
    was_running: bool = Field(
        default=False, description="True when it was up before this run touched it, or asleep, which any call ends"
    )


class Booted(Fact):
    """boot: the Space is up on the revision that was uploaded."""

    space_id: str
    url: str
    stage: str
    seconds: float
    hardware: str | None = Field(default=None, description="flavor that it really runs on, where the host tells")
    usd_per_hour: float = Field(default=0.0, description="what that flavor costs while it is up")


class Healthy(Fact):
    """health: the app answers."""

    endpoint: str = Field(description="/health, or the API schema where the app has no such endpoint")
    answer: dict[str, JsonValue] = Field(default_factory=dict)


class Proven(Fact):
    """validate: what live calls showed."""

    judgement: Judgement
    answers: tuple[Answer, ...] = ()
    recommended_duration_s: int | None = None
    duration_arithmetic: str = ""
    failure: Failure | None = Field(default=None, description="set when the app did not prove itself and may be mended")


class Repaired(Fact):
    """repair: what a failure means, and whether another round is tried."""

    again: bool
    blocker: Blocker
    action: str = Field(description="what was or will be done, or why nothing is")
    by: str = Field(default="", description="rule, or the agent's name")
    diff: str = Field(default="", description="path of what was changed inside the run's folder")
    cost_usd: float = 0.0


class Restored(Fact):
    """restore: the best attempt of a run whose repairs did not help is its content again."""

    round: int
    level: Level
    blocker: Blocker
