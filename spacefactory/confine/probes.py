"""What a self-test tries inside the confinement; imported before it, called in the place of a command."""

from __future__ import annotations

import ctypes
import encodings.idna  # noqa: F401 - socket looks it up for a host, when it can no longer be read
import errno
import json
import os
import socket
import struct
from collections.abc import Callable
from pathlib import Path

from spacefactory.confine.capabilities import VERSION_3
from spacefactory.confine.kernel import libc, prctl
from spacefactory.confine.order import Targets
from spacefactory.confine.spec import Confinement
from spacefactory.confine.syscalls import ARCHITECTURES

ALLOWED, DENIED, OPEN = "allowed", "denied", "open"
CLONE_NEWUSER, GET_NO_NEW_PRIVS = 0x10000000, 39
TIMEOUT_S = 2.0

Attempt = tuple[str, str, Callable[[], object]]
"""Name, wanted answer, what to do: an OSError is a denial."""


def answer(targets: Targets, confinement: Confinement) -> int:
    """Try everything and write one JSON list of (name, wanted, got) to standard output."""
    results = [(name, wanted, _try(action)) for name, wanted, action in _attempts(targets, confinement)]
    os.write(1, json.dumps(results).encode())
    return 0


def _try(action: Callable[[], object]) -> str:
    try:
        action()
    except OSError as error:
        return f"{DENIED}: {error.strerror or error}"
    return ALLOWED


def _attempts(targets: Targets, confinement: Confinement) -> tuple[Attempt, ...]:
    workspace, port = confinement.workspace, confinement.connect_ports[0]
    outside = Path(targets.outside)
    mine = workspace / "written-by-the-self-test"
    return (
        ("write the workspace", ALLOWED, lambda: mine.write_text("x")),
        ("run a program", ALLOWED, _run_a_program),
        ("connect to the port that is allowed", ALLOWED, lambda: _dial("127.0.0.1", port)),
        ("make a connected pair of sockets", ALLOWED, _pair),
        ("connect to another port", DENIED, lambda: _dial("127.0.0.1", targets.port)),
        ("listen on a port", DENIED, _listen),
        ("make a datagram socket", DENIED, lambda: socket.socket(type=socket.SOCK_DGRAM).close()),
        ("make a Unix socket", DENIED, lambda: socket.socket(socket.AF_UNIX).close()),
        ("read a file outside that everybody may read", DENIED, outside.read_bytes),
        ("write outside", DENIED, lambda: outside.with_suffix(".new").write_text("x")),
        ("read the caller's environment", DENIED, lambda: Path(f"/proc/{targets.launcher}/environ").read_bytes()),
        ("signal the caller", DENIED, lambda: os.kill(targets.launcher, 0)),
        ("read the caller's memory", DENIED, lambda: _call("process_vm_readv", targets.launcher, None, 0, None, 0, 0)),
        ("set up io_uring", DENIED, _io_uring),
        ("enter a user namespace", DENIED, lambda: _must(libc.unshare(CLONE_NEWUSER))),
        ("make a program setuid", DENIED, lambda: mine.chmod(0o4755)),
        ("hold a capability", DENIED, _capabilities),
        ("gain privileges by executing", DENIED, _new_privileges),
        ("become another user", DENIED, lambda: os.setresuid(os.getuid() + 1, os.getuid() + 1, os.getuid() + 1)),
        ("use a descriptor of the caller", DENIED, _descriptors),
        ("connect to the allowed port of another address", OPEN, lambda: _dial("127.0.0.2", port)),
    )


def _run_a_program() -> None:
    child = os.posix_spawn("/bin/sh", ["sh", "-c", ": >/dev/null"], {})
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) != 0:
        raise PermissionError("the program failed")


def _pair() -> None:
    for end in socket.socketpair():
        end.close()


def _dial(host: str, port: int) -> None:
    socket.create_connection((host, port), TIMEOUT_S).close()


def _listen() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen(1)


def _io_uring() -> None:
    try:
        _call("io_uring_setup", 0, None)
    except OSError as error:
        if error.errno in (errno.EPERM, errno.ENOSYS):
            raise
        # it looked at the arguments, so it would have served better ones


def _capabilities() -> None:
    words = ctypes.create_string_buffer(24)
    _must(libc.capget(struct.pack("Ii", VERSION_3, 0), words))
    if not any(words.raw):
        raise PermissionError("none is held")


def _new_privileges() -> None:
    if prctl(GET_NO_NEW_PRIVS) == 1:
        raise PermissionError("no_new_privs is set")


def _descriptors() -> None:
    """Descriptor 3 is the launcher's report, which executing closes; everything above must be closed."""
    for one in range(4, 1024):
        try:
            os.fstat(one)
        except OSError:
            continue
        return
    raise PermissionError("none is open")


def _call(name: str, *arguments: int | None) -> None:
    number = ARCHITECTURES[os.uname().machine].numbers[name]
    _must(libc.syscall(ctypes.c_long(number), *(None if one is None else ctypes.c_long(one) for one in arguments)))


def _must(result: int) -> None:
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))
