"""Spaces, the accounts that own them and the hardware they run on."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path

from pydantic import Field

from spacefactory.schema.base import Fact
from spacefactory.schema.card import ModelLocation

READY_STAGES = ("RUNNING",)
FAILED_STAGES = ("NO_APP_FILE", "CONFIG_ERROR", "BUILD_ERROR", "RUNTIME_ERROR")
ASLEEP_STAGES = ("SLEEPING", "PAUSED", "STOPPED")


class Flavor(Fact):
    """Hardware that a host rents out."""

    name: str
    usd_per_hour: float = Field(ge=0)
    gpus: int = 0
    gpu_memory_gib: float = Field(default=0.0, description="GiB over all its GPUs")


class Account(Fact):
    """Who pays and what this host can do for them."""

    name: str
    plan: str = ""
    assigns_hardware: bool = Field(description="False where a Space simply uses the machine it is on")
    hardware: str = Field(default="", description="flavor of the machine when no hardware is assigned")
    flavors: tuple[Flavor, ...] = Field(default=(), description="what may be asked for, with today's prices")
    details: dict[str, str] = Field(default_factory=dict)


class HardwareLimits(Fact):
    """What the user allows to be spent on hardware."""

    fixed_gpu: bool = False
    usd: float = 0.0
    minutes: float = 0.0


class HardwareProposal(Fact):
    """Hardware that a strategy would ask for in the create call."""

    strategy: str
    flavor: str
    reason: str
    usd_per_hour: float = 0.0
    sleep_s: int | None = None


class HardwareSkip(Fact):
    """A strategy has nothing to offer for this model and account."""

    strategy: str
    reason: str


class HardwareResult(StrEnum):
    """What became of a request for hardware."""

    GRANTED = "granted"
    """the Space has the flavor that was asked for"""
    NOT_NEEDED = "not_needed"
    """the host runs Spaces on the machine it is on"""
    PLAN_REQUIRED = "plan_required"
    """402: the account's plan does not include it"""
    NOT_PERMITTED = "not_permitted"
    """403: this token or account may not do it"""
    OAUTH_LIMIT = "oauth_limit"
    """401 on a hardware call made with a sign-in token"""
    QUOTA_EXHAUSTED = "quota_exhausted"
    """the daily quota is used up"""
    SLOTS_FULL = "slots_full"
    """the account hosts as many such Spaces as it may"""
    NO_CREDITS = "no_credits"
    """no credit or payment method"""
    UNAVAILABLE = "unavailable"
    """the platform has none to give now"""
    SILENTLY_DOWNGRADED = "silently_downgraded"
    """the Space was created with another flavor than was asked for"""


class HardwareAnswer(Fact):
    """What the host answered to a create call with hardware."""

    accepted: bool
    status: int | None = Field(default=None, description="HTTP status, where there was one")
    message: str = ""
    requested: str | None = None
    current: str | None = None


class HardwareOutcome(Fact):
    """A strategy's reading of the host's answer."""

    strategy: str
    result: HardwareResult
    flavor: str | None = Field(default=None, description="what the Space has, as far as the host tells")
    usd_per_hour: float = Field(default=0.0, description="price of that flavor while the Space is up")
    detail: str = ""
    next_action: str = ""


class SpaceRequest(Fact):
    """A Space to be made. It is private, and carries the run's id as its marker."""

    name: str
    run_id: str
    model: ModelLocation | None = None
    hardware: HardwareProposal | None = None


class Space(Fact):
    """A Space as a host knows it."""

    id: str = Field(description="owner/name on the Hub, the name on this machine, or the address of a running app")
    url: str = Field(default="", description="where a person opens it; empty while it is not up")
    run_id: str | None = Field(default=None, description="the marker: which run made it")
    private: bool = True
    managed: bool = Field(default=True, description="False for an app that this host did not start and never stops")
    settings_url: str = ""


class Created(Fact):
    """The answer to a create call."""

    space: Space | None = Field(description="None when the host refused")
    hardware: HardwareAnswer


class Runtime(Fact):
    """What a Space is doing. `stage` is plain text: the Hub has stages that no list names."""

    stage: str
    revision: str | None = Field(default=None, description="what is running, comparable with what upload returned")
    hardware: str | None = None
    requested_hardware: str | None = None
    detail: str = Field(default="", description="why, when the stage is an error")


class Connection(Fact):
    """How to call a running Space: without a token, always through this address."""

    url: str
    nonce: str = Field(default="", description="what /health must answer to prove that it is this process")


class UploadRequest(Fact):
    """A gated tree, ready to be the content of a Space."""

    folder: Path
    digest: str = Field(description="sha256 over names and contents of the tree")
