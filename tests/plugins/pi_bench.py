"""The real Pi at a workbench of its own, thinking with a scripted model: a round without any Space."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import JsonValue
from spacefactory_pi_agent.agent import PiAgent
from spacefactory_pi_agent.install import find_pi
from spacefactory_pi_agent.node import find_node
from spacefactory_pi_agent.options import PiOptions

from spacefactory import confine
from spacefactory.broker.meter import Ceiling, Meter, Prices
from spacefactory.broker.model import open_model
from spacefactory.errors import SpacefactoryError
from spacefactory.schema.card import ModelCard, ModelLocation
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.work import AgentOutcome, AgentTask
from spacefactory.testing import absent
from spacefactory.testing.scripted_model import ScriptedModel
from spacefactory.workbench import RunWorkbench

KEY = "hf_" + "canaryPi" * 4
PRICES = Prices(0.2, 1.5)
FAST = {"retries": 0, "ready_s": 120.0}
WHOLE = "printf 'print(1)\\n' > app.py && printf 'torch\\n' > requirements.txt && printf '# x\\n' > README.md"


def cli(config: pytest.Config) -> Path:
    """Pi's command, fetched once per checkout; the test is skipped where that cannot be."""
    node, why = find_node()
    if node is None:
        absent(why)
    if reason := confine.available():
        absent(f"this machine cannot confine an agent: {reason}")
    assert config.cache is not None
    try:
        return find_pi(Path(config.cache.mkdir("pi")), node)
    except SpacefactoryError as error:
        absent(str(error))


def task(**facts: Any) -> AgentTask:
    """A small task."""
    location = ModelLocation(model="owner/tiny", revision="0123abc")
    card = ModelCard(location=location, source="folder", text="# Tiny\n", body="# Tiny\nA tiny model.\n")
    profile = ModelProfile(location=location, task="text-generation", library="transformers", output_type="text")
    return AgentTask(card=card, profile=profile, targets=("zerogpu",)).model_copy(update=facts)


@dataclass
class Worked:
    """A round of Pi."""

    workspace: Path
    traces: Path
    meter: Meter
    outcome: AgentOutcome | None = None
    error: SpacefactoryError | None = None
    events: list[tuple[str, dict[str, JsonValue]]] = field(default_factory=list)

    def told(self, kind: str) -> list[dict[str, JsonValue]]:
        """Facts of the events of a kind."""
        return [facts for name, facts in self.events if name == kind]

    @property
    def reason(self) -> str:
        """The blocker's reason; empty without one."""
        return self.outcome.blocker.reason if self.outcome and self.outcome.blocker else ""


@dataclass
class Bench:
    """Rounds of Pi in one workspace."""

    cli: Path
    folder: Path
    model: ScriptedModel

    def work(
        self,
        script: str,
        asked: AgentTask | None = None,
        usd: float = 1.0,
        check: Callable[[], None] = lambda: None,
        proven: bool = True,
        **options: Any,
    ) -> Worked:
        """One round."""
        workspace, traces = self.folder / "workspace", self.folder / "traces"
        for one in (workspace, traces):
            one.mkdir(parents=True, exist_ok=True)
        agent = PiAgent(self.folder, PiOptions(cli=str(self.cli), **{**FAST, **options}))
        upstream, events = self.model.base_url(script), list[tuple[str, dict[str, JsonValue]]]()
        with open_model(upstream, KEY, "tiny/coder", PRICES, Ceiling(usd), lambda *told: events.append(told)) as door:
            worked = Worked(workspace, traces, door.meter, events=events)
            bench = RunWorkbench(
                workspace,
                lambda *told: events.append(told),
                traces,
                model_endpoint=door.endpoint,
                check=check,
                proven=proven,
            )
            try:
                with bench:
                    worked.outcome = agent.build(asked or task(), bench)
            except SpacefactoryError as error:
                worked.error = error
        return worked

    def clear(self) -> None:
        """An empty workspace for the next round."""
        shutil.rmtree(self.folder / "workspace")


def bash(command: str, **facts: Any) -> dict[str, Any]:
    """A turn that runs a command."""
    return {"tools": [["bash", {"command": command}]], **facts}
