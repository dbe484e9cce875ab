"""Wheels of what is installed here, in whatever way, that install elsewhere with the same entry points."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
import zipfile
from email import message_from_string
from importlib.metadata import distribution
from pathlib import Path

import pytest
from spacefactory_huggingface.job_request import _extra

from spacefactory.testing import needs
from spacefactory.wheels import wheel, wheels
from tests.plugins.huggingface_places import spec_of

PLUGIN = {
    "pyproject.toml": """[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[project]
name = "Space.Echo"
version = "1.2"

[project.optional-dependencies]
pi = []

[project.entry-points.spacefactory]
echo = "space_echo"

[tool.hatch.build.targets.wheel]
packages = ["src/space_echo"]
dev-mode-dirs = ["src"]
""",
    "src/space_echo/__init__.py": "NAME = 'echo'\n",
    "src/space_echo/prompts/one.md": "Hello.\n",
}


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A third party's plugin."""
    folder = tmp_path_factory.mktemp("echo")
    for name, text in PLUGIN.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return folder


def uv(*words: str) -> None:
    done = subprocess.run([sys.executable, "-m", "uv", *words], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr


def install(target: Path, *words: str) -> None:
    """Install into a folder without asking any index."""
    uv("pip", "install", "--quiet", "--offline", "--no-deps", "--python", sys.executable, "--target", str(target),
       *words)  # fmt: skip


@pytest.fixture(params=["editable", "wheel", "folder"])
def installed(request: pytest.FixtureRequest, source: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The plugin, installed in one of the usual ways."""
    needs("hatchling")
    target = tmp_path / "site"
    if request.param == "wheel":
        uv("build", "--quiet", "--offline", "--no-build-isolation", "--python", sys.executable, "--wheel", "--out-dir",
           str(tmp_path), str(source))  # fmt: skip
        install(target, str(next(tmp_path.glob("*.whl"))))
    else:
        editable = ["--editable"] if request.param == "editable" else []
        install(target, "--no-build-isolation", *editable, str(source))
    monkeypatch.syspath_prepend(str(target))
    return target


def contents(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name).decode() for name in archive.namelist()}


@pytest.mark.parametrize("backend", [True, False], ids=["with the backend", "without"])
def test_a_third_partys_plugin_travels_however_it_was_installed(
    installed: Path, tmp_path: Path, backend: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not backend:
        monkeypatch.setattr(importlib.util, "find_spec", lambda _name: None)
    out = tmp_path / "out"
    out.mkdir()
    made = wheel("Space.Echo", out)
    assert made.name == "space_echo-1.2-py2.py3-none-any.whl"
    inside = contents(made)
    assert inside["space_echo/prompts/one.md"] == "Hello.\n"
    assert "space_echo/__init__.py" in inside
    assert not [name for name in inside if name.endswith((".pth", ".pyc")) or name.startswith("..")]
    assert str(tmp_path) not in "".join(inside.values())
    elsewhere = tmp_path / "elsewhere"
    install(elsewhere, str(made))
    assert (elsewhere / "space_echo" / "prompts" / "one.md").is_file()
    (info,) = elsewhere.glob("*.dist-info")
    assert "echo = space_echo" in (info / "entry_points.txt").read_text()
    assert message_from_string((info / "METADATA").read_text())["Version"] == "1.2"


def test_the_same_files_give_the_same_wheel(installed: Path) -> None:
    assert installed.is_dir()
    assert wheels(["Space.Echo"]) == wheels(["Space.Echo", "Space.Echo"])


def test_our_own_wheel_holds_every_plugin_and_its_data(tmp_path: Path) -> None:
    made = wheel("spacefactory", tmp_path)
    with zipfile.ZipFile(made) as archive:
        names = set(archive.namelist())
    for entry in distribution("spacefactory").entry_points.select(group="spacefactory"):
        folder = entry.value.replace(".", "/")
        assert names & {f"{folder}/__init__.py", f"{folder}.py"}, entry.value
    assert "spacefactory/worker.py" in names
    assert "spacefactory_template_agent/py.typed" in names


def test_an_extra_of_the_agents_name_is_asked_for_and_uv_takes_it(installed: Path, tmp_path: Path) -> None:
    assert installed.is_dir()
    spec = spec_of(tmp_path)
    fact = spec.plugins[0].model_copy(update={"name": "echo", "distribution": "Space.Echo"})
    chosen = spec.model_copy(
        update={"plugins": (fact,), "providers": spec.providers.model_copy(update={"agent": "pi"})}
    )
    made = wheel("Space.Echo", tmp_path)
    assert _extra(f"abc/{made.name}", chosen) == "[pi]"
    assert _extra(f"abc/{made.name}", spec.model_copy(update={"plugins": (fact,)})) == ""
    install(tmp_path / "there", f"{made}[pi]")
    assert (tmp_path / "there" / "space_echo").is_dir()
