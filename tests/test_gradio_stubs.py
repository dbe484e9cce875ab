"""Gradio's own stubs are left alone, an app's components are treated as ever, and no other Gradio is harmed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from spacefactory import gradio_stubs
from spacefactory.testing import needs

KNOWN = "def create_or_modify_pyi(component_class, class_name, events):\n    seen.append(class_name)\n"
META = "seen = []\n{function}\n"
COMPONENTS = """
from gradio import component_meta
class Textbox: pass
component_meta.create_or_modify_pyi(Textbox, "Textbox", [])
"""
START = "from spacefactory import gradio_stubs; gradio_stubs.leave_out(); gradio_stubs.leave_out()\n"
SEEN = "import gradio.components; from gradio import component_meta; print(component_meta.seen)\n"


def _gradio(folder: Path, function: str, components: str = COMPONENTS) -> None:
    """A package of that name, with a function of that shape."""
    (folder / "gradio").mkdir()
    modules = {"__init__": "", "component_meta": META.format(function=function), "components": components}
    for name, text in modules.items():
        (folder / "gradio" / f"{name}.py").write_text(text, encoding="utf-8")


def _python(code: str, folder: Path, *options: str) -> str:
    command = [sys.executable, *options, "-c", f"import sys; sys.path.insert(0, {str(folder)!r})\n{code}"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, timeout=120, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.strip()


def test_the_function_is_not_called_for_gradios_own_components(tmp_path: Path) -> None:
    _gradio(tmp_path, KNOWN)
    assert _python(START + SEEN, tmp_path) == "[]"
    own = "class Mine: pass\ncomponent_meta.create_or_modify_pyi(Mine, 'Mine', events=[]); print(component_meta.seen)"
    assert _python(START + SEEN + own, tmp_path) == "[]\n['Mine']"


@pytest.mark.parametrize(
    ("function", "components", "seen"),
    [
        ("", "", "[]"),
        ("create_or_modify_pyi = None", "", "[]"),
        (
            KNOWN.replace(", class_name, events", "").replace("class_name", "1"),
            COMPONENTS.replace(', "Textbox", []', ""),
            "[1]",
        ),
        (KNOWN.replace("events", "events, more=None"), COMPONENTS, "['Textbox']"),
    ],
    ids=["gone", "not a function", "takes less", "takes more"],
)
def test_a_function_that_has_gone_or_changed_is_left_as_it_is(
    tmp_path: Path, function: str, components: str, seen: str
) -> None:
    _gradio(tmp_path, function, components)
    assert _python(START + SEEN, tmp_path) == seen


def test_a_process_without_gradio_fails_as_ever_and_loads_nothing_more(tmp_path: Path) -> None:
    gradio_stubs.place(tmp_path)
    code = "import sys; before = set(sys.modules)\n"
    code += f"import {gradio_stubs.COPY} as copy; copy.leave_out(); print(*sorted(set(sys.modules) - before))\n"
    code += "try: import gradio.component_meta\nexcept ModuleNotFoundError as error: print(error.name)"
    assert _python(code, tmp_path, "-S").split() == ["__future__", gradio_stubs.COPY, "gradio"]


def test_a_gradio_that_cannot_be_executed_says_why(tmp_path: Path) -> None:
    _gradio(tmp_path, "raise OSError('broken')")
    code = "try: import gradio.component_meta\nexcept OSError as error: print(error)"
    assert _python(START + code, tmp_path) == "broken"


def test_an_environment_says_it_to_each_of_its_processes(tmp_path: Path) -> None:
    """Also beside the hook of our own process; and the second time nothing is written."""
    _gradio(tmp_path, KNOWN)
    gradio_stubs.place(tmp_path)
    written = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir() if path.is_file()}
    assert sorted(written) == [f"{gradio_stubs.COPY}.pth", f"{gradio_stubs.COPY}.py"]
    site = f"import site; site.addsitedir({str(tmp_path)!r})\n"
    assert _python(site + SEEN, tmp_path, "-S") == "[]"
    assert _python(START + site + SEEN, tmp_path) == "[]"
    gradio_stubs.place(tmp_path)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir() if path.is_file()} == written


def test_an_environment_that_cannot_be_written_goes_without(tmp_path: Path) -> None:
    gradio_stubs.place(tmp_path / "absent")
    assert list(tmp_path.iterdir()) == []


def test_the_installed_gradio_reads_no_component_of_its_own_again(tmp_path: Path) -> None:
    """An app's own component is read, and gets its stub beside the app. Without -S an environment may have the hook."""
    needs("gradio")
    code = f"sys.path += {sys.path!r}\n{START}"
    code += "import ast; read = []; segment = ast.get_source_segment\n"
    code += "def counted(code, node, **how): read.append(node.name); return segment(code, node, **how)\n"
    code += "ast.get_source_segment = counted\nimport gradio; print(read)\nimport mine; print(read)"
    (tmp_path / "mine.py").write_text("import gradio\n\nclass Mine(gradio.Textbox):\n    pass\n", encoding="utf-8")
    assert _python(code, tmp_path, "-S") == "[]\n['Mine', 'Mine']"
    assert "class Mine" in (tmp_path / "mine.pyi").read_text(encoding="utf-8")
