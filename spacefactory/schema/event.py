"""The events of a run: the only truth of its record."""

from __future__ import annotations

from enum import StrEnum

from pydantic import Field, JsonValue

from spacefactory.schema.base import Fact


class EventType(StrEnum):
    """Kinds of events that the core writes; plugins add their own under `agent.` and `plugin.`."""

    RUN_CREATED = "run.created"
    """the run's spec: reference, options, providers, plugins and versions"""
    RUN_RESUMED = "run.resumed"
    """another process took the run up again"""
    RUN_INTERRUPTED = "run.interrupted"
    """the process was told to end; the run can be resumed"""
    RUN_CONCLUDED = "run.concluded"
    """the status, level, blocker and result; nothing changes after it unless the status is a pause"""
    LOG_RECOVERED = "log.recovered"
    """a torn line at the end of the log was cut off"""
    STEP_INTENT = "step.intent"
    """a step is about to have its effect"""
    STEP_DONE = "step.done"
    """the effect is there, with its result"""
    STEP_FAILED = "step.failed"
    """the attempt failed, with the failure"""
    STEP_PROGRESS = "step.progress"
    """a line for people: what the step is doing now"""
    PLUGIN_FAILED = "plugin.failed"
    """a plugin raised; the run went on without it"""
    SANDBOX_REPORT = "sandbox.report"
    """how untrusted code is confined on this machine"""
    REPAIR_DECIDED = "repair.decided"
    """what a failure was classified as, and what is tried next"""
    MODEL_REQUEST = "model.request"
    """the coding model answered: status, tokens, US dollars, seconds"""
    MODEL_REFUSED = "model.refused"
    """the coding model was not asked, because the budget is used up"""
    AGENT_SPENT = "agent.spent"
    """US dollars that an agent says it spent beyond the run's coding model"""
    RETRY = "retry"
    """an operation failed in a way that may pass, and is tried again"""
    JOB_SILENT = "job.silent"
    """told to whoever watches, not in the log: the run's job gave no sign of life for so many seconds"""


class Event(Fact):
    """One line of `events.jsonl`."""

    seq: int = Field(ge=0, description="position in the log, without gaps")
    run_id: str = Field(description="the run that this log belongs to")
    type: str = Field(description="kind of event, see below")
    at: str = Field(description="wall clock, ISO 8601, UTC")
    mono: float = Field(description="monotonic clock of the writer's boot, seconds")
    boot_id: str = Field(description="which boot the monotonic clock belongs to")
    writer: str = Field(description="host name and process id")
    epoch: int = Field(default=0, description="how many writers took the run over before this one")
    facts: dict[str, JsonValue] = Field(default_factory=dict, description="what the kind of event tells")
