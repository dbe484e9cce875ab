"""Logs as text that can be searched: clean, bounded, and cut into the errors that they tell of."""

from __future__ import annotations

import re

MAX_LINE = 2000
MAX_SEGMENTS = 200
SEGMENT_LINES = 120
HEAD, TAIL = 128 * 1024, 256 * 1024
_ANSI = re.compile(r"\x1b(?:\[[0-?]{0,32}[ -/]{0,8}[@-~]|\][^\x07\x1b]{0,500}(?:\x07|\x1b\\)|[@-Z\\-_])")
_START = re.compile(
    r"traceback \(most recent call last\)|\berror\b|error:|exception|\bfailed\b|\bfatal\b|\bkilled\b|sigkill"
    r"|no such file|no solution found|not (?:a valid|compatible|found)|exit (?:code|status)|terminate called"
    r"|out of memory|no space left|timed out|limit exceeded|^\s*[\u00d7E]:? ",
    re.I,
)
TRACEBACK = "Traceback (most recent call last)"


def clean(text: str) -> str:
    """The text without colours, overwritten progress bars and NUL, its lines cut in the middle when they are long."""
    plain = _ANSI.sub("", text).replace("\r\n", "\n").replace("\0", "")
    return "\n".join(_cut(line.rstrip("\r").rpartition("\r")[2]) for line in plain.split("\n"))


def _cut(line: str) -> str:
    return line if len(line) <= MAX_LINE else f"{line[: MAX_LINE // 2]} ... {line[-MAX_LINE // 2 :]}"


def bounded(text: str) -> str:
    """A log that is too long to search as a whole: its head, where the first error is, and its end."""
    return text if len(text) <= HEAD + TAIL else f"{text[:HEAD]}\n{text[-TAIL:]}"


def segments(text: str) -> list[str]:
    """The errors of a cleaned log in order, each with the lines that follow it.

    A traceback is one segment up to and with the line that names the exception.
    """
    lines = text.split("\n")
    found: list[str] = []
    at = 0
    while at < len(lines) and len(found) < MAX_SEGMENTS:
        if not _START.search(lines[at]):
            at += 1
            continue
        end = _end(lines, at)
        found.append("\n".join(lines[at:end]))
        at = end
    return found


def _end(lines: list[str], start: int) -> int:
    """Where the error that begins at a line ends: a traceback with its exception, anything else before the next one."""
    limit = min(len(lines), start + SEGMENT_LINES)
    if TRACEBACK in lines[start]:
        margin = lines[start].index(TRACEBACK)
        ends = (at for at in range(start + 1, limit) if _leaves(lines[at], margin))
        return _with_message(lines, next(ends, limit - 1), limit)
    return next((at for at in range(start + 1, limit) if _START.search(lines[at])), limit)


def _leaves(line: str, margin: int) -> bool:
    """Whether a line of a traceback is no frame any more: it names the exception."""
    return bool(line.strip()) and not line[margin : margin + 1].isspace()


def _with_message(lines: list[str], at: int, limit: int) -> int:
    """The end of an exception's message, which may have several lines and ends before the next traceback."""
    stop = min(limit, at + 30)
    ends = (later for later in range(at + 1, stop) if TRACEBACK in lines[later] or not lines[later].strip())
    return next(ends, stop)
