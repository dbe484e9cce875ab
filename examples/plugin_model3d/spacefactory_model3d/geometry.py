"""What a glTF file shows: the triangles and points of its scene, where the scene puts them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from spacefactory_model3d.accessors import Array, decode, whole
from spacefactory_model3d.container import BrokenError, Document, UnreadableError, listed

POINTS, TRIANGLES, STRIP, FAN = 0, 4, 5, 6
DEEPEST = 64
MOST_PLACED = 100_000
"""Nodes that a scene may have."""
LARGEST = 1e30
"""What a node may move, turn or scale by; more is no number that a viewer can use."""
MOST_POINTS = 20_000_000
"""Points of a whole scene."""
HARMLESS = ("KHR_materials_", "KHR_texture_", "KHR_lights_", "EXT_texture_", "KHR_mesh_quantization", "KHR_animation_")
"""Beginnings of required extensions that leave the geometry where it is."""


@dataclass(frozen=True)
class Geometry:
    """Points in the scene's coordinates, and the triangles between them as rows of three indices."""

    points: Array
    triangles: Array


def geometry(document: Document) -> Geometry:
    """Decode every mesh completely, and put those of the scene together.

    Raises:
        BrokenError: an index, a number or a bound is wrong.
        UnreadableError: the geometry is compressed.
    """
    strange = [str(one) for one in document.items("extensionsRequired") if not str(one).startswith(HARMLESS)]
    if strange:
        raise UnreadableError(f"the file needs {strange[0][:60]}, which this validator cannot read")
    meshes = [list(_primitives(document, at)) for at in range(len(document.items("meshes")))]
    points, triangles, total = [np.zeros((0, 3))], [np.zeros((0, 3), np.int64)], 0
    for mesh, matrix in _placed(document):
        for own, corners in meshes[mesh]:
            placed = own @ matrix[:3, :3].T + matrix[:3, 3]
            points.append(placed)
            triangles.append(corners + total)
            total += len(placed)
            if total > MOST_POINTS:
                raise BrokenError(f"the scene has more than {MOST_POINTS} points")
    return _finite(Geometry(np.concatenate(points), np.concatenate(triangles)))


def _finite(found: Geometry) -> Geometry:
    if not np.isfinite(found.points).all():
        raise BrokenError("a position is not a finite number")
    return found


def _primitives(document: Document, mesh: int) -> Iterator[tuple[Array, Array]]:
    """Points and triangles of each part of a mesh."""
    for part in listed(document.item("meshes", mesh), "primitives"):
        where = f"a part of meshes[{mesh}]"
        if not isinstance(part, dict) or not isinstance(part.get("attributes"), dict):
            raise BrokenError(f"{where} has no attributes")
        columns = {name: decode(document, index) for name, index in part["attributes"].items()}
        points = columns.get("POSITION")
        if points is None or points.shape[1] != 3:
            raise BrokenError(f"{where} has no positions in three dimensions")
        if uneven := [name for name, rows in columns.items() if len(rows) != len(points)]:
            raise BrokenError(f"{where} has {len(points)} positions and {len(columns[uneven[0]])} of {uneven[0][:40]}")
        if not all(np.isfinite(rows).all() for rows in columns.values() if rows.dtype.kind == "f"):
            raise BrokenError(f"{where} holds numbers that are not finite")
        yield points.astype(np.float64), _corners(document, part, len(points), where)


def _corners(document: Document, part: Mapping[str, Any], count: int, where: str) -> Array:
    """The triangles of a part; none where it is made of points or lines."""
    order = np.arange(count, dtype=np.int64)
    if "indices" in part:
        found = decode(document, part["indices"])
        if found.dtype.kind != "u" or found.shape[1] != 1:
            raise BrokenError(f"the indices of {where} are no whole numbers")
        order = found.ravel().astype(np.int64)
        if int(order.max()) >= count:
            raise BrokenError(f"{where} uses point {int(order.max())} of {count}")
    mode = whole(part, "mode", where, TRIANGLES)
    if mode == TRIANGLES:
        if len(order) % 3:
            raise BrokenError(f"{where} is made of triangles and has {len(order)} corners")
        return order.reshape(-1, 3)
    if mode == STRIP:
        return np.stack([order[:-2], order[1:-1], order[2:]], axis=1)
    if mode == FAN:
        return np.stack([np.full(max(len(order) - 2, 0), order[0]), order[1:-1], order[2:]], axis=1)
    if mode not in (POINTS, 1, 2, 3):
        raise BrokenError(f"{where} has the mode {mode}")
    return np.zeros((0, 3), np.int64)


def _placed(document: Document) -> Iterator[tuple[int, Array]]:
    """Every mesh that the scene shows, with the matrix that puts it there; all meshes where there is no scene."""
    if not document.items("scenes"):
        yield from ((at, np.eye(4)) for at in range(len(document.items("meshes"))))
        return
    scene = document.item("scenes", document.root.get("scene", 0))
    waiting: list[tuple[object, Array, int]] = [(node, np.eye(4), 0) for node in listed(scene, "nodes")]
    placed = 0
    while waiting:
        index, above, depth = waiting.pop()
        node = document.item("nodes", index)
        if depth > DEEPEST or placed > MOST_PLACED:
            raise BrokenError("the nodes of the scene form a circle, or there are too many of them")
        matrix = above @ _matrix(node, f"nodes[{index}]")
        placed += 1
        if "mesh" in node:
            document.item("meshes", node["mesh"])
            yield node["mesh"], matrix
        waiting += [(child, matrix, depth + 1) for child in listed(node, "children")]


def _matrix(node: Mapping[str, Any], where: str) -> Array:
    if "matrix" in node:
        return _numbers(node["matrix"], 16, f"{where}.matrix").reshape(4, 4).T  # column by column
    matrix = np.eye(4)
    x, y, z, w = _numbers(node.get("rotation", [0, 0, 0, 1]), 4, f"{where}.rotation")
    turn = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    matrix[:3, :3] = turn * _numbers(node.get("scale", [1, 1, 1]), 3, f"{where}.scale")
    matrix[:3, 3] = _numbers(node.get("translation", [0, 0, 0]), 3, f"{where}.translation")
    return matrix


def _numbers(value: object, count: int, where: str) -> Array:
    numbers = value if isinstance(value, list) else []
    if len(numbers) != count or not all(type(one) in (int, float) and abs(one) < LARGEST for one in numbers):
        raise BrokenError(f"{where} is not {count} numbers")
    return np.array(numbers, dtype=np.float64)
