"""repair: what a failure means, whether it is worth another round, and who mends it: a rule first, then the agent."""

from __future__ import annotations

from pydantic import ValidationError

from spacefactory import workspaces
from spacefactory.engine import Step, StepFailedError, perform
from spacefactory.errors import SpacefactoryError
from spacefactory.record.files import read_json, write_atomic
from spacefactory.repair.classify import find
from spacefactory.repair.diagnose import diagnose
from spacefactory.repair.fixes import mend
from spacefactory.run import Run
from spacefactory.schema.event import Event, EventType
from spacefactory.schema.status import Blocker, BlockerReason
from spacefactory.schema.steps import Repaired
from spacefactory.schema.verdict import Check
from spacefactory.schema.work import Failure, FailureRule, Finding
from spacefactory.steps import attempts, coding_model, documents, generate

NOT_OURS_TO_MEND = frozenset(
    {
        BlockerReason.SANDBOX_UNAVAILABLE,
        BlockerReason.BUDGET_EXHAUSTED,
        BlockerReason.NAME_TAKEN,
        BlockerReason.NOT_SIGNED_IN,
        BlockerReason.NOT_PERMITTED,
        BlockerReason.PLAN_REQUIRED,
        BlockerReason.QUOTA_EXHAUSTED,
        BlockerReason.GATED,
        BlockerReason.NO_WEIGHTS,
        BlockerReason.CORRUPT_WEIGHTS,
        BlockerReason.UNSUPPORTED_TASK,
        BlockerReason.DAMAGED_RECORD,
    }
)
"""Reasons that no change of the app's files removes, unless a known failure says that one does."""
FOR_THE_USER = frozenset({"account", "ask", "block", "hardware", "retry", "wait"})
"""Verbs of fixes that change nothing in the app."""
RULE = "rule"
MAX_DIFF = 256 << 10


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
    attempts.keep(run)
    if why := _hopeless(run, failed, blocker):
        return Repaired(again=False, blocker=blocker, action=why)
    run.tell(f"{blocker.reason}: {failed.failure.summary}")
    folder = generate.workspace(run)
    before, interrupted = attempts.before_repair(run, folder)
    spent = coding_model.spent(run)
    by, action, failure = _mended(run, failed.failure)
    diff = _keep_diff(run, workspaces.difference(before, workspaces.texts(folder)))
    cost = round(coding_model.spent(run) - spent, 8)
    if diff and interrupted and not by:
        by, action = RULE, "what an interrupted attempt changed"
    again = bool(diff and by)
    if again:
        run.tell(f"mended by {by}: {action or failure.summary}")
    action = action or ("" if again else "nobody knows how to mend it")
    return Repaired(again=again, blocker=blocker, action=action, by=by, diff=diff, cost_usd=cost)


def _mended(run: Run, failure: Failure) -> tuple[str, str, Failure]:
    """Who changed the app, and what was done; nobody when nothing was."""
    findings = _findings(run, failure)
    failure = failure.model_copy(update={"checks": (*failure.checks, *map(_as_check, findings))})
    if not _seen_before(run, failure):
        location = documents.profile(run).location
        known = {"revision": location.revision, "model": location.model}
        if done := mend(generate.workspace(run), failure, rules(run), findings, known):
            return RULE, done, failure
    try:
        mended = generate.ask(run, failure, attempts.changes(run))
    except SpacefactoryError as error:
        return "", str(error), failure
    if mended is None:
        return "", "the agent knows no way to mend it", failure
    return mended.agent, mended.summary, failure


def _hopeless(run: Run, failed: StepFailedError, blocker: Blocker) -> str:
    if failed.usage or failed.platform or _beyond_the_app(run, failed, blocker):
        return "no change of the app mends this"
    if run.round >= run.spec.budget.repair_rounds:
        return f"all {run.spec.budget.repair_rounds} repair rounds are used"
    if (rounds := _seen_before(run, failed.failure)) and not _agent_may_try(run, rounds):
        return "the same failure as in an earlier round"
    return ""


def _beyond_the_app(run: Run, failed: StepFailedError, blocker: Blocker) -> bool:
    failure = failed.failure
    known = find(failure.text, failure.place, rules(run)) if failure.text.strip() and not failed.blocker else None
    if known is not None:
        return known.rule.fix.partition(":")[0] in FOR_THE_USER
    return blocker.reason in NOT_OURS_TO_MEND


def _agent_may_try(run: Run, rounds: set[int]) -> bool:
    """Whether only rules have tried to mend a failure so far, and the agent can think."""
    tried = [attempts.decision(run, number) for number in rounds]
    thinks = coding_model.needed(run.plugins.agent(run.spec.providers.agent))
    return thinks and all(one is not None and one.by == RULE for one in tried)


def _seen_before(run: Run, failure: Failure) -> set[int]:
    """Earlier rounds that ended with the same failure."""
    return {
        number
        for number, earlier in map(_failure_of, run.journal.events)
        if earlier is not None and number != run.round and earlier.fingerprint == failure.fingerprint
    }


def _failure_of(event: Event) -> tuple[int, Failure | None]:
    number = event.facts.get("round")
    found = None
    if event.type == EventType.STEP_FAILED:
        found = event.facts["failure"]
    elif event.type == EventType.STEP_DONE and event.facts.get("step") == "validate":
        result = event.facts["result"]
        found = result.get("failure") if isinstance(result, dict) else None
    return (number if isinstance(number, int) else 0), Failure.model_validate(found) if found else None


def _findings(run: Run, failure: Failure) -> tuple[Finding, ...]:
    """The errors of lint, when they are the failure."""
    if failure.step != "lint" or "breaks rule" not in failure.summary:
        return ()
    try:
        found = [Finding.model_validate(one) for one in read_json(run.folder / "tests" / "lint.json")]
    except (OSError, ValueError, ValidationError):
        return ()
    return tuple(one for one in found if one.level == "error")


def _as_check(finding: Finding) -> Check:
    where = f"{finding.file}:{finding.line}" if finding.line else finding.file
    return Check(name=finding.rule, passed=False, detail=f"{where}: {finding.message}")


def _keep_diff(run: Run, diff: str) -> str:
    """Write the changes of the next round into the record; empty when there are none."""
    if not diff:
        return ""
    path = attempts.diff_path(run.round + 1)
    write_atomic(run.folder / path, str(run.clean(diff))[:MAX_DIFF].encode())
    return path
