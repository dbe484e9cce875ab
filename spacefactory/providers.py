"""One small Protocol per kind of provider. A frozen dataclass with a `name` and these methods is a provider.

Providers raise `spacefactory.errors` for what a user should hear, and anything else for what is their own fault.
They keep no module-level state: two runs may share a process.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol, runtime_checkable

from pydantic import JsonValue

from spacefactory.schema.card import ModelCard, ModelLocation
from spacefactory.schema.event import Event
from spacefactory.schema.preflight import Examined, Need
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.run import RunSpec, RunSummary
from spacefactory.schema.space import (
    Account,
    Connection,
    Created,
    HardwareAnswer,
    HardwareLimits,
    HardwareOutcome,
    HardwareProposal,
    HardwareSkip,
    Runtime,
    Space,
    SpaceRequest,
)
from spacefactory.schema.verdict import Check, Inspection, Output
from spacefactory.schema.work import (
    AgentOutcome,
    AgentTask,
    Completed,
    FailureRule,
    Finding,
    GeneratedTree,
    Job,
    JobStatus,
    ModelEndpoint,
)

Emit = Callable[[str, dict[str, JsonValue]], None]
"""Write an event: its type and its facts."""


class Named(Protocol):
    """What every provider has."""

    @property
    def name(self) -> str:
        """The name by which settings choose it."""
        ...


class ModelSource(Named, Protocol):
    """Reads model repositories."""

    def accepts(self, reference: str) -> bool:
        """Whether this reference is of the kind this source reads; must not touch the network."""
        ...

    def fetch(self, reference: str) -> ModelCard:
        """Read the card, file list, configs and weight headers of one model.

        Raises:
            UsageError: the reference names nothing that can be read.
            BlockedError: the model exists and cannot be used, for a typed reason.
        """
        ...


class Analyzer(Named, Protocol):
    """Turns a card into a profile. Analyzers run in the configured order; each sees what the ones before it found."""

    def analyze(self, card: ModelCard, profile: ModelProfile) -> ModelProfile:
        """Return the profile with what this analyzer knows, each field with evidence; never raise over content."""
        ...


class Process(Protocol):
    """A confined command at work that the agent speaks with."""

    def send(self, data: bytes) -> None:
        """Write to its standard input.

        Raises:
            BrokenPipeError: it reads no more.
        """
        ...

    def receive(self, timeout: float) -> bytes | None:
        """What came from its standard output; None when nothing came in `timeout` seconds, empty when it has ended.

        Raises:
            KeyboardInterrupt: the run was asked to stop.
            BlockedError: the run's time is used up.
        """
        ...

    def close(self, grace: float = 5) -> Completed:
        """End its input, give it `grace` seconds, then kill it; all that it started has ended when this returns.

        `stderr` of the answer is the end of its error output.
        """
        ...


class Workbench(Protocol):
    """All an agent gets: a workspace, confined commands, a model endpoint, a way to tell. It holds no token."""

    @property
    def workspace(self) -> Path:
        """The folder that the agent writes; the app is what it holds in the end."""
        ...

    @property
    def model_endpoint(self) -> ModelEndpoint | None:
        """The coding model, or None when the run has none."""
        ...

    def run(self, argv: Sequence[str], timeout: float = 600) -> Completed:
        """Run a command in the workspace, confined; its whole process tree has ended when this returns.

        Raises:
            BlockedError: this machine cannot confine it, or the run's time is used up.
        """
        ...

    def start(
        self, argv: Sequence[str], environment: Mapping[str, str] | None = None, readable: Sequence[Path] = ()
    ) -> Process:
        """Start a command in the workspace, confined, and speak with it; it ends with the agent's work at the latest.

        Args:
            argv: program and arguments.
            environment: variables beyond those that every command of the workbench has.
            readable: programs that it needs and that lie outside the system's folders.

        Raises:
            BlockedError: this machine cannot confine it.
        """
        ...

    def trace(self, name: str, text: str) -> None:
        """Keep a document in the record's `traces/`, without secrets; a second one of that name takes its place."""
        ...

    def emit(self, kind: str, facts: dict[str, JsonValue]) -> None:
        """Write an event of type `agent.<kind>` to the run's record."""
        ...


class Agent(Named, Protocol):
    """Writes the app."""

    @property
    def needs_model(self) -> bool:
        """Whether it thinks with the coding model; an agent without this property needs none.

        When it does, `Workbench.model_endpoint` is one, and a run whose coding model has no key ends before it begins.
        """
        ...

    def supports(self, profile: ModelProfile) -> str | None:
        """None when this agent can write an app for the profile, else one sentence why not. Costs nothing."""
        ...

    def build(self, task: AgentTask, workbench: Workbench) -> AgentOutcome:
        """Write or mend the app in the workbench's workspace."""
        ...


class HardwareStrategy(Named, Protocol):
    """Decides what hardware to ask for, and reads the answer."""

    def propose(
        self, profile: ModelProfile, account: Account, limits: HardwareLimits
    ) -> HardwareProposal | HardwareSkip:
        """Hardware for this model and account, or why there is none to ask for."""
        ...

    def conclude(self, proposal: HardwareProposal, answer: HardwareAnswer) -> HardwareOutcome:
        """What the host's answer means."""
        ...


class OutputValidator(Named, Protocol):
    """Judges outputs of one or more types. It runs in a confined process without network."""

    @property
    def output_types(self) -> tuple[str, ...]:
        """The types it judges, such as ("image",)."""
        ...

    @property
    def suffixes(self) -> tuple[str, ...]:
        """File suffixes, with dot and in lower case, that usually hold these types; empty for values."""
        ...

    def inspect(self, output: Output) -> Inspection:
        """Decode completely, measure, and answer with checks; a file that cannot be decoded is a failed check."""
        ...

    def differ(self, first: Output, second: Output) -> Check:
        """Whether two outputs differ more than encoding does; `passed` is True when they do."""
        ...


class RunStore(Named, Protocol):
    """Keeps run records. The engine writes files below the folder that `create` gives."""

    def create(self, run_id: str) -> Path:
        """A new, empty folder for this run."""
        ...

    def find(self, run_id: str) -> Path | None:
        """The folder of a run, fetched when it is kept elsewhere; None when there is no such run."""
        ...

    def list(self) -> Iterable[RunSummary]:
        """Every run, newest first."""
        ...

    def flush(self, run_id: str) -> None:
        """Make sure that what was written so far is kept; called after each step and at the end."""
        ...

    def hold(self, run_id: str) -> AbstractContextManager[None]:
        """Entered by the process that works on a run, for as long as it does: nobody else may, and what it writes can
        be read elsewhere while it grows.

        Raises:
            UsageError: somebody else works on it.
        """
        ...

    def ask(self, run_id: str, request: str) -> None:
        """Leave a request, such as "cancel", for whoever works on the run; it lands in the record's `control/`."""
        ...

    def delete(self, run_id: str) -> None:
        """Remove a run's record."""
        ...


class SpaceHost(Named, Protocol):
    """Owns Spaces: on this machine or on the Hub."""

    def account(self) -> Account:
        """Who owns the Spaces made here, and what may be asked for."""
        ...

    def find(self, space_id: str) -> Space | None:
        """A Space by name or id, None when there is none."""
        ...

    def resolve(self, reference: str, run_id: str) -> Space:
        """The Space that a validation names: an id, a folder with an app, or the address of a running app.

        Raises:
            UsageError: the reference names nothing that can be called.
        """
        ...

    def create(self, request: SpaceRequest) -> Created:
        """Make a private Space with the run's marker and, in the same call, its hardware.

        Raises:
            NameTakenError: a Space of that name exists and is not this run's.
        """
        ...

    def upload(self, space_id: str, folder: Path) -> str:
        """Make the folder's files the content of the Space; returns the revision that `runtime` will show."""
        ...

    def start(self, space_id: str, tell: Callable[[str], None]) -> None:
        """Have the Space come up with its current content; `tell` gets lines for people.

        Raises:
            SpaceCrashedError: it cannot be built or started; `log` says why.
            PlatformError: this machine or the platform could not do it.
        """
        ...

    def runtime(self, space_id: str) -> Runtime:
        """What the Space is doing now."""
        ...

    def logs(self, space_id: str, kind: str) -> str:
        """The end of the log of kind "build" or "run", cleaned for people, at most 64 KiB."""
        ...

    def connect(self, space_id: str) -> Connection:
        """How to call the running Space."""
        ...

    def list(self) -> tuple[Space, ...]:
        """Every Space made here."""
        ...

    def stop(self, space_id: str) -> None:
        """End it and everything it started; its content stays."""
        ...

    def delete(self, space_id: str) -> None:
        """Stop it and remove its content."""
        ...


class JobRunner(Named, Protocol):
    """Runs a workflow somewhere else than in the caller's process."""

    def submit(self, spec: RunSpec, folder: Path) -> Job:
        """Start working on a run whose record folder holds its spec; a job that works on it already is given again."""
        ...

    def status(self, job: Job) -> JobStatus:
        """What the job is doing."""
        ...

    def logs(self, job: Job) -> str:
        """The end of the job's own output, at most 64 KiB."""
        ...

    def cancel(self, job: Job) -> None:
        """End the job; it writes its final event if it can."""
        ...


class FailureTable(Named, Protocol):
    """Known failures."""

    @property
    def rules(self) -> tuple[FailureRule, ...]:
        """Rules in the order in which they are tried."""
        ...


class LintRule(Named, Protocol):
    """One rule for generated Spaces; its name is the rule's id."""

    def check(self, tree: GeneratedTree) -> Iterable[Finding]:
        """Everything in the tree that breaks this rule; must not run any of its code."""
        ...


class Observer(Named, Protocol):
    """Hears every event of a run and cannot change its outcome."""

    def on_event(self, event: Event) -> None:
        """Told after the event is safe on disk."""
        ...


@runtime_checkable
class Examining(Protocol):
    """What a host, store or runner may be besides: able to say before a run what stands in its way."""

    def preflight(self, need: Need) -> tuple[Examined, ...]:
        """Look at the account, its token and its limits; spend, create and change nothing.

        A failed check that is `needed` ends a run before anything is spent; `unknown` is for what cannot be told.
        """
        ...


@runtime_checkable
class Pulsing(Protocol):
    """What a store may be besides: able to say from afar whether the job that works on a run still lives."""

    def pulse(self, job: Job) -> str | None:
        """A text that changes at least every 30 s while the job works on its run; None when it has not begun."""
        ...


@runtime_checkable
class Addressed(Protocol):
    """What a store may be besides: able to say where its records are seen in a browser."""

    def page(self) -> str:
        """Address of a page for people, which asks them to sign in where records are private."""
        ...


@runtime_checkable
class Recalling(Protocol):
    """What a job runner may be besides: able to name the job of a run that another process started."""

    def recall(self, run_id: str) -> Job | None:
        """The newest job of a run, at work or ended; None when there is none any more."""
        ...


@runtime_checkable
class Fetching(Protocol):
    """What a source may be besides: able to give a file of a model that is no folder of this machine."""

    def file(self, location: ModelLocation, path: str, most: int) -> bytes:
        """The content of a file, at most so many bytes of it.

        Raises:
            OSError: it cannot be read.
        """
        ...
