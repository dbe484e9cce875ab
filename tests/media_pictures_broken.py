"""Pictures that decoders show although a part is missing or damaged, and sound ones that look alike."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from tests.media_made import Array, Row, chunk, encoded, picture, png

ADAM7 = ((0, 0, 8, 8), (0, 4, 8, 8), (4, 0, 8, 4), (0, 2, 4, 4), (2, 0, 4, 2), (0, 1, 2, 2), (1, 0, 2, 1))
"""first row, first column, and the steps between rows and columns of the passes of an interlaced PNG picture"""
SIDE = 96


def broken_pictures() -> Iterator[Row]:
    """Files that a strict decoder refuses."""
    for name, content in {**_broken_png(), **_broken_jpeg(), **_broken_gif()}.items():
        yield name, "image", "untyped", content
    yield "webp.tiff", "image", "unchecked", packed_tiff(50001, encoded(Image.fromarray(picture(SIDE)), "WEBP"))


def sound_pictures() -> Iterator[Row]:
    """Files without fault whose last rows are zero or grey, or that carry more than one picture."""
    for name, content in {**_sound_png(), **_sound_jpeg()}.items():
        yield name, "image", "good", content


def rows(pixels: Array) -> bytes:
    """The rows of a picture as a PNG file has them before they are packed, without filters."""
    return b"".join(b"\0" + row.tobytes() for row in pixels)


def head(width: int, height: int, colour: int = 2, compression: int = 0, interlaced: int = 0) -> bytes:
    """The header of a PNG file of 8 bits a sample."""
    return struct.pack(">IIBBBBB", width, height, 8, colour, compression, 0, interlaced)


def data(raw: bytes) -> bytes:
    """The data chunk of a PNG file."""
    return chunk(b"IDAT", zlib.compress(raw))


def interlaced(pixels: Array) -> bytes:
    """The rows of all passes of an interlaced picture."""
    return b"".join(rows(pixels[top::down, left::across]) for top, left, down, across in ADAM7)


def animated(kind: str) -> bytes:
    """Five frames of a picture that turns around."""
    frames = [Image.fromarray(np.roll(picture(64), 6 * at, axis=1)) for at in range(5)]
    return encoded(frames[0], kind, save_all=True, append_images=frames[1:])


def packed_tiff(packing: int, content: bytes) -> bytes:
    """A TIFF file of one strip that is packed in that way."""
    tags = {256: SIDE, 257: SIDE, 258: 8, 259: packing, 262: 2, 273: 122, 277: 3, 278: SIDE, 279: len(content)}
    entries = b"".join(struct.pack("<HHII", tag, 4, 1, value) for tag, value in tags.items())
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + content


def _broken_png() -> dict[str, bytes]:
    pixels = picture(SIDE)
    raw, plain = rows(pixels), head(SIDE, SIDE)
    packed = zlib.compress(raw)
    whole = png(plain, data(raw))
    end = bytearray(whole)
    end[-1] ^= 1
    grey = pixels[..., 0]
    return {
        "rows-half.png": png(plain, data(raw[: len(raw) // 2])),
        "rows-but-one.png": png(plain, data(raw[: -SIDE * 3 - 1])),
        "taller.png": png(head(SIDE, 2 * SIDE), data(raw)),
        "interlaced-short.png": png(head(SIDE, SIDE, 0, interlaced=1), data(interlaced(grey)[: -(SIDE + 1)])),
        "checksum-missing.png": png(plain, chunk(b"IDAT", packed[:-4])),
        "checksum-wrong.png": png(plain, chunk(b"IDAT", packed[:-4]), chunk(b"IDAT", b"none")),
        "palette-missing.png": png(head(SIDE, SIDE, 3), data(rows(grey))),
        "header-twice.png": png(plain, chunk(b"IHDR", plain), data(raw)),
        "critical-unknown.png": png(plain, chunk(b"ABCD", b"xx"), data(raw)),
        "compression-unknown.png": png(head(SIDE, SIDE, 2, compression=1), data(raw)),
        "end-damaged.png": bytes(end),
        "end-cut.png": whole[:-2],
        "animated-cut.png": animated("PNG")[:-1],
    }


def _broken_jpeg() -> dict[str, bytes]:
    image = Image.fromarray(picture(SIDE))
    plain, progressive = encoded(image, "JPEG"), encoded(image, "JPEG", progressive=True)
    restarts = encoded(image, "JPEG", restart_marker_rows=1)
    first, second, third = (restarts.index(bytes((0xFF, number))) for number in (0xD0, 0xD1, 0xD2))
    start, scan = _scan(plain), _scan(progressive)
    left, frame = len(plain) - 2 - start, plain.index(b"\xff\xc0")
    end = b"\xff\xd9"
    return {
        "data-none.jpg": plain[:start] + end,
        "data-half.jpg": plain[: start + left // 2] + end,
        "data-most.jpg": plain[: start + left * 9 // 10] + end,
        "taller.jpg": plain[: frame + 5] + struct.pack(">H", 2 * SIDE) + plain[frame + 7 :],
        "marker-inside.jpg": plain[: start + left // 3] + b"\xff\xd3" + plain[start + left // 3 :],
        "hole.jpg": plain[: start + left // 3] + plain[start + left // 2 :],
        "progressive-hole.jpg": progressive[: scan + 20] + progressive[scan + 40 :],
        "restart-missing.jpg": restarts[:second] + restarts[second + 2 :],
        "restart-other.jpg": restarts[:second] + b"\xff\xd5" + restarts[second + 2 :],
        "interval-lost.jpg": restarts[:second] + restarts[third:],
        "interval-empty.jpg": restarts[: first + 2] + restarts[second:],
    }


def _broken_gif() -> dict[str, bytes]:
    still = encoded(Image.fromarray(picture(SIDE)), "GIF")
    grain = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE), dtype="uint8")
    noise = encoded(Image.fromarray(grain), "GIF")
    start = noise.index(struct.pack("<BHHHH", 0x2C, 0, 0, SIDE, SIDE))
    frame = noise[start:-1]
    return {
        "end-missing.gif": still[:-1],
        "end-cut.gif": still[:-2],
        "animated-cut.gif": animated("GIF")[:-1],
        "second-short.gif": noise[:start] + frame + _less_one_block(frame) + frame * 3 + b";",
    }


def _less_one_block(frame: bytes) -> bytes:
    """A picture of a GIF file without the last block of its data, and without a table of colours of its own."""
    last = at = 11
    while frame[at]:
        last, at = at, at + frame[at] + 1
    return frame[:last] + b"\0"


def _scan(file: bytes) -> int:
    """Where the coded data of the last scan of a JPEG file start."""
    header = file.rindex(b"\xff\xda")
    return header + 2 + int.from_bytes(file[header + 2 : header + 4], "big")


def _sound_png() -> dict[str, bytes]:
    pixels = picture(SIDE)
    dark = pixels.copy()
    dark[SIDE // 2 :] = 0
    clear = np.dstack([dark, np.where(dark.any(-1), 255, 0).astype("uint8")])
    odd = picture(SIDE)[: SIDE - 5, : SIDE - 3, 0]
    packed = zlib.compress(rows(pixels))
    return {
        "dark-below.png": png(head(SIDE, SIDE), data(rows(dark))),
        "clear-below.png": encoded(Image.fromarray(clear), "PNG"),
        "bilevel-below.png": encoded(Image.fromarray(dark).convert("1"), "PNG"),
        "interlaced.png": png(head(SIDE, SIDE, interlaced=1), data(interlaced(pixels))),
        "interlaced-odd.png": png(head(SIDE - 3, SIDE - 5, 0, interlaced=1), data(interlaced(odd))),
        "small-pieces.png": png(
            head(SIDE, SIDE), *(chunk(b"IDAT", packed[at : at + 9]) for at in range(0, len(packed), 9))
        ),
        "more-rows.png": png(head(SIDE, SIDE // 2), data(rows(pixels))),
        "after-the-end.png": png(head(SIDE, SIDE), data(rows(pixels))) + b"more",
    }


def _sound_jpeg() -> dict[str, bytes]:
    pixels = picture(SIDE)
    below = pixels.copy()
    below[SIDE // 2 :] = 128
    image, odd = Image.fromarray(pixels), Image.fromarray(pixels[:91, :67])
    kinds: dict[str, tuple[Image.Image, dict[str, Any]]] = {
        "grey-below.jpg": (Image.fromarray(below), {}),
        "grey-below-progressive.jpg": (Image.fromarray(below).convert("L"), {"progressive": True}),
        "restarts.jpg": (odd, {"restart_marker_blocks": 3, "subsampling": "4:2:2"}),
        "restarts-progressive.jpg": (odd, {"restart_marker_rows": 1, "progressive": True}),
        "odd-progressive.jpg": (odd, {"progressive": True, "optimize": True, "subsampling": "4:4:4"}),
        "cmyk-progressive.jpg": (odd.convert("CMYK"), {"progressive": True}),
        "exif.jpg": (odd, {"exif": b"Exif\0\0" + bytes(300), "restart_marker_rows": 1}),
    }
    found = {name: encoded(shown, "JPEG", **options) for name, (shown, options) in kinds.items()}
    found["two-pictures.jpg"] = encoded(image, "MPO", save_all=True, append_images=[image.rotate(180)])
    found["after-the-end.jpg"] = encoded(odd, "JPEG", progressive=True) + bytes(100)
    return found
