"""validate: live calls, decoded outputs, and what they prove."""

from __future__ import annotations

from spacefactory import probe
from spacefactory.engine import EXCERPT, Step
from spacefactory.run import Run
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.status import Level, Status
from spacefactory.schema.steps import Proven
from spacefactory.schema.work import Failure, Place
from spacefactory.steps import documents, examples
from spacefactory.steps.boot import target
from spacefactory.verdict import decide


def effect(run: Run) -> Proven:
    """Call the app as its users would and judge what comes back."""
    space = target(run)
    request = probe.ProbeRequest(
        connection=run.host.connect(space.space_id),
        profile=_profile(run),
        folder=run.folder,
        endpoint=run.spec.endpoint,
        expect=run.spec.expect,
        cases=run.spec.cases,
        calls=run.spec.calls,
        timeout_s=run.settings.limits.call_s,
        confined=not run.settings.unsafe_no_sandbox,
        disabled_plugins=run.settings.plugins.disabled,
    )
    result = probe.probe(request, run.plugins.validators(), run.tell)
    return Proven(
        judgement=result.judgement,
        answers=probe.answers(result),
        recommended_duration_s=result.recommended_duration_s,
        duration_arithmetic=result.duration_arithmetic,
        failure=_failure(run, result),
    )


def _profile(run: Run) -> ModelProfile | None:
    return examples.with_files(run, documents.profile(run)) if run.spec.kind == "build" else None


def _failure(run: Run, result: probe.ProbeResult) -> Failure | None:
    """What a repair would have to mend; None when nothing is wrong, or nothing can be told."""
    verdict = decide(result.judgement)
    if verdict.status != Status.TECHNICAL_BLOCKER:
        return None
    failed = tuple(check for check in result.judgement.checks if check.passed is False)
    errors = [call.error for call in result.calls if call.error]
    died = run.host.runtime(target(run).space_id).stage not in ("RUNNING", "RUNNING_BUILDING")
    if errors and result.judgement.level == Level.RUNNING:
        place: Place = "run_log" if died else "client"
        text = run.host.logs(target(run).space_id, "run") if died else errors[0]
        return Failure(step="validate", summary=errors[0][:500], place=place, text=text[-EXCERPT:], checks=failed)
    return Failure(step="validate", summary=verdict.blocker.detail if verdict.blocker else "", checks=failed)


STEP = Step("validate", Proven, effect)
