"""Start a supervisor and hand it its order; used by the callers, never by the supervisor."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from spacefactory.confine.order import Order, encode
from spacefactory.confine.spec import SandboxUnavailable

HOUSE = Path(__file__).resolve().parent.parent
BOOT = """\
import sys, types
house = types.ModuleType("spacefactory")
house.__path__ = [sys.argv[1]]
sys.modules["spacefactory"] = house
from spacefactory.confine.supervisor import main
main()
"""
"""Nothing but this package and the standard library can be imported, so it starts fast, however we are installed."""
NEXT = "see: spacefactory doctor"
LOADER = "LD_LIBRARY_PATH"
"""Some builds of Python find their own library by it; no other variable of the caller reaches the supervisor."""


def begin(order: Order, descriptors: tuple[int, ...] = ()) -> subprocess.Popen[bytes]:
    """A supervisor at work on an order. Its standard output gives one line, see `answer`.

    Raises:
        SandboxUnavailable: there is no such thing on this system, or Python cannot be started.
    """
    if sys.platform != "linux":
        raise SandboxUnavailable(f"commands are confined on Linux only, and this is {sys.platform}")
    try:
        supervisor = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", BOOT, str(HOUSE)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env={LOADER: os.environ[LOADER]} if LOADER in os.environ else {},
            cwd="/",
            pass_fds=descriptors,
            start_new_session=True,
        )
    except OSError as error:
        raise SandboxUnavailable(f"the process that confines the command cannot be started: {error}") from error
    _hand_over(supervisor, encode(order))
    return supervisor


def answer(said: bytes) -> Mapping[str, Any]:
    """What a supervisor answered, all its lines together; without `returncode` or `started` it was killed.

    Raises:
        SandboxUnavailable: it refused, or it failed before there was a command.
    """
    facts: dict[str, Any] = {}
    for line in said.decode(errors="replace").splitlines():
        try:
            facts |= json.loads(line)
        except ValueError:
            facts["failed"] = line
    if "refused" in facts:
        raise SandboxUnavailable(f"the command was not run, because it cannot be confined: {facts['refused']}; {NEXT}")
    if "own" not in facts:
        why = facts.get("failed", "it was killed")
        raise SandboxUnavailable(f"the command was not run, because the process that confines it failed: {why}; {NEXT}")
    return facts


def _hand_over(supervisor: subprocess.Popen[bytes], line: bytes) -> None:
    assert supervisor.stdin is not None  # noqa: S101 - it is a pipe
    with suppress(BrokenPipeError):  # its answer, or the lack of one, says why
        supervisor.stdin.write(line)
        supervisor.stdin.flush()
