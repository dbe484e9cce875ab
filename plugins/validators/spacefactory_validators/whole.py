"""Whether a file holds all the bytes that its own headers promise.

Decoders read the start of a file that was cut off and say nothing: a third of a WAV file is a shorter WAV file to both
libsndfile and FFmpeg. The headers know better.
"""

from __future__ import annotations

from spacefactory_validators import adts, boxes, ebml, flac, flv, gif, mpeg_audio, mpegps, mpegts, ogg, png, riff
from spacefactory_validators.files import File

_READERS = {
    "png": png.damage,
    "gif": gif.damage,
    "wav": riff.damage,
    "avi": riff.damage,
    "mp4": boxes.damage,
    "m4a": boxes.damage,
    "webm": ebml.damage,
    "ts": mpegts.damage,
    "mpg": mpegps.damage,
    "flv": flv.damage,
    "ogg": ogg.damage,
    "flac": flac.damage,
    "mp3": mpeg_audio.damage,
    "aac": adts.damage,
}


def damage(file: File) -> str | None:
    """What the file's structure says is missing or damaged, as the end of a sentence; None when nothing is."""
    reader = _READERS.get(file.kind.name)
    if reader is None:
        return None
    with file.path.open("rb") as stream:
        return reader(stream, file.size)
