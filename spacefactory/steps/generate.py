"""generate: the agent writes the app, or mends it after a failure."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from spacefactory import workspaces
from spacefactory.engine import Step
from spacefactory.errors import BlockedError, SpacefactoryError
from spacefactory.providers import Agent
from spacefactory.run import Run
from spacefactory.schema.event import EventType
from spacefactory.schema.status import Blocker
from spacefactory.schema.steps import Generated
from spacefactory.schema.work import AgentTask, Failure, ModelEndpoint
from spacefactory.steps import coding_model, documents
from spacefactory.workbench import RunWorkbench, free_port

DRAFT = ".cache/draft"
"""Where in the workspace the files of the draft lie; never published."""


def workspace(run: Run) -> Path:
    """The agent's folder; it goes with the end of the run, what was published stays in `generated/`."""
    return run.folder / "workspace"


def ask(run: Run, failure: Failure | None, changes: str = "") -> Generated | None:
    """Have the agent work; None when it says that it changed nothing.

    Raises:
        BlockedError: the agent says why it cannot, this machine cannot confine it, or the budget is used up.
    """
    agent = run.plugins.agent(run.spec.providers.agent)
    task = _task(run, failure, changes)
    if coding_model.needed(agent):
        task = task.model_copy(update={"draft": _draft(run, agent, task)})
    before = coding_model.spent(run)
    with _bench(run, agent) as bench:
        outcome = agent.build(task, bench)
    if outcome.cost_usd:
        run.emit(EventType.AGENT_SPENT, {"usd": outcome.cost_usd})
    if outcome.status == "blocked":
        raise _blocked(agent.name, outcome.blocker, outcome.summary)
    if outcome.status == "unchanged":
        return None
    return Generated(
        agent=agent.name,
        summary=outcome.summary,
        files=workspaces.files(bench.workspace),
        cost_usd=round(coding_model.spent(run) - before, 8),
    )


def effect(run: Run) -> Generated:
    """Write the app from nothing; in a repair round the repair step has had it mended already."""
    folder = workspace(run)
    written = _written(run, folder) if run.round == 0 else _as_it_is(run, folder)
    if not (folder / "app.py").is_file():
        raise BlockedError("placeholder", "the agent wrote no app.py", "choose another agent with --agent")
    run.tell(written.summary or f"{len(written.files)} files")
    return written


def _written(run: Run, folder: Path) -> Generated:
    """The first writing; what an interrupted attempt left is kept, so that an agent can go on from there."""
    if not _interrupted(run):
        shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True, exist_ok=True)
    return ask(run, None) or _as_it_is(run, folder)


def _interrupted(run: Run) -> bool:
    intents = [event for event in run.journal.events if event.type == EventType.STEP_INTENT]
    return sum(event.facts["step"] == STEP.name and event.facts["round"] == 0 for event in intents) > 1


def _task(run: Run, failure: Failure | None, changes: str) -> AgentTask:
    return AgentTask(
        card=documents.card(run),
        profile=documents.profile(run),
        round=0 if failure is None else run.round + 1,
        failure=failure,
        targets=run.spec.providers.hardware,
        changes=changes,
    )


@contextmanager
def _bench(run: Run, agent: Agent) -> Iterator[RunWorkbench]:
    """The agent's workbench, with the door to the coding model when the agent needs one."""
    if not coding_model.needed(agent):
        with _workbench(run, None) as bench:
            yield bench
        return
    _workbench(run, None).prove()  # before anything is spent
    with coding_model.opened(run) as door, _workbench(run, door.endpoint, proven=True) as bench:
        yield bench


def _workbench(run: Run, endpoint: ModelEndpoint | None, *, proven: bool = False) -> RunWorkbench:
    model = documents.profile(run).location.path
    return RunWorkbench(
        workspace(run),
        run.emit,
        run.folder / "traces",
        confined=not run.settings.unsafe_no_sandbox,
        model_endpoint=endpoint,
        readable=(model.resolve(),) if model is not None and model.is_dir() else (),
        app_port=free_port(),
        check=run.check,
        clean=lambda text: str(run.clean(text)),
        proven=proven,
    )


def _draft(run: Run, agent: Agent, task: AgentTask) -> dict[str, str]:
    """The app that the configured draft agent would write, where it would; all of it lies in the workspace too."""
    name = run.settings.draft
    if task.failure is not None or name in ("", agent.name):
        return {}
    try:
        drafter = run.plugins.agent(name)
        if coding_model.needed(drafter) or drafter.supports(task.profile):
            return {}
        with tempfile.TemporaryDirectory(prefix="spacefactory-draft-") as folder:
            bench = RunWorkbench(Path(folder), lambda *_: None, run.folder / "traces", check=run.check)
            with bench:
                drafter.build(task, bench)
            for file in workspaces.files(Path(folder)):
                workspaces.write(workspace(run), f"{DRAFT}/{file}", (Path(folder) / file).read_bytes())
            return workspaces.texts(Path(folder))
    except SpacefactoryError as error:
        run.tell(f"without a draft: {error}")
        return {}


def _as_it_is(run: Run, folder: Path) -> Generated:
    summary = f"repair round {run.round}" if run.round else "the app as the agent left it"
    return Generated(agent=run.spec.providers.agent, summary=summary, files=workspaces.files(folder))


def _blocked(agent: str, blocker: Blocker | None, summary: str) -> BlockedError:
    if blocker is None:
        return BlockedError(
            "unsupported_task", f"agent {agent} gave up: {summary}", "choose another agent with --agent"
        )
    return BlockedError(blocker.reason, blocker.detail, blocker.next_action)


STEP = Step("generate", Generated, effect)
