"""Where a command's words go: documents to stdout, everything else to stderr."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from rich.console import Console

    from spacefactory.errors import SpacefactoryError

WIDTH = 110
"""Columns of rich output that goes to no terminal."""


class Channel:
    """The stdout of one command: whether it holds one JSON document only, and whether that has been written."""

    def __init__(self, stream: TextIO, *, document: bool = False) -> None:
        self.stream = stream
        self.document = document
        self.written = False


_channel: Channel | None = None


def channel() -> Channel:
    """Where the current command's documents go."""
    return _channel or Channel(sys.stdout)


@contextmanager
def stdout(document: bool) -> Iterator[Channel]:
    """Hold stdout for one command.

    With `document`, whatever else writes to stdout meanwhile (plugins, libraries, child processes) goes to stderr.
    """
    global _channel
    before, real = _channel, sys.stdout
    with _aside(real) if document else _as_it_is(real) as stream:
        _channel = Channel(stream, document=document)
        try:
            yield _channel
        finally:
            stream.flush()
            _channel = before


@contextmanager
def _as_it_is(stream: TextIO) -> Iterator[TextIO]:
    yield stream


@contextmanager
def _aside(real: TextIO) -> Iterator[TextIO]:
    """A way to the real stdout, while both `sys.stdout` and the file descriptor 1 lead to stderr."""
    sys.stdout = sys.stderr
    try:
        if not _is_descriptor(real, 1):
            yield real
            return
        real.flush()
        kept = os.dup(1)
        try:
            os.dup2(2, 1)
            with open(kept, "w", encoding="ascii", closefd=False) as stream:
                yield stream
        finally:
            os.dup2(kept, 1)
            os.close(kept)
    finally:
        sys.stdout = real


def _is_descriptor(stream: TextIO, number: int) -> bool:
    try:
        return stream.fileno() == number and bool(os.fstat(2))
    except (OSError, ValueError, AttributeError):
        return False


def document(content: Any) -> None:
    """Print the one JSON document of a command; ASCII, so that nothing in it steers a terminal."""
    to = channel()
    to.stream.write(json.dumps(content, indent=2) + "\n")
    to.stream.flush()
    to.written = True


def facts(error: SpacefactoryError) -> dict[str, Any]:
    """An error as a part of a document."""
    known: dict[str, Any] = {"type": type(error).__name__, "message": error.message, "next_step": error.next_step}
    known |= {key: getattr(error, key) for key in ("reason", "run_id") if getattr(error, key, None)}
    return known | {"exit_code": error.exit_code}


def json_line(content: Any) -> None:
    """Print one line of a stream of JSON documents, at once."""
    to = channel()
    to.stream.write(json.dumps(content) + "\n")
    to.stream.flush()
    to.written = True


def say(text: str = "") -> None:
    """Print a line of a document for people."""
    channel().stream.write(text + "\n")


def note(text: str) -> None:
    """Print a line that belongs to no document."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def columns(head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print an aligned table that is never cut; plain text, for lists that scripts read too."""
    widths = [max(len(row[at]) for row in (head, *rows)) for at in range(len(head))]
    for row in (head, *rows):
        say("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def console(*, err: bool = False) -> Console:
    """A rich console that takes no text for markup, links or emoji."""
    from rich.console import Console

    stream = sys.stderr if err else channel().stream
    width = None if stream.isatty() else WIDTH
    return Console(file=stream, markup=False, highlight=False, emoji=False, width=width)
