"""Calls to a running app, each with a limit of time, none of which can hang, print or carry anything of the user's."""

from __future__ import annotations

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
class Caller:
    """Calls one app through a process of its own; use it as a context manager."""

    app: App
    timeout: float
    """seconds that one call may take"""
    _process: subprocess.Popen[bytes] | None = None
    _said: IO[bytes] | None = None
    _read: bytearray = field(default_factory=bytearray)

    def __enter__(self) -> Self:
        self._start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def call(self, endpoint: str, case: Case) -> Answer:
        """Call an endpoint; every failure is an answer with an error text, as the table of known failures reads it."""
        request = {
            "url": self.app.url,
            "endpoint": endpoint,
            "inputs": case.inputs,
            "files": case.files,
            "timeout": self.timeout,
        }
        started = time.monotonic()
        try:
            answer = self._ask(request)
        except (CallerDiedError, OSError) as error:
            self._end()
            return Answer(seconds=time.monotonic() - started, error=f"spacefactory.CallerDiedError |  | {error}")
        except TimeoutError:
            self._end()
            late = f"builtins.TimeoutError |  | no answer within {self.timeout:g} s"
            return Answer(seconds=time.monotonic() - started, error=late)
        return Answer(answer.get("value"), float(answer["seconds"]), str(answer.get("error") or ""))

    def _ask(self, request: dict[str, JsonValue]) -> dict[str, Any]:
        process = self._process or self._start()
        assert process.stdin is not None
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        line = self._line(process, time.monotonic() + self.timeout + GRACE_S)
        try:
            answer = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise CallerDiedError(f"the app's answer cannot be read: {error}") from None
        return dict(answer)

    def _line(self, process: subprocess.Popen[bytes], deadline: float) -> bytes:
        assert process.stdout is not None
        while b"\n" not in self._read:
            ready, _, _ = select.select([process.stdout], [], [], max(0.0, deadline - time.monotonic()))
            if not ready:
                raise TimeoutError
            piece = os.read(process.stdout.fileno(), 1 << 20)
            self._read += piece
            if not piece:
                raise CallerDiedError(f"the calling process ended by itself: {self._last_words()}")
            if len(self._read) > LARGEST_ANSWER:
                raise CallerDiedError(f"the app's answer is larger than {LARGEST_ANSWER >> 20} MiB")
        line, _, rest = bytes(self._read).partition(b"\n")
        self._read = bytearray(rest)
        return line

    def _start(self) -> subprocess.Popen[bytes]:
        self._read.clear()
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 - closed in _end
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "spacefactory.probe.caller"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._said,
            env=environment(),
            start_new_session=True,
        )
        return self._process

    def _last_words(self) -> str:
        if self._said is None:
            return ""
        self._said.seek(max(0, self._said.seek(0, os.SEEK_END) - 500))
        return " ".join(self._said.read().decode("utf-8", "replace").split())

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            _kill(process)
        if self._said is not None:
            self._said.close()
            self._said = None


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


def _kill(process: subprocess.Popen[bytes]) -> None:
    for pipe in (process.stdin, process.stdout):
        if pipe is not None:
            try:
                pipe.close()
            except BrokenPipeError:
                continue
    if process.poll() is None:
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
