"""The build workflow: from a model card to a proven Space."""

from __future__ import annotations

from spacefactory.engine import StepFailedError, Steps, perform
from spacefactory.run import Run
from spacefactory.schema.event import EventType
from spacefactory.schema.run import RunResult
from spacefactory.schema.space import HardwareOutcome, HardwareResult
from spacefactory.schema.status import Status
from spacefactory.schema.steps import Booted, Proven, Published, Repaired
from spacefactory.steps import analyze, attempts, boot, generate, health, lint, preflight, prove, publish, resolve
from spacefactory.steps.repair import blocker_of, repair
from spacefactory.verdict import decide
from spacefactory.workflows.conclude import Ending, conclude, concluded_by

HEAD: Steps = (resolve.STEP, analyze.STEP, preflight.STEP)
WRITE: Steps = (generate.STEP, lint.STEP, publish.STEP)
CHECK: Steps = (health.STEP, prove.STEP)
TRY: Steps = (boot.STEP, *CHECK)
LOOKS, LOOK_S = 5, 2.0
"""A host may show the state of before for some seconds."""
MENDABLE = frozenset(step.name for step in (*WRITE, *TRY))


def build(run: Run) -> RunResult:
    """Run every step to its end, with repair rounds between; always concludes.

    Raises:
        UsageError: the reference or an option turned out to be unusable; the run has concluded as failed.
    """
    try:
        for step in HEAD:
            perform(run, step)
        return conclude(run, _rounds(run))
    except StepFailedError as failed:
        return concluded_by(run, failed, _ended_by(run, failed))


def _rounds(run: Run) -> Ending:
    while True:
        try:
            if paused := _attempt(run):
                return paused
            proven = run.result("validate", Proven)
            if proven.failure is None:
                verdict = decide(proven.judgement)
                return Ending(verdict.status, verdict.level, verdict.blocker)
            failed = StepFailedError(
                proven.failure, decide(proven.judgement).blocker if not proven.failure.text else None
            )
        except StepFailedError as error:
            failed = error
        if failed.failure.step not in MENDABLE:
            return _ended_by(run, failed)
        if not (decided := repair(run, failed)).again:
            return _given_up(run, failed, decided)
        run.round += 1


def _given_up(run: Run, failed: StepFailedError, decided: Repaired) -> Ending:
    """No more rounds: the best attempt is the content again, and its failure is the reason."""
    ending = _ended_by(run, failed)
    chosen = attempts.best(run)
    if ending.status is not Status.TECHNICAL_BLOCKER or chosen.round == run.round or not chosen.level.rank:
        return ending
    found = attempts.restore(run, chosen, attempts.decision(run, chosen.round) or decided)
    note = f"round {found.round} was the best attempt, and its files are the content again"
    return Ending(Status.TECHNICAL_BLOCKER, found.level, found.blocker, note)


def _attempt(run: Run) -> Ending | None:
    """One round; an ending only when it has to pause for hardware."""
    for step in WRITE:
        perform(run, step)
    published = run.result("publish", Published)
    if not _has_hardware(run, published):
        return _pause(run, published)
    perform(run, boot.STEP)
    if _taken_up_again(run):  # hardware that was set by hand since then has made the Space start again
        run.results[boot.STEP.name] = boot.effect(run)
    if lost := _downgraded(run, published):
        return _pause(run, published.model_copy(update={"hardware": lost}))
    for step in CHECK:
        perform(run, step)
    return None


def _downgraded(run: Run, published: Published) -> HardwareOutcome | None:
    """What the Space runs on instead of the hardware that it was granted; None when it has that."""
    granted, found = published.hardware, run.result("boot", Booted).hardware
    if granted is None or granted.result is not HardwareResult.GRANTED or found in (None, granted.flavor):
        return None
    return HardwareOutcome(
        strategy=granted.strategy,
        result=HardwareResult.SILENTLY_DOWNGRADED,
        flavor=found,
        detail=f"{granted.flavor} was granted, the Space runs on {found}",
        next_action="set the hardware in the Space's settings",
    )


def _has_hardware(run: Run, published: Published) -> bool:
    """Granted at creation, not needed, or set by the user since: it has other hardware than it came with."""
    hardware = published.hardware
    if hardware is None or hardware.result in (HardwareResult.GRANTED, HardwareResult.NOT_NEEDED):
        return True
    return _taken_up_again(run) and _has_other(run, published.space_id, hardware.flavor)


def _has_other(run: Run, space_id: str, before: str | None) -> bool:
    """Whether a Space shows other hardware than before; what was set a moment ago may show late."""
    for _ in range(LOOKS):
        runtime = run.host.runtime(space_id)
        if (runtime.hardware or runtime.requested_hardware) not in (None, before):
            return True
        run.wait(LOOK_S)
    return False


def _pause(run: Run, published: Published) -> Ending:
    hardware = published.hardware or HardwareOutcome(strategy="", result=HardwareResult.UNAVAILABLE)
    where = f" ({published.settings_url})" if published.settings_url else ""
    todo = f"{hardware.next_action or 'set hardware in the settings of the Space'}{where}"
    note = f"{hardware.result}: {hardware.detail}; {todo}, then: spacefactory runs resume {run.spec.run_id}"
    return Ending(Status.MANUAL_HARDWARE_REQUIRED, note=note)


def _taken_up_again(run: Run) -> bool:
    """Whether the run has been resumed since it paused for hardware: then the user says that it is there."""
    paused = False
    for event in run.journal.events:
        if event.type == EventType.RUN_CONCLUDED:
            paused = True
        elif event.type == EventType.RUN_RESUMED and paused:
            return True
    return False


def _ended_by(run: Run, failed: StepFailedError) -> Ending:
    if failed.usage or failed.platform:
        return Ending(Status.FAILED, note=failed.failure.summary)
    return Ending(Status.TECHNICAL_BLOCKER, blocker=blocker_of(run, failed))
