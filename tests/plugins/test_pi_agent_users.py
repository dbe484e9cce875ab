"""Pi is confined whoever starts it: root, an ordinary user, and either of them within a plain container's limits.

A container is simulated by what it takes away: the capabilities that it does not give, and a filter that refuses
namespaces, mounts and the like, as container engines install by default.
"""

from __future__ import annotations

import json
import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from spacefactory import confine
from spacefactory.confine.users import reachable
from spacefactory.testing import absent
from tests.confine_box import ORDINARY, python
from tests.plugins.pi_bench import WHOLE, cli

pytestmark = pytest.mark.slow
HOUSE = Path(confine.__file__).parents[2]
SCRIPT = """
import ctypes, json, os, pathlib, struct, sys
facts = json.load(sys.stdin)
sys.path[:0] = facts["path"]
libc = ctypes.CDLL(None, use_errno=True)

def as_in_a_container(user):
    "The filter first, for which root needs no promise; then the capabilities, and the user."
    calls = {272: 1, 308: 1, 165: 1, 166: 1, 155: 1, 321: 1, 250: 1, 248: 1, 249: 1, 298: 1, 323: 1, 304: 1, 246: 1,
             175: 1, 313: 1, 169: 1, 425: 1, 426: 1, 427: 1, 435: 38}
    code = [(0x20, 0, 0, 4), (0x15, 1, 0, 0xC000003E), (0x06, 0, 0, 0x80000000), (0x20, 0, 0, 0)]
    for number, error in calls.items():
        code += [(0x15, 0, 1, number), (0x06, 0, 0, 0x00050000 | error)]
    code += [(0x15, 0, 3, 56), (0x20, 0, 0, 16), (0x45, 0, 1, 0x7E020000), (0x06, 0, 0, 0x00050001)]
    code += [(0x06, 0, 0, 0x7FFF0000)]
    text = b"".join(struct.pack("HBBI", *one) for one in code)
    buffer = ctypes.create_string_buffer(text, len(text))
    assert libc.prctl(22, 2, struct.pack("HxxxxxxQ", len(code), ctypes.addressof(buffer))) == 0
    kept = {0, 1, 3, 4, 5, 6, 7, 8, 10, 13, 18, 27, 29, 31}
    for number in set(range(41)) - kept:
        libc.prctl(24, number, 0, 0, 0)
    low = sum(1 << one for one in kept)
    assert libc.capset(struct.pack("Ii", 0x20080522, 0), struct.pack("IIIIII", low, low, 0, 0, 0, 0)) == 0
    if user:
        os.setgroups([]), os.setgid(user), os.setuid(user)
    assert libc.unshare(0x10000000) < 0, "a container has no namespaces to give"

if facts["container"]:
    as_in_a_container(facts["user"])
from spacefactory import confine
from spacefactory.testing.scripted_model import ScriptedModel, script
from tests.plugins.pi_bench import Bench, bash

with ScriptedModel({"looks": script([bash(facts["command"]), {"say": ["Done."]}])}) as model:
    worked = Bench(pathlib.Path(facts["cli"]), pathlib.Path(facts["folder"]), model).work("looks", proven=False)
report = next(told for kind, told in worked.events if kind == "sandbox.report")
print(json.dumps({
    "status": worked.outcome.status if worked.outcome else str(worked.error), "report": report, "user": os.getuid(),
    "seen": (worked.workspace / "seen.txt").read_text(),
}))
"""
PLACES = {
    "root": (0, False, "changed"),
    "an ordinary user": (ORDINARY, False, "ordinary"),
    "root of a container": (0, True, "changed"),
    "a user of a container": (ORDINARY, True, "ordinary"),
}
"""User, whether in a container, and how its commands come to their user."""


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that any user can get to."""
    made = Path(tempfile.mkdtemp(prefix="spacefactory-pi-users-", dir="/tmp")).resolve()
    made.chmod(0o755)
    yield made
    shutil.rmtree(made)


@pytest.mark.parametrize("place", PLACES)
def test_pi_is_confined_and_works(request: pytest.FixtureRequest, folder: Path, place: str) -> None:
    user, container, mode = PLACES[place]
    pi = cli(request.config)
    interpreter = _interpreter(user, container)
    secret = folder / "secret.txt"
    secret.write_text("a secret that every user may read")
    command = f"{WHOLE}; (cat {secret} /etc/shadow; ls /proc; unshare -r true; id -u) > seen.txt 2>/dev/null"
    facts: dict[str, Any] = {"path": _path(), "container": container, "user": user, "cli": str(_copied(pi, folder))}
    done = _as(
        {} if container else {"user": user},
        [interpreter, "-I", "-c", SCRIPT],
        facts | {"folder": str(_own(folder, user)), "command": command},
    )
    assert done.returncode == 0, done.stderr
    said = json.loads(done.stdout.splitlines()[-1])
    assert (said["status"], said["user"]) == ("written", user or os.geteuid())
    assert (said["report"]["uid_mode"], said["report"]["failed"]) == (mode, [])
    assert said["report"]["confined"]
    uid = int(said["seen"])  # and nothing else was to be seen
    assert uid != 0
    assert (uid == user) == (mode == "ordinary")


def _interpreter(user: int, container: bool) -> str:
    """A Python that this user can execute, with the libraries of this one."""
    if os.geteuid() != 0:
        if user == 0 or container:
            pytest.skip("only root can start it as root, or give up what a container does not have")
        pytest.skip("this user is an ordinary one: all other tests of Pi show it")
    if container and platform.machine() != "x86_64":
        pytest.skip("the filter of a container is written for x86_64 here")
    found = python()
    version = subprocess.run([found, "-c", "import sys; print(sys.version_info[:2])"], capture_output=True, text=True)
    if version.stdout.strip() != str(tuple(sys.version_info[:2])):
        absent(f"{found} is another Python than this one, and no other user can execute this one")
    if not all(map(reachable, _path())):
        absent("no other user can read the libraries of this Python")
    return found


def _path() -> list[str]:
    return [
        str(HOUSE),
        *(one for one in sys.path if one and Path(one).is_dir() and ("site-packages" in one or str(HOUSE) in one)),
    ]


def _copied(pi: Path, folder: Path) -> Path:
    """Pi where every user can read it."""
    package = pi.parent.parent.parent
    shutil.copytree(package, folder / "pi" / "package")
    subprocess.run(["chmod", "-R", "a+rX", str(folder / "pi")], check=True)
    return folder / "pi" / "package" / pi.relative_to(package)


def _own(folder: Path, user: int) -> Path:
    """A folder of this user's own."""
    made = folder / "own"
    made.mkdir()
    os.chown(made, user, user)
    made.chmod(0o755)
    return made


def _as(user: dict[str, int], argv: list[str], facts: dict[str, Any]) -> subprocess.CompletedProcess[str]:
    who: dict[str, Any] = {**user, "group": user["user"], "extra_groups": []} if user.get("user") else {}
    return subprocess.run(
        argv, input=json.dumps(facts), capture_output=True, text=True, cwd="/", timeout=300, check=False, env={}, **who
    )
