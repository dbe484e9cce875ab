"""Every layer of the confinement is needed: with any one of them switched off, an attack succeeds or nothing runs.

The real supervisor and launcher run, with one of their parts replaced by nothing as they start.
"""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import types
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from spacefactory import confine
from spacefactory.confine import begin
from tests.confine_box import Box, box

CANARY = "hf_" + "canaryOfTheMutants99"
MANY_BYTES = 1 << 20
ATTACKS = """
import json, os, socket, subprocess, sys
folder, port, user, canary, word = sys.argv[1:]
port, user, canary = int(port), int(user), canary.encode()[::-1]

def listed():
    for one in range(3, 256):
        try: yield os.pread(one, 4096, 0)
        except OSError: pass

def large():
    with open("large", "wb") as file:
        file.seek(2 << 20)
        file.write(b"x")
        file.flush()

def left():
    if os.fork() == 0:
        os.setsid()
        if os.fork() == 0:
            os.closerange(0, 3)  # its caller reads until nobody holds the pipes
            os.execve("/bin/sleep", ["sleep", word], {})
        os._exit(0)
    os.wait()

def setuid():
    open("mine", "w").close()
    os.chmod("mine", 0o4755)

attacks = {
    "be its caller's user": lambda: os.getuid() == user,
    "read a file outside": lambda: open(folder + "/secret.txt").read(),
    "write outside": lambda: os.truncate(folder + "/secret.txt", 5) or True,
    "connect to another port": lambda: socket.create_connection(("127.0.0.1", port), 5),
    "make a datagram socket": lambda: socket.socket(type=socket.SOCK_DGRAM),
    "make a program setuid": lambda: setuid() or True,
    "read the caller's environment": lambda: any(canary in value for value in os.environb.values()),
    "read a descriptor of the caller": lambda: any(canary in said for said in listed()),
    "write a large file": lambda: large() or True,
    "give a file away": lambda: open("given", "w").close() or os.chown("given", 1, 1) or True,
    "leave a process": lambda: left() or False,
}
done = []
for name, attack in attacks.items():
    try:
        if attack(): done.append(name)
    except OSError: pass
print(json.dumps(done))
"""
ROOT_STAYS = "root_without_capabilities"
CHANGED = "changed" if os.geteuid() == 0 else "ordinary"
LAYERS = {
    "the change of user": (
        CHANGED,
        "launcher._give_up_privileges = lambda user: (capabilities.drop_bounding(), capabilities.drop_held())",
        "be its caller's user",
    ),
    "Landlock": (CHANGED, "landlock.restrict = lambda rules: None", "read a file outside"),
    "Landlock for root": (ROOT_STAYS, "landlock.restrict = lambda rules: None", "write outside"),
    "the rule of ports": (
        CHANGED,
        "landlock.BIND_TCP = landlock.CONNECT_TCP = 0; landlock._allow_ports = lambda *words: None",
        "connect to another port",
    ),
    "seccomp": (CHANGED, "seccomp.install = lambda **words: None", "make a datagram socket"),
    "seccomp for root": (ROOT_STAYS, "seccomp.install = lambda **words: None", "make a program setuid"),
    "the clean environment": (
        CHANGED,
        "whole = launcher.environment; launcher.environment = lambda *words: {**whole(*words), **os.environ}",
        "read the caller's environment",
    ),
    "the closed descriptors": (CHANGED, "os.closerange = lambda *words: None", "read a descriptor of the caller"),
    "the limits of resources": (CHANGED, "launcher._limit = lambda *words: None", "write a large file"),
    "the loss of capabilities": (
        ROOT_STAYS,
        "launcher._give_up_privileges = capabilities.assert_none = lambda *words: None",
        "give a file away",
    ),
    "the check of capabilities": (ROOT_STAYS, "launcher._give_up_privileges = lambda user: None", "refused"),
    "no new privileges": (
        CHANGED,
        "launcher.no_new_privileges = landlock.no_new_privileges = lambda: None",
        "refused",
    ),
    "the end of the tree": (CHANGED, "tree.end_all = lambda uid: {}", "leave a process"),
    "the adoption of orphans": (ROOT_STAYS, "supervisor.become_subreaper = lambda: None", "leave a process"),
}
"""How the command runs, what replaces the layer, and the attack that then succeeds."""
PARTS = "import os\nfrom spacefactory.confine import capabilities, landlock, launcher, seccomp, supervisor, tree\n"


@pytest.mark.parametrize("mode", sorted({CHANGED, ROOT_STAYS}))
def test_no_attack_succeeds(monkeypatch: pytest.MonkeyPatch, mode: str) -> None:
    with box(mode) as one:
        assert succeeded(monkeypatch, one, "pass") == (["be its caller's user"] if mode != "changed" else [])


@pytest.mark.parametrize("name", LAYERS)
def test_a_layer_that_is_switched_off_is_missed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    mode, mutation, missed = LAYERS[name]
    if name == "the change of user" and mode != "changed":
        pytest.skip("only root can change user")
    with box(mode) as one:
        assert missed in succeeded(monkeypatch, one, mutation)


def succeeded(monkeypatch: pytest.MonkeyPatch, one: Box, mutation: str) -> list[str]:
    """Attacks that succeed while a part is replaced; "refused" when nothing ran."""
    word = f"4321.{os.getpid()}"
    first, last = begin.BOOT.rsplit("\n", 2)[0], "main()"
    monkeypatch.setattr(begin, "BOOT", f"{first}\n{PARTS}{mutation}\n{last}\n")
    if any(part in mutation for part in ("environment", "closerange")):
        monkeypatch.setattr(begin, "subprocess", _careless())
    monkeypatch.setenv("HF_TOKEN", CANARY)
    with _outside(one) as (port, _):
        try:
            done = one.run(
                [one.python, "-I", "-c", ATTACKS, str(one.folder), port, str(os.geteuid()), CANARY[::-1], word],
                timeout=60,
                limits=confine.Limits(file_bytes=MANY_BYTES),
            )
        except confine.SandboxUnavailable:
            return ["refused"]
    assert done.returncode == 0, done.stderr.decode()
    return [*json.loads(done.stdout), *(["leave a process"] if _ended(word) else [])]


def _careless() -> types.SimpleNamespace:
    """A `subprocess` that hands on everything that the caller has."""

    def popen(command: list[str], *, pass_fds: tuple[int, ...], **words: Any) -> subprocess.Popen[bytes]:
        for one in pass_fds:
            os.set_inheritable(one, True)
        return subprocess.Popen(command, **{**words, "env": None, "close_fds": False})

    return types.SimpleNamespace(Popen=popen, PIPE=subprocess.PIPE, STDOUT=subprocess.STDOUT)


@contextmanager
def _outside(one: Box) -> Iterator[tuple[str, Path]]:
    """What there is to reach: a file that all may read, a port, an open descriptor."""
    secret = one.folder / "secret.txt"
    secret.write_text(CANARY)
    with socket.create_server(("127.0.0.1", 0)) as server, secret.open("rb") as held:
        os.set_inheritable(held.fileno(), True)
        yield str(server.getsockname()[1]), secret


def _ended(word: str) -> bool:
    """Whether a process with this word was left; it is ended."""
    left = False
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes().split(b"\0")[1:2]:
                os.kill(int(path.parent.name), signal.SIGKILL)
                left = True
        except (OSError, ValueError):
            continue
    return left
