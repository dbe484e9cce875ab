"""Every app that the template agent writes passes the gate and every lint rule."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import JsonValue
from spacefactory_template_agent.recipes import RECIPES, Recipe

from spacefactory.lint.gate import publish, space_front_matter
from spacefactory.lint.rules import RULES
from spacefactory.lint.run import lint, load_tree
from spacefactory.schema.profile import Example
from spacefactory.schema.work import AgentTask, Finding
from tests.plugins.template_agent_tasks import build, make_task

CHAT: dict[str, JsonValue] = {"tokenizer_config.json": {"chat_template": "{{ messages }}"}}


def _findings(task: AgentTask, folder: Path) -> tuple[Finding, ...]:
    build(task, folder / "workspace")
    out = folder / "out"
    publish(folder / "workspace", out, front_matter=space_front_matter(task.profile), secrets=())
    location = task.profile.location
    return lint(load_tree(out, targets=task.targets, model=location.model, revision=location.revision), RULES)


def _name(recipe: Recipe) -> str:
    return f"{recipe.task}-{recipe.library}"


@pytest.mark.parametrize("recipe", RECIPES, ids=_name)
def test_no_finding(recipe: Recipe, tmp_path: Path) -> None:
    example = Example(inputs={"text": "hello"})
    assert _findings(make_task(recipe.task, recipe.library, examples=(example,)), tmp_path) == ()


@pytest.mark.parametrize("recipe", RECIPES, ids=_name)
def test_no_finding_for_a_model_in_a_folder(recipe: Recipe, tmp_path: Path) -> None:
    """Its name has no owner, and its files and settings are others."""
    settings: dict[str, JsonValue] = {"num_inference_steps": 4, "guidance_scale": 0.0, "temperature": 0.7}
    task = make_task(
        recipe.task,
        recipe.library,
        model="digits",
        path=tmp_path / "model",
        files=None,
        configs=CHAT,
        settings=settings,
    )
    assert _findings(task, tmp_path) == ()
