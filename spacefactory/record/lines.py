"""The line format of `events.jsonl`: a checksum over the exact bytes of one event.

`{"c":"<crc32, 8 hex>","e":<event>}` and a newline, ASCII. A torn tail is what stands after the last newline; anything
else that does not check out is damage and is never skipped.
"""

from __future__ import annotations

import json
import zlib
from typing import Any

from pydantic_core import PydanticSerializationError, to_json

HEAD = b'{"c":"%08x","e":'
HEAD_LENGTH = len(HEAD % 0)


class DamagedError(ValueError):
    """A whole line of the log cannot be trusted."""


def encode(event: dict[str, Any]) -> bytes:
    """One line, with its newline. JSON has no number for what is none: it is written as the text `NaN`."""
    try:
        body = to_json(event, ensure_ascii=True, inf_nan_mode="strings")
    except PydanticSerializationError:  # half of a surrogate pair, as in names of files that are no text
        body = json.dumps(event, separators=(",", ":")).encode("ascii")
    return HEAD % zlib.crc32(body) + body + b"}\n"


def decode(line: bytes) -> dict[str, Any]:
    """The event of one line without its newline.

    Raises:
        DamagedError: the checksum does not match, or the line is not one of ours.
    """
    body = line[HEAD_LENGTH:-1]
    if line != HEAD % zlib.crc32(body) + body + b"}":
        raise DamagedError(f"checksum of the line that begins {line[:40]!r}")
    event = json.loads(body)
    if not isinstance(event, dict):
        raise DamagedError("a line that holds no event")
    return event


def scan(data: bytes) -> tuple[list[dict[str, Any]], int]:
    """Every event, and the offset at which a torn tail begins (the length of the data when there is none).

    Raises:
        DamagedError: a line fails its checksum, or the sequence has a gap or a repeat.
    """
    end = data.rfind(b"\n") + 1
    events = [decode(line) for line in data[:end].split(b"\n")[:-1]]
    for position, event in enumerate(events):
        if event.get("seq") != position:
            raise DamagedError(f"event {position} says that it is number {event.get('seq')}")
    return events, end
