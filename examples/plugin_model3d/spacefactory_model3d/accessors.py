"""Accessors: typed numbers in buffers (glTF 2.0, section 3.6.2), decoded with every bound checked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from spacefactory_model3d.container import BrokenError, Document

Array = np.ndarray[Any, np.dtype[Any]]
TYPES = {5120: "<i1", 5121: "<u1", 5122: "<i2", 5123: "<u2", 5125: "<u4", 5126: "<f4"}
"""componentType and numpy's name of it."""
WIDTHS = {"SCALAR": 1, "VEC2": 2, "VEC3": 3, "VEC4": 4, "MAT2": 4, "MAT3": 9, "MAT4": 16}
MOST = 64 << 20
"""Numbers in one accessor that are decoded."""


def decode(document: Document, index: object) -> Array:
    """The rows of an accessor, one per element; normalized integers as fractions.

    Raises:
        BrokenError: it reaches outside its buffer, or states something that is not allowed.
    """
    accessor = document.item("accessors", index)
    where = f"accessors[{index}]"
    kind, width = _kind(accessor, where), WIDTHS.get(str(accessor.get("type")))
    if width is None:
        raise BrokenError(f"{where} is a {str(accessor.get('type'))[:40]!r}, which does not exist")
    count = whole(accessor, "count", where)
    if not 0 < count * width <= MOST:
        raise BrokenError(f"{where} has {count} elements")
    view = accessor.get("bufferView")
    rows = np.zeros((count, width), kind)
    if view is not None:
        rows = _rows(document, view, whole(accessor, "byteOffset", where, 0), count, width, kind, where)
    if "sparse" in accessor:
        rows = _sparse(document, accessor["sparse"], rows, where)
    return _fractions(rows) if accessor.get("normalized") is True else rows


def whole(holder: Mapping[str, Any], name: str, where: str, default: int | None = None) -> int:
    """A number that counts something."""
    value = holder.get(name, default)
    if not isinstance(value, int) or isinstance(value, bool) or value < 0:
        raise BrokenError(f"{where}.{name} is {str(value)[:40]!r}")
    return value


def _kind(holder: Mapping[str, Any], where: str) -> str:
    kind = TYPES.get(whole(holder, "componentType", where))
    if kind is None:
        raise BrokenError(f"{where} has numbers of type {holder['componentType']}, which does not exist")
    return kind


def _rows(document: Document, view: object, offset: int, count: int, width: int, kind: str, where: str) -> Array:
    """A copy of the numbers; rows may lie apart in the buffer."""
    found = document.item("bufferViews", view)
    name = f"bufferViews[{view}]"
    buffer = document.buffers[_buffer_index(document, found, name)]
    start, length = whole(found, "byteOffset", name, 0), whole(found, "byteLength", name)
    if start + length > len(buffer):
        raise BrokenError(f"{name} ends at byte {start + length}, and its buffer has {len(buffer)}")
    size = np.dtype(kind).itemsize
    stride = whole(found, "byteStride", name, 0) or size * width
    if stride < size * width or offset + stride * (count - 1) + size * width > length:
        raise BrokenError(f"{where} does not fit {name}")
    if (start + offset) % size:
        raise BrokenError(f"{where} is not aligned to its numbers of {size} bytes")
    flat: Array = np.ndarray((count, width), kind, buffer, start + offset, (stride, size))
    return flat.copy()


def _buffer_index(document: Document, view: Mapping[str, Any], where: str) -> int:
    index = whole(view, "buffer", where)
    if index >= len(document.buffers):
        raise BrokenError(f"{where} is in buffers[{index}], and there are {len(document.buffers)}")
    return index


def _sparse(document: Document, sparse: Any, rows: Array, where: str) -> Array:
    """Rows of which some are replaced."""
    if not isinstance(sparse, dict) or not all(isinstance(sparse.get(one), dict) for one in ("indices", "values")):
        raise BrokenError(f"{where}.sparse has no indices and values")
    count, places, values = whole(sparse, "count", where), sparse["indices"], sparse["values"]
    kind = _kind(places, f"{where}.sparse")
    if kind not in ("<u1", "<u2", "<u4") or not 0 < count <= len(rows):
        raise BrokenError(f"{where}.sparse replaces {count} of {len(rows)} elements")
    at = _rows(document, places.get("bufferView"), whole(places, "byteOffset", where, 0), count, 1, kind, where).ravel()
    if int(at.max()) >= len(rows):
        raise BrokenError(f"{where}.sparse replaces element {int(at.max())} of {len(rows)}")
    offset = whole(values, "byteOffset", where, 0)
    rows[at] = _rows(document, values.get("bufferView"), offset, count, rows.shape[1], rows.dtype.str, where)
    return rows


def _fractions(rows: Array) -> Array:
    if rows.dtype.kind == "f":
        return rows
    scaled: Array = np.maximum(rows.astype(np.float32) / np.iinfo(rows.dtype).max, -1)
    return scaled
