"""What a file is by its first bytes. Decoders have the last word; this names what a decoder refuses."""

from __future__ import annotations

import re
from dataclasses import dataclass

HEAD = 1024
"""bytes that are looked at"""


@dataclass(frozen=True)
class Kind:
    """A file format."""

    name: str
    """short key, such as png"""
    family: str
    """image, audio, video, media (audio or video), text, other, unknown or empty"""
    words: str
    """for a sentence: a PNG picture"""


_EMPTY = Kind("empty", "empty", "empty")
_UNKNOWN = Kind("unknown", "unknown", "of no format that is known here")
_TEXT = Kind("text", "text", "plain text")

_SIGNATURES: tuple[tuple[bytes, Kind], ...] = tuple(
    (pattern, Kind(name, family, words))
    for pattern, name, family, words in (
        (rb"\x89PNG\r\n\x1a\n", "png", "image", "a PNG picture"),
        (rb"\xff\xd8\xff", "jpeg", "image", "a JPEG picture"),
        (rb"RIFF....WEBP", "webp", "image", "a WebP picture"),
        (rb"GIF8[79]a", "gif", "image", "a GIF picture"),
        (rb"BM.{4}\0\0\0\0", "bmp", "image", "a BMP picture"),
        (rb"II[*+]\0|MM\0[*+]", "tiff", "image", "a TIFF picture"),
        (rb".{4}ftypavi[fs]", "avif", "image", "an AVIF picture"),
        (rb".{4}ftyp(hei|hev|mif1|msf1)", "heic", "image", "a HEIF picture"),
        (rb"\xff\x0a|\0\0\0\x0cJXL ", "jxl", "image", "a JPEG XL picture"),
        (rb"\0\0\0\x0cjP  |\xff\x4f\xff\x51", "jp2", "image", "a JPEG 2000 picture"),
        (rb"8BPS", "psd", "image", "a Photoshop picture"),
        (rb"\x76\x2f\x31\x01", "exr", "image", "an OpenEXR picture"),
        (rb"\0\0[\x01\x02]\0[^\0]\0", "ico", "image", "an icon"),
        (rb"qoif", "qoi", "image", "a QOI picture"),
        (rb"P[1-7][\s#]", "pnm", "image", "a PNM picture"),
        (rb"(RIFF|RIFX|RF64|BW64)....WAVE", "wav", "audio", "a WAV sound"),
        (rb"fLaC", "flac", "audio", "a FLAC sound"),
        (rb"ID3", "mp3", "audio", "an MP3 sound"),
        (rb"\xff[\xf0\xf1\xf8\xf9]", "aac", "audio", "an AAC sound"),
        (rb"\xff[\xe2\xe3\xf2\xf3\xfa\xfb][\x10-\xef]", "mp3", "audio", "an MP3 sound"),
        (rb"FORM....AIF[FC]", "aiff", "audio", "an AIFF sound"),
        (rb"\.snd|caff|#!AMR|MThd|wvpk|MAC |riff", "sound", "audio", "a sound"),
        (rb".{4}ftypM4[AB]", "m4a", "audio", "an MPEG-4 sound"),
        (rb"OggS", "ogg", "media", "an Ogg file"),
        (rb".{4}(ftyp|moov|mdat|wide|free|skip|pnot)", "mp4", "media", "an MPEG-4 file"),
        (rb"\x1aE\xdf\xa3", "webm", "media", "a WebM or Matroska file"),
        (rb"RIFF....AVI ", "avi", "video", "an AVI video"),
        (rb"FLV\x01", "flv", "media", "a Flash video"),
        (rb"\x30\x26\xb2\x75\x8e\x66\xcf\x11", "asf", "media", "a Windows Media file"),
        (rb"\0\0\x01\xba", "mpg", "video", "an MPEG program stream"),
        (rb"\x47.{187}\x47.{187}\x47", "ts", "video", "an MPEG transport stream"),
        (rb"glTF", "glb", "other", "a glTF model"),
        (rb"%PDF-", "pdf", "other", "a PDF document"),
        (rb"PK[\x03\x05]", "zip", "other", "a ZIP archive"),
        (rb"\x1f\x8b|BZh|\xfd7zXZ|7z\xbc\xaf|\x28\xb5\x2f\xfd", "archive", "other", "a compressed file"),
        (rb"\x93NUMPY", "npy", "other", "a NumPy array"),
        (rb"\x7fELF|MZ", "program", "other", "a program"),
    )
)

_TEXTS: tuple[tuple[str, Kind], ...] = tuple(
    (pattern, Kind(name, "text", words))
    for pattern, name, words in (
        (r"#EXTM3U|ffconcat |\[playlist\]", "playlist", "a playlist"),
        (r"(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*(<!doctype svg[^>]*>\s*)?<svg\b", "svg", "an SVG drawing"),
        (r"(<!--.*?-->\s*)*<(!doctype html|html|head|body)\b", "html", "an HTML page"),
        (r"<\?xml", "xml", "an XML document"),
        (r"[{\[]", "json", "JSON text"),
        (r"version https://git-lfs", "lfs", "a Git LFS pointer, not the file itself"),
    )
)


def kind_of(head: bytes) -> Kind:
    """The format that these first bytes belong to."""
    if not head:
        return _EMPTY
    for pattern, kind in _SIGNATURES:
        if re.match(pattern, head, re.DOTALL):
            return kind
    return _text_kind(head)


def _text_kind(head: bytes) -> Kind:
    try:
        text = head.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3:  # a character cut by the end of the head is no sign of binary data
            return _UNKNOWN
        text = head[: error.start].decode("utf-8-sig")
    if re.search(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]", text):
        return _UNKNOWN
    start = text.lstrip()
    return next((kind for pattern, kind in _TEXTS if re.match(pattern, start, re.IGNORECASE | re.DOTALL)), _TEXT)
