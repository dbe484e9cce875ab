"""Files of a run as parts of a page: pictures and players whose content is in the page itself."""

from __future__ import annotations

import base64
import html
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

LARGEST, TOGETHER = 8 << 20, 40 << 20
"""Bytes of one file, and of all files, that a page takes in; browsers open larger pages slowly or not at all."""
TEXT = 4_000
"""Characters of one text that a page shows."""
HEAD = 16
_HIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069\U000e0000-\U000e007f]+")


def safe(value: JsonValue, limit: int = TEXT) -> str:
    """Untrusted text as text of a page: no markup, no control characters, no change of direction."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, indent=2, default=str)
    text = _HIDDEN.sub(" ", text)
    return html.escape(text if len(text) <= limit else f"{text[:limit]}…")


@dataclass
class Embedder:
    """Takes files of a run's folder into a page, each of them once, until the page is large enough."""

    folder: Path
    taken: int = 0
    known: dict[str, str] = field(default_factory=dict)

    def shown(self, name: str) -> str:
        """A file of the run's folder as HTML: a picture, a player, or its text; a sentence where it cannot be shown."""
        path = self._inside(name)
        if path is None:
            return f'<p class="aside">{html.escape(Path(name).name[:120])}</p>'
        if name not in self.known:
            self.known[name] = self._made(path)
        return self.known[name]

    def _inside(self, name: str) -> Path | None:
        try:
            path = (self.folder / name).resolve()
            return path if path.is_relative_to(self.folder.resolve()) and path.is_file() else None
        except (OSError, ValueError):
            return None

    def _made(self, path: Path) -> str:
        size, label = path.stat().st_size, html.escape(path.name)
        with path.open("rb") as file:
            kind = media_type(file.read(HEAD))
        if kind is None:
            return _text(path)
        if size > LARGEST or self.taken + size > TOGETHER:
            return (
                f'<p class="aside">{label}, {size / 2**20:.1f} MiB, is too large for this page; it lies beside it</p>'
            )
        self.taken += size
        source = f"data:{kind};base64,{base64.b64encode(path.read_bytes()).decode()}"
        what = kind.partition("/")[0]
        if what == "image":
            return f'<img src="{source}" alt="{label}">'
        return f'<{what} controls preload="auto" src="{source}"></{what}>'


def media_type(head: bytes) -> str | None:
    """The media type that the first bytes of a file say, of those that browsers show; None for all others.

    A name says nothing: what an app calls a picture may be a page with a script. Drawings in SVG are such pages.
    """
    for start, kind in STARTS.items():
        if head.startswith(start):
            return kind
    if head[:4] == b"RIFF":
        return {b"WAVE": "audio/wav", b"WEBP": "image/webp"}.get(head[8:12])
    if head[4:8] == b"ftyp":
        brand = head[8:12]
        return "image/avif" if brand in (b"avif", b"avis") else "audio/mp4" if brand == b"M4A " else "video/mp4"
    return "audio/mpeg" if len(head) > 1 and head[0] == 0xFF and head[1] & 0xE0 == 0xE0 else None


STARTS = {
    b"\x89PNG\r\n\x1a\n": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
    b"OggS": "audio/ogg",
    b"fLaC": "audio/flac",
    b"ID3": "audio/mpeg",
    b"\x1aE\xdf\xa3": "video/webm",
}


def _text(path: Path) -> str:
    """The beginning of a text file; the name of any other file."""
    label = html.escape(path.name)
    with path.open("rb") as file:
        data = file.read(4 * TEXT)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        cut = len(data) == 4 * TEXT and error.start > len(data) - 4
        text = data[: error.start].decode("utf-8") if cut else ""
    if not text or "\0" in text:
        return f'<p class="aside">{label}, a file that browsers do not show; it lies beside this page</p>'
    return f"<pre>{safe(text, TEXT)}</pre>"
