"""Gradio leaves its own stubs alone and rests between two looks at its queue; no other Gradio is harmed."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from spacefactory import lean_gradio
from spacefactory.testing import needs

KNOWN = "def create_or_modify_pyi(component_class, class_name, events):\n    seen.append(class_name)\n"
META = "seen = []\n{function}\n"
COMPONENTS = """
from gradio import component_meta
class Textbox: pass
component_meta.create_or_modify_pyi(Textbox, "Textbox", [])
"""
START = "from spacefactory import lean_gradio; lean_gradio.make_lean(); lean_gradio.make_lean()\n"
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


@pytest.mark.parametrize(
    ("queue", "rests"),
    [
        ("def __init__(self, least): self.sleep_when_free = least", "0.02"),
        ("def __init__(self, least): self.sleep_when_free = least + 5", "5.001"),
        ("def __init__(self, least): self.sleep_when_free = None", "None"),
        ("def __init__(self, least): pass", "absent"),
        ("__slots__ = ('sleep_when_free',)\n    def __init__(self, least): self.sleep_when_free = least", "0.02"),
    ],
    ids=["too short", "long", "no number", "gone", "only this one"],
)
def test_a_queue_rests_as_long_as_it_has_a_rest(tmp_path: Path, queue: str, rests: str) -> None:
    _gradio(tmp_path, "")
    (tmp_path / "gradio" / "queueing.py").write_text(f"class Queue:\n    {queue}\n", encoding="utf-8")
    code = "from gradio.queueing import Queue\nprint(getattr(Queue(least=0.001), 'sleep_when_free', 'absent'))"
    assert _python(START + code, tmp_path) == rests


@pytest.mark.parametrize("queueing", ["", "Queue = None", "def Queue(): pass"])
def test_a_queue_that_has_gone_does_no_harm(tmp_path: Path, queueing: str) -> None:
    _gradio(tmp_path, "")
    (tmp_path / "gradio" / "queueing.py").write_text(queueing, encoding="utf-8")
    assert _python(START + "import gradio.queueing", tmp_path) == ""


def test_a_process_without_gradio_fails_as_ever_and_loads_nothing_more(tmp_path: Path) -> None:
    lean_gradio.place(tmp_path)
    code = "import sys; before = set(sys.modules)\n"
    code += f"import {lean_gradio.COPY} as copy; copy.make_lean(); print(*sorted(set(sys.modules) - before))\n"
    code += "try: import gradio.component_meta\nexcept ModuleNotFoundError as error: print(error.name)"
    assert _python(code, tmp_path, "-S").split() == ["__future__", lean_gradio.COPY, "gradio"]


def test_a_gradio_that_cannot_be_executed_says_why(tmp_path: Path) -> None:
    _gradio(tmp_path, "raise OSError('broken')")
    code = "try: import gradio.component_meta\nexcept OSError as error: print(error)"
    assert _python(START + code, tmp_path) == "broken"


def test_an_environment_says_it_to_each_of_its_processes(tmp_path: Path) -> None:
    """Also beside the hook of our own process; and the second time nothing is written."""
    _gradio(tmp_path, KNOWN)
    lean_gradio.place(tmp_path)
    written = {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir() if path.is_file()}
    assert sorted(written) == [f"{lean_gradio.COPY}.pth", f"{lean_gradio.COPY}.py"]
    site = f"import site; site.addsitedir({str(tmp_path)!r})\n"
    assert _python(site + SEEN, tmp_path, "-S") == "[]"
    assert _python(START + site + SEEN, tmp_path) == "[]"
    lean_gradio.place(tmp_path)
    assert {path.name: path.stat().st_mtime_ns for path in tmp_path.iterdir() if path.is_file()} == written


def test_another_finder_that_asks_all_others_is_no_endless_question(tmp_path: Path) -> None:
    _gradio(tmp_path, KNOWN)
    other = """
class Other:
    def find_spec(self, *about):
        return next(filter(None, (one.find_spec(*about) for one in sys.meta_path if one is not self)), None)
"""
    assert _python(START + other + "sys.meta_path.append(Other())\n" + SEEN, tmp_path) == "[]"
    assert _python(START + other + "sys.meta_path.insert(0, Other())\n" + SEEN, tmp_path) == "[]"


def test_a_damaged_copy_is_replaced(tmp_path: Path) -> None:
    (tmp_path / f"{lean_gradio.COPY}.py").write_bytes(b"\xff\xfe no Python")
    lean_gradio.place(tmp_path)
    assert (tmp_path / f"{lean_gradio.COPY}.py").read_bytes() == Path(lean_gradio.__file__).read_bytes()


def test_an_environment_that_cannot_be_written_goes_without(tmp_path: Path) -> None:
    lean_gradio.place(tmp_path / "absent")
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


def test_the_installed_gradio_looks_at_its_queue_fifty_times_a_second(tmp_path: Path) -> None:
    needs("gradio")
    code = f"sys.path += {sys.path!r}\n{START}import gradio\nwith gradio.Blocks() as demo: pass\n"
    code += "queue = demo.queue()._queue; print(queue.sleep_when_free, queue.progress_update_sleep_when_free)"
    assert _python(code, tmp_path, "-S") == "0.02 0.05"
