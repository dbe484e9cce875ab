"""The house keeps its shape: imports run downwards, the core knows no plugin, and the wheel holds everything."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from spacefactory.hookspecs import PluginContext
from spacefactory.plugins import HOOKS, Plugins
from tests import wheels

CORE = wheels.ROOT / "spacefactory"
LAYERS = (
    ("errors",),
    ("lean_gradio", "paths", "platforms", "schema"),
    ("providers",),
    ("hookspecs",),
    ("confine", "hardware", "layers", "record", "repository", "sample", "scaffold", "verdict", "wheels", "workspaces"),
    ("attend", "broker", "lint", "settings", "watch"),
    ("repair",),
    ("plugins",),
    ("conformity", "credentials", "doctor", "probe", "workbench"),
    ("run",),
    ("engine", "interrupts"),
    ("steps",),
    ("workflows",),
    ("runs",),
    ("api", "worker"),
    ("testing", "ui"),
    ("cli",),
    ("__main__",),
)
"""Modules and packages of the core, the lowest first; each imports from rows above it and from itself.

DESIGN: faces -> workflows -> engine -> plugins.py -> services -> schema. Services that ask plugins for something stand
after `plugins`.
"""
FOR_THE_CORE_ALONE = (
    "__main__",
    "api",
    "cli",
    "engine",
    "interrupts",
    "run",
    "runs",
    "steps",
    "ui",
    "worker",
    "workflows",
)
"""What a plugin does not import: it is called by these."""


def _module(path: Path, root: Path) -> str:
    return ".".join(path.relative_to(root.parent).with_suffix("").parts).removesuffix(".__init__")


MODULES = {_module(path, CORE): path for path in CORE.rglob("*.py")}


def _imports(path: Path) -> Iterator[tuple[str, int]]:
    """Every module that a file imports, wherever in it the import stands, with its line."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from ((one.name, node.lineno) for one in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports by dots"
            for one in node.names:
                full = f"{node.module}.{one.name}"
                yield (full if full in MODULES else str(node.module)), node.lineno


def _part(module: str) -> str:
    """The row's name of a module of the core; empty for the package itself."""
    return module.split(".")[1] if "." in module else ""


def _plugin_packages() -> dict[str, Path]:
    return {path.name: path for path in (wheels.ROOT / "plugins").glob("*/spacefactory_*") if path.is_dir()}


def test_every_module_has_a_layer() -> None:
    listed = {name for row in LAYERS for name in row}
    there = {_part(module) for module in MODULES} - {""}
    assert there <= listed, f"give {sorted(there - listed)} a layer in this file"


def test_imports_run_downwards() -> None:
    layer = {name: at for at, row in enumerate(LAYERS) for name in row}
    wrong = []
    for module, path in MODULES.items():
        for imported, line in _imports(path):
            own, other = _part(module), _part(imported)
            if imported.partition(".")[0] != "spacefactory" or "" in (own, other) or own == other:
                continue
            if layer[other] >= layer[own]:
                wrong.append(f"{path.relative_to(wheels.ROOT)}:{line} imports {imported}")
    assert wrong == []


def test_core_imports_no_plugin() -> None:
    packages = _plugin_packages()
    assert len(packages) >= 4
    found = [
        f"{module}:{line} imports {imported}"
        for module, path in MODULES.items()
        for imported, line in _imports(path)
        if imported.partition(".")[0] in packages or imported.startswith("spacefactory_")
    ]
    assert found == []


def test_plugins_import_neither_each_other_nor_what_calls_them() -> None:
    packages = _plugin_packages()
    found = []
    for name, folder in packages.items():
        for path in folder.rglob("*.py"):
            for imported, line in _imports(path):
                first = imported.partition(".")[0]
                foreign = first in packages and first != name
                if foreign or (first == "spacefactory" and _part(imported) in FOR_THE_CORE_ALONE):
                    found.append(f"{path.relative_to(wheels.ROOT)}:{line} imports {imported}")
    assert found == []


def _names(tmp_path: Path) -> set[str]:
    """Names of plugins and providers that are not the core's own; output types are words of the core."""
    from importlib.metadata import entry_points

    own = {entry.name for entry in entry_points(group="spacefactory") if entry.value.startswith("spacefactory.")}
    plugins = Plugins(lambda name: PluginContext(home=tmp_path, plugin=name), disabled=own)
    assert plugins.facts()
    offered = {name for hook in HOOKS for name in plugins.offers(hook)}
    types = {kind for validator in plugins.validators() for kind in validator.output_types}
    assert plugins.failed == {}
    return ({fact.name for fact in plugins.facts()} | offered) - types - PLATFORMS


PLATFORMS = {"local", "huggingface"}
"""Names of platforms, which happen to be names of plugins: a platform is a set of defaults (DESIGN section 8)."""


PLUGINS_OF_THE_CORE = {"lint", "testing"}
"""The shipped lint rules are a plugin that comes with the core: some of them are about ZeroGPU and ask for it."""


def _compared(tree: ast.AST) -> Iterator[tuple[str, int]]:
    """Texts that a branch compares with: ==, !=, in, a case pattern, startswith and endswith."""
    for node in ast.walk(tree):
        places: list[ast.AST] = []
        if isinstance(node, ast.Compare):
            places = [node.left, *node.comparators]
        elif isinstance(node, ast.MatchValue):
            places = [node.value]
        elif isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            places = list(node.args) if node.func.attr in ("startswith", "endswith") else []
        for place in places:
            elements = place.elts if isinstance(place, ast.Tuple | ast.List | ast.Set) else [place]
            for one in elements:
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    yield one.value, one.lineno


def test_no_branch_names_a_plugin_or_provider(tmp_path: Path) -> None:
    names = _names(tmp_path)
    assert {"template", "template_agent", "folder", "model_card", "zerogpu"} <= names
    found = [
        f"{module}:{line} compares with {text!r}"
        for module, path in MODULES.items()
        if _part(module) not in PLUGINS_OF_THE_CORE
        for text, line in _compared(ast.parse(path.read_text(encoding="utf-8")))
        if text in names
    ]
    assert found == []


def test_the_checks_above_see_what_they_are_for(tmp_path: Path) -> None:
    code = "if agent == 'template' or name in {'zerogpu', x}:\n    pass\nmatch agent:\n    case 'pi':\n        pass\n"
    assert {text for text, _ in _compared(ast.parse(code))} == {"template", "zerogpu", "pi"}
    (tmp_path / "one.py").write_text(
        "def f():\n    from spacefactory.cli import main\n    import spacefactory_local.host\n"
    )
    assert dict(_imports(tmp_path / "one.py")) == {"spacefactory.cli": 2, "spacefactory_local.host": 3}


@pytest.fixture
def core_alone(tmp_path: Path) -> Path:
    """A folder with the core and everything installed but distributions of ours and of plugin authors."""
    folder = tmp_path / "alone"
    folder.mkdir()
    (folder / "spacefactory").symlink_to(CORE)
    for entry in Path(sysconfig.get_path("purelib")).iterdir():
        if not entry.name.startswith(("spacefactory", "_spacefactory")) and entry.suffix != ".pth":
            (folder / entry.name).symlink_to(entry)
    return folder


def _alone(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Python without `site`, which would put this checkout and its plugins on the path."""
    home = folder.parent
    variables = {
        "PYTHONPATH": str(folder),
        "HOME": str(home),
        "SPACEFACTORY_HOME": str(home / "data"),
        "PATH": "/usr/bin",
    }
    return subprocess.run(
        [sys.executable, "-S", *arguments],
        cwd=home,
        env=variables,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_core_starts_without_any_plugin(core_alone: Path) -> None:
    helped = _alone(core_alone, "-m", "spacefactory", "--help")
    assert helped.returncode == 0, helped.stderr
    assert "build" in helped.stdout
    listed = _alone(core_alone, "-m", "spacefactory", "plugins", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    assert json.loads(listed.stdout)["plugins"] == []
    built = _alone(core_alone, "-m", "spacefactory", "build", ".", "--json")
    assert built.returncode == 2, built.stdout + built.stderr
    assert "installed: none" in json.loads(built.stdout)["error"]["message"]
    imported = _alone(core_alone, "-c", "import spacefactory.api, spacefactory.worker; import spacefactory_local")
    assert imported.returncode == 1
    assert imported.stderr.strip().endswith("ModuleNotFoundError: No module named 'spacefactory_local'")


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    return wheels.wheel(wheels.ROOT, tmp_path_factory.mktemp("wheel"))


def _entry_points() -> set[tuple[str, str, str]]:
    """Group, name and value of every entry point that the project states."""
    project = tomllib.loads((wheels.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    groups = {**project["entry-points"], "console_scripts": project["scripts"]}
    return {(group, name, value) for group, lines in groups.items() for name, value in lines.items()}


@pytest.mark.slow
def test_wheel_holds_every_package_and_data_file(built: Path) -> None:
    names = set(zipfile.ZipFile(built).namelist())
    tracked = subprocess.run(
        ["git", "ls-files", "-z"], cwd=wheels.ROOT, capture_output=True, text=True, check=False
    ).stdout.split("\0")
    packages = ["spacefactory", *(str(path.relative_to(wheels.ROOT)) for path in _plugin_packages().values())]
    expected = {
        str(Path(package).name / path.relative_to(wheels.ROOT / package))
        for package in packages
        for path in (wheels.ROOT / package).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and str(path.relative_to(wheels.ROOT)) in tracked
    }
    samples = {
        f"spacefactory/samples/{path.relative_to(wheels.ROOT / 'examples')}" for path in _files("examples/digits")
    }
    assert len(expected) > 100
    assert expected - names == set()
    assert samples - names == set()
    assert {f"{Path(package).name}/py.typed" for package in packages} <= names
    tops = {name.partition("/")[0] for name in names}
    assert {top for top in tops if not top.startswith("spacefactory")} == set()
    assert [name for name in names if "__pycache__" in name or "/tests/" in name] == []


def _files(folder: str) -> list[Path]:
    return [path for path in (wheels.ROOT / folder).rglob("*") if path.is_file() and "__pycache__" not in path.parts]


@pytest.mark.slow
def test_installed_wheel_has_the_entry_points_of_the_project(built: Path, tmp_path: Path) -> None:
    python = wheels.environment(tmp_path / "fresh", built)
    code = (
        "import json; from importlib.metadata import distribution as d;"
        "print(json.dumps([[e.group, e.name, e.value] for e in d('spacefactory').entry_points]))"
    )
    done = wheels.run("-c", code, home=tmp_path / "home", python=python)
    assert done.returncode == 0, done.stderr
    wanted = _entry_points()
    assert {tuple(line) for line in json.loads(done.stdout)} == wanted
    packages = sorted({EntryPoint(name, value, group).module.partition(".")[0] for group, name, value in wanted})
    code = f"import importlib.util as u; print([u.find_spec(one).origin for one in {packages}])"
    located = wheels.run("-c", code, home=tmp_path / "home", python=python)
    assert located.returncode == 0, located.stderr
    assert located.stdout.count(str(tmp_path / "fresh")) == len(packages)
    assert (python.parent / "spacefactory").is_file()
