"""What agents, job runners, lint rules and failure tables exchange with the core."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field, JsonValue

from spacefactory.schema.base import Fact
from spacefactory.schema.card import ModelCard
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.status import Blocker
from spacefactory.schema.verdict import Check

Place = Literal["build_log", "run_log", "client", "hub_api"]


class Failure(Fact):
    """What went wrong in a step, with the words that say so."""

    step: str
    summary: str = Field(description="one sentence")
    place: Place | None = Field(default=None, description="where `text` was found")
    text: str = Field(default="", description="excerpt of the log, at most 16 KiB")
    checks: tuple[Check, ...] = Field(default=(), description="the checks that failed, where a verdict is the failure")

    @property
    def fingerprint(self) -> str:
        """The same for the same failure of another attempt."""
        return f"{self.step}:{self.summary}"


class AgentTask(Fact):
    """What an agent is asked to do: write an app, or mend the one that is there."""

    card: ModelCard
    profile: ModelProfile
    round: int = Field(default=0, description="0 for the first writing, then the repair round")
    failure: Failure | None = Field(default=None, description="what the last attempt failed with")
    targets: tuple[str, ...] = Field(default=(), description="hardware strategies that the app must run on, in order")
    draft: dict[str, str] = Field(
        default_factory=dict,
        description="text files of an app that another agent would write, by path, to start from; all its files lie in "
        ".cache/draft of the workspace",
    )
    changes: str = Field(default="", description="what earlier repair rounds changed, as a unified diff")


class AgentOutcome(Fact):
    """How an agent's work ended. Success is judged from the files, never from this alone."""

    status: Literal["written", "unchanged", "blocked"]
    summary: str = ""
    blocker: Blocker | None = None
    cost_usd: float = Field(default=0.0, description="US dollars beyond what the workbench's model endpoint counts")


class ModelEndpoint(Fact):
    """A coding model as an agent may reach it: loopback address, throw-away key, one model."""

    base_url: str
    key: str
    model: str


class Completed(Fact):
    """A command of an agent that has ended."""

    returncode: int
    stdout: str
    stderr: str
    timed_out: bool = False


class Finding(Fact):
    """What a lint rule found."""

    rule: str
    level: Literal["error", "warning"]
    file: str
    line: int | None = None
    message: str = Field(description="one sentence: what is wrong and how to mend it")


class GeneratedTree(Fact):
    """The files of a generated Space, as lint rules see them."""

    folder: Path
    files: tuple[str, ...] = Field(description="paths relative to the folder, sorted")
    targets: tuple[str, ...] = Field(default=(), description="hardware strategies that the tree must suit")
    model: str | None = Field(default=None, description="the model that the app must load, when it is known")
    revision: str | None = None
    weight_gib: float | None = Field(default=None, description="size of the weights, when it is known")
    resolve: bool = Field(default=False, description="True allows rules that ask a package index")


class FailureRule(Fact):
    """One known failure: how its text looks, what causes it, what mends it."""

    id: str
    seen: tuple[Place, ...]
    any: tuple[str, ...] = Field(default=(), description="one of these literals occurs")
    all: tuple[str, ...] = Field(default=(), description="every one of these literals occurs")
    regex: str = Field(default="", description="or this pattern is found, multi-line")
    reason: str = Field(description="a BlockerReason value")
    cause: str = Field(description="one sentence")
    fix: str = Field(description="verb: hint")
    capture: str = Field(default="", description="pattern whose named groups are looked up in the text for the edits")
    edits: tuple[str, ...] = Field(
        default=(), description="changes of the app's files that mend it, each a verb and its arguments"
    )
    sample: str = Field(default="", description="text that this rule must recognise")


class Job(Fact):
    """A run that another process or machine works on."""

    id: str
    runner: str
    run_id: str
    details: dict[str, JsonValue] = Field(default_factory=dict)


class JobStatus(Fact):
    """What a job is doing."""

    state: Literal["running", "ended", "unknown"]
    exit_code: int | None = None
    detail: str = ""
