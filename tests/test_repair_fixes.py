"""Deterministic fixes: an app before and after, for every failure that a rule mends, and files that are left alone."""

from __future__ import annotations

import ast
from inspect import signature
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from spacefactory import workspaces
from spacefactory.repair.classify import classify
from spacefactory.repair.fixes import VERBS, mend
from spacefactory.repair.fixes.apply import _gate, _lint
from spacefactory.repair.fixes.files import AppFiles
from spacefactory.repair.table import Shipped
from spacefactory.schema.work import Failure, Finding

RULES = Shipped().rules
APP = """import torch
import gradio as gr
from transformers import pipeline
import spaces

REVISION = "old"
pipe = pipeline("text-generation", model="a/b", revision=REVISION)


@spaces.GPU(duration=120)
def generate(prompt):
    return pipe(prompt)


with gr.Blocks(theme="soft", css="x") as demo:
    box = gr.Textbox(show_copy_button=True, label="é")
demo.launch(server_port=7860, share=True)
"""


def files(folder: Path, **texts: str) -> Path:
    for name, text in {"app_py": APP, **texts}.items():
        workspaces.write(folder, name.replace("_", ".", 1), text)
    return folder


def failure(text: str, place: str = "run_log") -> Failure:
    return Failure.model_validate({"step": "boot", "summary": "the app ended", "place": place, "text": text})


def mended(folder: Path, text: str, place: str = "run_log", name: str = "requirements.txt") -> str:
    """What a file says after the failure was mended."""
    done = mend(folder, failure(text, place), RULES, known={"revision": "0123abc", "model": "a/b"})
    assert done, f"nothing mends {text!r}"
    return workspaces.read(folder, name) or ""


CASES = yaml.safe_load(Path(__file__).with_name("repair_fixes.yaml").read_text(encoding="utf-8"))
REQUIREMENTS = [tuple(row.values()) for row in CASES["requirements"]]
LINT = [tuple(row.values()) for row in CASES["lint"]]


@pytest.mark.parametrize(("before", "text", "place", "after"), REQUIREMENTS, ids=lambda one: str(one)[:40])
def test_requirements(tmp_path: Path, before: str, text: str, place: str, after: str) -> None:
    assert mended(files(tmp_path, requirements_txt=before), text, place) == after


SYSTEM = [
    ("", "OSError: libsndfile.so.1: cannot open shared object file: No such file", "libsndfile1\n"),
    ("git\n", "FileNotFoundError: [Errno 2] No such file or directory: 'ffmpeg'", "git\nffmpeg\n"),
    ("", "ImportError: libGL.so.1: cannot open shared object file", "libgl1\n"),
]


@pytest.mark.parametrize(("before", "text", "after"), SYSTEM)
def test_system_packages(tmp_path: Path, before: str, text: str, after: str) -> None:
    folder = files(tmp_path, packages_txt=before, requirements_txt="torch\n")
    assert mended(folder, text, name="packages.txt") == after


@pytest.mark.parametrize(
    ("name", "after"), [("libgl1-mesa-glx", "git\nlibgl1\n"), ("no-such-thing", "git\n")]
)  # fmt: skip
def test_names_that_apt_lost(tmp_path: Path, name: str, after: str) -> None:
    folder = files(tmp_path, packages_txt=f"git\n{name}\n")
    assert mended(folder, f"E: Unable to locate package {name}", "build_log", "packages.txt") == after


CODE = [
    ("OSError: Cannot find empty port in range: 7860-7860", "demo.launch()\n", "server_port"),
    ("TypeError: Textbox.__init__() got an unexpected keyword argument 'show_copy_button'",
     'gr.Textbox(buttons=["copy"], label="é")', "show_copy_button"),
    ("TypeError: Blocks.__init__() got an unexpected keyword argument 'theme'",
     'demo.launch(server_port=7860, share=True, css="x", theme="soft")', 'gr.Blocks(theme'),
    ("RuntimeError: CUDA has been initialized before importing the `spaces` package",
     'os.environ.setdefault("NUMBA_DISABLE_CUDA", "1")\nimport spaces\nimport torch\n', "pipeline\nimport spaces"),
    ("torch.OutOfMemoryError: CUDA out of memory", "dtype=torch.bfloat16)", "revision=REVISION)"),
    ("torch.OutOfMemoryError: CUDA out of memory", '@spaces.GPU(duration=120, size="xlarge")', "(duration=120)"),
    ("The requested GPU duration (180s) is larger than the maximum allowed", "@spaces.GPU(duration=60)", "120"),
    ("Revision Not Found for url", "REVISION = '0123abc'", '"old"'),
    ("ZeroGPU init:  10%|#         | 10/100", 'os.environ.setdefault("NUMBA_DISABLE_CUDA", "1")', "@@"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "there", "gone"), CODE, ids=lambda one: str(one)[:40])
def test_code(tmp_path: Path, text: str, there: str, gone: str) -> None:
    after = mended(files(tmp_path), text, name="app.py")
    assert there in after
    assert gone not in after
    ast.parse(after)


DEVICES = """import torch
model = load().to("cuda").half()
pipe = pipeline("x", model="m", device=0, dtype=torch.float16)
other = thing.cuda()
kept = model.to(kind)
"""


def test_devices_and_dtypes_follow_the_machine(tmp_path: Path) -> None:
    folder = files(tmp_path, app_py=DEVICES)
    after = mended(folder, "AssertionError: Torch not compiled with CUDA enabled", name="app.py")
    assert after.count('"cuda" if torch.cuda.is_available() else "cpu"') == 3
    assert ".cuda()" not in after
    assert "kept = model.to(kind)" in after
    again = mended(
        folder, "RuntimeError: mat1 and mat2 must have the same dtype, but got Float and Half", name="app.py"
    )
    assert "dtype=torch.bfloat16 if torch.cuda.is_available() else torch.float32" in again
    ast.parse(again)


def test_an_async_gpu_function_becomes_a_plain_one_unless_it_awaits(tmp_path: Path) -> None:
    text = 'File "spaces/zero/decorator.py", line 92, in _GPU\n    raise NotImplementedError\nNotImplementedError'
    plain = "import spaces\n\n\n@spaces.GPU\nasync def generate(x):\n    return x\n"
    assert "\ndef generate" in mended(files(tmp_path, app_py=plain), text, name="app.py")
    workspaces.write(tmp_path, "app.py", plain.replace("return x", "return await x"))
    assert mend(tmp_path, failure(text), RULES) == ""


@pytest.mark.parametrize(("rule", "message", "name", "before", "after"), LINT, ids=lambda one: str(one)[:20])
def test_findings_of_lint(tmp_path: Path, rule: str, message: str, name: str, before: str, after: str) -> None:
    folder = files(tmp_path, **{name.replace(".", "_"): before})
    finding = Finding(rule=rule, level="error", file=name, line=1, message=message)
    assert mend(folder, Failure(step="lint", summary="x breaks rule y"), RULES, [finding])
    assert workspaces.read(folder, name) == after


def test_several_findings_are_mended_in_one_round(tmp_path: Path) -> None:
    folder = files(tmp_path, requirements_txt="torch\n")
    rules = ("app-no-port", "app-show-error", "app-gradio6", "app-spaces-first")
    findings = [Finding(rule=rule, level="error", file="app.py", line=1, message=rule) for rule in rules]
    assert mend(folder, Failure(step="lint", summary="x breaks rule y"), RULES, findings)
    after = workspaces.read(folder, "app.py") or ""
    assert after.startswith("import spaces\nimport torch\n")
    assert 'demo.launch(show_error=True, css="x", theme="soft")' in after
    assert "gr.Blocks() as demo" in after


def test_what_the_gate_refused_is_left_out(tmp_path: Path) -> None:
    folder = files(tmp_path, requirements_txt="torch\n-r other.txt\n")
    workspaces.write(folder, ".env", "x=1")
    hidden = Failure(step="lint", summary="'.env' cannot be published: hidden files and folders are not published; x")
    assert mend(folder, hidden, RULES)
    assert not (folder / ".env").exists()
    line = Failure(step="lint", summary="requirements.txt:2 cannot be published: an option; name packages")
    assert mend(folder, line, RULES)
    assert workspaces.read(folder, "requirements.txt") == "torch\n"


def test_nothing_known_is_nothing_done(tmp_path: Path) -> None:
    folder = files(tmp_path)
    assert mend(folder, failure("zyx wvu"), RULES) == ""
    assert workspaces.read(folder, "app.py") == APP


def test_a_module_of_the_app_itself_is_no_requirement(tmp_path: Path) -> None:
    folder = files(tmp_path, helper_py="x = 1\n", requirements_txt="torch\n")
    assert mend(folder, failure("ModuleNotFoundError: No module named 'helper'"), RULES) == ""


def test_links_that_an_agent_planted_lead_nowhere(tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.write_text("secret==1\n")
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "requirements.txt").symlink_to(outside)
    (folder / "app.py").symlink_to("/etc/passwd")
    assert mend(folder, failure("ModuleNotFoundError: No module named 'einops'"), RULES)
    assert outside.read_text() == "secret==1\n"
    assert (folder / "requirements.txt").read_text() == "einops\n"
    assert not (folder / "requirements.txt").is_symlink()


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.edits], ids=lambda rule: rule.id)
def test_every_edit_of_the_table_is_a_known_verb(rule: object) -> None:
    edits = getattr(rule, "edits", ())
    assert all(edit.split()[0] in VERBS for edit in edits)


def test_every_edit_of_the_lint_table_is_a_known_verb_of_a_known_rule() -> None:
    from spacefactory.lint.rules import RULES as LINT_RULES

    assert set(_lint()) <= {rule.name for rule in LINT_RULES}
    recipes = [*_lint().values(), *_gate()]
    assert all(edit.split()[0] in VERBS for recipe in recipes for edit in recipe.edits)


@pytest.mark.parametrize(("before", "text", "place", "after"), REQUIREMENTS, ids=lambda one: str(one)[:40])
def test_the_texts_above_are_taken_for_rows_with_edits(before: str, text: str, place: str, after: str) -> None:
    found = classify(text, place, RULES)  # type: ignore[arg-type]
    assert found is not None
    assert found.edits


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=300), st.sampled_from(sorted(VERBS)), st.text(alphabet="abc.=-_ '\"(", max_size=20))
def test_no_fix_raises_or_breaks_a_program(
    tmp_path_factory: pytest.TempPathFactory, app: str, verb: str, word: str
) -> None:
    folder = tmp_path_factory.mktemp("app")
    for text in (app, APP):
        workspaces.write(folder, "app.py", text)
        workspaces.write(folder, "requirements.txt", app)
        changing = AppFiles(folder, word)
        VERBS[verb](changing, *_words(verb, word))
        if _is_python(text):
            assert _is_python(changing.read("app.py"))


def _words(verb: str, word: str) -> list[str]:
    """As many arguments as the verb takes."""
    if verb in ("duration", "gpu-size"):
        return ["60"]
    taken = signature(VERBS[verb]).parameters.values()
    needed = [one for one in taken if one.kind is one.POSITIONAL_OR_KEYWORD]
    return [word or "x", "7"][: len(needed) - 1]


def _is_python(text: str) -> bool:
    try:
        ast.parse(text)
    except (SyntaxError, ValueError):
        return False
    return True


@pytest.mark.parametrize("module", ["spaces", "gradio.themes", "gradio_client", "huggingface_hub"])
def test_what_the_builder_brings_is_not_required(tmp_path: Path, module: str) -> None:
    """Lint would take the line away again, and the two would go on for ever."""
    folder = files(tmp_path, requirements_txt="torch\n")
    assert not mend(folder, failure(f"ModuleNotFoundError: No module named '{module}'"), RULES, known={})
    assert workspaces.read(folder, "requirements.txt") == "torch\n"
