"""What a confined command cannot do, in each mode. The caller could do every one of these things."""

from __future__ import annotations

import errno
import json
import os
import socket
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from spacefactory import confine
from tests.confine_box import MODES, ORDINARY, Box, box

SUITE = """
import ctypes, errno, json, os, signal, socket, struct, sys
libc = ctypes.CDLL(None, use_errno=True)
supervisor = os.getppid()

def call(*words):
    if libc.syscall(*(ctypes.c_long(w) if isinstance(w, int) else w for w in words)) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))

def answer(at, body):
    os.mkdir(str(at))
    os.chdir(str(at))
    signal.alarm(10)
    try:
        exec(body, globals())
    except OSError as error:
        return error.errno or 0
    except ValueError as error:
        return errno.EPERM if "not allowed" in str(error) else 0
    return 0

answers = {}
for at, (name, body) in enumerate(json.loads(sys.stdin.read()).items()):
    child = os.fork()
    if child == 0:
        os._exit(answer(at, body))
    answers[name] = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
print(json.dumps(answers))
"""
"""Tries each case in a process and a folder of its own; the answer is the number of the error, 0 for none."""

FILES = {
    "read a file outside": "open(sys.argv[1] + '/secret.txt').read()",
    "list the folder outside": "os.listdir(sys.argv[1])",
    "write outside": "open(sys.argv[1] + '/new.txt', 'w')",
    "write a readable tree": "open(sys.argv[1] + '/tree/new.txt', 'w')",
    "change a file of a readable tree": "open(sys.argv[1] + '/tree/file.txt', 'a')",
    "truncate a file of a readable tree": "os.truncate(sys.argv[1] + '/tree/file.txt', 0)",
    "delete from a readable tree": "os.unlink(sys.argv[1] + '/tree/file.txt')",
    "rename out of a readable tree": "os.rename(sys.argv[1] + '/tree/file.txt', 'mine.txt')",
    "link a file of a readable tree": "os.link(sys.argv[1] + '/tree/file.txt', 'mine.txt')",
    "link a file from outside": "os.link(sys.argv[1] + '/secret.txt', 'mine.txt')",
    "read through a symbolic link": "os.symlink(sys.argv[1] + '/secret.txt', 'l'); open('l').read()",
    "write through a symbolic link": "os.symlink(sys.argv[1], 'd'); open('d/new.txt', 'w')",
    "walk out by dots": "open('../../secret.txt').read()",
    "read the shadow file": "open('/etc/shadow').read()",
    "read private keys": "os.listdir('/etc/ssl/private')",
    "read root's home": "os.listdir('/root')",
    "write /tmp": "open('/tmp/' + sys.argv[4], 'w')",
    "write /dev/shm": "open('/dev/shm/' + sys.argv[4], 'w')",
    "make a device": "os.mknod('null', 0o20666, os.makedev(1, 3))",
    "change the root": "os.chroot('.')",
    "make a program setuid": "open('p', 'w'); os.chmod('p', 0o4755)",
    "make a program setgid": "open('p', 'w'); os.fchmod(os.open('p', os.O_RDWR), 0o2755)",
    "open a terminal": "open('/dev/tty', 'w')",
    "bind a Unix socket's path": "os.mknod('s', 0o140600)",
}
PROC = {
    "list processes": "os.listdir('/proc')",
    "read one's own entry": "open('/proc/self/status').read()",
    "read the caller's environment": "open(f'/proc/{sys.argv[2]}/environ').read()",
    "read the caller's command line": "open(f'/proc/{sys.argv[2]}/cmdline').read()",
    "read the caller's memory": "open(f'/proc/{sys.argv[2]}/mem', 'rb').read(1)",
    "reach the root through the caller": "os.listdir(f'/proc/{sys.argv[2]}/root')",
    "reach descriptors through the caller": "os.listdir(f'/proc/{sys.argv[2]}/fd')",
    "signal the caller": "os.kill(int(sys.argv[2]), 0)",
    "signal the supervisor": "os.kill(supervisor, 0)",
    "signal another process of the user": "os.kill(int(sys.argv[3]), 0)",
    "signal the first process": "os.kill(1, 0)",
    "trace the other process": "call(101, 16, int(sys.argv[3]), 0, 0)",
    "read another process by call": "call(310, int(sys.argv[3]), 0, 0, 0, 0, 0)",
    "write another process by call": "call(311, int(sys.argv[3]), 0, 0, 0, 0, 0)",
    "take another process's descriptor": "call(438, os.pidfd_open(int(sys.argv[3])), 0, 0)",
    "limit another process": "call(302, int(sys.argv[3]), 7, None, None)",
    "become another user": "os.setresuid(1, 1, 1)",
    "take a group": "os.setgroups([0])",
    "raise a limit": "import resource as r; r.setrlimit(r.RLIMIT_NOFILE, (4096, 4096))",
}
NETWORK = {
    "connect to another port": "socket.create_connection(('127.0.0.1', int(sys.argv[5])), 2)",
    "connect by IPv6 to another port": "socket.socket(socket.AF_INET6).connect(('::1', int(sys.argv[5])))",
    "listen": "socket.create_server(('127.0.0.1', 0))",
    "listen without binding": "socket.socket().listen()",
    "bind": "socket.socket().bind(('127.0.0.1', 0))",
    "UDP": "socket.socket(type=socket.SOCK_DGRAM)",
    "UDP of IPv6": "socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)",
    "UDP with flags": "socket.socket(type=socket.SOCK_DGRAM | socket.SOCK_NONBLOCK)",
    "ICMP": "socket.socket(type=socket.SOCK_DGRAM, proto=1)",
    "raw": "socket.socket(type=socket.SOCK_RAW, proto=1)",
    "packets": "socket.socket(17, socket.SOCK_RAW)",
    "MPTCP": "socket.socket(proto=262)",
    "SCTP": "socket.socket(proto=132)",
    "netlink": "socket.socket(16, socket.SOCK_RAW)",
    "vsock": "socket.socket(40, socket.SOCK_STREAM)",
    "a Unix socket": "socket.socket(socket.AF_UNIX)",
    "a Unix socket without connection": "socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)",
    "a datagram pair": "socket.socketpair(type=socket.SOCK_DGRAM)",
    "fast open, sendto": "socket.socket().sendto(b'x', 0x20000000, ('127.0.0.1', int(sys.argv[5])))",
    "fast open, sendmsg": "socket.socket().sendmsg([b'x'], [], 0x20000000, ('127.0.0.1', int(sys.argv[5])))",
    "fast open, sendmmsg": "call(307, socket.socket().fileno(), None, 1, 0x20000000)",
    "change a socket's protocol": "socket.socket().setsockopt(6, 31, b'smc')",
}
KERNEL = {
    "a user namespace": "call(272, 0x10000000)",
    "a network namespace": "call(272, 0x40000000)",
    "a mount namespace": "call(272, 0x20000)",
    "a namespace by clone": "call(56, 0x10000011, None, None, None, 0)",
    "another's namespace": "call(308, os.open('.', os.O_RDONLY), 0)",
    "io_uring": "call(425, 4, ctypes.create_string_buffer(120))",
    "BPF": "call(321, 0, None, 0)",
    "keys": "call(250, 0, -3, 0)",
    "page faults": "call(323, 0)",
    "counters": "call(298, None, 0, -1, -1, 0)",
    "mount": "call(165, b'none', b'.', b'tmpfs', 0, None)",
    "a handle": "call(303, -100, b'.', None, None, 0)",
    "modules": "call(313, 0, b'', 0)",
    "System V memory": "call(29, 0, 4096, 0o1600)",
    "a message queue": "call(240, b'q', 0o102, 0o600, None)",
    "the kernel's log": "call(103, 10, None, 0)",
    "the clock": "call(227, 0, struct.pack('qq', 0, 0))",
    "the host's name": "socket.sethostname('x')",
    "another calling convention": "call(0x40000000 + 39)",
    "a call that is too new to be known": "call(9999)",
}
CASES = {**FILES, **PROC, **NETWORK, **KERNEL}


ESCAPE = f"spacefactory-escape-{os.getpid()}"
POSSIBLE = {
    *("read a file outside", "list the folder outside", "write outside", "write a readable tree"),
    *("change a file of a readable tree", "link a file of a readable tree", "link a file from outside"),
    *("rename out of a readable tree", "read through a symbolic link", "write through a symbolic link"),
    *("walk out by dots", "write /tmp", "make a program setuid", "make a program setgid", "bind a Unix socket's path"),
    *("list processes", "read one's own entry", "read the caller's command line", "signal another process of the user"),
    *("limit another process", "connect to another port", "listen", "listen without binding", "bind", "UDP"),
    *("UDP of IPv6", "UDP with flags", "netlink", "a Unix socket", "a Unix socket without connection"),
    *("a datagram pair", "fast open, sendto", "fast open, sendmsg", "write another process by call"),
    *("read another process by call", "raise a limit", "System V memory"),
}
"""What the same user may do without confinement: the cases that would show nothing if their attempt were wrong."""


@contextmanager
def surroundings(one: Box) -> Iterator[list[str]]:
    """Things around a box that its user can reach; the words that name them."""
    (one.folder / "secret.txt").write_text("secret")
    tree = one.folder / "tree"
    tree.mkdir()
    (tree / "file.txt").write_text("plain")
    user: dict[str, Any] = {}
    if one.by_another_user:
        user = {"user": ORDINARY, "group": ORDINARY, "extra_groups": []}
        for path in (one.folder, one.folder / "secret.txt", tree, tree / "file.txt"):
            os.chown(path, ORDINARY, ORDINARY)
    neighbour = subprocess.Popen(["sleep", "1000"], **user)
    with socket.create_server(("127.0.0.1", 0)) as other:
        try:
            yield [str(one.folder), str(os.getpid()), str(neighbour.pid), ESCAPE, str(other.getsockname()[1])]
        finally:
            neighbour.kill()
            neighbour.wait()


@pytest.fixture(params=MODES, scope="module")
def confined(request: pytest.FixtureRequest) -> dict[str, int]:
    """Answers to all cases, confined."""
    with box(request.param) as one, surroundings(one) as words:
        place: dict[str, Any] = {"readable": [one.folder / "tree"], "limits": confine.Limits(open_files=1000)}
        done = one.run([one.python, "-I", "-c", SUITE, *words], data=json.dumps(CASES).encode(), timeout=60, **place)
        assert done.returncode == 0, done.stderr
        return dict(json.loads(done.stdout))


@pytest.fixture(scope="module")
def plain() -> dict[str, int]:
    """Answers to the possible cases by the same user, without confinement."""
    with box("ordinary") as one, surroundings(one) as words:
        code = f"import os, sys; sys.argv += {words!r}; os.chdir({str(one.workspace)!r})\n{SUITE}"
        try:
            return dict(json.loads(one.as_user(code, json.dumps({name: CASES[name] for name in sorted(POSSIBLE)}))))
        finally:
            Path("/tmp", ESCAPE).unlink(missing_ok=True)


@pytest.mark.parametrize("name", CASES)
def test_denied(confined: dict[str, int], name: str) -> None:
    assert confined[name] in (errno.EPERM, errno.EACCES, errno.ENOSYS, errno.EXDEV), errno.errorcode.get(confined[name])


@pytest.mark.parametrize("name", sorted(POSSIBLE))
def test_possible_without_confinement(plain: dict[str, int], name: str) -> None:
    assert plain[name] == 0, errno.errorcode.get(plain[name], plain[name])
