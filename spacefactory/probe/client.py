"""Calls to a running app, each with a limit of time, none of which can hang, print or carry anything of the user's."""

from __future__ import annotations

import contextlib
import json
import os
import select
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from pydantic import JsonValue

from spacefactory.probe.app import App
from spacefactory.schema.verdict import Case

LARGEST_ANSWER = 32 << 20
"""Bytes of one answer without its files."""
GRACE_S = 15.0
"""How much longer than a call's own limit its process is waited for."""
BROKEN_OFF = "concurrent.futures._base.CancelledError"
"""What Gradio's client says when the stream of messages ended before the answer."""
DEAD = (
    "httpx.ConnectError",
    "concurrent.futures._base.CancelledError",
    "builtins.TimeoutError",
    "spacefactory.CallerDiedError",
)
"""Errors after which another call would only wait: nothing listens, the app died, or it does not answer in time."""
PASSED_ON = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "TMPDIR", "PYTHONPATH", "SYSTEMROOT")
"""All that the calling process gets to see of our environment."""


@dataclass(frozen=True)
class Answer:
    """What came back from one call: a value or an error, and the seconds it took."""

    value: Any = None
    seconds: float = 0.0
    error: str = ""


class CallerDiedError(Exception):
    """The calling process ended, or answered with what cannot be read."""


@dataclass
class Running:
    """A calling process at work."""

    process: subprocess.Popen[bytes]
    requests: IO[bytes]
    answers: IO[bytes]
    said: IO[bytes]
    """what it writes to its standard error"""
    read: bytearray = field(default_factory=bytearray)


@dataclass
class Caller:
    """Calls one app through a process of its own, which comes up while others work; use it as a context manager."""

    timeout: float
    """seconds that one call may take"""
    _running: Running | None = None

    def __enter__(self) -> Self:
        self._running = _start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def call(self, app: App, endpoint: str, case: Case, limit: float | None = None) -> Answer:
        """Call an endpoint; every failure is an answer with an error text, as the table of known failures reads it.

        A call whose stream of messages broke off is made once more, which helps unless the app is gone.

        Args:
            app: what is called.
            endpoint: with its leading slash.
            case: what goes in.
            limit: fewer seconds for this call.
        """
        timeout = min(self.timeout, limit or self.timeout)
        answer = self._call(app, endpoint, case, timeout)
        if not answer.error.startswith(BROKEN_OFF):
            return answer
        self._end()
        again = self._call(app, endpoint, case, timeout)
        return answer if again.error.startswith((BROKEN_OFF, "httpx.ConnectError")) else again

    def _call(self, app: App, endpoint: str, case: Case, timeout: float) -> Answer:
        request: dict[str, JsonValue] = {
            "url": app.url,
            "endpoint": endpoint,
            "inputs": case.inputs,
            "files": list(case.files),
            "timeout": timeout,
        }
        started = time.monotonic()
        try:
            answer = self._ask(request, timeout)
        except TimeoutError:  # an OSError too
            self._end()
            late = f"builtins.TimeoutError |  | no answer within {timeout:g} s"
            return Answer(seconds=time.monotonic() - started, error=late)
        except (CallerDiedError, OSError) as error:
            self._end()
            return Answer(seconds=time.monotonic() - started, error=f"spacefactory.CallerDiedError |  | {error}")
        return Answer(answer.get("value"), float(answer["seconds"]), str(answer.get("error") or ""))

    def _ask(self, request: dict[str, JsonValue], timeout: float) -> dict[str, Any]:
        self._running = running = self._running or _start()
        running.requests.write(json.dumps(request).encode() + b"\n")
        running.requests.flush()
        line = _line(running, time.monotonic() + timeout + GRACE_S)
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise CallerDiedError(f"the app's answer cannot be read: {error}") from None
        return dict(answer)

    def _end(self) -> None:
        running, self._running = self._running, None
        if running is not None:
            _stop(running)


def _start() -> Running:
    said = tempfile.TemporaryFile()  # noqa: SIM115 - closed in _stop
    process = subprocess.Popen(
        [sys.executable, "-P", "-m", "spacefactory.probe.caller"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=said,
        env=environment(),
        start_new_session=True,
    )
    if process.stdin is None or process.stdout is None:
        raise CallerDiedError("the calling process has no pipes")
    return Running(process, process.stdin, process.stdout, said)


def _line(running: Running, deadline: float) -> bytes:
    """The next line of the process; never more than an answer may have, never later than the deadline."""
    while b"\n" not in running.read:
        ready, _, _ = select.select([running.answers], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            raise TimeoutError
        piece = os.read(running.answers.fileno(), 1 << 20)
        running.read += piece
        if not piece:
            raise CallerDiedError(f"the calling process ended by itself: {_last_words(running)}")
        if len(running.read) > LARGEST_ANSWER:
            raise CallerDiedError(f"the app's answer is larger than {LARGEST_ANSWER >> 20} MiB")
    line, _, rest = bytes(running.read).partition(b"\n")
    running.read = bytearray(rest)
    return line


def _last_words(running: Running) -> str:
    running.said.seek(max(0, running.said.seek(0, os.SEEK_END) - 500))
    return " ".join(running.said.read().decode("utf-8", "replace").split())


def environment() -> dict[str, str]:
    """The environment of the calling process: nothing of the user's, no telemetry, no saved logins."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return kept | {
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(Path(tempfile.gettempdir()) / "spacefactory-no-login"),
        "PYTHONDONTWRITEBYTECODE": "1",
    }


def _stop(running: Running) -> None:
    """End the process and all that it started."""
    for pipe in (running.requests, running.answers, running.said):
        with contextlib.suppress(BrokenPipeError):
            pipe.close()
    if running.process.poll() is None:
        os.killpg(running.process.pid, signal.SIGKILL)
    running.process.wait()
