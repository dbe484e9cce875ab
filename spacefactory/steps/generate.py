"""generate: the agent writes the app, or mends it after a failure."""

from __future__ import annotations

import shutil
from pathlib import Path

from spacefactory.engine import Step
from spacefactory.errors import BlockedError
from spacefactory.run import Run
from spacefactory.schema.status import Blocker
from spacefactory.schema.steps import Generated
from spacefactory.schema.work import AgentTask, Failure
from spacefactory.steps import documents
from spacefactory.workbench import RunWorkbench


def workspace(run: Run) -> Path:
    """The agent's folder; it goes with the end of the run, what was published stays in `generated/`."""
    return run.folder / "workspace"


def ask(run: Run, failure: Failure | None) -> Generated | None:
    """Have the agent work; None when it says that it changed nothing.

    Raises:
        BlockedError: the agent says why it cannot, or wrote no app.
    """
    agent = run.plugins.agent(run.spec.providers.agent)
    task = AgentTask(
        card=documents.card(run),
        profile=documents.profile(run),
        round=run.round,
        failure=failure,
        targets=run.spec.providers.hardware,
    )
    bench = RunWorkbench(workspace(run), run.emit, confined=not run.settings.unsafe_no_sandbox)
    outcome = agent.build(task, bench)
    if outcome.status == "blocked":
        raise _blocked(agent.name, outcome.blocker, outcome.summary)
    if outcome.status == "unchanged":
        return None
    files = tuple(
        sorted(str(path.relative_to(bench.workspace)) for path in bench.workspace.rglob("*") if path.is_file())
    )
    return Generated(agent=agent.name, summary=outcome.summary, files=files, cost_usd=outcome.cost_usd)


def effect(run: Run) -> Generated:
    """Write the app from nothing; in a repair round the repair step has had it mended already."""
    folder = workspace(run)
    if run.round == 0:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        written = ask(run, None)
    else:
        written = _as_it_is(run, folder)
    if written is None or not (folder / "app.py").is_file():
        raise BlockedError("placeholder", "the agent wrote no app.py", "choose another agent with --agent")
    run.tell(written.summary or f"{len(written.files)} files")
    return written


def _as_it_is(run: Run, folder: Path) -> Generated:
    files = tuple(sorted(str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()))
    return Generated(agent=run.spec.providers.agent, summary=f"repair round {run.round}", files=files)


def _blocked(agent: str, blocker: Blocker | None, summary: str) -> BlockedError:
    if blocker is None:
        return BlockedError(
            "unsupported_task", f"agent {agent} gave up: {summary}", "choose another agent with --agent"
        )
    return BlockedError(blocker.reason, blocker.detail, blocker.next_action)


STEP = Step("generate", Generated, effect)
