"""Pi keeps the promises of an agent, with a scripted model that writes what the template agent would."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from spacefactory_pi_agent.agent import PiAgent
from spacefactory_pi_agent.options import PiOptions

from spacefactory.broker.meter import Ceiling
from spacefactory.broker.model import open_model
from spacefactory.schema.work import AgentTask, ModelEndpoint
from spacefactory.testing.contracts import AgentContract
from spacefactory.testing.scripted_model import ScriptedModel, script
from tests.plugins.pi_bench import PRICES, cli
from tests.plugins.template_agent_tasks import build, make_task

pytestmark = pytest.mark.slow


class TestPiAgent(AgentContract):
    @pytest.fixture
    def provider(self, request: pytest.FixtureRequest, tmp_path: Path) -> PiAgent:
        return PiAgent(tmp_path / "home", PiOptions(cli=str(cli(request.config)), retries=0, ready_s=120))

    @pytest.fixture
    def task(self) -> AgentTask:
        return make_task("text-classification", "transformers", output_type="label")

    @pytest.fixture
    def unsupported(self) -> None:
        return None

    @pytest.fixture
    def endpoint(self, task: AgentTask, tmp_path: Path) -> Iterator[ModelEndpoint]:
        files = build(task, tmp_path / "written")
        write = [["write", {"path": name, "content": text}] for name, text in files.items()]
        turns = script([{"tools": write}, {"say": ["Done."]}])
        with (
            ScriptedModel({"writer": turns}) as model,
            open_model(model.base_url("writer"), "key", "tiny/coder", PRICES, Ceiling(1.0), lambda *_: None) as door,
        ):
            yield door.endpoint
