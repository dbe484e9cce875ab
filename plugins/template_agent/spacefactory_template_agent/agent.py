"""The agent `template`: writes the app for a profile from the template of its task."""

from __future__ import annotations

from dataclasses import dataclass

from spacefactory.providers import Workbench
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.status import Blocker, BlockerReason
from spacefactory.schema.work import AgentOutcome, AgentTask
from spacefactory_template_agent import recipes


@dataclass(frozen=True)
class TemplateAgent:
    """Deterministic: the same card gives the same bytes, without a coding model and without network."""

    name: str = "template"
    needs_model: bool = False

    def supports(self, profile: ModelProfile) -> str | None:
        """None when there is a template for the profile's task and library, else one sentence why not."""
        return None if recipes.find(profile.task, profile.library) else recipes.why_not(profile.task, profile.library)

    def build(self, task: AgentTask, workbench: Workbench) -> AgentOutcome:
        """Write app.py, requirements.txt, README.md and the card's example files into the workspace."""
        if why := self.supports(task.profile):
            return _blocked(why)
        from spacefactory_template_agent.write import write

        before = _contents(workbench)
        written = write(task, workbench.workspace)
        if before == _contents(workbench):
            return AgentOutcome(status="unchanged", summary="the template gives the same app again")
        workbench.emit("written", {"files": list(written)})
        return AgentOutcome(status="written", summary=f"{len(written)} files from the {task.profile.task} template")


def _contents(workbench: Workbench) -> dict[str, bytes]:
    files = (path for path in workbench.workspace.rglob("*") if path.is_file() and not path.is_symlink())
    return {str(path.relative_to(workbench.workspace)): path.read_bytes() for path in files}


def _blocked(why: str) -> AgentOutcome:
    blocker = Blocker(
        reason=BlockerReason.UNSUPPORTED_TASK,
        detail=why,
        next_action="choose an agent that writes such apps with --agent, see: spacefactory plugins list",
    )
    return AgentOutcome(status="blocked", summary=why, blocker=blocker)
