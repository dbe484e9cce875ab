"""Sounds through FFmpeg: what libsndfile does not read."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

STRICT = {"err_detect": "explode"}
"""a decoder that meets damage raises, where it would otherwise conceal it"""


@contextmanager
def open_blocks(
    path: Path, demuxer: str, seconds: int
) -> Iterator[tuple[int, int, Iterator[np.ndarray[Any, np.dtype[np.float32]]]]]:
    """Sample rate, channels, and blocks of that many seconds of the first sound in a file.

    FFmpeg gets an open file and the name of the only demuxer it may use: it neither opens a path or address on its own
    nor takes the content for a playlist.

    Raises:
        ValueError: there is no sound, or there is a moving picture.
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

        def frames() -> Iterator[np.ndarray[Any, np.dtype[np.float32]]]:
            for frame in container.decode(stream):
                for even in resampler.resample(frame):
                    yield even.to_ndarray().astype(np.float32, copy=False).reshape(-1, stream.channels)

        yield stream.rate, stream.channels, _gathered(frames(), seconds * stream.rate)


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
