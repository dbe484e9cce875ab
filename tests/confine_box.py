"""Run commands confined in each way a machine offers: root that changes user, root that stays, an ordinary user."""

from __future__ import annotations

import base64
import dataclasses
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from spacefactory import confine
from spacefactory.confine.users import reachable

HOUSE = Path(confine.__file__).parent.parent
ORDINARY = 60000 + os.getpid() % 5000
"""A user without an account and without processes, in each worker another."""
MODES = ("changed", "root_without_capabilities", "ordinary")
SYSTEM_PYTHON = "/usr/bin/python3"

DRIVER = """
import base64, json, pathlib, sys
sys.path.insert(0, {house!r})
from spacefactory import confine
facts = json.load(sys.stdin)
place = facts["place"]
place["limits"] = confine.Limits(**place["limits"])
place["workspace"] = pathlib.Path(place["workspace"])
place["readable"] = tuple(map(pathlib.Path, place["readable"]))
facts["keywords"]["input"] = base64.b64decode(facts["keywords"]["input"])
try:
    done = confine.run(facts["argv"], confine.Confinement(**place), **facts["keywords"])
except confine.SandboxUnavailable as refusal:
    print(json.dumps(dict(refused=str(refusal))))
else:
    facts = dict(vars(done))
    for name in ("stdout", "stderr"):
        facts[name] = base64.b64encode(facts[name]).decode()
    print(json.dumps(facts))
"""


def python() -> str:
    """A Python that any user can execute."""
    for candidate in (sys.executable, SYSTEM_PYTHON):
        if Path(candidate).exists() and reachable(candidate) and reachable(Path(candidate).resolve().parent):
            return candidate
    pytest.skip("there is no Python that a user other than root can execute, such as /usr/bin/python3")


def prefixes(interpreter: str) -> tuple[Path, ...]:
    """What this interpreter has to read, beyond the system's folders."""
    return (Path(sys.prefix), Path(sys.base_prefix)) if interpreter == sys.executable else ()


@dataclass(frozen=True)
class Box:
    """A folder with a workspace in it, and a way to confine."""

    mode: str
    folder: Path
    python: str
    readable: tuple[Path, ...]
    house: Path = HOUSE.parent

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    def confinement(self, **facts: Any) -> confine.Confinement:
        readable = (*self.readable, *facts.pop("readable", ()))
        return confine.Confinement(workspace=self.workspace, readable=readable, **facts)

    def run(self, argv: list[str], timeout: float = 20, data: bytes = b"", limit: int = 1 << 20, **facts: Any) -> Any:
        """Like `confine.run`."""
        place = self.confinement(**facts)
        if self.by_another_user:
            return self._by_another_user(argv, place, {"timeout": timeout, "input": data, "output_limit": limit})
        return confine.run(argv, place, timeout=timeout, input=data, output_limit=limit)

    def code(self, code: str, *words: str, **facts: Any) -> str:
        """Run Python code confined; what it printed. Its failure is the test's."""
        done = self.run([self.python, "-I", "-c", code, *words], **facts)
        assert done.returncode == 0, (done.returncode, done.stderr.decode())
        return str(done.stdout.decode().strip())

    @property
    def by_another_user(self) -> bool:
        return self.mode == "ordinary" and os.geteuid() == 0

    def _by_another_user(self, argv: list[str], place: confine.Confinement, keywords: dict[str, Any]) -> Any:
        keywords["input"] = base64.b64encode(keywords["input"]).decode()
        facts = {name: getattr(place, name) for name in place.__dataclass_fields__}
        facts["limits"] = dataclasses.asdict(place.limits)
        order = json.dumps({"argv": argv, "place": facts, "keywords": keywords}, default=_plain)
        said = self.as_user(DRIVER.format(house=str(self.house)), order)
        answer = json.loads(said)
        if "refused" in answer:
            raise confine.SandboxUnavailable(answer["refused"])
        answer |= {name: base64.b64decode(answer[name]) for name in ("stdout", "stderr")}
        return confine.Completed(**answer)

    def as_user(self, code: str, data: str = "") -> str:
        """Run Python code unconfined, as the user who confines in this mode; what it printed."""
        user: dict[str, Any] = _ordinary() if self.by_another_user else {}
        done = subprocess.run(
            [self.python, "-I", "-c", code], input=data, capture_output=True, text=True, cwd="/", timeout=120, **user
        )
        assert done.returncode == 0, done.stderr
        return str(done.stdout)


def _ordinary() -> dict[str, Any]:
    return {"user": ORDINARY, "group": ORDINARY, "extra_groups": []}


def _plain(value: object) -> object:
    return str(value) if isinstance(value, Path) else dict(value)  # type: ignore[call-overload]


@contextmanager
def box(mode: str) -> Iterator[Box]:
    """A box of a mode, or a skip that says what this machine lacks."""
    if mode != "ordinary" and os.geteuid() != 0:
        pytest.skip("only root can change user or give up capabilities")
    folder = Path(tempfile.mkdtemp(prefix="spacefactory-box-", dir="/tmp")).resolve()
    try:
        folder.chmod(0o755)
        (folder / "workspace").mkdir()
        yield _made(mode, folder)
    finally:
        shutil.rmtree(folder)


def _made(mode: str, folder: Path) -> Box:
    if mode == "root_without_capabilities":
        private = folder / "private"
        private.mkdir(mode=0o700)
        return Box(mode, folder, sys.executable, (*prefixes(sys.executable), private))
    interpreter = python() if os.geteuid() == 0 else sys.executable
    made = Box(mode, folder, interpreter, prefixes(interpreter))
    if not made.by_another_user:
        return made
    os.chown(folder / "workspace", ORDINARY, ORDINARY)
    house = folder / "house"
    shutil.copytree(HOUSE / "confine", house / "spacefactory/confine", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("__init__.py", "errors.py"):
        shutil.copy(HOUSE / name, house / "spacefactory" / name)
    subprocess.run(["chmod", "-R", "a+rX", str(house)], check=True)
    return dataclasses.replace(made, house=house)
