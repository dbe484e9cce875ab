"""The agent `pi`: the Pi coding agent over its RPC mode, confined; one session for the first writing and repairs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from spacefactory import workspaces
from spacefactory.errors import PlatformError
from spacefactory.providers import Workbench
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.work import AgentOutcome, AgentTask, ModelEndpoint
from spacefactory_pi_agent import goal, launch
from spacefactory_pi_agent.events import Told
from spacefactory_pi_agent.follow import Settled, follow, ready
from spacefactory_pi_agent.install import find_pi
from spacefactory_pi_agent.node import find_node
from spacefactory_pi_agent.options import PiOptions
from spacefactory_pi_agent.outcome import Worked, judge, missing, stated
from spacefactory_pi_agent.rpc import PiEndedError, Rpc

STARTS = 2
"""Pi is started once more when it ended by itself: its session is on disk."""
CONTINUE = "Continue; the last step may be incomplete."
CLOSE_S = 5.0


@dataclass(frozen=True)
class PiAgent:
    """Writes and mends apps with the run's coding model."""

    home: Path
    options: PiOptions = field(default_factory=PiOptions)
    name: str = "pi"
    needs_model: bool = True

    def supports(self, profile: ModelProfile) -> str | None:  # noqa: ARG002 - the protocol's
        """None when there is a Node that can run Pi: Pi itself takes on any task."""
        return find_node(self.options.node)[1] or None

    def build(self, task: AgentTask, workbench: Workbench) -> AgentOutcome:
        """Have Pi write the app, or mend it after a failure.

        Raises:
            PlatformError: Pi or the model's endpoint failed.
            UsageError: the endpoint has no such model.
            BlockedError: this machine cannot confine Pi, or the run's time is used up.
        """
        endpoint = workbench.model_endpoint
        if endpoint is None:
            raise PlatformError("the agent pi was given no coding model", "start it through a run")
        before = workspaces.texts(workbench.workspace)
        settled, stderr = self._work(_prompts(task, workbench), task.round, workbench, endpoint)
        changed = workspaces.texts(workbench.workspace) != before
        return judge(Worked(settled, changed, endpoint.model, stderr), workbench.workspace)

    def _work(
        self, prompts: list[str], number: int, workbench: Workbench, endpoint: ModelEndpoint
    ) -> tuple[Settled, str]:
        """Until Pi settles; a process that ended by itself is started once more."""
        node, why = find_node(self.options.node)
        if node is None:
            raise PlatformError(why)
        cli = find_pi(self.home, node, self.options.cli)
        settled, stderr = Settled("ended"), ""
        for _ in range(STARTS):
            process = launch.start(node, cli, workbench, endpoint, self.options)
            try:
                settled = self._converse(Rpc(process), prompts, workbench)
            finally:
                stderr = process.close(CLOSE_S).stderr
                _keep(workbench, number, stderr)
            if settled.end != "ended":
                break
            workbench.emit("crashed", {"stderr": stderr[-1000:]})
            prompts = [CONTINUE] if _session(workbench) else prompts
        return settled, stderr

    def _converse(self, rpc: Rpc, prompts: list[str], workbench: Workbench) -> Settled:
        def tell(told: Told) -> None:
            workbench.emit(*told)

        try:
            if not ready(rpc, self.options.ready_s):
                return Settled("refused", error="it did not come up in time")
            settled = Settled("stop")
            for prompt in prompts:
                settled = follow(rpc, prompt, self.options, tell)
            workspace = workbench.workspace
            if settled.end in ("stop", "length") and (left := missing(workspace)) and not stated(workspace):
                settled = follow(rpc, f"{' and '.join(left)} missing. Write it now, then stop.", self.options, tell)
        except PiEndedError:
            settled = Settled("ended")
        if rpc.garbage:
            workbench.emit("garbage", {"lines": rpc.garbage})
        return settled


def _prompts(task: AgentTask, workbench: Workbench) -> list[str]:
    """The goal; in a repair round the failure, after the goal only when no session of Pi knows it."""
    if task.failure is None:
        return [CONTINUE] if _session(workbench) else [goal.goal(task)]
    repair = goal.repair(task, task.failure)
    return [repair] if _session(workbench) else [f"{goal.goal(task)}\n\n{repair}"]


def _session(workbench: Workbench) -> bool:
    """Whether Pi has a session in this workspace."""
    return any(name.endswith(".jsonl") for name in workspaces.names(workbench.workspace, launch.SESSIONS))


def _keep(workbench: Workbench, number: int, stderr: str) -> None:
    """Pi's own session and error output go into the record."""
    for name in workspaces.names(workbench.workspace, launch.SESSIONS):
        text = workspaces.read(workbench.workspace, f"{launch.SESSIONS}/{name}", limit=32 << 20)
        if name.endswith(".jsonl") and text:
            workbench.trace(f"pi-session-{number}.jsonl", text)
    if stderr:
        workbench.trace(f"pi-stderr-{number}.txt", stderr)
