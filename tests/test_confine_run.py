"""What a confined command can do, what it is given, and what comes back."""

from __future__ import annotations

import errno
import json
import os
import signal
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from spacefactory import confine
from tests.confine_box import MODES, Box, box


@pytest.fixture(params=MODES)
def one(request: pytest.FixtureRequest) -> Iterator[Box]:
    with box(request.param) as made:
        yield made


@pytest.fixture
def plain() -> Iterator[Box]:
    """A box in the mode that this machine chooses by itself."""
    with box("changed" if os.geteuid() == 0 else "ordinary") as made:
        yield made


def test_it_works_in_its_workspace(one: Box) -> None:
    code = """
import json, os, socket, subprocess, tempfile, threading, mimetypes, ssl
found = []
threads = [threading.Thread(target=found.append, args=(n,)) for n in range(8)]
[t.start() for t in threads]; [t.join() for t in threads]
os.mkdir("d"); open("d/a", "w").write("x"); os.rename("d/a", "b"); os.symlink("b", "l"); os.link("b", "c")
left, right = socket.socketpair()
with tempfile.NamedTemporaryFile() as temporary:
    inside = temporary.name.startswith(os.getcwd())
print(json.dumps({
    "threads": sorted(found), "read": open("l").read(), "inside": inside,
    "shell": subprocess.run(["sh", "-c", "echo $((6*7)) | cat"], capture_output=True, text=True).stdout,
    "cwd": os.getcwd(), "mime": mimetypes.guess_type("a.csv")[0],
    "certificates": ssl.create_default_context() is not None,
    "cpus": os.cpu_count() > 0,
}))
"""
    assert json.loads(one.code(code)) == {
        "threads": list(range(8)),
        "read": "x",
        "inside": True,
        "shell": "42\n",
        "cwd": str(one.workspace),
        "mime": "text/csv",
        "certificates": True,
        "cpus": True,
    }
    assert (one.workspace / "b").read_text() == "x"


def test_who_it_is(one: Box) -> None:
    code = """
import ctypes, json, os
libc = ctypes.CDLL(None)
words = ctypes.create_string_buffer(24)
libc.capget((0x20080522).to_bytes(8, "little"), words)
bounding = [n for n in range(41) if libc.prctl(23, n, 0, 0, 0) == 1]
print(json.dumps([os.getresuid(), os.getresgid(), os.getgroups(), any(words.raw), libc.prctl(39, 0, 0, 0, 0), bounding,
    os.getsid(0) == os.getpid(), oct(os.umask(0))]))
"""
    users, groups, more, capabilities, no_new, bounding, leader, umask = json.loads(one.code(code))
    assert len({*users}) == 1 and not capabilities and no_new == 1 and leader and umask == "0o77"
    if os.geteuid() == 0:
        assert more == [] or one.mode == "root_without_capabilities"
        assert bounding == [] or one.mode == "ordinary"
    assert (users[0] == 0) == (one.mode == "root_without_capabilities")
    if one.mode == "changed":
        assert 20000 <= users[0] < 60000 and groups == users
        assert one.workspace.stat().st_uid == users[0]


def test_environment_is_clean(one: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "canary")
    monkeypatch.setenv("LD_PRELOAD_OF_THE_CALLER", "canary")
    done = one.run(["env"], environment={"MINE": "yes", "LANG": "C"})
    found = dict(line.split("=", 1) for line in done.stdout.decode().splitlines())
    assert len(found.pop("SPACEFACTORY_CONFINED")) == 32
    assert found == {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "HOME": str(one.workspace),
        "TMPDIR": str(one.workspace / ".tmp"),
        "LANG": "C",
        "MINE": "yes",
    }


def test_supervisor_holds_nothing_of_the_caller(plain: Box, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("HF_TOKEN", "canary")
    record = plain.folder / "record"
    confine.start(["sleep", "1000"], plain.confinement(), record, plain.folder / "log")
    try:
        pid = json.loads((record / "identity.json").read_text())["supervisor"]["pid"]
        environ, line = (Path(f"/proc/{pid}/{name}").read_bytes() for name in ("environ", "cmdline"))
        assert b"canary" not in environ and b"HOME" not in environ
        assert b"sleep" not in line
    finally:
        confine.stop(record, 0)


def test_descriptors_are_closed(one: Box) -> None:
    opened = [os.dup2(os.open(os.devnull, os.O_RDONLY), number, inheritable=True) for number in (77, 200)]
    try:
        code = "import os\nfor n in range(3, 1024):\n try: os.fstat(n); print(n)\n except OSError: pass"
        assert one.code(code) == ""
    finally:
        for number in opened:
            os.close(number)


def test_many_open_descriptors_in_the_caller(plain: Box) -> None:
    """Streams keep their meaning when the caller's numbers are high."""
    opened = [os.open(os.devnull, os.O_RDONLY) for _ in range(150)]
    try:
        done = plain.run(["sh", "-c", "cat; echo err >&2"], data=b"in")
        assert (done.stdout, done.stderr) == (b"in", b"err\n")
    finally:
        for number in opened:
            os.close(number)


def test_signals_are_at_their_defaults(one: Box) -> None:
    old = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    try:
        code = "import signal as s\nprint([s.getsignal(n) for n in (s.SIGHUP, s.SIGTERM)], s.pthread_sigmask(0, []))"
        assert one.code(code) == "[<Handlers.SIG_DFL: 0>, <Handlers.SIG_DFL: 0>] set()"
        done = one.run(["sh", "-c", "yes | head -1; kill -PIPE $$"])
        assert (done.returncode, done.stdout) == (-signal.SIGPIPE, b"y\n")
    finally:
        signal.signal(signal.SIGHUP, old)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def test_signals_of_the_caller_do_not_reach_the_supervisor(plain: Box) -> None:
    """A caller that ignores or blocks the end of children still learns of it."""
    old = signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGCHLD, signal.SIGTERM])
    try:
        done = confine.run(["sh", "-c", "sleep 0.3; exit 3"], plain.confinement(), timeout=20)
        assert done.returncode == 3
    finally:
        signal.signal(signal.SIGCHLD, old)
        signal.pthread_sigmask(signal.SIG_SETMASK, blocked)


def test_names_in_any_alphabet(plain: Box) -> None:
    odd = plain.folder / "späce \udcff ☃ [a] 'b'"
    odd.mkdir()
    place = confine.Confinement(workspace=odd, environment={"NAME": "ünï"})
    done = confine.run(["sh", "-c", 'pwd; echo "$NAME" "$1"; echo x > "ÿ"', "sh", "☃"], place, timeout=20)
    assert done.stdout.decode(errors="surrogateescape") == f"{odd}\nünï ☃\n"
    assert (odd / "ÿ").read_text() == "x\n"


@pytest.mark.parametrize(("argv", "code"), [(["no-such-command"], 127), (["./plain"], 126), (["/etc"], 126)])
def test_commands_that_cannot_be_executed(plain: Box, argv: list[str], code: int) -> None:
    (plain.workspace / "plain").write_text("no program")
    done = plain.run(argv)
    assert done.returncode == code
    assert done.stderr.decode().startswith(f"{argv[0]} cannot be executed: ")


def test_program_of_the_workspace(one: Box) -> None:
    (one.workspace / "mine").write_text("#!/bin/sh\necho mine $1\n")
    (one.workspace / "mine").chmod(0o755)
    assert one.run(["./mine", "x"]).stdout == b"mine x\n"


def test_own_port(one: Box) -> None:
    """A server that binds its port and calls itself, as gradio's launch does."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    code = """
import asyncio, sys
async def main(port):
    async def answer(reader, writer):
        writer.write(await reader.readline()); await writer.drain(); writer.close()
    async with await asyncio.start_server(answer, "127.0.0.1", port):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"hello\\n")
        print((await reader.readline()).decode().strip())
        writer.close()
asyncio.run(main(int(sys.argv[1])))
"""
    assert one.code(code, str(port), bind_ports=(port,), connect_ports=(port,)) == "hello"


def test_network_relaxes_sockets_only(one: Box) -> None:
    (one.folder / "secret.txt").write_text("secret")
    code = """
import errno, json, os, socket, sys
def number(act):
    try: act()
    except OSError as error: return errno.errorcode[error.errno]
    return ""
print(json.dumps({
    "udp": number(lambda: socket.socket(type=socket.SOCK_DGRAM).sendto(b"x", ("127.0.0.1", 53))),
    "icmp": number(lambda: socket.socket(type=socket.SOCK_DGRAM, proto=1)),
    "raw": number(lambda: socket.socket(type=socket.SOCK_RAW, proto=1)),
    "unix": number(lambda: socket.socket(socket.AF_UNIX)),
    "mptcp": number(lambda: socket.socket(proto=262)),
    "https": number(lambda: socket.create_connection(("127.0.0.1", 443), 2)),
    "http": number(lambda: socket.create_connection(("127.0.0.1", 80), 2)),
    "listen": number(lambda: socket.create_server(("127.0.0.1", 0))),
    "file": number(lambda: open(sys.argv[1]).read()),
    "names": number(lambda: open("/etc/resolv.conf").read()) in ("", "ENOENT"),
}))
"""
    found = json.loads(one.code(code, str(one.folder / "secret.txt"), network=True))
    assert found.pop("https") in ("", "ECONNREFUSED")
    assert found == {
        "udp": "",
        "icmp": "EPERM",
        "raw": "EPERM",
        "unix": "EPERM",
        "mptcp": "EPERM",
        "http": "EACCES",
        "listen": "EACCES",
        "file": "EACCES",
        "names": True,
    }


def test_shared_memory(one: Box) -> None:
    code = "import multiprocessing as m\nwith m.Lock(): print('locked')"
    assert one.run([one.python, "-I", "-c", code]).returncode == 1
    before = set(Path("/dev/shm").iterdir())
    assert one.code(code, shared_memory=True) == "locked"
    assert set(Path("/dev/shm").iterdir()) <= before


def test_without_enforcement_the_rest_stays(one: Box, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "canary")
    code = """
import json, os, resource, socket
socket.socket(socket.AF_UNIX).close()
limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
print(json.dumps([bool(os.listdir("/proc")), "HF_TOKEN" in os.environ, limit, os.getcwd()]))
"""
    found = json.loads(one.code(code, enforced=False, limits=confine.Limits(open_files=99)))
    assert found == [True, False, 99, str(one.workspace)]


def test_workspace_is_used_again(one: Box) -> None:
    """Files that an earlier command wrote are the next one's too."""
    one.run(["sh", "-c", "mkdir d; echo 1 > d/f; chmod 700 d"])
    assert one.run(["sh", "-c", "echo 2 >> d/f; cat d/f"]).stdout == b"1\n2\n"
    if os.geteuid() == 0 and not one.by_another_user:
        (one.workspace / "d/g").write_text("from the caller\n")
        assert one.run(["sh", "-c", "echo more >> d/g; cat d/g"]).stdout == b"from the caller\nmore\n"


def test_root_stays_what_it_was_in_a_workspace() -> None:
    """Two users in turn would take each other's files away."""
    with box("root_without_capabilities") as one:
        assert one.run(["id", "-u"]).stdout == b"0\n"
        bare = confine.Confinement(workspace=one.workspace)
        assert confine.run(["id", "-u"], bare, timeout=20).stdout == b"0\n"


def test_from_a_thread_and_side_by_side(plain: Box) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda n: plain.run(["sh", "-c", f"sleep 0.2; echo {n}"]), range(8)))
    assert [one.stdout for one in done] == [b"%d\n" % n for n in range(8)]


def test_the_package_imports_nothing_heavy() -> None:
    import subprocess

    code = "import sys; from spacefactory import confine; confine.run; print('pydantic' in sys.modules, errno)"
    done = subprocess.run(
        [sys.executable, "-c", code.replace("errno", str(errno.EPERM))], capture_output=True, text=True
    )
    assert done.stdout == "False 1\n", done.stderr
