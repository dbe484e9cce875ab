"""Logs of Spaces and jobs: streams that may break off at any line."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from spacefactory_huggingface.calls import network_errors
from spacefactory_huggingface.client import status_of

LINES = 20_000


def until_cut(stream: Callable[[], Iterable[str]]) -> list[str]:
    """The last lines of a log as far as its stream came. A log is there to explain; that it is cut is no failure."""
    lines: list[str] = []
    try:
        for line in stream():
            lines.append(line.rstrip("\n"))
            if len(lines) > 2 * LINES:
                del lines[:-LINES]
    except Exception as error:
        if status_of(error) is None and not isinstance(error, (*network_errors(), ValueError)):
            raise
    return lines[-LINES:]
