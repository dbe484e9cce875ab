"""Sounds, decoded completely and within limits, in blocks so that an hour needs no more memory than a minute."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

import numpy as np
import soundfile  # type: ignore[import-untyped]

from spacefactory.schema.verdict import Check, Output
from spacefactory_validators import flac, limits, whole
from spacefactory_validators.audio_av import open_blocks
from spacefactory_validators.checks import RejectedError, reject, typed
from spacefactory_validators.files import File, file_of, shortened, wrong_format
from spacefactory_validators.flac_samples import checked

Block = np.ndarray[Any, np.dtype[np.float32]]
"""float32 of shape (frames, channels)"""
Result = TypeVar("Result")
Fold = Callable[[Iterable[Block], int], Result]
"""makes one result of all blocks and the sample rate"""

BLOCK_SECONDS = 8
"""seconds in a block: 12 MB of stereo at 192 kHz"""

_SOUNDFILE = ("wav", "flac", "mp3", "ogg")
_FORMATS = {"wav": "wav", "flac": "flac", "mp3": "mp3", "ogg": "ogg", "aac": "aac", "webm": "matroska"}
_FORMATS |= {"m4a": "mov", "mp4": "mov"}
"""container as sniffed -> the one demuxer of FFmpeg that may read it; none of them follows references to other files"""
_SHARE = 0.95
"""decoded share of the frames that an MP3 header states; estimates without a Xing header are a few frames off"""
_UNKNOWN = (1 << 63) - 1
"""samples that libsndfile states where it does not know, as of FLAC from a pipe, which it then fails to read"""


@dataclass(frozen=True)
class Sound:
    """What was decoded."""

    format: str
    rate: int
    """samples per second"""
    channels: int
    frames: int
    """samples per channel that were decoded, whatever the header says"""

    @property
    def seconds(self) -> float:
        """Duration, from decoded samples."""
        return self.frames / self.rate


def decode(output: Output, suffixes: tuple[str, ...], fold: Fold[Result]) -> tuple[Sound, Result]:
    """Decode all samples, and fold them into a result.

    Raises:
        RejectedError: the output is no sound, is not whole, or is larger than the limits.
    """
    file = file_of(output, "audio", limits.MEDIA_BYTES)
    if file.kind.name not in _FORMATS:
        raise reject(wrong_format(file, "audio", suffixes))
    if damage := whole.damage(file):
        raise reject(typed("audio.complete", False, f"the file is not whole: {damage}"))
    with _refused():
        return _with_soundfile(file, fold) or _with_av(file, fold)


@contextmanager
def _refused() -> Iterator[None]:
    """Turn whatever a decoder raises over hostile bytes, which may be anything, into a check."""
    try:
        yield
    except RejectedError:
        raise
    except MemoryError as error:
        raise reject(typed("audio.decodes", None, "the sound needs more memory than there is")) from error
    except Exception as error:
        raise reject(typed("audio.decodes", False, f"the sound does not decode: {shortened(error)}")) from error


def _with_soundfile(file: File, fold: Fold[Result]) -> tuple[Sound, Result] | None:
    """None when libsndfile cannot open the file, or does not know its length because its header was never filled in."""
    if file.kind.name not in _SOUNDFILE:
        return None
    try:
        opened = soundfile.SoundFile(file.path)
    except soundfile.LibsndfileError:
        return None
    with opened as stream:
        if not 0 < stream.frames < _UNKNOWN:
            return None
        _plausible(stream.samplerate, stream.channels)
        counter = Counter(stream.samplerate, stream.channels)
        result = fold(counter.count(_blocks(stream, file)), stream.samplerate)
        if counter.frames < stream.frames * (_SHARE if file.kind.name == "mp3" else 1):
            raise reject(_cut(counter.frames, stream.frames))
        return Sound(file.kind.name, stream.samplerate, stream.channels, counter.frames), result


def _blocks(stream: soundfile.SoundFile, file: File) -> Iterator[Block]:
    count = BLOCK_SECONDS * stream.samplerate
    if file.kind.name == "flac":
        with file.path.open("rb") as head:
            stated = flac.stated_digest(head.read(8 + flac.STREAMINFO))
        yield from checked(stream, count, stated)
        return
    while len(block := stream.read(count, dtype="float32", always_2d=True)):
        yield block


def _with_av(file: File, fold: Fold[Result]) -> tuple[Sound, Result]:
    with open_blocks(file.path, _FORMATS[file.kind.name], BLOCK_SECONDS) as (rate, channels, blocks):
        _plausible(rate, channels)
        counter = Counter(rate, channels)
        result = fold(counter.count(blocks), rate)
        return Sound(file.kind.name, rate, channels, counter.frames), result


@dataclass
class Counter:
    """Counts the frames that pass, and stops an endless or overlong sound."""

    rate: int
    channels: int
    frames: int = 0

    def count(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """Hand the blocks on."""
        for block in blocks:
            self.frames += len(block)
            too_many = self.frames * self.channels > limits.AUDIO_SAMPLES
            if too_many or self.frames > limits.AUDIO_SECONDS * self.rate:
                seconds = self.frames / self.rate
                detail = f"the sound is longer than is decoded here ({seconds:.0f} s)"
                raise reject(typed("audio.decodes", None, detail, seconds, limits.AUDIO_SECONDS))
            yield block
        if self.frames < limits.AUDIO_SHORTEST * self.rate:
            raise reject(_too_short(self.frames, self.rate))


def _plausible(rate: int, channels: int) -> None:
    lowest, highest = limits.AUDIO_RATES
    if not lowest <= rate <= highest:
        detail = f"the header states {rate} samples a second, outside {lowest} to {highest}"
        raise reject(typed("audio.plausible", False, detail, rate, lowest if rate < lowest else highest))
    if not 1 <= channels <= limits.AUDIO_CHANNELS:
        detail = f"the header states {channels} channels"
        raise reject(typed("audio.plausible", False, detail, channels, limits.AUDIO_CHANNELS))


def _cut(there: int, stated: int) -> Check:
    detail = f"the file is not whole: its header states {stated} samples and {there} decode"
    return typed("audio.complete", False, detail, there, stated)


def _too_short(frames: int, rate: int) -> Check:
    detail = f"the sound lasts {1000 * frames / rate:.0f} ms ({frames} samples)"
    return typed("audio.duration", False, detail, frames / rate, limits.AUDIO_SHORTEST)
