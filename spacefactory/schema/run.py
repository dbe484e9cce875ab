"""A run: what was asked for, where it stands, and the document that `--json` prints."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue

from spacefactory.schema.base import SCHEMA_VERSION, Fact, RunId
from spacefactory.schema.choice import Budget as Budget
from spacefactory.schema.choice import PluginFact as PluginFact
from spacefactory.schema.choice import Providers as Providers
from spacefactory.schema.profile import Claim, Example
from spacefactory.schema.status import Blocker, Level, Status
from spacefactory.schema.summary import RunSummary as RunSummary
from spacefactory.schema.verdict import Check, Latency


class RunSpec(Fact):
    """What a run was asked to do; written once, before anything happens."""

    schema_version: int = SCHEMA_VERSION
    run_id: RunId
    kind: Literal["build", "validate"]
    reference: str = Field(description="model reference of a build, Space reference of a validation")
    platform: str
    providers: Providers
    plugins: tuple[PluginFact, ...]
    budget: Budget
    version: str = Field(description="version of spacefactory")
    created: str
    space_name: str | None = None
    endpoint: str | None = None
    expect: str | None = None
    cases: Path | None = None
    calls: int | None = Field(default=None, ge=1, le=50)
    settings: dict[str, JsonValue] = Field(default_factory=dict, description="the effective settings, secrets left out")


class StepState(Fact):
    """Where one step of one round stands."""

    name: str
    round: int = 0
    attempt: int = 1
    state: Literal["running", "done", "failed"]
    started: str
    seconds: float | None = None
    summary: str = Field(default="", description="the last line for people, or why it failed")


class RunState(Fact):
    """state.json: a fold of the log, which can be made again at any time."""

    format: Literal["spacefactory-run/1"] = "spacefactory-run/1"
    schema_version: int = SCHEMA_VERSION
    run_id: RunId
    kind: Literal["build", "validate"]
    reference: str
    status: Status = Status.RUNNING
    level: Level = Level.NONE
    created: str
    updated: str
    events: int = Field(description="number of events folded")
    round: int = 0
    steps: tuple[StepState, ...] = ()
    space_id: str | None = None
    blocker: Blocker | None = None
    interrupted: bool = Field(default=False, description="no process works on it, as far as the log tells")


class SpaceLink(Fact):
    """The Space of a run, as documents show it."""

    id: str
    url: str = ""
    settings_url: str = ""


class Answer(Fact):
    """One answer of the app, in a form a person can read."""

    case: str
    input: JsonValue
    output: JsonValue
    expected: JsonValue = None
    artifact: str | None = Field(default=None, description="path inside the run's folder")


class RunResult(Fact):
    """The document of `build --json` and `validate --json`, and of report.json."""

    schema_version: int = SCHEMA_VERSION
    run_id: RunId
    kind: Literal["build", "validate"]
    reference: str
    model: str | None = None
    status: Status
    level: Level
    checks: tuple[Check, ...] = ()
    answers: tuple[Answer, ...] = ()
    endpoint: str | None = None
    space: SpaceLink | None = None
    blocker: Blocker | None = None
    latency: Latency = Field(default_factory=Latency)
    recommended_duration_s: int | None = None
    duration_arithmetic: str = ""
    cost_usd: float = 0.0
    agent: str | None = None
    seconds: float | None = None
    report: str = Field(default="", description="path of report.md")
    notes: tuple[str, ...] = ()


class PlanResult(Fact):
    """The document of `plan --json`."""

    schema_version: int = SCHEMA_VERSION
    model: str
    revision: str
    ready: bool = Field(description="True when a build with these settings can start")
    task: str | None
    input_types: tuple[str, ...]
    output_type: str | None
    library: str | None
    loader: str | None
    parameters: int | None
    memory_gib: float | None
    hardware: str | None
    gated: bool | None
    license: str | None
    base_model: str | None
    base_relation: str | None = Field(default=None, description="adapter, quantized, converted, finetune, merge, ...")
    dtype: str | None = None
    settings: dict[str, JsonValue] = Field(
        default_factory=dict, description="recommended call settings by parameter name, such as num_inference_steps"
    )
    facts: dict[str, JsonValue] = Field(
        default_factory=dict, description="trigger words, arithmetic of the memory, risks, facts of the library"
    )
    blockers: tuple[Blocker, ...] = Field(description="what the model itself stands in the way with, on any machine")
    obstacles: tuple[Blocker, ...] = Field(
        default=(), description="what stands in the way here: files, agent, machine, account"
    )
    examples: tuple[Example, ...]
    evidence: tuple[Claim, ...]
    confidence: dict[str, float]
    checks: tuple[Check, ...] = Field(description="preflight: machine, account, agent")
    notes: tuple[str, ...] = ()


class JudgedFile(Fact):
    """One file as `judge` saw it."""

    path: str
    output_type: str
    level: Level
    checks: tuple[Check, ...]
    measures: dict[str, JsonValue] = Field(default_factory=dict)


class JudgeResult(Fact):
    """The document of `judge --json`."""

    schema_version: int = SCHEMA_VERSION
    files: tuple[JudgedFile, ...]
