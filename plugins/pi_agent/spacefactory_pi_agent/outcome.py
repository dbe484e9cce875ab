"""What became of Pi's work: judged by the files it left and what the model's endpoint said, never by an exit code."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from spacefactory import workspaces
from spacefactory.errors import PlatformError, SpacefactoryError, UsageError
from spacefactory.schema.status import Blocker, BlockerReason
from spacefactory.schema.work import AgentOutcome
from spacefactory_pi_agent.follow import Settled

BLOCKERS = "BLOCKERS.md"
REQUIRED = ("app.py", "requirements.txt", "README.md")
BUDGET = "spacefactory_budget_exceeded"
"""The broker's word for a budget that is used up."""
MAY_SAY = frozenset(
    {
        BlockerReason.GATED,
        BlockerReason.NO_WEIGHTS,
        BlockerReason.CORRUPT_WEIGHTS,
        BlockerReason.UNSUPPORTED_TASK,
        BlockerReason.MULTI_GPU,
        BlockerReason.DOCKER_ONLY,
        BlockerReason.COMFYUI,
        BlockerReason.CUSTOM_CUDA,
        BlockerReason.EXTERNAL_API_KEY,
        BlockerReason.NOT_INFERENCE,
        BlockerReason.NON_PYTHON,
        BlockerReason.REMOTE_CODE,
        BlockerReason.TOO_LARGE,
        BlockerReason.DEPENDENCY,
    }
)
"""Reasons that an agent may give for writing no app."""
_LINE = re.compile(r"[\s#*>`-]*([a-z_]{3,40})`?\s*[:\u2014-]+\s*(\S.*)")
_STATUS = re.compile(r"answered (\d{3})|^\s*(\d{3})\b")
_NO_MODEL = ("model_not_supported", "model_not_found", "not supported by any provider", "model does not exist")
_TOO_LONG = ("context length", "context_length", "maximum context")
_TRANSIENT = "start the build again, or choose another endpoint with --base-url"


@dataclass(frozen=True)
class Worked:
    """One round of Pi: how it settled, and whether the files changed."""

    settled: Settled
    changed: bool
    model: str
    stderr: str = ""


def missing(workspace: Path) -> tuple[str, ...]:
    """Required files that are not there."""
    return tuple(name for name in REQUIRED if workspaces.read(workspace, name) is None)


def judge(worked: Worked, workspace: Path) -> AgentOutcome:
    """The outcome: a blocker that Pi states, an app, nothing, or the reason why there is none.

    Raises:
        UsageError: the endpoint has no such model.
        PlatformError: the endpoint or Pi failed.
    """
    settled = worked.settled
    if blocker := stated(workspace):
        return AgentOutcome(status="blocked", summary=blocker.detail, blocker=blocker)
    if worked.changed and "app.py" not in missing(workspace):
        return AgentOutcome(status="written", summary=_summary(settled))
    if settled.end in ("stop", "length") and not missing(workspace):
        return AgentOutcome(status="unchanged", summary="Pi changed nothing")
    return _without_app(worked)


def stated(workspace: Path) -> Blocker | None:
    """The first typed reason of BLOCKERS.md: a line `reason: sentence`."""
    for line in (workspaces.read(workspace, BLOCKERS) or "").splitlines():
        found = _LINE.fullmatch(line.strip())
        if found and found[1] in set(MAY_SAY):
            detail = " ".join(found[2].split())[:500]
            action = "choose another model, or look at traces/ of the run for what the agent found"
            return Blocker(reason=BlockerReason(found[1]), detail=f"the agent says: {detail}", next_action=action)
    return None


def _without_app(worked: Worked) -> AgentOutcome:
    settled = worked.settled
    match settled.end:
        case "stop" | "length" | "aborted":
            cut = " and its last answer was cut off" if settled.end == "length" else ""
            return _blocked("unsupported_task", f"Pi wrote no app{cut}: {_words(settled.text, 300)}")
        case "turns" | "tool" | "wall":
            return _blocked("budget_exhausted", f"Pi wrote no app within {_LIMITS[settled.end]}")
        case "idle":
            raise PlatformError(f"the coding model {worked.model} gave no sign of life and Pi was stopped", _TRANSIENT)
        case "ended":
            last = _words((worked.stderr.strip().splitlines() or ["without a word"])[-1], 300)
            raise PlatformError(f"Pi ended by itself: {last}", "see traces/ of the run, then start the build again")
        case "refused":
            raise PlatformError(f"Pi took no prompt: {_words(settled.error, 300)}", "see traces/ of the run")
    if (found := endpoint_failure(settled.error, worked.model)) and isinstance(found, SpacefactoryError):
        raise found
    assert isinstance(found, AgentOutcome)  # noqa: S101 - it is one or the other
    return found


def endpoint_failure(error: str, model: str) -> AgentOutcome | SpacefactoryError:
    """What an error of the model's endpoint means."""
    words = _words(error, 300)
    found = _STATUS.search(error)
    status = int(found[1] or found[2]) if found else 0
    if BUDGET in error:
        return _blocked("budget_exhausted", "the run's budget for the coding model is used up and there is no app")
    if any(sign in error for sign in _NO_MODEL) or status == 404:
        return UsageError(f"the endpoint has no model {model} ({words})", "choose one with --coding-model")
    if any(sign in error for sign in _TOO_LONG):
        return _blocked("unsupported_task", f"the work outgrew what {model} can take in: {words}")
    if status in _REFUSED:
        reason, action = _REFUSED[status]
        return _blocked(reason, f"the coding model's endpoint refused: {words}", action)
    return PlatformError(f"the coding model's endpoint failed: {words or 'it said nothing'}", _TRANSIENT)


_REFUSED = {
    401: ("not_signed_in", "give a key that this endpoint takes, in the variable that coding_model.api_key_env names"),
    402: ("quota_exhausted", "add credits for inference to the account, or choose another endpoint with --base-url"),
    403: ("not_permitted", "give the key the right to call inference, or choose another endpoint with --base-url"),
}
_LIMITS = {"turns": "its number of answers", "tool": "the time of one command", "wall": "its time"}


def _blocked(reason: str, detail: str, action: str = "") -> AgentOutcome:
    action = action or _ACTIONS.get(reason, "")
    blocker = Blocker(reason=BlockerReason(reason), detail=detail, next_action=action)
    return AgentOutcome(status="blocked", summary=detail, blocker=blocker)


_ACTIONS = {
    "unsupported_task": "choose another coding model with --coding-model, or another agent with --agent",
    "budget_exhausted": "allow more with --budget-usd, or with the limits of [plugin.pi]",
}


def _summary(settled: Settled) -> str:
    ending = "" if settled.end == "stop" else f" (stopped: {settled.end})"
    return f"{settled.turns} answers{ending}: {_words(settled.text, 200)}".rstrip(": ")


def _words(text: str, limit: int) -> str:
    return " ".join(text.split())[:limit]
