"""Tiny weight files written by hand: safetensors, GGUF and ONNX."""

from __future__ import annotations

import json
import struct
from collections.abc import Mapping, Sequence
from math import prod


def safetensors(shapes: Mapping[str, Sequence[int]], dtype: str = "F32", size: int = 4) -> bytes:
    """A sound file with zeros."""
    header: dict[str, object] = {"__metadata__": {"format": "pt"}}
    end = 0
    for name, shape in shapes.items():
        start, end = end, end + prod(shape) * size
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(end)


def gguf(metadata: Mapping[str, str | int | list[str]], shapes: Mapping[str, Sequence[int]]) -> bytes:
    """A sound file of version 3 with F32 zeros."""
    head = b"GGUF" + struct.pack("<IQQ", 3, len(shapes), len(metadata))
    for key, value in metadata.items():
        head += _text(key)
        if isinstance(value, str):
            head += struct.pack("<I", 8) + _text(value)
        elif isinstance(value, int):
            head += struct.pack("<II", 4, value)
        else:
            head += struct.pack("<IIQ", 9, 8, len(value)) + b"".join(map(_text, value))
    offset = 0
    for name, shape in shapes.items():
        head += _text(name) + struct.pack("<I", len(shape)) + struct.pack(f"<{len(shape)}Q", *shape)
        head += struct.pack("<IQ", 0, offset)
        offset += prod(shape) * 4
    return head + bytes(-len(head) % 32) + bytes(offset)


def _text(value: str) -> bytes:
    return struct.pack("<Q", len(value.encode())) + value.encode()


def onnx(
    weights: Mapping[str, Sequence[int]],
    inputs: Mapping[str, Sequence[int | str]],
    outputs: Mapping[str, Sequence[int | str]],
    external: str = "",
) -> bytes:
    """A graph of initializers, inputs and outputs, all of float."""
    graph = b""
    for name, shape in weights.items():
        tensor = b"".join(_varint_field(1, size) for size in shape) + _varint_field(2, 1) + _field(8, name.encode())
        if external:
            tensor += _field(13, _field(1, b"location") + _field(2, external.encode())) + _varint_field(14, 1)
        else:
            tensor += _field(9, bytes(prod(shape) * 4))
        graph += _field(5, tensor)
    graph += b"".join(_field(11, _port(name, shape)) for name, shape in inputs.items())
    graph += b"".join(_field(12, _port(name, shape)) for name, shape in outputs.items())
    return _varint_field(1, 9) + _field(7, graph)


def _port(name: str, shape: Sequence[int | str]) -> bytes:
    sizes = [_varint_field(1, one) if isinstance(one, int) else _field(2, one.encode()) for one in shape]
    tensor = _varint_field(1, 1) + _field(2, b"".join(_field(1, size) for size in sizes))
    return _field(1, name.encode()) + _field(2, _field(1, tensor))


def _varint(value: int) -> bytes:
    found = b""
    while value > 127:
        found, value = found + bytes([value & 127 | 128]), value >> 7
    return found + bytes([value])


def _varint_field(number: int, value: int) -> bytes:
    return _varint(number << 3) + _varint(value)


def _field(number: int, content: bytes) -> bytes:
    return _varint(number << 3 | 2) + _varint(len(content)) + content
