"""Fixtures for pytest, loaded through the entry point `pytest11`; nothing heavy is imported before one is used."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import pytest

from spacefactory.testing.require import needs

pytest.register_assert_rewrite("spacefactory.testing.contracts")

COMMAND = (sys.executable, "-m", "spacefactory")
TIMEOUT_S = 600.0


def pytest_configure(config: pytest.Config) -> None:
    """Make the marks of the contracts known to the test suites of plugins."""
    config.addinivalue_line("markers", "slow: takes more than a few seconds")
    config.addinivalue_line("markers", "torch: needs torch, transformers and diffusers")


@dataclass(frozen=True)
class Ran:
    """A `spacefactory` command that has ended."""

    code: int
    stdout: str
    stderr: str

    def json(self) -> Any:
        """The one document that `--json` prints."""
        return json.loads(self.stdout)


class RunSpacefactory(Protocol):
    """Calls the command line in a process of its own."""

    def __call__(self, *arguments: str | Path, env: Mapping[str, str] | None = None, timeout: float = TIMEOUT_S) -> Ran:
        """Run `spacefactory` with these arguments; `env` comes on top of the test's environment."""
        ...


def call(*arguments: str | Path, env: Mapping[str, str] | None = None, timeout: float = TIMEOUT_S) -> Ran:
    """Run `spacefactory` as a user would, in the environment of this process; what it started has its own life."""
    command = [*COMMAND, *map(str, arguments)]
    done = subprocess.run(
        command,
        env={**os.environ, **(env or {})},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
    )
    return Ran(done.returncode, done.stdout, done.stderr)


def share_environments(home: Path, factory: pytest.TempPathFactory) -> Path:
    """Make a data folder of its own but for the environments of apps, which all tests of a session share.

    An environment is made once then, and its modules are compiled once: that is most of what a small build costs.

    Args:
        home: the data folder, which need not exist.
        factory: the session's folders; with several workers the one above them is the session's.
    """
    session = factory.getbasetemp()
    session = session.parent if os.environ.get("PYTEST_XDIST_WORKER") else session
    shared = session / "environments"
    shared.mkdir(exist_ok=True)
    home.mkdir(parents=True, exist_ok=True)
    (home / "environments").symlink_to(shared)
    return home


@pytest.fixture
def spacefactory_home(
    tmp_path: Path, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Path]:
    """A data folder for this test alone, without the user's configuration; Spaces that it started end with it.

    Only the environments of apps are shared with other tests of the session.
    """
    home = share_environments(tmp_path / "spacefactory-home", tmp_path_factory)
    for name in [name for name in os.environ if name.startswith("SPACEFACTORY_") and name != "SPACEFACTORY_REQUIRE"]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("SPACEFACTORY_HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    yield home
    stop_spaces(home)


def stop_spaces(home: Path) -> None:
    """Stop every Space of a data folder."""
    if (home / "spaces").is_dir():
        stopped = call("spaces", "stop", "--all", env={"SPACEFACTORY_HOME": str(home)})
        if stopped.code != 0:
            pytest.fail(f"Spaces of the test could not be stopped: {stopped.stderr}", pytrace=False)


@pytest.fixture
def run_spacefactory(spacefactory_home: Path) -> RunSpacefactory:  # noqa: ARG001 - used for what it sets
    """Call the command line: `run_spacefactory("plan", folder, "--json").json()`."""
    return call


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """The folder of a tiny model by name, made once per session; do not write into it.

    The test is skipped when a library that the model needs is missing.
    """
    made: dict[str, Path] = {}

    def model(name: str) -> Path:
        from spacefactory.testing.models import TASKS, make

        needs(*TASKS[name].needs)
        if name not in made:
            made[name] = make(name, tmp_path_factory.mktemp("tiny") / name)
        return made[name]

    return model
