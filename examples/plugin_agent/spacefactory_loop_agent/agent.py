"""The provider."""

from __future__ import annotations

from dataclasses import dataclass

from spacefactory.errors import PlatformError
from spacefactory.providers import Workbench
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.status import Blocker, BlockerReason
from spacefactory.schema.work import AgentOutcome, AgentTask

from spacefactory_loop_agent.loop import work
from spacefactory_loop_agent.model import BudgetUsedUpError


@dataclass(frozen=True)
class LoopAgent:
    """Thinks with the run's coding model, works with two tools: run a command, write a file."""

    name: str = "loop"
    needs_model: bool = True

    def supports(self, profile: ModelProfile) -> str | None:
        """Any task with a known kind of output."""
        return None if profile.output_type else f"nothing says what {profile.model} puts out"

    def build(self, task: AgentTask, workbench: Workbench) -> AgentOutcome:
        """Write or mend the app until the model says that it is done.

        Raises:
            PlatformError: the model's endpoint failed.
        """
        if workbench.model_endpoint is None:
            raise PlatformError("the agent loop was given no coding model", "start it through a run")
        before = _app(workbench)
        try:
            said = work(task, workbench, workbench.model_endpoint)
        except BudgetUsedUpError as error:
            blocker = Blocker(
                reason=BlockerReason.BUDGET_EXHAUSTED, detail=str(error), next_action="allow more with --budget-usd"
            )
            return AgentOutcome(status="blocked", summary=str(error), blocker=blocker)
        if _app(workbench) == before:
            return AgentOutcome(status="unchanged", summary=said)
        return AgentOutcome(status="written", summary=said)


def _app(workbench: Workbench) -> dict[str, bytes]:
    files = (path for path in workbench.workspace.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path): path.read_bytes() for path in files if ".cache" not in path.parts}
