"""The metadata of a GGUF file and the shapes of its tensors.

Layout: "GGUF", version, numbers of tensors and of metadata entries, the entries, the descriptions of the tensors, and
the data from the next multiple of the alignment on. Strings and arrays begin with their length.
"""

from __future__ import annotations

import struct
from math import prod

from pydantic import JsonValue

from spacefactory.repository.header import Header
from spacefactory.repository.window import DamagedError, TooLargeError, Window

NUMBERS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}
"""Type of a metadata value, as `struct` writes it; 8 is a string and 9 an array."""
STRING, ARRAY = 8, 9
MOST_ENTRIES, MOST_TENSORS, MOST_ITEMS = 4096, 65_536, 2_000_000
LONGEST_TEXT = 32 * 1024
"""Characters of a metadata string that are kept; chat templates have a few thousand."""
BLOCKS: dict[int, tuple[str, int, int]] = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20), 6: ("Q5_0", 32, 22),
    7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110), 12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210), 15: ("Q8_K", 256, 292), 16: ("IQ2_XXS", 256, 66),
    17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98), 19: ("IQ1_S", 256, 50), 20: ("IQ4_NL", 32, 18),
    21: ("IQ3_S", 256, 110), 22: ("IQ2_S", 256, 82), 23: ("IQ4_XS", 256, 136), 24: ("I8", 1, 1), 25: ("I16", 1, 2),
    26: ("I32", 1, 4), 27: ("I64", 1, 8), 28: ("F64", 1, 8), 29: ("IQ1_M", 256, 56), 30: ("BF16", 1, 2),
}  # fmt: skip
"""Type of a tensor: its name, values per block, bytes per block (from the format's own table)."""


class _Cursor:
    """Reads values one after another."""

    def __init__(self, window: Window) -> None:
        self.window, self.offset, self.items = window, 0, 0

    def number(self, code: str) -> int | float:
        layout = struct.Struct("<" + code)
        found = layout.unpack(self.window.at(self.offset, layout.size))[0]
        self.offset += layout.size
        return found if isinstance(found, float) else int(found)

    def count(self, most: int, what: str) -> int:
        found = int(self.number("Q"))
        if found > most:
            raise TooLargeError(f"it has too many {what}")
        return found

    def text(self) -> str:
        length = int(self.number("Q"))
        if self.window.size is not None and self.offset + length > self.window.size:
            raise DamagedError("a text in its header is longer than the file")
        kept = self.window.at(self.offset, min(length, LONGEST_TEXT))
        self.offset += length
        return kept.decode("utf-8", "replace")

    def skip_array(self) -> None:
        kind, length = int(self.number("I")), int(self.number("Q"))
        self.items += length
        if self.items > MOST_ITEMS:
            raise TooLargeError("its lists are too long")
        if kind in NUMBERS:
            self.offset += struct.calcsize("<" + NUMBERS[kind]) * length
        elif kind == STRING:
            for _ in range(length):
                size = int(self.number("Q"))  # moves the offset itself
                self.offset += size
        else:
            raise DamagedError("its header has a list of an unknown kind")


def inspect(window: Window) -> Header:
    """Read the metadata and count the parameters by type.

    Raises:
        DamagedError: it is no GGUF file or ends too early.
        TooLargeError: it has more entries than are read.
        OSError: the file cannot be read.
    """
    cursor = _Cursor(window)
    if window.at(0, 4) != b"GGUF":
        raise DamagedError("does not begin like a GGUF file")
    cursor.offset = 4
    if (version := int(cursor.number("I"))) not in (2, 3):
        raise TooLargeError(f"its version {version} is not known")
    tensors = cursor.count(MOST_TENSORS, "tensors")
    about = dict(_entry(cursor) for _ in range(cursor.count(MOST_ENTRIES, "metadata entries")))
    alignment = about.get("general.alignment")
    found: dict[str, int] = {}
    end = 0
    for name, count, stop in [_tensor(cursor) for _ in range(tensors)]:
        found[name] = found.get(name, 0) + count
        end = max(end, stop)
    step = alignment if isinstance(alignment, int) and 0 < alignment < 1 << 20 else 32
    start = -(-cursor.offset // step) * step
    if window.size is not None and start + end > window.size:
        raise DamagedError(f"ends {start + end - window.size} bytes too early")
    return Header(found, {key: value for key, value in about.items() if value is not None})


def _entry(cursor: _Cursor) -> tuple[str, JsonValue]:
    """Key and value; None for a list, whose items nobody here needs."""
    key, kind = cursor.text()[:200], int(cursor.number("I"))
    if kind == STRING:
        return key, cursor.text()
    if kind == ARRAY:
        cursor.skip_array()
        return key, None
    if kind not in NUMBERS:
        raise DamagedError("its header has a value of an unknown kind")
    value = cursor.number(NUMBERS[kind])
    return key, value if value == value and abs(value) < 2**63 else None


def _tensor(cursor: _Cursor) -> tuple[str, int, int]:
    """Type name, number of values, and where its data ends; 0 for a type of unknown size."""
    cursor.text()
    rank = int(cursor.number("I"))
    if rank > 8:
        raise DamagedError("its header describes an impossible tensor")
    count = prod(int(cursor.number("Q")) for _ in range(rank))
    kind, offset = int(cursor.number("I")), int(cursor.number("Q"))
    name, values, size = BLOCKS.get(kind, (f"type-{kind}", 1, 0))
    return name, count, (offset + -(-count // values) * size) if size else 0
