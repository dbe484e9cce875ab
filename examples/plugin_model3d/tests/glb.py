"""glTF files, written by hand."""

from __future__ import annotations

import base64
import json
import math
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Any

Point = tuple[float, float, float]
FLOAT, U16 = 5126, 5123


def ball(radius: float = 1.0, rings: int = 8, dent: float = 0.0) -> tuple[list[Point], list[int]]:
    """A sphere of triangles, with a dent on one side."""
    points, corners = [], []
    for ring in range(rings + 1):
        for step in range(rings):
            up, around = math.pi * ring / rings, 2 * math.pi * step / rings
            r = radius * (1 - dent * max(0.0, math.cos(around)))
            points.append((r * math.sin(up) * math.cos(around), r * math.cos(up), r * math.sin(up) * math.sin(around)))
    for ring in range(rings):
        for step in range(rings):
            a, b = ring * rings + step, ring * rings + (step + 1) % rings
            corners += [a, b, a + rings, b, b + rings, a + rings]
    return points, corners


def document(points: Sequence[Point], corners: Sequence[int], **extra: Any) -> tuple[dict[str, Any], bytes]:
    """The JSON part and the buffer of one mesh."""
    indices = struct.pack(f"<{len(corners)}H", *corners)
    indices += bytes(-len(indices) % 4)
    positions = b"".join(struct.pack("<3f", *point) for point in points)
    views = [
        {"buffer": 0, "byteOffset": 0, "byteLength": len(indices)},
        {"buffer": 0, "byteOffset": len(indices), "byteLength": len(positions)},
    ]
    accessors = [
        {"bufferView": 0, "componentType": U16, "count": len(corners), "type": "SCALAR"},
        {"bufferView": 1, "componentType": FLOAT, "count": len(points), "type": "VEC3"},
    ]
    root = {
        "asset": {"version": "2.0"},
        "scene": 0,
        "scenes": [{"nodes": [0]}],
        "nodes": [{"mesh": 0}],
        "meshes": [{"primitives": [{"attributes": {"POSITION": 1}, "indices": 0}]}],
        "accessors": accessors,
        "bufferViews": views,
        "buffers": [{"byteLength": len(indices) + len(positions)}],
        **extra,
    }
    return root, indices + positions


def pack(root: dict[str, Any], binary: bytes) -> bytes:
    """The binary container."""
    text = json.dumps(root).encode()
    text += b" " * (-len(text) % 4)
    binary += bytes(-len(binary) % 4)
    body = struct.pack("<II", len(text), 0x4E4F534A) + text + struct.pack("<II", len(binary), 0x004E4942) + binary
    return struct.pack("<4sII", b"glTF", 2, 12 + len(body)) + body


def write(path: Path, points: Sequence[Point], corners: Sequence[int], **extra: Any) -> Path:
    """A file of the form that its suffix names."""
    root, binary = document(points, corners, **extra)
    if path.suffix == ".glb":
        path.write_bytes(pack(root, binary))
    else:
        uri = "data:application/octet-stream;base64," + base64.b64encode(binary).decode()
        root["buffers"] = [{"byteLength": len(binary), "uri": uri}]
        path.write_text(json.dumps(root), encoding="utf-8")
    return path
