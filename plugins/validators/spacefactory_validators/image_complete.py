"""Whether a decoded picture is whole: what decoders fill in without a word where data are missing."""

from __future__ import annotations

from PIL import Image
from PIL.PngImagePlugin import PngImageFile

from spacefactory_validators import jpeg, jpeg_strict, png
from spacefactory_validators.files import File

_TOGETHER = 64
"""bytes at the end of packed data that the decoder gets at once: the checksum, and what ends the last block"""


def seal(image: Image.Image, file: File) -> None:
    """Let the decoder of a PNG picture find out that the checksum of the packed data is missing, or wrong.

    Pillow stops at the last row. zlib compares the checksum on its way when it has it by then, and takes the four bytes
    after the data for it when there is none. Whole data are at their end before.
    """
    if not isinstance(image, PngImageFile):
        return
    with file.path.open("rb") as stream:
        left = png.packed_size(stream, file.size)
    read = image.load_read

    def load_read(most: int) -> bytes:
        nonlocal left
        piece = read(most)
        left -= len(piece)
        while 0 < left <= _TOGETHER and (more := read(most)):
            piece, left = piece + more, left - len(more)
        if left or not piece:
            return piece
        del image.load_read  # which would keep the picture in memory: it refers to it
        return piece + bytes(4)

    image.load_read = load_read  # type: ignore[method-assign, assignment]


def damage(image: Image.Image, file: File) -> str | None:
    """What is missing of a picture whose first frame is loaded, as the end of a sentence; None when nothing is."""
    if file.kind.name == "png" and _doubtful(image):
        with file.path.open("rb") as stream:
            return png.missing_rows(stream, file.size)
    if file.kind.name == "jpeg":
        data = file.path.read_bytes()
        layout = jpeg.layout_of(data)
        return jpeg.restarts(data, layout) or jpeg_strict.damage(image, data, layout)
    return None


def _doubtful(image: Image.Image) -> bool:
    """Whether rows of a PNG picture may be missing: Pillow leaves them zero, without an error.

    Rows come one after the other, so the last one is not all zero when they are all there; only interlaced and animated
    pictures have several last rows.
    """
    if image.info.get("interlace") or getattr(image, "is_animated", False):
        return True
    return not any(image.crop((0, image.height - 1, image.width, image.height)).tobytes())
