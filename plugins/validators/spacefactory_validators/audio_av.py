"""Sounds through FFmpeg: what libsndfile does not read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from spacefactory_validators.checks import reject, typed

STRICT = {"err_detect": "explode"}
"""a decoder that meets damage raises, where it would otherwise conceal it"""
_SPARE = 0.25
"""seconds by which a sound may end before its header says: two of the longest packets of Opus (RFC 6716), beside which
headers that count whole milliseconds or packets, and what encoders add at the start, are small"""


@contextmanager
def open_blocks(
    path: Path, demuxer: str, seconds: int
) -> Iterator[tuple[int, int, Iterator[np.ndarray[Any, np.dtype[np.float32]]]]]:
    """Sample rate, channels, and blocks of that many seconds of the first sound in a file.

    FFmpeg gets an open file and the name of the only demuxer it may use: it neither opens a path or address on its own
    nor takes the content for a playlist.

    Raises:
        ValueError: there is no sound, or there is a moving picture.
        RejectedError: after the last block, the sound is shorter than a Matroska or Ogg file states: FFmpeg leaves out
            what it cannot read there without a word.
    """
    import av

    with path.open("rb") as file, av.open(file, mode="r", format=demuxer) as container:
        if any(not stream.disposition & av.stream.Disposition.attached_pic for stream in container.streams.video):
            raise ValueError("it is a video, not a sound")
        if not container.streams.audio:
            raise ValueError("it holds no sound")
        stream = container.streams.audio[0]
        stream.codec_context.options = STRICT
        resampler = av.AudioResampler(format="flt")
        stated = _stated_end(container, demuxer)

        def frames() -> Iterator[np.ndarray[Any, np.dtype[np.float32]]]:
            end = 0.0
            for frame in container.decode(stream):
                end = max(end, (end if frame.time is None else frame.time) + frame.samples / frame.sample_rate)
                for even in resampler.resample(frame):
                    yield even.to_ndarray().astype(np.float32, copy=False).reshape(-1, stream.channels)
            if end < stated - _SPARE:
                detail = f"the file is not whole: its header states {stated:.2f} s and the sound ends at {end:.2f} s"
                raise reject(typed("audio.complete", False, detail, end, stated))

        yield stream.rate, stream.channels, _gathered(frames(), seconds * stream.rate)


def _stated_end(container: Any, demuxer: str) -> float:
    """The seconds that a Matroska or Ogg file states, which no sound ends before; 0 where it does not say.

    FFmpeg gives a duration from the header of a Matroska file to the container alone; where there is none, it may
    estimate one from the bit rate, and gives that to the stream also.
    """
    estimated = demuxer == "matroska" and container.streams.audio[0].duration
    if demuxer not in ("matroska", "ogg") or estimated or len(container.streams) > 1:
        return 0.0
    return float(container.duration or 0) / 1e6


def _gathered(
    pieces: Iterator[np.ndarray[Any, np.dtype[np.float32]]], size: int
) -> Iterator[np.ndarray[Any, np.dtype[np.float32]]]:
    """Pieces of any length as blocks of one size, the last one shorter."""
    waiting: list[np.ndarray[Any, np.dtype[np.float32]]] = []
    count = 0
    for piece in pieces:
        waiting.append(piece)
        count += len(piece)
        if count >= size:
            joined = np.concatenate(waiting)
            for start in range(0, count - size + 1, size):
                yield joined[start : start + size]
            waiting = [joined[count - count % size :]]
            count %= size
    if count:
        yield np.concatenate(waiting)
