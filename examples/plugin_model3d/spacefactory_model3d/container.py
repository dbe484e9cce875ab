"""The two forms of a file of glTF 2.0: JSON text, or a binary container of chunks (sections 3 and 4)."""

from __future__ import annotations

import base64
import binascii
import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LARGEST = 512 << 20
"""Bytes of a file that is read; a generated model has some megabytes."""
MAGIC = 0x46546C67
JSON_CHUNK, BINARY_CHUNK = 0x4E4F534A, 0x004E4942


class BrokenError(Exception):
    """The file is no glTF, or not whole; the message is one sentence."""


class UnreadableError(Exception):
    """The file uses something that this validator cannot read; that is neither right nor wrong."""


@dataclass(frozen=True)
class Document:
    """The JSON part, and the bytes of its buffers."""

    root: Mapping[str, Any]
    buffers: tuple[bytes, ...]

    def items(self, name: str) -> list[Any]:
        """One of the document's lists; empty when it has none."""
        return listed(self.root, name)

    def item(self, name: str, index: object) -> Mapping[str, Any]:
        """One object of a list, by the index that another object names."""
        found = self.items(name)
        if not isinstance(index, int) or isinstance(index, bool) or not 0 <= index < len(found):
            raise BrokenError(f"{name}[{str(index)[:40]}] does not exist; there are {len(found)}")
        if not isinstance(found[index], dict):
            raise BrokenError(f"{name}[{index}] is no object")
        return found[index]  # type: ignore[no-any-return]


def listed(holder: Mapping[str, Any], name: str) -> list[Any]:
    """A list inside an object; empty when it has none.

    Raises:
        BrokenError: it is something else.
    """
    found = holder.get(name, [])
    if not isinstance(found, list):
        raise BrokenError(f"{name} is no list")
    return found


def read(path: Path) -> Document:
    """Read a file of either form, told apart by its first bytes.

    Raises:
        BrokenError: it is not a whole glTF 2.0 file.
        OSError: it cannot be read.
    """
    size = path.stat().st_size
    if size > LARGEST:
        raise BrokenError(f"the file has {size} bytes, more than the {LARGEST} that are read")
    content = path.read_bytes()
    text, binary = _chunks(content) if content[:4] == b"glTF" else (content, None)
    root = _parse(text)
    version = str(root["asset"].get("version", "")) if isinstance(root.get("asset"), dict) else ""
    if not version.startswith("2."):
        raise BrokenError(f"asset.version is {version[:20]!r}, not 2.0")
    bare = Document(root, ())
    buffers = (_buffer(bare.item("buffers", at), at, binary) for at in range(len(bare.items("buffers"))))
    return Document(root, tuple(buffers))


def _chunks(content: bytes) -> tuple[bytes, bytes | None]:
    """The JSON chunk and the binary one; a length that the file does not have means that it was cut."""
    if len(content) < 20:
        raise BrokenError("the file ends within its header")
    _, version, length = struct.unpack_from("<III", content)
    if version != 2:
        raise BrokenError(f"the container's version is {version}, not 2")
    if length != len(content):
        raise BrokenError(f"the header states {length} bytes, and the file has {len(content)}")
    found: list[tuple[int, bytes]] = []
    at = 12
    while at < length:
        if at + 8 > length:
            raise BrokenError("the file ends within the head of a chunk")
        size, kind = struct.unpack_from("<II", content, at)
        if size % 4 or at + 8 + size > length:
            raise BrokenError(f"a chunk of {size} bytes does not fit the file")
        found.append((kind, content[at + 8 : at + 8 + size]))
        at += 8 + size
    if not found or found[0][0] != JSON_CHUNK:
        raise BrokenError("the first chunk is not JSON")
    return found[0][1], found[1][1] if len(found) > 1 and found[1][0] == BINARY_CHUNK else None


def _parse(text: bytes) -> Mapping[str, Any]:
    try:
        root = json.loads(text.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise BrokenError(f"the JSON part cannot be read: {str(error)[:100]}") from None
    if not isinstance(root, dict):
        raise BrokenError("the JSON part is no object")
    return root


def _buffer(buffer: Mapping[str, Any], at: int, binary: bytes | None) -> bytes:
    uri, stated = buffer.get("uri"), buffer.get("byteLength")
    content = _content(uri, at, binary)
    if not isinstance(stated, int) or isinstance(stated, bool) or not 0 < stated <= len(content):
        raise BrokenError(f"buffers[{at}] states {str(stated)[:40]!r} bytes, and {len(content)} are there")
    return content[:stated]


def _content(uri: object, at: int, binary: bytes | None) -> bytes:
    if uri is None:
        if at or binary is None:
            raise BrokenError(f"buffers[{at}] has no data")
        return binary
    head, _, data = str(uri).partition(",")
    if not head.startswith("data:") or not head.endswith(";base64"):
        raise BrokenError(f"buffers[{at}] is the file {str(uri)[:80]!r}, which did not come with the output")
    try:
        return base64.b64decode(data, validate=True)
    except binascii.Error as error:
        raise BrokenError(f"buffers[{at}] is not base64: {error}") from None
