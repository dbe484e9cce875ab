"""Runs steps against the journal: intent, effect, done; and looks before it acts again.

A step that is done is never done twice. A step whose intent stands without an end is asked to reconcile: it looks
whether its effect is there, and only when it is not, a new attempt is made. A step that failed stays failed, so that
a run taken up again decides the same as it did before.
"""

from __future__ import annotations

import os
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from spacefactory.errors import BlockedError, PlatformError, SpaceCrashedError, SpacefactoryError, UsageError
from spacefactory.record.files import write_atomic
from spacefactory.run import Run
from spacefactory.schema.base import Fact
from spacefactory.schema.event import Event, EventType
from spacefactory.schema.status import Blocker, BlockerReason, Level
from spacefactory.schema.work import Failure

Result = TypeVar("Result", bound=Fact)
EXCERPT = 16_384


def nothing_there(_run: Run) -> None:
    """The reconcile of a step that is pure, or whose effect looks for itself."""


@dataclass(frozen=True)
class Step(Generic[Result]):
    """One step of a workflow.

    Args:
        name: stable; part of the step's key together with the round.
        result: the fact that the step leaves in the record.
        effect: does the work; called at most once per logged intent.
        reconcile: looks whether an interrupted effect is there; None means it is not, and doing it again is harmless.
        level: what is proven once the step is done.
    """

    name: str
    result: type[Result]
    effect: Callable[[Run], Result]
    reconcile: Callable[[Run], Result | None] = nothing_there
    level: Level | None = None


Steps = tuple[Step[Any], ...]


class StepFailedError(Exception):
    """A step ended in a failure that is in the record."""

    def __init__(
        self, failure: Failure, blocker: Blocker | None = None, *, usage: bool = False, platform: bool = False
    ) -> None:
        super().__init__(failure.summary)
        self.failure = failure
        self.blocker = blocker
        self.usage = usage
        self.platform = platform


def perform(run: Run, step: Step[Result]) -> Result:
    """Bring one step of the run's current round to its end, and return what it left.

    Raises:
        StepFailedError: the step failed, now or before the run was interrupted.
    """
    intent, end = _history(run, step.name)
    if end is not None and end.type == EventType.STEP_FAILED:
        raise _recorded(end)
    result = step.result.model_validate(end.facts["result"]) if end else _attempt(run, step, intent)
    run.results[step.name] = result
    return result


def _attempt(run: Run, step: Step[Result], intent: Event | None) -> Result:
    try:
        run.check()
        if intent is not None and (found := step.reconcile(run)) is not None:
            return _done(run, step, found, reconciled=True)
        attempt = 1 + (int(str(intent.facts["attempt"])) if intent else 0)
        crash_point(f"before-intent:{step.name}")
        run.journal.append(EventType.STEP_INTENT, step=step.name, round=run.round, attempt=attempt)
        run.save()
        crash_point(f"after-intent:{step.name}")
        found = step.effect(run)
        crash_point(f"after-effect:{step.name}")
        return _done(run, step, found, reconciled=False)
    except (SpacefactoryError, OSError) as error:
        raise _failed(run, step.name, error) from error
    except Exception as error:  # the plugin boundary: a provider's own fault ends its step, not the record
        raise _failed(run, step.name, _unexpected(run, step.name, error)) from error


def _done(run: Run, step: Step[Result], result: Result, *, reconciled: bool) -> Result:
    run.journal.append(
        EventType.STEP_DONE,
        step=step.name,
        round=run.round,
        result=result.as_json(),
        reconciled=reconciled,
        level=step.level.value if step.level else None,
    )
    crash_point(f"after-done:{step.name}")
    run.save()
    return result


def _failed(run: Run, step: str, error: SpacefactoryError | OSError) -> StepFailedError:
    failure = Failure(step=step, summary=_sentence(error), **_words(error))
    blocker = _blocker(error)
    kind = {"usage": isinstance(error, UsageError), "platform": isinstance(error, PlatformError | OSError)}
    run.journal.append(
        EventType.STEP_FAILED,
        step=step,
        round=run.round,
        failure=failure.as_json(),
        blocker=blocker.as_json() if blocker else None,
        **kind,
    )
    crash_point(f"after-failed:{step}")
    run.save()
    return StepFailedError(failure, blocker, **kind)


def _unexpected(run: Run, step: str, error: Exception) -> PlatformError:
    """An exception that nobody foresaw, as a sentence; the traceback goes into the record."""
    name = f"traces/{step}-{run.round}-error.txt"
    write_atomic(run.folder / name, str(run.clean("".join(traceback.format_exception(error)))).encode())
    what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
    return PlatformError(f"the step {step} failed by a fault of a provider ({what})", f"{name} of the run holds where")


def _recorded(end: Event) -> StepFailedError:
    blocker = end.facts.get("blocker")
    return StepFailedError(
        Failure.model_validate(end.facts["failure"]),
        Blocker.model_validate(blocker) if blocker else None,
        usage=bool(end.facts.get("usage")),
        platform=bool(end.facts.get("platform")),
    )


def _history(run: Run, step: str) -> tuple[Event | None, Event | None]:
    """The last intent of this step and round, and the end that followed it."""
    intent: Event | None = None
    end: Event | None = None
    for event in run.journal.events:
        if event.facts.get("step") != step or event.facts.get("round") != run.round:
            continue
        if event.type == EventType.STEP_INTENT:
            intent, end = event, None
        elif event.type in (EventType.STEP_DONE, EventType.STEP_FAILED):
            end = event
    return intent, end


def _sentence(error: SpacefactoryError | OSError) -> str:
    if isinstance(error, SpacefactoryError):
        return str(error)
    what = error.strerror or str(error)
    return f"{what}: {error.filename}" if error.filename else what


def _words(error: SpacefactoryError | OSError) -> dict[str, Any]:
    if isinstance(error, SpaceCrashedError):
        place = "build_log" if error.stage in ("BUILD_ERROR", "CONFIG_ERROR") else "run_log"
        return {"place": place, "text": error.log[-EXCERPT:]}
    return {}


def _blocker(error: SpacefactoryError | OSError) -> Blocker | None:
    if isinstance(error, BlockedError):
        return Blocker(reason=BlockerReason(error.reason), detail=error.message, next_action=error.next_step)
    return None


def crash_point(point: str) -> None:
    """Where the fault tests end the process: `SPACEFACTORY_CRASH_AT=after-effect:publish` is a `kill -9` there."""
    if os.environ.get("SPACEFACTORY_CRASH_AT") == point:
        os._exit(137)
