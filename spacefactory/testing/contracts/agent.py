"""Promises of an Agent."""

# ruff: noqa: S101 - contracts assert

from __future__ import annotations

import ast
import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import pytest
from pydantic import JsonValue

from spacefactory import confine
from spacefactory.lint.gate import publish, space_front_matter
from spacefactory.lint.rules import RULES
from spacefactory.lint.run import lint, load_tree
from spacefactory.providers import Agent, Process
from spacefactory.schema.work import AgentTask, Completed, Failure, GeneratedTree, ModelEndpoint
from spacefactory.testing.contracts.named import NamedContract, one_sentence
from spacefactory.workbench import RunWorkbench

CANARY = "hf_" + "contractcanary" * 3
"""Stands in the environment as a token would; nothing that an agent writes or tells may hold it."""
TOKEN_NAMES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HUGGINGFACEHUB_API_TOKEN")


def gated(task: AgentTask, workspace: Path) -> GeneratedTree:
    """What would be published of a workspace, with the front matter that the gate writes, as rules see it."""
    aside = workspace.parent / "published"
    publish(workspace, aside, front_matter=space_front_matter(task.profile), secrets=())
    location = task.profile.location
    return load_tree(aside, targets=task.targets, model=location.model, revision=location.revision)


@dataclass(frozen=True)
class FolderWorkbench:
    """A workbench without confinement, for agents that the test trusts; commands get an almost empty environment."""

    workspace: Path
    model_endpoint: ModelEndpoint | None = None
    told: list[tuple[str, dict[str, JsonValue]]] = field(default_factory=list)

    def run(self, argv: Sequence[str], timeout: float = 600) -> Completed:
        """Run a command in the workspace."""
        environment = {"PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": str(self.workspace)}
        done = subprocess.run(
            list(argv),
            cwd=self.workspace,
            env=environment,
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
        return Completed(returncode=done.returncode, stdout=done.stdout, stderr=done.stderr)

    def start(
        self, argv: Sequence[str], environment: Mapping[str, str] | None = None, readable: Sequence[Path] = ()
    ) -> Process:
        """Start a command in the workspace as a run does, confined where this machine can."""
        bench = RunWorkbench(
            self.workspace,
            lambda *_: None,
            self.workspace.parent,
            confined=confine.available() is None,
            model_endpoint=self.model_endpoint,
            proven=True,
        )
        return bench.start(argv, environment, readable)

    def trace(self, name: str, text: str) -> None:
        """Keep a document of the agent."""
        self.told.append(("trace", {"name": name, "text": text}))

    def emit(self, kind: str, facts: dict[str, JsonValue]) -> None:
        """Keep what the agent tells."""
        self.told.append((kind, facts))


class AgentContract(NamedContract):
    """Override `provider`, `task` and `unsupported`; `endpoint` when the agent needs a coding model."""

    protocol: ClassVar[type[Any]] = Agent

    @pytest.fixture
    def task(self) -> AgentTask:
        """A task that this agent can do in the test."""
        raise NotImplementedError("override the fixture 'task'")

    @pytest.fixture
    def unsupported(self) -> AgentTask | None:
        """A task that this agent refuses; None when it refuses none."""
        raise NotImplementedError("override the fixture 'unsupported'")

    @pytest.fixture
    def endpoint(self) -> ModelEndpoint | None:
        """The coding model."""
        return None

    @pytest.fixture
    def workbench(
        self, tmp_path: Path, endpoint: ModelEndpoint | None, monkeypatch: pytest.MonkeyPatch
    ) -> FolderWorkbench:
        """A workspace; the process's environment holds what looks like a token."""
        for name in TOKEN_NAMES:
            monkeypatch.setenv(name, CANARY)
        workspace = tmp_path / "outer" / "workspace"
        workspace.mkdir(parents=True)
        return FolderWorkbench(workspace, endpoint)

    def test_says_what_it_can_do(self, provider: Agent, task: AgentTask, unsupported: AgentTask | None) -> None:
        """None for what it supports, one sentence for what it does not."""
        assert provider.supports(task.profile) is None
        if unsupported is not None:
            why = provider.supports(unsupported.profile)
            assert why is not None
            assert one_sentence(why)

    def test_writes_an_app(self, provider: Agent, task: AgentTask, workbench: FolderWorkbench) -> None:
        """A program, its requirements and a README; nothing outside the workspace."""
        outcome = provider.build(task, workbench)
        assert outcome.status == "written", outcome
        assert outcome.cost_usd >= 0
        ast.parse((workbench.workspace / "app.py").read_text(encoding="utf-8"))
        for name in ("requirements.txt", "README.md"):
            (workbench.workspace / name).read_text(encoding="utf-8")
        assert [path.name for path in workbench.workspace.parent.iterdir()] == ["workspace"]
        for path in workbench.workspace.rglob("*"):
            assert path.resolve().is_relative_to(workbench.workspace.resolve()), f"{path} leads out of the workspace"

    def test_the_app_keeps_the_rules(self, provider: Agent, task: AgentTask, workbench: FolderWorkbench) -> None:
        """The publish gate lets the app through, and the shipped lint rules find no error in what it lets through."""
        provider.build(task, workbench)
        errors = [finding for finding in lint(gated(task, workbench.workspace), RULES) if finding.level == "error"]
        assert errors == []

    def test_tells_plain_facts_and_no_secret(
        self, provider: Agent, task: AgentTask, workbench: FolderWorkbench
    ) -> None:
        """Events are JSON; neither they nor the files hold what stood in the environment."""
        outcome = provider.build(task, workbench)
        told = json.dumps([*workbench.told, outcome.as_json()])
        assert CANARY not in told
        for path in workbench.workspace.rglob("*"):
            if path.is_file():
                assert CANARY.encode() not in path.read_bytes(), path

    def test_a_failure_is_answered(self, provider: Agent, task: AgentTask, workbench: FolderWorkbench) -> None:
        """In a repair round it mends, leaves things as they are, or says what blocks; the app stays a program."""
        provider.build(task, workbench)
        failure = Failure(step="boot", summary="the app ended", place="run_log", text="ModuleNotFoundError: No module")
        outcome = provider.build(task.model_copy(update={"round": 1, "failure": failure}), workbench)
        assert outcome.status in ("written", "unchanged", "blocked")
        assert (outcome.blocker is not None) == (outcome.status == "blocked")
        ast.parse((workbench.workspace / "app.py").read_text(encoding="utf-8"))
