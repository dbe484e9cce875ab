"""boot: the Space comes up on the revision that was uploaded."""

from __future__ import annotations

import time

from spacefactory.engine import Step
from spacefactory.errors import BlockedError, SpaceCrashedError
from spacefactory.run import Run
from spacefactory.schema.space import FAILED_STAGES, READY_STAGES, Runtime
from spacefactory.schema.steps import Booted, Published
from spacefactory.steps.rental import price

POLL_S = 0.25
POLL_MAX_S = 5.0
STALE_S = 20.0
"""A host may show the state from before an upload for a while; an error that stays so long is no memory."""
STOPPED_STAGES = ("PAUSED", "STOPPED")


def target(run: Run) -> Published:
    """The Space that this run boots, calls and judges."""
    step = "publish" if run.spec.kind == "build" else "find"
    return run.result(step, Published)


def effect(run: Run) -> Booted:
    """Start it and wait until it runs."""
    space = target(run)
    begun = time.monotonic()
    if space.managed:
        run.host.start(space.space_id, run.tell)
    runtime = _wait(run, space)
    return Booted(
        space_id=space.space_id,
        url=run.host.connect(space.space_id).url,
        stage=runtime.stage,
        seconds=round(time.monotonic() - begun, 3),
        hardware=runtime.hardware,
        usd_per_hour=_price(run, space, runtime),
    )


def reconcile(run: Run) -> Booted | None:
    """The effect is there when the right revision runs already."""
    space = target(run)
    runtime = run.host.runtime(space.space_id)
    if not _up(runtime, space):
        return None
    return Booted(
        space_id=space.space_id,
        url=run.host.connect(space.space_id).url,
        stage=runtime.stage,
        seconds=0,
        hardware=runtime.hardware,
        usd_per_hour=_price(run, space, runtime),
    )


def _price(run: Run, space: Published, runtime: Runtime) -> float:
    """Of a Space of the user's own; what another's costs is paid by others."""
    return price(run, runtime.hardware) if space.managed and runtime.hardware else 0.0


def _wait(run: Run, space: Published) -> Runtime:
    """Poll until it runs; news in its log renew our patience, since imports and large weights take their time."""
    pause, seen, news = POLL_S, "", time.monotonic()
    while True:
        runtime = run.host.runtime(space.space_id)
        if _up(runtime, space):
            return runtime
        now = runtime.stage + run.host.logs(space.space_id, "build" if "BUILDING" in runtime.stage else "run")
        if now != seen:
            seen, news = now, time.monotonic()
        quiet = time.monotonic() - news
        if runtime.stage in FAILED_STAGES and (runtime.revision == space.revision or quiet > STALE_S):
            raise _crashed(run, space, runtime)
        if runtime.stage in STOPPED_STAGES and quiet > STALE_S:
            raise _stopped(space, runtime)
        if quiet > run.settings.limits.boot_silence_s:
            raise _unresponsive(run, space, runtime)
        run.wait(pause)
        pause = min(pause * 1.2, POLL_MAX_S)


def _stopped(space: Published, runtime: Runtime) -> BlockedError:
    where = f" in its settings: {space.settings_url}" if space.settings_url else ""
    return BlockedError(
        "app_unresponsive",
        f"the Space {space.space_id} is {runtime.stage.lower()} and does not come up by itself",
        f"restart it{where}, then resume the run",
    )


def _unresponsive(run: Run, space: Published, runtime: Runtime) -> BlockedError:
    silence = run.settings.limits.boot_silence_s
    return BlockedError(
        "app_unresponsive",
        f"the app (stage {runtime.stage}) did not open its port and wrote nothing for {silence:g} s",
        f"read its log: spacefactory spaces logs {space.space_id}",
    )


def _up(runtime: Runtime, space: Published) -> bool:
    return runtime.stage in READY_STAGES and space.revision in (None, runtime.revision)


def _crashed(run: Run, space: Published, runtime: Runtime) -> SpaceCrashedError:
    kind = "build" if runtime.stage in ("BUILD_ERROR", "CONFIG_ERROR") else "run"
    detail = f": {runtime.detail}" if runtime.detail else ""
    return SpaceCrashedError(
        f"the app did not come up, stage {runtime.stage}{detail}", run.host.logs(space.space_id, kind), runtime.stage
    )


STEP = Step("boot", Booted, effect, reconcile)
