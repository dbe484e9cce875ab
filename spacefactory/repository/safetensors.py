"""The header of a safetensors file: names, dtypes and shapes of its tensors.

Layout: 8 bytes with the length of the header, the header as JSON, the data. The data offsets count from its end.
"""

from __future__ import annotations

import json
from math import prod
from typing import Any

from spacefactory.repository.header import Header
from spacefactory.repository.window import DamagedError, TooLargeError, Window

LARGEST_HEADER = 16 << 20
FORMAT_LIMIT = 100_000_000
"""Bytes that the format allows for a header."""
BITS = {"F64": 64, "F32": 32, "F16": 16, "BF16": 16, "I64": 64, "I32": 32, "I16": 16, "I8": 8, "U8": 8, "BOOL": 8}
BITS |= {"U16": 16, "U32": 32, "U64": 64, "F8_E4M3": 8, "F8_E5M2": 8, "F8_E8M0": 8, "C64": 64, "F4": 4}


def inspect(window: Window) -> Header:
    """Count the parameters by dtype.

    Raises:
        DamagedError: the header or the length of the file is not what the format demands.
        TooLargeError: the header is larger than what is read of one.
        OSError: the file cannot be read.
    """
    length = int.from_bytes(window.at(0, 8), "little")
    if length > FORMAT_LIMIT or (window.size is not None and 8 + length > window.size):
        raise DamagedError(f"its header claims {length} bytes, more than the file has")
    if length > LARGEST_HEADER:
        raise TooLargeError("its header is too large")
    tensors = _tensors(window.at(8, length))
    end = max((stop for _, _, stop in tensors), default=0)
    if window.size is not None and 8 + length + end > window.size:
        raise DamagedError(f"ends {8 + length + end - window.size} bytes too early")
    found: dict[str, int] = {}
    for dtype, count, _ in tensors:
        found[dtype] = found.get(dtype, 0) + count
    return Header(found)


def _tensors(header: bytes) -> list[tuple[str, int, int]]:
    """Dtype, number of values and end offset of each tensor."""
    try:
        listed = json.loads(header)
        return [_tensor(one) for name, one in listed.items() if name != "__metadata__"]
    except (ValueError, RecursionError, TypeError, KeyError, AttributeError) as error:
        if isinstance(error, DamagedError):
            raise
        raise DamagedError("its header cannot be read") from error


def _tensor(one: dict[str, Any]) -> tuple[str, int, int]:
    dtype, shape, (start, stop) = one["dtype"], one["shape"], one["data_offsets"]
    sizes = (*shape, start, stop)
    if not isinstance(dtype, str) or not all(isinstance(size, int) and 0 <= size < 2**63 for size in sizes):
        raise DamagedError("its header cannot be read")
    count = prod(shape)
    if dtype in BITS and (count * BITS[dtype] + 7) // 8 != stop - start:
        raise DamagedError("its header contradicts itself")
    return dtype[:16], count, stop
