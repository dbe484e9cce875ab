"""Reads what an answer cost from the answer itself, as it streams by."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

LONGEST_LINE = 1 << 20
STATED = re.compile(rb'"usage"\s*:\s*\{')
"""Many endpoints write `"usage": null` into every line but the last, which need not be read."""
BYTES_PER_TOKEN = 4
"""Rule of thumb for answers that state no usage."""


@dataclass
class UsageReader:
    """Looks at the pieces of a completion, streamed or whole."""

    sent: int
    """bytes of the request, for an estimate where the answer states no usage"""
    streamed: bool
    seen: int = 0
    stated: dict[str, Any] = field(default_factory=dict)
    _line: bytearray = field(default_factory=bytearray)

    def feed(self, piece: bytes) -> None:
        """Take a piece of the body."""
        self.seen += len(piece)
        self._line += piece
        if not self.streamed:
            return
        lines, newline, rest = bytes(self._line).rpartition(b"\n")
        self._line = bytearray(rest[-LONGEST_LINE:])
        if newline and STATED.search(lines):
            for line in lines.split(b"\n"):
                if line.startswith(b"data:") and STATED.search(line):
                    self._take(line[5:])

    def finish(self) -> tuple[int, int, float | None]:
        """Tokens in, tokens out, and the price that the endpoint states; estimates where it states none."""
        self._take(bytes(self._line).removeprefix(b"data:"))
        tokens_in = _number(self.stated.get("prompt_tokens"), self.sent // BYTES_PER_TOKEN)
        tokens_out = _number(self.stated.get("completion_tokens"), self.seen // BYTES_PER_TOKEN)
        cost = self.stated.get("cost")
        return tokens_in, tokens_out, float(cost) if isinstance(cost, int | float) and cost >= 0 else None

    def _take(self, text: bytes) -> None:
        try:
            found = json.loads(text)
        except (ValueError, RecursionError):
            return
        usage = found.get("usage") if isinstance(found, dict) else None
        if isinstance(usage, dict):
            self.stated = usage


def _number(value: Any, otherwise: int) -> int:
    return value if isinstance(value, int) and value >= 0 else otherwise
