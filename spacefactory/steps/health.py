"""health: the app answers `/health` with this deployment's nonce, or at least its API schema."""

from __future__ import annotations

from spacefactory import probe
from spacefactory.engine import Step
from spacefactory.errors import BlockedError
from spacefactory.run import Run
from spacefactory.schema.status import Level
from spacefactory.schema.steps import Healthy
from spacefactory.steps.boot import target

TIMEOUT_S = 60.0


def effect(run: Run) -> Healthy:
    """Ask; an app of ours must answer with the nonce that its process was started with."""
    space = target(run)
    connection = run.host.connect(space.space_id)
    answer = probe.health(connection, TIMEOUT_S)
    if answer is None:
        return _schema(run, connection.url)
    if connection.nonce and "nonce" in answer and answer["nonce"] != connection.nonce:
        raise BlockedError(
            "wrong_output",
            "another process answered /health on the port of this Space",
            f"stop the Space and try again: spacefactory spaces stop {space.space_id}",
        )
    run.tell(", ".join(f"{key} {answer[key]}" for key in ("model", "parameters", "device") if answer.get(key)))
    return Healthy(endpoint="/health", answer=answer)


def _schema(run: Run, url: str) -> Healthy:
    connection = run.host.connect(target(run).space_id)
    if not probe.config_answers(connection, TIMEOUT_S):
        raise BlockedError(
            "no_endpoint",
            f"{url} does not answer as a Gradio app does",
            "give the address of a running Gradio app, such as http://127.0.0.1:7860",
        )
    return Healthy(endpoint="/config")


STEP = Step("health", Healthy, effect, level=Level.RUNNING)
