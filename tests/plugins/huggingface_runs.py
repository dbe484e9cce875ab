"""Whole runs on the emulated Hub: the command line of a user, and what became of the record in the bucket."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from spacefactory.record.fold import fold
from spacefactory.record.lines import scan
from spacefactory.runs import plugins_of
from spacefactory.schema.event import Event, EventType
from spacefactory.schema.run import RunState
from spacefactory.settings import Settings
from spacefactory.testing.fixtures import Ran, call, share_environments
from spacefactory.testing.hub import EmulatedHub, HostedRunner

DIGITS = Path(__file__).parent.parent.parent / "examples" / "digits"
BUCKET = "ada/spacefactory-runs"
STEPS = ("resolve", "analyze", "preflight", "generate", "lint", "publish", "boot", "health", "validate")
PACKAGES = re.compile(r"(UV|PIP|SSL)_\w+|\w+_proxy", re.I)
"""Variables that say where packages come from; the machine of a job has them, too."""


@contextmanager
def hub_with_packages(factory: pytest.TempPathFactory) -> Iterator[EmulatedHub]:
    """A Hub whose jobs and Spaces get packages as this machine does; the emulator itself must have had no fault."""
    machine = {"UV_CACHE_DIR": str(Path("~/.cache/uv").expanduser())}
    machine |= {name: value for name, value in os.environ.items() if PACKAGES.fullmatch(name)}
    home = share_environments(factory.mktemp("hub-spaces"), factory)
    runner = HostedRunner(plugins_of(Settings(home=home)).host("local"))
    with EmulatedHub(job_environment=machine, space_runner=runner) as hub:
        yield hub
        assert hub.world.errors == []


class Machine:
    """A command line with its own data folder, signed in as Ada."""

    def __init__(self, hub: EmulatedHub, token: str, folder: Path) -> None:
        self.hub, self.token, self.home = hub, token, folder / "home"
        self.env = {
            **hub.environment(folder / "hf"),
            "HF_TOKEN": token,
            "SPACEFACTORY_HOME": str(self.home),
            "SPACEFACTORY_PLATFORM": "huggingface",
            "XDG_CONFIG_HOME": str(folder / "config"),
        }

    def __call__(self, *words: str, **env: str) -> Ran:
        return call(*words, env=self.env | env)


def record(hub: EmulatedHub, run_id: str) -> dict[str, bytes]:
    return {
        path.removeprefix(f"runs/{run_id}/"): data
        for path, data in hub.bucket_files(BUCKET).items()
        if path.startswith(f"runs/{run_id}/")
    }


def log_of(files: dict[str, bytes]) -> list[Event]:
    raw, end = scan(files["events.jsonl"])
    assert end == len(files["events.jsonl"])
    return [Event.model_validate(event) for event in raw]


def assert_whole(files: dict[str, bytes], *secrets: str) -> None:
    """The record in the bucket is complete, consistent and holds no secret."""
    events = log_of(files)
    assert [event.seq for event in events] == list(range(len(events)))
    kinds = [event.type for event in events]
    assert kinds.count(EventType.RUN_CREATED) == kinds.count(EventType.RUN_CONCLUDED) == 1
    assert RunState.model_validate_json(files["state.json"]) == fold(events)
    assert {"report.md", "report.json"} <= set(files)
    assert any(path.startswith(("artifacts/", "tests/")) for path in files)
    assert not [path for path, data in files.items() for secret in secrets if secret.encode() in data]


def done(events: list[Event], step: str) -> int:
    return sum(event.type == EventType.STEP_DONE and event.facts["step"] == step for event in events)
