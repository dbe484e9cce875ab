"""Runs Spaces of the emulated Hub on any Space host that a plugin brings, such as the local platform's."""

from __future__ import annotations

import json
import os
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from spacefactory.errors import SpaceCrashedError
from spacefactory.providers import SpaceHost
from spacefactory.repository.front_matter import split
from spacefactory.schema.space import SpaceRequest
from spacefactory.testing.hub.space_runner import Deployment, Say, SpaceFailedError

LOOK_S = 0.3
OVERLAP = 2000
"""How much of a log's end is looked for in what comes next."""
ENDPOINT = "HF_ENDPOINT"
BEGIN = "begin_on_hub.py"
_BEGIN = """import json
import os
import runpy

os.environ.update(json.loads({environment!r}))
runpy.run_path({app!r}, run_name="__main__")
"""
_APP_FILE = re.compile(r"^app_file[ \t]*:.*\n?", re.M)
_turn = threading.Lock()


@dataclass
class HostedApp:
    """An app that a Space host runs."""

    host: SpaceHost
    name: str
    address: str
    say: Say
    _said: str = ""
    _looked: float = 0.0
    _code: int | None = None

    def exit_code(self) -> int | None:
        """1 once the host says that it failed; asks the host no more often than `LOOK_S`."""
        if self._code is None and time.monotonic() - self._looked > LOOK_S:
            failed = self.host.runtime(self.name).stage.endswith("_ERROR")
            self._pass_on_log()
            self._looked, self._code = time.monotonic(), 1 if failed else None
        return self._code

    def stop(self) -> None:
        """Have the host remove it."""
        self.host.delete(self.name)

    def _pass_on_log(self) -> None:
        text = self.host.logs(self.name, "run")
        self.say(added(self._said, text))
        self._said = text


@dataclass
class HostedRunner:
    """Runs Spaces on a plugin's Space host, with an environment made from their requirements, as that host does it."""

    host: SpaceHost
    prefix: str = "hub"
    _names: dict[Path, str] = field(default_factory=dict)

    def build(self, deployment: Deployment, say: Say) -> None:
        """Make the Space on the host and have it come up; the host does both at once."""
        say(f"===== Build of {deployment.space_id} at {deployment.revision[:7]} =====")
        name = f"{self.prefix}-{deployment.space_id.replace('/', '-')}-{deployment.folder.name}".lower()
        if self.host.find(name):
            self.host.delete(name)
        created = self.host.create(SpaceRequest(name=name, run_id="0" * 26))
        if created.space is None:
            raise SpaceFailedError("BUILD_ERROR", created.hardware.message or "the host refused")
        give_environment(deployment)
        self.host.upload(created.space.id, deployment.folder)
        with reaching(deployment.environment.get(ENDPOINT)):
            self._come_up(created.space.id, say)
        self._names[deployment.folder] = created.space.id

    def _come_up(self, space_id: str, say: Say) -> None:
        try:
            self.host.start(space_id, say)
        except SpaceCrashedError as error:
            say(error.log)
            stage = error.stage if error.stage.endswith("_ERROR") else "RUNTIME_ERROR"
            self.host.delete(space_id)
            raise SpaceFailedError(stage, error.message) from error

    def start(self, deployment: Deployment, say: Say) -> HostedApp:
        """The app that came up."""
        space_id = self._names[deployment.folder]
        app = HostedApp(self.host, space_id, self.host.connect(space_id).url, say)
        del self._names[deployment.folder]
        return app

    def discard(self, deployment: Deployment) -> None:
        """Have the host remove what came up."""
        if space_id := self._names.pop(deployment.folder, None):
            self.host.delete(space_id)


def give_environment(deployment: Deployment) -> None:
    """Have the app begin with the variables of its Space, which a Space host knows nothing of."""
    words = {"environment": json.dumps(dict(deployment.environment)), "app": deployment.app_file}
    (deployment.folder / BEGIN).write_text(_BEGIN.format(**words), encoding="utf-8")
    readme = deployment.folder / "README.md"
    block, rest = split(readme.read_text(encoding="utf-8", errors="replace"))
    front = _APP_FILE.sub("", (block or "").strip("\n") + "\n")
    readme.write_text(f"---\n{front}app_file: {BEGIN}\n---\n{rest}", encoding="utf-8")


@contextmanager
def reaching(endpoint: str | None) -> Iterator[None]:
    """Have apps that are started meanwhile know this Hub: a host hands its apps the HF_ENDPOINT of its own process."""
    with _turn:
        before = os.environ.get(ENDPOINT)
        _set(endpoint)
        try:
            yield
        finally:
            _set(before)


def _set(endpoint: str | None) -> None:
    if endpoint is None:
        os.environ.pop(ENDPOINT, None)
    else:
        os.environ[ENDPOINT] = endpoint


def added(before: str, after: str) -> str:
    """What a log has got since it was last seen, when only its end is shown."""
    if after.startswith(before):
        return after[len(before) :]
    end = before[-OVERLAP:]
    at = after.rfind(end)
    return after[at + len(end) :] if at >= 0 else after
