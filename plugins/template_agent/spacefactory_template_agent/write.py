"""Render the files of an app into a folder."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from spacefactory.schema.work import AgentTask
from spacefactory_template_agent import values
from spacefactory_template_agent.examples import Rows, rows
from spacefactory_template_agent.recipes import Recipe, find
from spacefactory_template_agent.requirements import requirements
from spacefactory_template_agent.text import literal, markdown

FIRST_ARGUMENT = {"text": '"Some text"', "image": 'handle_file("picture.png")', "audio": 'handle_file("speech.wav")'}
"""First argument of a call, in the README's example."""


@cache
def _environment() -> Environment:
    made = Environment(  # noqa: S701  # Python and Markdown, not HTML: values pass `literal` or `markdown`
        loader=PackageLoader("spacefactory_template_agent"),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters["literal"] = literal
    made.filters["markdown"] = markdown
    return made


def write(task: AgentTask, workspace: Path) -> tuple[str, ...]:
    """Write app.py, requirements.txt, README.md and the example files; returns their paths in the workspace.

    Raises:
        LookupError: there is no recipe for the profile's task and library.
    """
    recipe = find(task.profile.task, task.profile.library)
    if recipe is None:
        raise LookupError(f"no recipe for {task.profile.task} with {task.profile.library}")
    examples = rows(task.profile, recipe.columns)
    texts = render(task, recipe, examples)
    for name, text in texts.items():
        (workspace / name).write_text(text, encoding="utf-8", newline="\n")
    return (*texts, *examples.copy(workspace))


def render(task: AgentTask, recipe: Recipe, examples: Rows) -> dict[str, str]:
    """The text files of the app by name."""
    found = values.settings(task)
    model = values.model(task)
    first = recipe.columns[0] if recipe.columns else None
    facts = {
        "recipe": recipe,
        "model": model,
        "credit": values.credit(model),
        "examples": examples,
        "file_input": first is not None and first.kind != "text",
        "call": FIRST_ARGUMENT[first.kind] if first else "",
        "setting": values.setting(found),
        "recommended": values.recommended(found),
    }
    return {
        "app.py": _environment().get_template(f"{recipe.template}.py.j2").render(facts),
        "requirements.txt": "".join(f"{line}\n" for line in requirements(recipe, task.card)),
        "README.md": _environment().get_template("README.md.j2").render(facts),
    }
