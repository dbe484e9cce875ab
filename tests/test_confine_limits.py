"""What a confined command may use: limits of the kernel, caps of the supervisor, time, output."""

from __future__ import annotations

import json
import os
import resource
import signal
from collections.abc import Iterator

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


def test_limits(one: Box) -> None:
    limits = confine.Limits(processes=200, file_bytes=1 << 20, open_files=99, cpu_seconds=50, memory_bytes=1 << 30)
    code = """
import json, resource as r
kinds = "NPROC", "FSIZE", "NOFILE", "CPU", "DATA", "CORE"
print(json.dumps([r.getrlimit(getattr(r, "RLIMIT_" + kind)) for kind in kinds]))
"""
    tasks, *others = json.loads(one.code(code, limits=limits))
    assert others == [[1 << 20] * 2, [99, 99], [50, 51], [1 << 30] * 2, [0, 0]]
    assert tasks == [200, 200] or one.mode != "changed"
    assert tasks[0] >= 200


def test_limits_bite(one: Box) -> None:
    done = one.run(["sh", "-c", "head -c 3000000 /dev/zero > big"], limits=confine.Limits(file_bytes=1 << 20))
    assert done.returncode != 0 and (one.workspace / "big").stat().st_size == 1 << 20
    code = "import os\ntry: bytearray(600 << 20)\nexcept MemoryError: print('no memory')"
    assert one.code(code, limits=confine.Limits(memory_bytes=400 << 20)) == "no memory"
    done = one.run([one.python, "-c", "while True: pass"], limits=confine.Limits(cpu_seconds=1))
    assert done.returncode in (-signal.SIGXCPU, -signal.SIGKILL) and not done.timed_out


def test_a_lower_limit_of_the_caller_stays(plain: Box) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_CORE)
    code = "import resource as r\nprint(r.getrlimit(r.RLIMIT_NOFILE)[1])"
    ceiling = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    assert int(plain.code(code, limits=confine.Limits(open_files=ceiling * 2))) == ceiling
    assert resource.getrlimit(resource.RLIMIT_CORE) == (soft, hard)


def test_workspace_cap(one: Box) -> None:
    limits = confine.Limits(workspace_bytes=20 << 20)
    script = "mkdir -p d/e; for i in 1 2 3 4 5 6; do head -c 9000000 /dev/zero > d/e/$i; done; sleep 1000"
    done = one.run(["sh", "-c", script], timeout=60, limits=limits)
    assert done.returncode == -signal.SIGKILL and not done.timed_out
    assert done.exceeded == "ended: its workspace held more than 20 MiB"


def test_workspace_that_cannot_be_measured(plain: Box) -> None:
    script = 'i=0; while [ $i -lt 25 ]; do n=$(printf "%0200d" 0); mkdir $n; cd $n; i=$((i+1)); done; exec sleep 1000'
    done = plain.run(["sh", "-c", script], timeout=60, limits=confine.Limits(workspace_bytes=20 << 20))
    assert "cannot be measured" in done.exceeded


def test_memory_cap_counts_all_processes(one: Box) -> None:
    code = "import os, time\nos.fork(); os.fork()\nb = bytearray(os.urandom(30 << 20))\ntime.sleep(1000)"
    limits = confine.Limits(total_memory_bytes=100 << 20)
    done = one.run([one.python, "-I", "-c", code], timeout=60, limits=limits)
    assert done.exceeded == "ended: its processes held more than 100 MiB of memory"


def test_timeout(one: Box) -> None:
    done = one.run(["sh", "-c", "trap '' TERM INT; echo begun; while :; do sleep 0.05; done"], timeout=1)
    assert (done.returncode, done.stdout, done.timed_out) == (-signal.SIGKILL, b"begun\n", True)


def test_output_is_cut(one: Box) -> None:
    done = one.run(["sh", "-c", "head -c 5000000 /dev/zero; echo end >&2; exit 3"], limit=1000)
    assert (len(done.stdout), done.stderr, done.truncated, done.returncode) == (1000, b"end\n", True, 3)


def test_output_at_the_limit_is_whole(plain: Box) -> None:
    done = plain.run(["sh", "-c", "head -c 1000 /dev/zero"], limit=1000)
    assert (len(done.stdout), done.truncated) == (1000, False)


def test_large_input_and_output_at_once(one: Box) -> None:
    data = os.urandom(3 << 20)
    done = one.run(["cat"], data=data, limit=4 << 20)
    assert done.stdout == data and not done.truncated


def test_input_that_nobody_reads(plain: Box) -> None:
    assert plain.run(["true"], data=bytes(1 << 20)).returncode == 0
