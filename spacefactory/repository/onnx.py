"""Parameters, inputs and outputs of an ONNX graph, by walking its protobuf fields and skipping the data.

Field numbers from onnx.proto: ModelProto.graph 7; GraphProto.initializer 5, input 11, output 12; TensorProto.dims 1,
data_type 2, external_data 13; ValueInfoProto.name 1, type 2; TypeProto.tensor_type 1 with elem_type 1 and shape 2.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import prod

from pydantic import JsonValue

from spacefactory.repository.header import Header
from spacefactory.repository.window import DamagedError, TooLargeError, Window

DTYPES = {1: "F32", 2: "U8", 3: "I8", 4: "U16", 5: "I16", 6: "I32", 7: "I64", 9: "BOOL", 10: "F16", 11: "F64"}
DTYPES |= {12: "U32", 13: "U64", 16: "BF16", 17: "F8_E4M3", 19: "F8_E5M2", 21: "U4", 22: "I4", 8: "STRING"}
MOST_FIELDS = 500_000
LONGEST_NAME = 200
MOST_PORTS = 64

Field = tuple[int, int, int, int]
"""Number, wire type, where the value is (or the value itself), and its length."""


class _Walk:
    def __init__(self, window: Window) -> None:
        self.window, self.fields, self.external = window, 0, set[str]()

    def varint(self, offset: int, end: int) -> tuple[int, int]:
        value = shift = 0
        while shift < 70 and offset < end:
            byte = self.window.at(offset, 1)[0]
            value, offset, shift = value | (byte & 127) << shift, offset + 1, shift + 7
            if byte < 128:
                return value & (2**64 - 1), offset
        raise DamagedError("cannot be read as a graph")

    def walk(self, offset: int, end: int) -> Iterator[Field]:
        """The fields of one message."""
        while offset < end:
            self.fields += 1
            if self.fields > MOST_FIELDS:
                raise TooLargeError("its graph has too many parts")
            tag, offset = self.varint(offset, end)
            number, kind = tag >> 3, tag & 7
            if kind == 0:
                value, offset = self.varint(offset, end)
                yield number, kind, value, 0
                continue
            length = {1: 8, 5: 4}.get(kind)
            if kind == 2:
                length, offset = self.varint(offset, end)
            if length is None or number == 0:
                raise DamagedError("cannot be read as a graph")
            if offset + length > end:
                raise DamagedError("ends too early")
            yield number, kind, offset, length
            offset += length

    def text(self, field: Field) -> str:
        return self.window.at(field[2], min(field[3], LONGEST_NAME)).decode("utf-8", "replace")

    def inner(self, field: Field) -> Iterator[Field]:
        return self.walk(field[2], field[2] + field[3]) if field[1] == 2 else iter(())


def inspect(window: Window) -> Header:
    """Count the parameters of the initializers by dtype; `about` names inputs, outputs and files with further data.

    Raises:
        DamagedError: it is no ONNX graph or ends too early.
        TooLargeError: the graph has more parts than are read.
        OSError: the file cannot be read.
    """
    walk = _Walk(window)
    end = window.size if window.size is not None else _length(window)
    by_dtype: dict[str, int] = {}
    inputs: dict[str, JsonValue] = {}
    outputs: dict[str, JsonValue] = {}
    weights: set[str] = set()
    graphs = [field for field in walk.walk(0, end) if field[0] == 7 and field[1] == 2]
    if not graphs:
        raise DamagedError("holds no graph")
    for field in (part for graph in graphs for part in walk.inner(graph)):
        if field[0] == 5:
            name, dtype, count = _tensor(walk, field)
            weights.add(name)
            by_dtype[dtype] = by_dtype.get(dtype, 0) + count
        elif field[0] in (11, 12) and len(inputs) + len(outputs) < MOST_PORTS:
            name, shape = _port(walk, field)
            (inputs if field[0] == 11 else outputs)[name] = shape
    about: dict[str, JsonValue] = {
        "inputs": {name: shape for name, shape in inputs.items() if name not in weights},
        "outputs": outputs,
        "external": [*sorted(walk.external)],
    }
    return Header(by_dtype, about)


def _length(window: Window) -> int:
    """The file's length where the source does not know it: found by doubling, then by halving."""
    low, high = 0, 1 << 16
    while high < 1 << 40 and _has(window, high):
        low, high = high, high * 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _has(window, middle) else (low, middle)
    return high


def _has(window: Window, offset: int) -> bool:
    try:
        return len(window.at(offset, 1)) == 1
    except DamagedError:
        return False


def _tensor(walk: _Walk, field: Field) -> tuple[str, str, int]:
    """Name, dtype and number of values of an initializer."""
    dims: list[int] = []
    name, dtype = "", "unknown"
    for part in walk.inner(field):
        if part[0] == 1 and part[1] == 0:
            dims.append(part[2])
        elif part[0] == 1:
            dims += _packed(walk, part)
        elif part[0] == 2 and part[1] == 0:
            dtype = DTYPES.get(part[2], f"type-{part[2]}")
        elif part[0] == 8 and part[1] == 2:
            name = walk.text(part)
        elif part[0] == 13:
            entry = {one[0]: walk.text(one) for one in walk.inner(part) if one[1] == 2}
            if entry.get(1) == "location" and entry.get(2):
                walk.external.add(entry[2])
    count = prod(dims)
    if count >= 2**63:
        raise DamagedError("describes an impossible tensor")
    return name, dtype, count


def _packed(walk: _Walk, field: Field) -> Iterator[int]:
    offset, end = field[2], field[2] + field[3]
    while offset < end:
        value, offset = walk.varint(offset, end)
        yield value


def _port(walk: _Walk, field: Field) -> tuple[str, JsonValue]:
    """Name of an input or output, and its dtype and shape; names stand for sizes that vary."""
    name, dtype = "", "unknown"
    shape: list[JsonValue] = []
    for part in walk.inner(field):
        if part[0] == 1 and part[1] == 2:
            name = walk.text(part)
        types = walk.inner(part) if part[0] == 2 else iter(())
        for tensor in (one for kind in types if kind[0] == 1 for one in walk.inner(kind)):
            if tensor[0] == 1 and tensor[1] == 0:
                dtype = DTYPES.get(tensor[2], f"type-{tensor[2]}")
            elif tensor[0] == 2:
                shape = [_size(walk, size) for size in walk.inner(tensor) if size[0] == 1][:16]
    return name, {"dtype": dtype, "shape": shape}


def _size(walk: _Walk, field: Field) -> JsonValue:
    for part in walk.inner(field):
        if part[0] == 1 and part[1] == 0:
            return part[2] if part[2] < 2**63 else None
        if part[0] == 2 and part[1] == 2:
            return walk.text(part)
    return None
