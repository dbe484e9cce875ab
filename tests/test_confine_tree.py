"""No process of a command is left, however it tried to leave."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import cycle, islice, product
from pathlib import Path

import pytest

from spacefactory import confine
from spacefactory.confine.processes import marked, of_user
from tests.confine_box import HOUSE, MODES, Box, box

STYLES = {
    "a plain child": "subprocess.Popen(['sleep', '1000'])",
    "a session of its own": "subprocess.Popen(['sleep', '1000'], start_new_session=True)",
    "a double fork": "os.fork() or (os.setsid(), os.fork() and os._exit(0), time.sleep(1000))",
    "one that ignores every signal": "os.fork() or ([signal.signal(n, signal.SIG_IGN) for n in (1, 2, 3, 13, 15)],"
    " os.setsid(), time.sleep(1000))",
    "nohup in the background": "subprocess.Popen(['sh', '-c', 'nohup sleep 1000 >/dev/null 2>&1 &'])",
    "a clean environment": "subprocess.Popen(['setsid', 'sleep', '1000'], env={})",
    "one that is stopped": "os.kill(subprocess.Popen(['sleep', '1000'], start_new_session=True).pid, signal.SIGSTOP)",
    "one that keeps the pipes": "subprocess.Popen(['setsid', 'sh', '-c', 'while :; do echo x; sleep 0.01; done'])",
    "one without standard streams": "os.fork() or (os.setsid(), os.closerange(0, 3), time.sleep(1000))",
    "zombies": "[os.fork() or os._exit(0) for _ in range(20)]",
    "a subreaper of its own": "os.fork() or (ctypes.CDLL(None).prctl(36, 1, 0, 0, 0), os.fork() or os.setsid(),"
    " time.sleep(1000))",
    "one that forgets its parent's death": "os.fork() or (ctypes.CDLL(None).prctl(1, 0, 0, 0, 0), time.sleep(1000))",
    "a chain that forks again and again": "os.fork() or [os.fork() and os._exit(0) for _ in iter(int, 1)]",
    "a chain of sessions that forks again and again": "os.fork() or [os.fork() and os._exit(0) or os.setsid()"
    " for _ in iter(int, 1)]",
    "a storm of forks": "os.fork() or [storm() for _ in iter(int, 1)]",
}
WILD = [style for style in STYLES if "forks" in style]
GROUPS = [[style for style in STYLES if style not in WILD], *([style] for style in WILD)]
TRIALS = 100
HEAD = """
import ctypes, os, signal, subprocess, sys, time, warnings
warnings.simplefilter("ignore")
def storm():
    try: os.fork()
    except OSError: pass
"""


@pytest.fixture(params=MODES)
def one(request: pytest.FixtureRequest) -> Iterator[Box]:
    with box(request.param) as made:
        yield made


def survivors(name: str, uid: int) -> list[int]:
    """Processes of the workspace's user, or with this word in their environment."""
    users = of_user(uid) if uid not in (0, os.geteuid()) else []
    return [*users, *marked(f"MARK={name}")]


@pytest.mark.parametrize("styles", GROUPS, ids=" ".join)
def test_no_survivor_when_it_ends(one: Box, styles: list[str]) -> None:
    done, left = ran(one, f"{program(styles)}\nprint('begun', flush=True)\ntime.sleep(0.1)", timeout=60)
    assert b"begun" in done.stdout, done.stderr
    assert not done.timed_out
    assert left == []


@pytest.mark.parametrize("styles", GROUPS, ids=" ".join)
def test_no_survivor_when_its_time_is_over(one: Box, styles: list[str]) -> None:
    done, left = ran(one, f"{program(styles)}\nprint('begun', flush=True)\ntime.sleep(1000)", timeout=1.0)
    assert b"begun" in done.stdout, done.stderr
    assert done.timed_out or done.exceeded
    assert left == []


def test_no_survivor_in_a_hundred_trials() -> None:
    """One way of leaving per trial, every way in every mode, ended by itself and by its time in turn."""
    modes = [mode for mode in MODES if mode == "ordinary" or os.geteuid() == 0]
    trials = list(islice(cycle(product(STYLES, (0.05, 1000.0))), TRIALS // len(modes) + 1))
    with ThreadPoolExecutor(len(modes)) as pool:  # side by side, but not two of one user
        left = list(pool.map(lambda mode: [(*one, trial(mode, *one)) for one in trials], modes))
    assert sum(map(len, left)) >= TRIALS
    assert [one for mode in left for one in mode if one[-1]] == []


def trial(mode: str, style: str, seconds: float) -> list[int]:
    """Survivors of a command that leaves in one way, and goes on for some seconds."""
    with box(mode) as made:
        code = f"{program([style])}\nprint('begun', flush=True)\ntime.sleep({seconds})"
        for timeout in (0.7, 3, 60):  # a busy machine may take its time to begin
            done, left = ran(made, code, timeout)
            if left or b"begun" in done.stdout:
                break
    assert b"begun" in done.stdout, (style, done.stderr)
    return left


def program(styles: list[str]) -> str:
    """Each style in a process of its own, side by side."""
    return HEAD + "".join(f"if not os.fork():\n    {STYLES[style]}\n    time.sleep(1000)\n" for style in styles)


def ran(one: Box, code: str, timeout: float) -> tuple[confine.Completed, list[int]]:
    """What came back, and which processes are left."""
    mark = f"{os.getpid()}-{one.folder.name}"
    limits = confine.Limits(processes=100)
    argv = [one.python, "-I", "-c", code]
    done = one.run(argv, timeout=timeout, environment={"MARK": mark}, limits=limits)
    return done, survivors(mark, one.workspace.stat().st_uid)


def test_the_tree_ends_with_its_caller(tmp_path: Path) -> None:
    """A caller that is killed leaves nothing behind."""
    with box("changed" if os.geteuid() == 0 else "ordinary") as one:
        mark = f"caller-{os.getpid()}"
        code = f"""
import sys, pathlib; sys.path.insert(0, {str(HOUSE.parent)!r})
from spacefactory import confine
place = confine.Confinement(workspace=pathlib.Path({str(one.workspace)!r}), environment={{"MARK": {mark!r}}})
confine.run(["sh", "-c", "setsid sleep 1000 & sleep 1000"], place, timeout=1000)
"""
        caller = subprocess.Popen([sys.executable, "-c", code])
        assert wait_for(lambda: len(marked(f"MARK={mark}")) >= 3)
        caller.kill()
        caller.wait()
        assert wait_for(lambda: marked(f"MARK={mark}") == [])


def test_an_interrupt_ends_the_tree() -> None:
    with box("changed" if os.geteuid() == 0 else "ordinary") as one:
        mark = f"interrupt-{os.getpid()}"
        code = f"""
import signal, sys, pathlib; sys.path.insert(0, {str(HOUSE.parent)!r})
from spacefactory import confine
place = confine.Confinement(workspace=pathlib.Path({str(one.workspace)!r}), environment={{"MARK": {mark!r}}})
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
try:
    confine.run(["sh", "-c", "setsid sleep 1000 & sleep 1000"], place, timeout=1000)
except KeyboardInterrupt:
    sys.exit(130)
"""
        caller = subprocess.Popen([sys.executable, "-c", code])
        assert wait_for(lambda: len(marked(f"MARK={mark}")) >= 3)
        caller.send_signal(signal.SIGINT)
        assert caller.wait() == 130
        assert marked(f"MARK={mark}") == []


def wait_for(condition: object, seconds: float = 60) -> bool:
    """Whether it becomes true; the time only bounds a failure."""
    until = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True
