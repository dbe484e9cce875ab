"""Values from a card stay values: in Python, in Markdown, in file names."""

from __future__ import annotations

import ast
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue
from spacefactory_template_agent.examples import LARGEST, MOST, rows
from spacefactory_template_agent.recipes import RECIPES, Column
from spacefactory_template_agent.text import link, literal, markdown

from spacefactory.schema.profile import Example
from tests.plugins.template_agent_tasks import build, make_task

HOSTILE = (
    '"""',
    "'''",
    '"; import os; os.system("x") #',
    "line\nbreak\r\nand\ttab",
    "{{ 7 * 7 }} {% raw %} {# x #}",
    "back\\slash\\",
    "\\N{BULLET} {MODEL_ID} %s",
    "</script><script>alert(1)</script>",
    "[x](javascript:alert(1)) ![y](http://host/z) <img src=x onerror=alert(1)> www.host.example",
    "\u202ereversed\u2066 \U0001f600 \x00 \x1b[31m \ud800",
    "`code` *bold* _it_ # head\n- item\n1. one\n> quote | table $x$ ~s~",
)

plain = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text()
nested = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner), max_leaves=10)


@given(nested)
def test_a_literal_reads_back_as_the_value(value: object) -> None:
    assert ast.literal_eval(literal(value)) == value


@given(st.text())
def test_a_literal_is_one_line_of_printable_text(value: str) -> None:
    assert literal(value).isprintable()


@pytest.mark.parametrize("value", [object(), b"bytes", math.nan, math.inf, {"key": {1, 2}}])
def test_what_has_no_literal_is_refused(value: object) -> None:
    with pytest.raises(TypeError):
        literal(value)


@given(st.text())
def test_markdown_keeps_no_character_that_could_mean_something(value: str) -> None:
    shown = markdown(value)
    assert len(shown.splitlines()) <= 1
    bare = shown.replace("\\\\", "")
    for sign in "`*_{}[]()<>#|~$&@":
        assert bare.count(sign) == bare.count(f"\\{sign}")


def test_only_ids_of_the_hub_become_links() -> None:
    assert link("owner/model-1.5") == "[owner/model-1.5](https://huggingface.co/owner/model-1.5)"
    for odd in ("digits", "a/b/c", "owner/mo del", "owner/model)", "../x", "owner/x\n", "ówner/model"):
        assert "](" not in link(odd)


def _example(text: str) -> Example:
    return Example(title=text, inputs={"text": text, "image": text, "audio": text}, expected=text)


def _configs(task: str, text: str) -> dict[str, JsonValue]:
    own: dict[str, JsonValue] = {
        "model_type": text,
        "architectures": [text],
        "task_specific_params": {task: {"prefix": text}},
    }
    other: dict[str, JsonValue] = {"_class_name": text, "chat_template": text}
    return {"config.json": own, "model_index.json": other, "tokenizer_config.json": other}


def _markdown_texts(app: str) -> list[str]:
    found = [node for node in ast.walk(ast.parse(app)) if isinstance(node, ast.Call)]
    return [ast.literal_eval(call.args[0]) for call in found if ast.unparse(call.func) == "gr.Markdown"]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_names_examples_and_licences_stay_text(text: str, tmp_path: Path) -> None:
    for recipe in RECIPES:
        task = make_task(
            recipe.task,
            recipe.library,
            model=text,
            license=text,
            examples=(_example(text),),
            configs=_configs(recipe.task, text),
            files=(f"{text}.onnx", f"{text}.model"),
            settings={"temperature": text, "num_inference_steps": text, text: text},
        )
        friendly = make_task(
            recipe.task, recipe.library, files=(), configs={"tokenizer_config.json": {"chat_template": "x"}}
        )
        folder = tmp_path / recipe.task / recipe.library
        app, other = build(task, folder)["app.py"], build(friendly, folder / "friendly")["app.py"]
        tree = ast.parse(app, feature_version=(3, 10))
        assert text in {node.value for node in ast.walk(tree) if isinstance(node, ast.Constant)}
        assert _shape(tree) == _shape(ast.parse(other)), recipe
        assert f"# {markdown(text)}" in _markdown_texts(app)


def _shape(tree: ast.Module) -> list[str]:
    """The statements of a program without its constants, and without the rows of examples."""

    class Blank(ast.NodeTransformer):
        def visit_Constant(self, node: ast.Constant) -> ast.Constant:
            return ast.Constant(type(node.value).__name__)

        def visit_Expr(self, node: ast.Expr) -> Any:
            examples = isinstance(node.value, ast.Call) and ast.unparse(node.value.func) == "gr.Examples"
            return None if examples else self.generic_visit(node)

    return ast.unparse(Blank().visit(tree)).splitlines()


def test_readme_shows_hostile_values_as_text(tmp_path: Path) -> None:
    for at, text in enumerate(HOSTILE):
        readme = build(make_task(model=text, license=text), tmp_path / str(at))["README.md"]
        assert readme.startswith(f"# {markdown(text)}\n")
        assert "\n---" not in readme
        assert "<script" not in readme.replace("\\<", "")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model's folder with files that may and may not come along."""
    model = tmp_path / "model"
    (model / "samples").mkdir(parents=True)
    (tmp_path / "secret.png").write_bytes(b"secret")
    (model / "link.png").symlink_to(tmp_path / "secret.png")
    for name in ("samples/a.png", "samples/two words.PNG", "b/a.png", "run.py", "note.txt"):
        path = model / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(name.encode())
    (model / "empty.png").touch()
    (model / "large.png").write_bytes(b"x" * (LARGEST + 1))
    return model


def _pictures(*paths: str) -> tuple[Example, ...]:
    return tuple(Example(title=path, inputs={"image": path}) for path in paths)


def test_example_files_come_along_under_safe_names(folder: Path, tmp_path: Path) -> None:
    task = make_task(
        "image-classification", path=folder, examples=_pictures("samples/a.png", "samples/two words.PNG", "b/a.png")
    )
    app = build(task, tmp_path / "app")["app.py"]
    copied = {path.name: path.read_bytes() for path in (tmp_path / "app" / "examples").iterdir()}
    assert copied == {"a.png": b"samples/a.png", "example-2.png": b"samples/two words.PNG", "3-a.png": b"b/a.png"}
    for name in copied:
        assert f'["examples/{name}"],\n' in app


@pytest.mark.parametrize(
    "path",
    (
        *("../secret.png", "link.png", "/etc/passwd"),
        *("run.py", "note.txt", "empty.png", "large.png", "gone.png", "samples", "a\0.png"),
    ),
)
def test_other_files_stay_where_they_are(path: str, folder: Path, tmp_path: Path) -> None:
    task = make_task("image-classification", path=folder, examples=_pictures(path))
    assert "gr.Examples" not in build(task, tmp_path / "app")["app.py"]
    assert not (tmp_path / "app" / "examples").exists()


def test_files_are_not_looked_for_without_a_folder(tmp_path: Path) -> None:
    app = build(make_task("image-classification", examples=_pictures("samples/a.png")), tmp_path)["app.py"]
    assert "gr.Examples" not in app


def test_a_file_that_two_examples_name_is_copied_once(folder: Path) -> None:
    task = make_task("image-classification", path=folder, examples=_pictures("samples/a.png", "samples/a.png"))
    found = rows(task.profile, (Column("image", "image", ("image",)),))
    assert found.cells == (("examples/a.png",), ("examples/a.png",))
    assert found.files == (((folder / "samples/a.png").resolve(), "examples/a.png"),)


def test_at_most_a_screenful_of_examples(tmp_path: Path) -> None:
    task = make_task(examples=tuple(Example(inputs={"text": f"text {at}"}) for at in range(MOST + 5)))
    assert build(task, tmp_path)["app.py"].count('["text ') == MOST


def test_a_column_that_no_example_fills_is_left_out() -> None:
    columns = (Column("text", "text", ("text",)), Column("classes", "text", ("candidate_labels",), join=", "))
    one, two = (
        Example(inputs={"text": "a"}),
        Example(inputs={"text": "b", "parameters": {"candidate_labels": ["x", "y"]}}),
    )
    alone = rows(make_task(examples=(one,)).profile, columns)
    assert (alone.columns, alone.cells) == (columns[:1], (("a",),))
    both = rows(make_task(examples=(one, two, Example(inputs={"image": "c.png"}))).profile, columns)
    assert (both.columns, both.cells) == (columns, (("a", ""), ("b", "x, y")))
