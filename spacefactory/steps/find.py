"""find: the Space that a validation names."""

from __future__ import annotations

from spacefactory.engine import Step
from spacefactory.run import Run
from spacefactory.schema.space import READY_STAGES
from spacefactory.schema.steps import Published

UP = (*READY_STAGES, "SLEEPING")


def effect(run: Run) -> Published:
    """Ask the host what the reference names."""
    space = run.host.resolve(run.spec.reference, run.spec.run_id)
    runtime = run.host.runtime(space.id)
    run.tell(f"{space.id}: {runtime.stage}")
    return Published(
        space_id=space.id,
        url=space.url,
        settings_url=space.settings_url,
        managed=space.managed,
        created=space.run_id == run.spec.run_id,
        was_running=runtime.stage in UP,
    )


STEP = Step("find", Published, effect)
