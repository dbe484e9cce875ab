"""Tasks for the template agent, made by hand, and a folder for what it writes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import JsonValue
from spacefactory_template_agent.agent import TemplateAgent

from spacefactory.providers import Process
from spacefactory.schema.card import ModelCard, ModelLocation, RepoFile
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.work import AgentTask, Completed, Failure


@dataclass(frozen=True)
class Bench:
    """A workbench without commands: the template agent runs none."""

    workspace: Path
    events: list[tuple[str, dict[str, JsonValue]]] = field(default_factory=list)
    model_endpoint: None = None

    def run(self, argv: object, timeout: float = 600) -> Completed:
        raise AssertionError(f"the template agent must not run anything, it ran {argv} for {timeout}")

    def start(self, argv: object, environment: object = None, readable: object = ()) -> Process:
        raise AssertionError(
            f"the template agent must not start anything: it started {argv}, {environment}, {readable}"
        )

    def trace(self, name: str, text: str) -> None:
        raise AssertionError(f"the template agent has no traces, it left {name}: {text}")

    def emit(self, kind: str, facts: dict[str, JsonValue]) -> None:
        self.events.append((kind, facts))


def make_task(
    task: str | None = "text-classification",
    library: str | None = "transformers",
    *,
    model: str = "owner/model",
    path: Path | None = None,
    files: tuple[str, ...] | None = ("config.json", "model.safetensors", "tokenizer.json"),
    configs: dict[str, JsonValue] | None = None,
    failure: Failure | None = None,
    **profile: Any,
) -> AgentTask:
    location = ModelLocation(model=model, revision="0123abc", path=path)
    listed = None if files is None else tuple(RepoFile(path=name) for name in files)
    card = ModelCard(location=location, source="folder", text="", files=listed, configs=configs or {})
    known = ModelProfile(location=location, task=task, library=library, **profile)
    return AgentTask(card=card, profile=known, targets=("zerogpu", "fixedgpu"), failure=failure)


def build(task: AgentTask, folder: Path) -> dict[str, str]:
    """Every text file that the agent writes, by name."""
    folder.mkdir(parents=True, exist_ok=True)
    outcome = TemplateAgent().build(task, Bench(folder))
    assert outcome.status == "written"
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(folder.iterdir()) if path.is_file()}
