"""plugins list, check and new; and plugins that are broken in every way."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from spacefactory import providers
from spacefactory.conformity import kinds, problems
from spacefactory.plugins import HOOKS
from spacefactory.scaffold import KINDS, write
from tests.cli_places import distribution, environment, one_document, spacefactory

RAISES = "raise RuntimeError('the import of this plugin fails')"
EXITS = "import sys; sys.exit(3)"
MISSPELT = """
from spacefactory.hookspecs import hookimpl
@hookimpl
def spacefactory_agentz():
    return []
"""
HALF = """
from spacefactory.hookspecs import hookimpl
class Half:
    name = "half"
    output_types = "image"
    def inspect(self):
        return None
@hookimpl
def spacefactory_validators():
    return [Half()]
"""


@pytest.mark.parametrize(
    ("source", "words"),
    [(RAISES, "the import of this plugin fails"), (EXITS, "SystemExit"), (MISSPELT, "spacefactory_agentz")],
)
def test_a_broken_plugin_is_named_and_the_others_work(tmp_path: Path, source: str, words: str) -> None:
    env = distribution(tmp_path / "site", "broken", source)
    listed = spacefactory(tmp_path / "home", "plugins", "list", "--json", env=env)
    assert listed.returncode == 0
    found = {one["name"]: one for one in one_document(listed.stdout)["plugins"]}
    assert (found["broken"]["state"], found["broken"]["distribution"]) == ("failed", "spacefactory-broken")
    assert words in found["broken"]["error"]
    assert found["validators"]["state"] == "works"
    assert "image" in found["validators"]["providers"]["spacefactory_validators"]
    checked = spacefactory(tmp_path / "home", "plugins", "check", "broken", env=env)
    assert checked.returncode == 1
    assert words in checked.stdout


def test_a_broken_plugin_may_be_disabled(tmp_path: Path) -> None:
    env = distribution(tmp_path / "site", "broken", RAISES) | {"SPACEFACTORY_PLUGINS__DISABLED": '["broken"]'}
    listed = one_document(spacefactory(tmp_path / "home", "plugins", "list", "--json", env=env).stdout)
    assert [one["state"] for one in listed["plugins"] if one["name"] == "broken"] == ["disabled"]


def test_a_provider_of_the_wrong_shape_is_told_member_by_member(tmp_path: Path) -> None:
    env = distribution(tmp_path / "site", "half", HALF)
    done = spacefactory(tmp_path / "home", "plugins", "check", "half", "--json", env=env)
    assert done.returncode == 1
    (plugin,) = one_document(done.stdout)["plugins"]
    told = "\n".join(plugin["problems"])
    for words in ("output_types is 'image'", "has no suffixes", "has no method differ(first, second)", "inspect()"):
        assert words in told


def test_two_distributions_with_one_name(tmp_path: Path) -> None:
    env = distribution(tmp_path / "site", "one", "", plugin="same")
    distribution(tmp_path / "site", "two", "", plugin="same")
    done = spacefactory(tmp_path / "home", "plugins", "list", env=env)
    assert done.returncode == 2
    assert "spacefactory-one 9.9 and spacefactory-two 9.9" in done.stderr
    doctor = spacefactory(tmp_path / "home", "doctor", "--json", env=env)
    assert doctor.returncode == 1
    assert one_document(doctor.stdout)["checks"][-1]["name"] == "plugins"


def test_every_hook_has_the_protocol_that_its_annotation_names() -> None:
    assert set(kinds()) == set(HOOKS)
    assert kinds()["spacefactory_hosts"] is providers.SpaceHost
    assert all(getattr(wanted, "_is_protocol", False) for wanted in kinds().values())


def test_the_shipped_plugins_have_the_right_shape(tmp_path: Path) -> None:
    done = spacefactory(tmp_path, "plugins", "check", "--json")
    assert [one for one in one_document(done.stdout)["plugins"] if one["problems"]] == []
    assert done.returncode == 0


def test_a_class_is_not_a_provider() -> None:
    class Agent:
        name = "a"

    assert problems(Agent, providers.Agent) == ("Agent is a class; offer an instance of it",)


def test_a_property_that_raises_is_told() -> None:
    class Rule:
        @property
        def name(self) -> str:
            raise ValueError("no name today")

        def check(self, tree: Any) -> Any:
            return ()

    assert problems(Rule(), providers.LintRule) == ("name raises ValueError: no name today",)


def test_new_plugins_of_every_kind_work_as_they_are_written(tmp_path: Path) -> None:
    paths = [tmp_path / "site"]
    for kind in KINDS:
        project = tmp_path / "projects" / kind
        written = write(f"my-{kind}", kind, project)
        assert {"pyproject.toml", "README.md", f"tests/test_my_{kind}.py"} <= set(written.files)
        _installed(tmp_path / "site", f"my_{kind}")
        paths.append(project)
    env = {"PYTHONPATH": ":".join(map(str, paths))}
    done = spacefactory(tmp_path / "home", "plugins", "check", "--json", env=env)
    new = [one for one in one_document(done.stdout)["plugins"] if one["name"].startswith("my_")]
    assert [(one["name"], len(one["checked"]), one["problems"]) for one in new] == [(f"my_{k}", 1, []) for k in KINDS]
    tests = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "--import-mode=importlib", "-p", "no:cacheprovider", "projects"],
        cwd=tmp_path,
        env=environment(tmp_path / "home", **env),
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert tests.returncode == 0, tests.stdout


def _installed(site: Path, plugin: str) -> None:
    """The metadata that pip writes for such a project."""
    info = site / f"spacefactory_{plugin}-0.1.0.dist-info"
    info.mkdir(parents=True)
    name = f"spacefactory-{plugin.replace('_', '-')}"
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 0.1.0\n", encoding="utf-8")
    (info / "entry_points.txt").write_text(f"[spacefactory]\n{plugin} = spacefactory_{plugin}\n", encoding="utf-8")


def test_a_project_does_not_overwrite(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("precious")
    done = spacefactory(tmp_path / "home", "plugins", "new", "x", "--folder", str(tmp_path), "--json")
    assert done.returncode == 2
    assert (tmp_path / "mine").read_text() == "precious"
