"""Processes known by number and start time together: numbers are given again."""

from __future__ import annotations

import os
from pathlib import Path


def _facts(pid: int) -> list[str] | None:
    """The fields of /proc/PID/stat after the name (proc(5)); None when there is no such process or no /proc."""
    try:
        return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return None


def start_time(pid: int) -> int | None:
    """Clock ticks from boot to the start of a process; None where the system does not tell."""
    facts = _facts(pid)
    return int(facts[19]) if facts else None


def alive(pid: int, begun: int | None) -> bool:
    """Whether the process that started then still runs; one that has ended and waits to be reaped does not."""
    if begun is None:
        return _exists(pid)
    facts = _facts(pid)
    return facts is not None and int(facts[19]) == begun and facts[0] not in "ZX"


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
