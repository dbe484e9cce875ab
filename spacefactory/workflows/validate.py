"""The validate workflow: the last steps of a build, for a Space of any author."""

from __future__ import annotations

from spacefactory.engine import StepFailedError, Steps, perform
from spacefactory.run import Run
from spacefactory.schema.run import RunResult
from spacefactory.schema.status import Status
from spacefactory.schema.steps import Proven
from spacefactory.steps import boot, find, health, prove
from spacefactory.steps.repair import blocker_of
from spacefactory.verdict import decide
from spacefactory.workflows.conclude import Ending, conclude, concluded_by

STEPS: Steps = (find.STEP, boot.STEP, health.STEP, prove.STEP)


def validate(run: Run) -> RunResult:
    """Run every step to its end; always concludes, and leaves the Space as it was found.

    Raises:
        UsageError: the reference or an option turned out to be unusable; the run has concluded as failed.
    """
    try:
        for step in STEPS:
            perform(run, step)
    except StepFailedError as failed:
        return concluded_by(run, failed, _ended_by(run, failed))
    proven = run.result("validate", Proven)
    verdict = decide(proven.judgement)
    if proven.failure is not None and proven.failure.text:
        blocker = blocker_of(run, StepFailedError(proven.failure))
        return conclude(run, Ending(Status.TECHNICAL_BLOCKER, verdict.level, blocker))
    return conclude(run, Ending(verdict.status, verdict.level, verdict.blocker))


def _ended_by(run: Run, failed: StepFailedError) -> Ending:
    if failed.usage or failed.platform:
        return Ending(Status.FAILED, note=failed.failure.summary)
    return Ending(Status.TECHNICAL_BLOCKER, blocker=blocker_of(run, failed))
