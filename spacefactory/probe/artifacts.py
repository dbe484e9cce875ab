"""The files that an app answered with: fetched at once, kept under their digest, within the limits of a run."""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from spacefactory.probe import web
from spacefactory.probe.app import App

LARGEST_FILE = 64 << 20
ALL_BYTES = 256 << 20
ALL_FILES = 50
HEAD = 64
PLAYLIST = "playlist.m3u8"
MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", ".png"),
    (0, b"\xff\xd8\xff", ".jpg"),
    (8, b"WEBP", ".webp"),
    (8, b"WAVE", ".wav"),
    (8, b"AVI ", ".avi"),
    (0, b"GIF8", ".gif"),
    (0, b"BM", ".bmp"),
    (0, b"II*\x00", ".tiff"),
    (0, b"MM\x00*", ".tiff"),
    (4, b"ftypavif", ".avif"),
    (4, b"ftypM4A", ".m4a"),
    (4, b"ftypqt", ".mov"),
    (4, b"ftyp", ".mp4"),
    (0, b"OggS", ".ogg"),
    (0, b"fLaC", ".flac"),
    (0, b"ID3", ".mp3"),
    (0, b"\xff\xfb", ".mp3"),
    (0, b"\xff\xf3", ".mp3"),
    (0, b"glTF", ".glb"),
    (0, b"%PDF", ".pdf"),
    (0, b"PK\x03\x04", ".zip"),
)
MATROSKA = b"\x1a\x45\xdf\xa3"
SUFFIX = re.compile(r"\.[a-z0-9]{1,8}\Z")
SUFFIX_TYPES = {
    "image": ".png .jpg .jpeg .webp .gif .bmp .tiff .avif",
    "audio": ".wav .mp3 .flac .ogg .m4a .opus",
    "video": ".mp4 .webm .mkv .mov .avi",
    "text": ".txt .md .srt .vtt .html .csv .tsv",
    "json": ".json",
}
"""Output type -> suffixes that hold it; validators may know more."""


@dataclass(frozen=True)
class Artifact:
    """A file of an answer, kept in the record."""

    path: Path
    name: str
    """path inside the run's folder"""

    @property
    def digest(self) -> str:
        """sha256 of its content."""
        return self.path.stem


@dataclass
class Artifacts:
    """Fetches files of answers into `folder/artifacts`, and counts what that costs."""

    app: App
    folder: Path
    timeout: float
    per_call: int = ALL_FILES
    files: int = 0
    size: int = 0
    """bytes so far"""
    _in_call: int = 0

    def next_call(self) -> None:
        """The next call begins; it may give `per_call` files."""
        self._in_call = 0

    def keep(self, ref: dict[str, Any]) -> Artifact | None:
        """Fetch a file that an answer names; None when it, or the files before it, are more than a run may fetch.

        Raises:
            WebError: the app does not give the file.
        """
        if self._in_call >= self.per_call or self.files >= ALL_FILES:
            return None
        self._in_call, self.files = self._in_call + 1, self.files + 1
        target = self.folder / "artifacts"
        target.mkdir(parents=True, exist_ok=True)
        aside = target / f".fetch-{os.getpid()}.tmp"
        try:
            digest, head = self._fetch(_address(self.app, ref), aside)
            name = f"{digest}{_suffix(head, ref)}"
            aside.replace(target / name)
        except web.TooLargeError:
            return None
        finally:
            aside.unlink(missing_ok=True)
        return Artifact(target / name, f"artifacts/{name}")

    def _fetch(self, url: str, aside: Path) -> tuple[str, bytes]:
        digest, head = hashlib.sha256(), bytearray()
        limit = min(LARGEST_FILE, ALL_BYTES - self.size)

        with aside.open("wb") as file:

            def take(piece: bytes) -> None:
                digest.update(piece)
                head.extend(piece[: HEAD - len(head)])
                self.size += file.write(piece)

            web.read(url, self.timeout, take, limit)
            file.flush()
            os.fsync(file.fileno())
        return digest.hexdigest(), bytes(head)


def is_file(value: Any) -> bool:
    """Whether a part of an answer stands for a file; data that merely has a key `path` does not."""
    if not isinstance(value, dict) or not isinstance(value.get("path"), str):
        return False
    meta = value.get("meta")
    marked = isinstance(meta, dict) and meta.get("_type") == "gradio.FileData"
    return marked or {"orig_name", "url", "mime_type"} <= value.keys()


def _address(app: App, ref: dict[str, Any]) -> str:
    """Always on the app's own address, whatever host the answer names."""
    path = urlsplit(str(ref.get("url") or "")).path
    if ref.get("is_stream") and path.endswith(f"/{PLAYLIST}") and f"{app.prefix}/stream/" in path:
        whole = path[path.index(f"{app.prefix}/stream/") :].removesuffix(PLAYLIST) + "playlist-file"
        return web.address(app.url, whole)
    return web.address(app.url, web.file_path(app.prefix, str(ref["path"])))


def _suffix(head: bytes, ref: dict[str, Any]) -> str:
    """By what the file begins with, else by its name, else `.bin`."""
    found = next((suffix for at, magic, suffix in MAGIC if head[at : at + len(magic)] == magic), "")
    if head.startswith(MATROSKA):
        found = ".webm" if b"webm" in head else ".mkv"
    if found in (".wav", ".webp", ".avi") and not head.startswith(b"RIFF"):
        found = ""
    named = Path(str(ref.get("orig_name") or ref["path"])).suffix.lower()
    return found or (named if SUFFIX.match(named) else ".bin")


def suffix_type(suffix: str, more: dict[str, str]) -> str | None:
    """The output type that a suffix stands for; `more` holds what validators add."""
    known = next((kind for kind, suffixes in SUFFIX_TYPES.items() if suffix in suffixes.split()), None)
    return known or more.get(suffix)
