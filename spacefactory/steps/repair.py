"""repair: what a failure means, and whether it is worth another round."""

from __future__ import annotations

from spacefactory.engine import Step, StepFailedError, perform
from spacefactory.errors import BlockedError
from spacefactory.repair.diagnose import diagnose
from spacefactory.run import Run
from spacefactory.schema.event import EventType
from spacefactory.schema.status import Blocker, BlockerReason
from spacefactory.schema.steps import Repaired
from spacefactory.schema.work import Failure, FailureRule
from spacefactory.steps import generate

NOT_OURS_TO_MEND = frozenset(
    {
        BlockerReason.SANDBOX_UNAVAILABLE,
        BlockerReason.BUDGET_EXHAUSTED,
        BlockerReason.NAME_TAKEN,
        BlockerReason.GATED,
        BlockerReason.NO_WEIGHTS,
        BlockerReason.CORRUPT_WEIGHTS,
        BlockerReason.UNSUPPORTED_TASK,
        BlockerReason.DAMAGED_RECORD,
    }
)
"""Reasons that no change of the app's files removes."""


def blocker_of(run: Run, failed: StepFailedError) -> Blocker:
    """The typed reason of a failure: the step's own when it named one, else what the failure tables say."""
    return failed.blocker or diagnose(failed.failure, rules(run))


def rules(run: Run) -> tuple[FailureRule, ...]:
    """Every known failure, tables in order of name."""
    return tuple(rule for table in run.plugins.failure_tables() for rule in table.rules)


def repair(run: Run, failed: StepFailedError) -> Repaired:
    """Decide about a failure, once; a run that is taken up again finds the decision in its record."""
    done = perform(run, Step("repair", Repaired, lambda run: _decide(run, failed)))
    run.journal.append(EventType.REPAIR_DECIDED, **done.as_json())
    return done


def _decide(run: Run, failed: StepFailedError) -> Repaired:
    blocker = blocker_of(run, failed)
    if why := _hopeless(run, failed.failure, blocker):
        return Repaired(again=False, blocker=blocker, action=why)
    run.tell(f"{blocker.reason}: {failed.failure.summary}")
    try:
        mended = generate.ask(run, failed.failure)
    except BlockedError as error:
        return Repaired(again=False, blocker=blocker, action=str(error))
    if mended is None:
        return Repaired(again=False, blocker=blocker, action="the agent knows no way to mend it")
    return Repaired(again=True, blocker=blocker, action=mended.summary, cost_usd=mended.cost_usd)


def _hopeless(run: Run, failure: Failure, blocker: Blocker) -> str:
    if blocker.reason in NOT_OURS_TO_MEND:
        return "no change of the app mends this"
    if run.round >= run.spec.budget.repair_rounds:
        return f"all {run.spec.budget.repair_rounds} repair rounds are used"
    if failure.fingerprint in _earlier(run):
        return "the same failure as in an earlier round"
    return ""


def _earlier(run: Run) -> set[str]:
    """Fingerprints of the failures of earlier rounds."""
    found = set()
    for event in run.journal.events:
        if event.facts.get("round") == run.round:
            continue
        if event.type == EventType.STEP_FAILED:
            found.add(Failure.model_validate(event.facts["failure"]).fingerprint)
        elif event.type == EventType.STEP_DONE and event.facts.get("step") == "validate":
            result = event.facts["result"]
            if isinstance(result, dict) and (failure := result.get("failure")):
                found.add(Failure.model_validate(failure).fingerprint)
    return found
