"""Pictures, sounds and films made from nothing, and their encoders."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO
from typing import Any

import av
import numpy as np
import soundfile  # type: ignore[import-untyped]
from PIL import Image

RATE = 24_000
PAGE = b"<!DOCTYPE html><html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>"
Array = np.ndarray[Any, np.dtype[Any]]
Row = tuple[str, str, str, bytes]
"""file name, expected type, verdict, content"""


def picture(size: int = 256) -> Array:
    """Two ramps with a box in them, uint8 RGB."""
    ramp = np.linspace(0, 255, size).astype("uint8")
    columns, rows = np.tile(ramp, (size, 1)), np.tile(ramp[:, None], (1, size))
    image = np.stack([columns, rows, np.full((size, size), 90, "uint8")], -1)
    image[size // 5 : size // 2, size // 4 : size // 2] = [220, 30, 30]
    return image


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """A picture as a file of that kind."""
    data = BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(head: bytes, *chunks: bytes) -> bytes:
    """A PNG file of that header and these chunks."""
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + b"".join(chunks) + chunk(b"IEND", b"")


def tune(seconds: float = 2.0) -> Array:
    """Three swelling tones, float32."""
    times = np.arange(int(RATE * seconds)) / RATE
    tones = sum(np.sin(2 * np.pi * pitch * times) / at for at, pitch in enumerate((220, 440, 660), 1))
    return np.asarray(tones * 0.2 * (0.5 + 0.5 * np.sin(2 * np.pi * 3 * times)), dtype="float32")


def sound_file(samples: Array, kind: str, rate: int = RATE, **options: Any) -> bytes:
    """Samples as a file of that kind, by libsndfile."""
    data = BytesIO()
    soundfile.write(data, samples, rate, format=kind, **options)
    return data.getvalue()


def sound_by_av(samples: Array, container: str, codec: str, rate: int) -> bytes:
    """Samples as a file, by FFmpeg."""
    data = BytesIO()
    with av.open(data, "w", format=container) as out:
        stream: Any = out.add_stream(codec, rate=rate, layout="mono")
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=rate)
        frame = av.AudioFrame.from_ndarray(samples[None].astype("float32"), format="fltp", layout="mono")
        frame.sample_rate = rate
        fifo = av.AudioFifo()
        for even in resampler.resample(frame):
            even.pts = None
            fifo.write(even)
        while piece := fifo.read(stream.codec_context.frame_size or 1024, partial=True):
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return data.getvalue()


def moving(count: int, size: int = 128) -> list[Array]:
    """A box that moves over a picture."""
    frames = []
    for at in range(count):
        frame = picture(size)
        left = (at * 3) % (size - 40)
        frame[30:60, left : left + 30] = [20, 220, 60]
        frames.append(frame)
    return frames


def film(
    frames: list[Array],
    container: str = "mp4",
    codec: str = "libx264",
    pixels: str = "yuv420p",
    sound: Array | None = None,
) -> bytes:
    """Frames as a file, 12 a second."""
    data = BytesIO()
    with av.open(data, "w", format=container) as out:
        stream: Any = out.add_stream(codec, rate=12)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pixels
        track: Any = out.add_stream("aac", rate=RATE, layout="mono") if sound is not None else None
        for frame in frames:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(format=pixels)))
        out.mux(stream.encode(None))
        if track is not None and sound is not None:
            heard = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
            heard.sample_rate = RATE
            out.mux(track.encode(heard))
            out.mux(track.encode(None))
    return data.getvalue()
