"""Root is held to a number of processes too, which no resource limit does."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from spacefactory import confine
from spacefactory.confine import control_group
from spacefactory.confine.processes import look
from spacefactory.testing import absent
from tests.confine_box import HOUSE, box

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="only root escapes the limit of processes")
CAP = 20
MANY = f"""
import subprocess, time
made = 0
for _ in range({CAP * 2}):
    try: made += bool(subprocess.Popen(["sleep", "1000"]))
    except OSError: pass
print(made, flush=True)
"""
BOMB = """
import os, time
for _ in range(12):
    try: os.fork()
    except OSError: pass
os.write(1, b"x")
time.sleep(1000)
"""
WITHOUT_GROUPS = 'mount -t tmpfs none /sys/fs/cgroup && exec "$0" "$@"'
COUNTED = """
import json, pathlib, sys; sys.path.insert(0, {house!r})
from spacefactory import confine
readable = (pathlib.Path(sys.prefix), pathlib.Path(sys.base_prefix), pathlib.Path({private!r}))
place = confine.Confinement(pathlib.Path({workspace!r}), readable, limits=confine.Limits(processes={cap}))
done = confine.run([sys.executable, "-I", "-c", {code!r}], place, timeout=60)
print(json.dumps([done.returncode, done.exceeded]))
"""


def mine(parent: Path) -> set[Path]:
    """Control groups of supervisors that this process has started; other tests have others."""
    found = parent.glob(f"{control_group.NAME}*")
    looked = {path: look(int(path.name.removeprefix(control_group.NAME))) for path in found}
    return {path for path, seen in looked.items() if seen is not None and seen.parent == os.getpid()}


@pytest.fixture
def group() -> Path:
    """A control group, as a place to look at."""
    made = control_group.make(CAP)
    if made is None:
        absent("this root may not make control groups that count tasks")
    return made


def test_the_kernel_counts(group: Path) -> None:
    control_group.remove(group)
    with box("root_without_capabilities") as one, ThreadPoolExecutor(1) as pool:
        argv = [one.python, "-I", "-c", MANY + "time.sleep(2)"]
        running = pool.submit(one.run, argv, timeout=60, limits=confine.Limits(processes=CAP))
        seen = {path for _ in iter(lambda: running.done(), True) for path in mine(group.parent)}
        done = running.result()
    assert (int(done.stdout), done.exceeded, done.timed_out) == (CAP - 1, "", False)
    assert len(seen) == 1
    assert mine(group.parent) == set()


def test_a_fork_bomb_is_bounded(group: Path) -> None:
    """Each of them writes its number: there are never more at once than the cap."""
    control_group.remove(group)
    with box("root_without_capabilities") as one:
        done = one.run([one.python, "-I", "-c", BOMB], timeout=2, limits=confine.Limits(processes=CAP))
    assert 1 < len(done.stdout) <= CAP


def test_what_a_killed_supervisor_left_is_removed_by_the_next(group: Path) -> None:
    ended = subprocess.Popen(["true"])
    ended.wait()
    left = group.with_name(f"{control_group.NAME}{ended.pid}")
    left.mkdir()
    other = control_group.make(CAP)
    assert other == group  # of the same process, so the first one was removed too
    assert not left.exists()
    control_group.remove(group)
    assert not group.exists()


def test_a_group_with_a_task_stays(group: Path) -> None:
    with subprocess.Popen(["sleep", "1000"]) as task:
        (group / "cgroup.procs").write_text(str(task.pid))
        control_group.remove(group)
        assert group.exists()
        task.kill()
    control_group.remove(group)
    assert not group.exists()


def test_the_supervisor_counts_where_no_group_can_be_made() -> None:
    with box("root_without_capabilities") as one:
        code = COUNTED.format(
            house=str(HOUSE.parent),
            private=str(one.folder / "private"),
            workspace=str(one.workspace),
            cap=CAP,
            code=MANY + "time.sleep(1000)",
        )
        argv = ["unshare", "--mount", "sh", "-c", WITHOUT_GROUPS, sys.executable, "-c", code]
        done = subprocess.run(argv, capture_output=True, text=True, timeout=120, check=False)
    if "unshare" in done.stderr or "mount" in done.stderr:
        absent("this root may not mount")
    assert json.loads(done.stdout) == [-9, f"ended: it ran more than {CAP} processes and threads"], done.stderr
