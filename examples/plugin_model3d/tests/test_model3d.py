"""The validator of 3D models keeps the promises of the kit, and tells good files from bad ones."""

from __future__ import annotations

import json
import struct
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from glb import ball, document, pack, write
from hypothesis import given, settings
from hypothesis import strategies as st
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Output
from spacefactory.testing.contracts import ValidatorContract

from spacefactory_model3d.validator import Model3dValidator

Root = dict[str, Any]


def output(path: Path) -> Output:
    return Output(output_type="model3d", path=path)


class TestContract(ValidatorContract):
    @pytest.fixture
    def provider(self) -> Model3dValidator:
        return Model3dValidator()

    @pytest.fixture
    def good(self, tmp_path: Path) -> Output:
        return output(write(tmp_path / "ball.glb", *ball()))

    @pytest.fixture
    def other(self, tmp_path: Path) -> Output:
        return output(write(tmp_path / "dented.glb", *ball(dent=0.4)))

    @pytest.fixture
    def lifeless(self, tmp_path: Path) -> tuple[Output, ...]:
        points, corners = ball()
        return (
            output(write(tmp_path / "point.glb", [(1, 2, 3)] * len(points), corners)),
            output(write(tmp_path / "line.glb", [(x, 0, 0) for x, _, _ in points], corners)),
            output(write(tmp_path / "one.glb", points[:3], [0, 1, 2])),
            output(write(tmp_path / "flat.glb", points, corners, nodes=[{"mesh": 0, "scale": [0, 0, 0]}])),
            output(write(tmp_path / "hidden.glb", points, corners, scenes=[{"nodes": []}])),
        )

    @pytest.fixture
    def broken(self, tmp_path: Path) -> tuple[Output, ...]:
        whole = pack(*document(*ball()))
        files = {"cut": whole[:-40], "page": b"<html>503</html>", "png": b"\x89PNG\r\n\x1a\n" + bytes(40), "empty": b""}
        for name, content in files.items():
            (tmp_path / f"{name}.glb").write_bytes(content)
        return tuple(output(tmp_path / f"{name}.glb") for name in files)


def _positions(root: Root) -> Root:
    accessor = root["accessors"][1]
    assert isinstance(accessor, dict)
    return accessor


def _set(*path: Any) -> Callable[[Root], None]:
    """Set a value, the last of the path, at the place that the others name."""

    def change(root: Root) -> None:
        *steps, key, value = path
        place: Any = root
        for step in steps:
            place = place[step]
        place[key] = value

    return change


def _leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """Every place in the JSON part, objects and lists included."""
    if path:
        yield path, value
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, one in inner:
        yield from _leaves(one, (*path, key))


WRONG = {
    "version": _set("asset", "version", "1.0"),
    "buffer is shorter": _set("buffers", 0, "byteLength", 10**9),
    "view outside": _set("bufferViews", 1, "byteOffset", 10**6),
    "view of no buffer": _set("bufferViews", 1, "buffer", 3),
    "count outside": _set("accessors", 1, "count", 10**5),
    "count negative": _set("accessors", 1, "count", -1),
    "count is a word": _set("accessors", 1, "count", "many"),
    "count true": _set("accessors", 1, "count", True),
    "unknown type": _set("accessors", 1, "componentType", 1),
    "two dimensions": _set("accessors", 1, "type", "VEC2"),
    "stride too small": _set("bufferViews", 1, "byteStride", 4),
    "not aligned": _set("accessors", 1, "byteOffset", 2),
    "indices outside": _set("accessors", 0, "bufferView", 1),
    "no positions": _set("meshes", 0, "primitives", 0, "attributes", {"NORMAL": 1}),
    "uneven attributes": _set("meshes", 0, "primitives", 0, "attributes", {"POSITION": 1, "NORMAL": 0}),
    "no such accessor": _set("meshes", 0, "primitives", 0, "attributes", {"POSITION": 9}),
    "no such mesh": _set("nodes", 0, "mesh", 4),
    "no such node": _set("scenes", 0, "nodes", [7]),
    "circle": _set("nodes", 0, "children", [0]),
    "matrix of three": _set("nodes", 0, "matrix", [1, 2, 3]),
    "rotation of words": _set("nodes", 0, "rotation", ["a", "b", "c", "d"]),
    "mode": _set("meshes", 0, "primitives", 0, "mode", 12),
    "external buffer": _set("buffers", 0, "uri", "mesh.bin"),
    "meshes no list": _set("meshes", {"0": 1}),
    "sparse without values": _set("accessors", 1, "sparse", {"count": 1}),
}


@pytest.mark.parametrize("kind", WRONG)
def test_wrong_files_do_not_decode(kind: str, tmp_path: Path) -> None:
    root, binary = document(*ball())
    WRONG[kind](root)
    (tmp_path / "wrong.glb").write_bytes(pack(root, binary))
    (check,) = Model3dValidator().inspect(output(tmp_path / "wrong.glb")).checks
    assert (check.name, check.passed) == ("model3d.decodes", False)


PLACES = [path for path, _ in _leaves(document(*ball())[0])]
ODD = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=20),
    st.lists(st.integers(-2, 9), max_size=4),
    st.dictionaries(st.text(max_size=3), st.integers(), max_size=2),
)


@settings(max_examples=200, deadline=None)
@given(place=st.sampled_from(PLACES), value=ODD)
def test_no_value_of_the_json_part_raises(place: tuple[Any, ...], value: Any) -> None:
    root, binary = document(*ball())
    root["nodes"][0] |= {"children": [], "scale": [1, 1, 1], "matrix": [0.0] * 16}
    _set(*place, value)(root)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "odd.glb"
        path.write_bytes(pack(root, binary))
        for check in Model3dValidator().inspect(output(path)).checks:
            assert len(check.detail) < 300


def test_positions_that_are_no_numbers(tmp_path: Path) -> None:
    points, corners = ball()
    path = write(tmp_path / "nan.glb", [(float("nan"), 0, 0), *points[1:]], corners)
    assert Model3dValidator().inspect(output(path)).reached() == Level.NONE


def test_indices_in_range_of_their_own_mesh(tmp_path: Path) -> None:
    points, corners = ball()
    path = write(tmp_path / "far.glb", points, [*corners[:-1], len(points)])
    (check,) = Model3dValidator().inspect(output(path)).checks
    assert check.detail.startswith(f"a part of meshes[0] uses point {len(points)} of {len(points)}")


def test_both_forms_are_the_same_model(tmp_path: Path) -> None:
    binary, text = write(tmp_path / "ball.glb", *ball()), write(tmp_path / "ball.gltf", *ball())
    inspected = [Model3dValidator().inspect(output(path)) for path in (binary, text)]
    assert inspected[0] == inspected[1]
    assert inspected[0].reached() == Level.ALIVE
    assert Model3dValidator().differ(output(binary), output(text)).passed is False


def test_strips_fans_and_points_count(tmp_path: Path) -> None:
    points, _ = ball()
    for mode, triangles in ((5, len(points) - 2), (6, len(points) - 2), (0, 0), (1, 0)):
        part = {"attributes": {"POSITION": 1}, "indices": 0, "mode": mode}
        path = write(tmp_path / f"{mode}.glb", points, list(range(len(points))), meshes=[{"primitives": [part]}])
        inspection = Model3dValidator().inspect(output(path))
        assert inspection.measures["triangles"] == triangles
        assert inspection.reached() == (Level.ALIVE if mode != 5 else inspection.reached())


def test_the_scene_puts_meshes_where_they_are(tmp_path: Path) -> None:
    nodes = [{"children": [1], "translation": [5, 0, 0], "scale": [2, 2, 2]}, {"mesh": 0, "rotation": [0, 1, 0, 0]}]
    placed = write(tmp_path / "placed.glb", *ball(), nodes=nodes)
    measures = Model3dValidator().inspect(output(placed)).measures
    plain = Model3dValidator().inspect(output(write(tmp_path / "plain.glb", *ball()))).measures
    assert measures["size"] == pytest.approx(2 * float(str(plain["size"])), rel=1e-5)
    assert measures["area"] == pytest.approx(4 * float(str(plain["area"])), rel=1e-5)
    assert Model3dValidator().differ(output(placed), output(tmp_path / "plain.glb")).passed is True


def test_order_and_rounding_make_no_difference(tmp_path: Path) -> None:
    points, corners = ball()
    moved = [(x + 1e-6, y, z) for x, y, z in reversed(points)]
    back = [len(points) - 1 - corner for corner in corners]
    first, second = write(tmp_path / "one.glb", points, corners), write(tmp_path / "two.glb", moved, back)
    assert Model3dValidator().differ(output(first), output(second)).passed is False


def test_sparse_positions_are_replaced(tmp_path: Path) -> None:
    points, corners = ball()
    root, binary = document(points, corners)
    binary += struct.pack("<HxxH2x3f", 0, 0, 50.0, 0.0, 0.0)
    at = len(binary) - 20
    root["buffers"][0]["byteLength"] = len(binary)
    root["bufferViews"] += [
        {"buffer": 0, "byteOffset": at, "byteLength": 4},
        {"buffer": 0, "byteOffset": at + 8, "byteLength": 12},
    ]
    sparse = {"count": 1, "indices": {"bufferView": 2, "componentType": 5123}, "values": {"bufferView": 3}}
    _positions(root)["sparse"] = sparse
    (tmp_path / "sparse.glb").write_bytes(pack(root, binary))
    inspection = Model3dValidator().inspect(output(tmp_path / "sparse.glb"))
    assert inspection.reached() == Level.ALIVE, inspection
    assert float(str(inspection.measures["size"])) > 50


def test_compressed_files_are_neither_passed_nor_failed(tmp_path: Path) -> None:
    path = write(tmp_path / "draco.glb", *ball(), extensionsRequired=["KHR_draco_mesh_compression"])
    (check,) = Model3dValidator().inspect(output(path)).checks
    assert check.passed is None
    assert "KHR_draco_mesh_compression" in check.detail


def test_deep_json_is_a_failed_check(tmp_path: Path) -> None:
    (tmp_path / "deep.gltf").write_text("[" * 200_000, encoding="utf-8")
    (tmp_path / "list.gltf").write_text(json.dumps([1]), encoding="utf-8")
    for name in ("deep", "list"):
        assert Model3dValidator().inspect(output(tmp_path / f"{name}.gltf")).reached() == Level.NONE
