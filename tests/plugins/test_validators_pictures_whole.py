"""A picture is whole, or it is refused, also where decoders fill in what is missing."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from spacefactory_validators import gif, jpeg, png, spacefactory_validators, tiff

from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Output
from tests.media_made import encoded, picture
from tests.media_made import png as png_file
from tests.media_pictures_broken import SIDE, animated, broken_pictures, data, head, interlaced, rows, sound_pictures

JUDGE = next(one for one in spacefactory_validators() if "image" in one.output_types)


def level(path: Path, content: bytes) -> Level:
    path.write_bytes(content)
    return JUDGE.inspect(Output(output_type="image", path=path)).reached()


@pytest.mark.parametrize(("name", "content"), [(one[0], one[3]) for one in broken_pictures()])
def test_a_picture_of_which_a_part_is_missing_is_refused(name: str, content: bytes, tmp_path: Path) -> None:
    assert level(tmp_path / name, content) is Level.NONE


@pytest.mark.parametrize(("name", "content"), [(one[0], one[3]) for one in sound_pictures()])
def test_a_whole_picture_is_accepted(name: str, content: bytes, tmp_path: Path) -> None:
    assert level(tmp_path / name, content) is Level.ALIVE


SMALL = {
    "small.png": encoded(Image.fromarray(picture(16)), "PNG"),
    "animated.png": animated("PNG"),
    "small.gif": encoded(Image.fromarray(picture(16)), "GIF"),
    "animated.gif": animated("GIF"),
    "small.jpg": encoded(Image.fromarray(picture(16)), "JPEG"),
    "progressive.jpg": encoded(Image.fromarray(picture(16)), "JPEG", progressive=True),
}


@pytest.mark.parametrize("name", SMALL)
@given(share=st.floats(0, 1, exclude_max=True))
@settings(max_examples=60, deadline=None)
def test_no_prefix_of_a_picture_is_whole(name: str, share: float, tmp_path_factory: pytest.TempPathFactory) -> None:
    content = SMALL[name]
    prefix = content[: int(len(content) * share)]
    assert level(tmp_path_factory.mktemp("prefix") / name, prefix) is Level.NONE


@pytest.mark.parametrize("name", SMALL)
@pytest.mark.parametrize("left_out", [1, 2, 3, 4, 8, 11, 12, 13])
def test_the_last_bytes_of_a_picture_are_needed(name: str, left_out: int, tmp_path: Path) -> None:
    assert level(tmp_path / name, SMALL[name][:-left_out]) is Level.NONE


@given(rows_there=st.integers(0, SIDE), interlace=st.booleans(), dark=st.booleans())
@settings(max_examples=60, deadline=None)
def test_missing_rows_are_counted(
    rows_there: int, interlace: bool, dark: bool, tmp_path_factory: pytest.TempPathFactory
) -> None:
    pixels = picture(SIDE) // (255 if dark else 1)
    raw = interlaced(pixels) if interlace else rows(pixels)
    kept = raw[: len(raw) * rows_there // SIDE]
    path = tmp_path_factory.mktemp("rows") / "a.png"
    found = level(path, png_file(head(SIDE, SIDE, interlaced=int(interlace)), data(kept)))
    assert (found is Level.NONE) == (rows_there < SIDE)


@given(content=st.binary(max_size=300), name=st.sampled_from(["png", "gif", "jpeg", "tiff"]))
@settings(max_examples=200, deadline=None)
def test_no_bytes_crash_a_reader(content: bytes, name: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    starts = {"png": SMALL["small.png"][:33], "gif": SMALL["small.gif"][:13], "jpeg": b"\xff\xd8", "tiff": b"II*\0"}
    path = tmp_path_factory.mktemp("bytes") / f"a.{name}"
    path.write_bytes(starts[name] + content)
    with path.open("rb") as stream:
        size = path.stat().st_size
        if name == "jpeg":
            layout = jpeg.layout_of(stream.read())
            jpeg.restarts(path.read_bytes(), layout)
        elif name == "tiff":
            tiff.unknown_packing(stream)
        else:
            (png if name == "png" else gif).damage(stream, size)


def test_a_packing_is_found_in_either_order_and_in_large_files(tmp_path: Path) -> None:
    entry = struct.pack(">HHIHH", 259, 3, 1, 50001, 0)
    files = {
        "big-endian": b"MM\0*" + struct.pack(">IH", 8, 1) + entry + bytes(4),
        "large": b"II+\0\x08\0\0\0" + struct.pack("<QQHHQQ", 16, 1, 259, 3, 1, 50001),
    }
    for name, content in files.items():
        path = tmp_path / name
        path.write_bytes(content)
        with path.open("rb") as stream:
            assert tiff.unknown_packing(stream) == "WebP", name
