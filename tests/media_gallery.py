"""Media made from nothing, each with its verdict: good ones of many encoders, and broken or lifeless ones.

good        decodes completely and is alive
untyped     not the expected type, or does not decode completely
lifeless    right type, decodes, but blank, silent, frozen, constant or not finite
suspicious  decodes and varies, but cannot be told from noise, or is a pattern or a tone without content
unchecked   of the right family, but nothing here can decode it, or it is larger than is decoded
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from tests.media_made import (
    PAGE,
    RATE,
    Row,
    encoded,
    film,
    moving,
    picture,
    sound_by_av,
    sound_file,
    tune,
)
from tests.media_pictures import bad_images, good_images
from tests.media_sounds import bad_sounds, good_sounds
from tests.media_videos import bad_videos, good_videos


@dataclass(frozen=True)
class Specimen:
    """One file of the gallery."""

    name: str
    expect: str
    verdict: str
    content: bytes


def gallery() -> list[Specimen]:
    """All files, the same on every machine with the same libraries."""
    return [Specimen(name, expect, verdict, content) for name, expect, verdict, content in _all()]


def write(folder: Path, specimens: list[Specimen]) -> list[Path]:
    """Write the files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / one.name for one in specimens]
    for path, one in zip(paths, specimens, strict=True):
        path.write_bytes(one.content)
    return paths


def _all() -> Iterator[Row]:
    yield from good_images()
    yield from bad_images()
    yield from good_sounds()
    yield from bad_sounds()
    yield from good_videos()
    yield from bad_videos()
    yield from _documents()


# ---------------------------------------------------------------- documents


def _documents() -> Iterator[Row]:
    texts = {
        "english.txt": ("The lighthouse was built in 1857.", "good"),
        "japanese.txt": ("今日は天気がいいです。", "good"),
        "arabic.txt": ("الطقس جميل اليوم", "good"),
        "emoji.txt": ("🙂", "good"),
        "four.txt": ("4", "good"),
        "blank.txt": (" \n\t ", "lifeless"),
        "traceback.txt": ('Traceback (most recent call last):\n  File "app.py", line 1\nValueError: x', "lifeless"),
        "lorem.txt": ("Lorem ipsum dolor sit amet, consectetur", "lifeless"),
        "null.txt": ("a\0b", "untyped"),
    }
    for name, (text, verdict) in texts.items():
        yield name, "text", verdict, text.encode()
    yield "latin.txt", "text", "untyped", "na\xefve caf\xe9".encode("latin-1")
    yield "marked.txt", "text", "good", b"\xef\xbb\xbfHello there"
    documents = {
        "object.json": (b'{"label": "cat", "score": 0.9}', "good"),
        "labels.json": (b'[{"label": "cat", "score": 0.9}, {"label": "dog", "score": 0.1}]', "good"),
        "even.json": (b'[{"label": "cat", "score": 0.5}, {"label": "dog", "score": 0.5}]', "suspicious"),
        "embedding.json": (b"[0.1, 0.2, -0.3, 0.4, 0.5, 0.6, 0.7, 0.8]", "good"),
        "zeros.json": (b"[0, 0, 0, 0, 0, 0, 0, 0, 0]", "lifeless"),
        "boxes.json": (b'[{"box": [1, 2, 3, 4], "label": "cup", "score": 0.7}]', "good"),
        "error.json": (b'{"error": "out of memory"}', "lifeless"),
        "nothing.json": (b"{}", "lifeless"),
        "nan.json": (b"[NaN]", "untyped"),
        "cut.json": (b'{"label": "c', "untyped"),
        "page.json": (PAGE, "untyped"),
        "null.json": (b"null", "untyped"),
        "empty.json": (b"", "untyped"),
    }
    for name, (content, verdict) in documents.items():
        yield name, "json", verdict, content


TRUNCATED: dict[str, Callable[[], bytes]] = {
    "cut.png": lambda: encoded(Image.fromarray(picture()), "PNG"),
    "cut.jpg": lambda: encoded(Image.fromarray(picture()), "JPEG"),
    "cut.webp": lambda: encoded(Image.fromarray(picture()), "WEBP"),
    "cut.gif": lambda: encoded(Image.fromarray(picture()), "GIF"),
    "cut.bmp": lambda: encoded(Image.fromarray(picture()), "BMP"),
    "cut.tiff": lambda: encoded(Image.fromarray(picture()), "TIFF"),
    "cut.avif": lambda: encoded(Image.fromarray(picture(96)), "AVIF", speed=10),
    "cut.wav": lambda: sound_file(tune(), "WAV"),
    "cut.flac": lambda: sound_file(tune(), "FLAC"),
    "cut.ogg": lambda: sound_file(tune(), "OGG"),
    "cut.m4a": lambda: sound_by_av(tune(), "ipod", "aac", RATE),
    "cut.mp4": lambda: film(moving(24)),
    "cut.mov": lambda: film(moving(24), "mov"),
    "cut.webm": lambda: film(moving(24), "webm", "libvpx"),
    "cut.mkv": lambda: film(moving(24), "matroska"),
    "cut.avi": lambda: film(moving(24), "avi", "mpeg4"),
}
"""Files of formats that know their length: whatever is missing at the end must be found."""


# ---------------------------------------------------------------- in numbers


def malformed() -> list[Specimen]:
    """Files of formats that know their length, cut off at many places, and pages, archives and drawings under names."""
    found = []
    for name, make in TRUNCATED.items():
        data, (stem, _, suffix) = make(), name.partition(".")
        for share in (0, 5, 25, 50, 75, 95):
            cut = data[: len(data) * share // 100]
            found.append(Specimen(f"{stem}-{share}.{suffix}", KIND_OF[suffix], "untyped", cut))
    return found


KIND_OF = {
    **dict.fromkeys(("png", "jpg", "webp", "gif", "bmp", "tiff", "avif"), "image"),
    **dict.fromkeys(("wav", "flac", "ogg", "m4a"), "audio"),
    **dict.fromkeys(("mp4", "mov", "webm", "mkv", "avi"), "video"),
}


def many_good() -> list[Specimen]:
    """Sound files beyond those of the gallery: other sizes, qualities, rates and lengths of the same encoders."""
    return [Specimen(f"more-{name}", expect, "good", content) for name, expect, content in _more()]


def _more() -> Iterator[tuple[str, str, bytes]]:
    for size in (48, 100, 333):
        image = Image.fromarray(picture(size))
        for quality in (10, 20, 35, 50, 60, 75, 85, 95):
            yield f"{size}-{quality}.jpg", "image", encoded(image, "JPEG", quality=quality)
            yield f"{size}-{quality}.webp", "image", encoded(image, "WEBP", quality=quality)
        for level in (0, 1, 9):
            yield f"{size}-{level}.png", "image", encoded(image, "PNG", compress_level=level)
    kinds = {"wav": "WAV", "flac": "FLAC", "ogg": "OGG", "mp3": "MP3"}
    for rate in (8000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000):
        for suffix, kind in kinds.items():
            yield f"{rate}.{suffix}", "audio", sound_file(tune(1.5), kind, rate)
    for size in (64, 96, 160):
        for suffix, container, codec in (
            ("mp4", "mp4", "libx264"),
            ("webm", "webm", "libvpx"),
            ("mkv", "matroska", "libx264"),
            ("avi", "avi", "mpeg4"),
        ):
            yield f"{size}.{suffix}", "video", film(moving(10, size), container, codec)
