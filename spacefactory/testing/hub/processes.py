"""Starts processes that can be ended with everything they started."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path

MARK = "SPACEFACTORY_TEST_PROCESS"
"""Environment variable by which descendants are found, however they detached themselves."""


def start(argv: Sequence[str], folder: Path, environment: Mapping[str, str], mark: str) -> subprocess.Popen[bytes]:
    """Start a command in a session of its own, with this environment and nothing else of ours.

    Raises:
        OSError: there is no such command.
    """
    return subprocess.Popen(
        list(argv), cwd=folder, env={**environment, MARK: mark}, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, start_new_session=True,
    )  # fmt: skip


def read_lines(process: subprocess.Popen[bytes], say: Callable[[str], None]) -> threading.Thread:
    """Pass on each line of output, in a thread that ends when nobody holds the pipe any more."""

    def pump() -> None:
        assert process.stdout is not None  # noqa: S101  # `start` made it a pipe
        with process.stdout as lines:
            for line in lines:
                say(line.decode("utf-8", "replace").rstrip("\r\n"))

    thread = threading.Thread(target=pump, name="test-output", daemon=True)
    thread.start()
    return thread


def end(process: subprocess.Popen[bytes], mark: str, grace_s: float = 0.0) -> None:
    """Ask politely if there is time, then kill the process and all it started."""
    if grace_s:
        _signal_group(process.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            process.wait(timeout=grace_s)
    for _ in range(20):
        _signal_group(process.pid, signal.SIGKILL)
        rest = list(_marked(mark))
        for pid in rest:
            with suppress(ProcessLookupError, PermissionError):
                os.kill(pid, signal.SIGKILL)
        if not rest:
            break
        time.sleep(0.01)
    process.wait()


def _signal_group(pid: int, number: signal.Signals) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, number)


def _marked(mark: str) -> Iterable[int]:
    """Live processes that carry the mark in their environment."""
    wanted = f"{MARK}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                yield int(folder.name)
