"""JPEG pictures through FFmpeg, which refuses damage that libjpeg fills in with grey and only warns of."""

from __future__ import annotations

from PIL import Image

from spacefactory_validators.jpeg import Layout

_CODINGS = (0xC0, 0xC1, 0xC2)
"""sequential and progressive with Huffman codes; FFmpeg does not know arithmetic codes"""
_GREY, _NEAR = 128, 2
"""luma of blocks that libjpeg found no data for, and how far it may be off: colours are rounded"""
_EMPTY = bytes(64)
"""hardly occurs in coded data, but in files of which a part was never written"""


def damage(image: Image.Image, data: bytes, layout: Layout) -> str | None:
    """Whether the coded data end too early or are damaged; None when not, or when there is no sign of it.

    Decoding a second time takes two thirds of the time of the first. A plain sequential scan without restart markers
    needs it only when its last block looks as if there were no data for it: whatever is missing or wrong before moves
    the end. In other pictures each scan or interval may end too early and the last block does not show it.
    """
    known = layout.coding in _CODINGS and layout.bits == 8
    if not known or not (_many_parts(layout) or _runs_out(image) or _holes(layout, data)):
        return None
    return _refused(b"".join((b"\xff\xd8", *(data[start:end] for start, end in layout.needed), b"\xff\xd9")))


def _many_parts(layout: Layout) -> bool:
    return layout.coding == 0xC2 or len(layout.scans) != 1 or layout.scans[0].interval > 0


def _runs_out(image: Image.Image) -> bool:
    """Whether the last pixel is of the grey that libjpeg shows where the data have ended (jdhuff.c, decode_mcu)."""
    corner = image.crop((image.width - 1, image.height - 1, image.width, image.height))
    shown = (corner if image.mode == "CMYK" else corner.convert("L")).tobytes()
    return all(abs(level - _GREY) <= _NEAR for level in shown)


def _holes(layout: Layout, data: bytes) -> bool:
    return any(data.find(_EMPTY, scan.start, scan.end) >= 0 for scan in layout.scans)


def _refused(data: bytes) -> str | None:
    """What FFmpeg says; nothing when it does not know the kind. An eighth of the pixels a side is enough."""
    import av

    decoder = av.CodecContext.create("mjpeg", "r")
    decoder.options = {"err_detect": "explode", "lowres": "3"}
    try:
        decoder.decode(av.Packet(data))
    except av.error.InvalidDataError:
        return "its coded data end too early or are damaged"
    except av.error.FFmpegError:
        return None
    return None
