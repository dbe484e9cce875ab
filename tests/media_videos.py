"""Films of many encoders, and broken or lifeless ones."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import av
import numpy as np
from PIL import Image

from tests.made_noise import NOISES
from tests.media_made import (
    PAGE,
    RATE,
    Array,
    Row,
    encoded,
    film,
    moving,
    picture,
    sound_by_av,
    sound_file,
    tune,
)


def good_videos() -> Iterator[Row]:
    frames = moving(24)
    kinds = {
        "h264.mp4": ("mp4", "libx264", "yuv420p"),
        "h264-444.mp4": ("mp4", "libx264", "yuv444p"),
        "h264.mov": ("mov", "libx264", "yuv420p"),
        "h264.mkv": ("matroska", "libx264", "yuv420p"),
        "mpeg4.mp4": ("mp4", "mpeg4", "yuv420p"),
        "mpeg4.avi": ("avi", "mpeg4", "yuv420p"),
        "mjpeg.avi": ("avi", "mjpeg", "yuvj420p"),
        "vp8.webm": ("webm", "libvpx", "yuv420p"),
        "vp9.webm": ("webm", "libvpx-vp9", "yuv420p"),
        "h264.ts": ("mpegts", "libx264", "yuv420p"),
        "mpeg2.mpg": ("mpeg", "mpeg2video", "yuv420p"),
        "h264.flv": ("flv", "libx264", "yuv420p"),
        "ffv1.mkv": ("matroska", "ffv1", "yuv420p"),
    }
    for name, (container, codec, pixels) in kinds.items():
        rows = [frame[:, :, :] for frame in frames]
        content = film(rows, container, codec, pixels) if codec != "mpeg2video" else film_25(rows)
        yield name, "video", "good", content
    yield "sound.mp4", "video", "good", film(frames, sound=tune(1.9))
    pictures = [Image.fromarray(frame) for frame in moving(8, 64)]
    yield "animation.gif", "video", "good", encoded(pictures[0], "GIF", save_all=True, append_images=pictures[1:])
    still = [picture(128) for _ in range(24)]
    for at, frame in enumerate(still):
        frame[60:66, 60:72] = [250, 250, 250] if at % 8 < 4 else [10, 10, 10]
    yield "blink.mp4", "video", "good", film(still)
    yield "two-frames.mp4", "video", "good", film([frames[0], frames[20]])


def film_25(frames: list[Array]) -> bytes:
    """Frames as MPEG-2, which knows only some rates."""
    data = BytesIO()
    with av.open(data, "w", format="mpeg") as out:
        stream: Any = out.add_stream("mpeg2video", rate=25)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        out.mux(stream.encode(None))
    return data.getvalue()


def bad_videos() -> Iterator[Row]:
    frames, rng = moving(24), np.random.default_rng(0)
    noise: list[Array] = [np.asarray(rng.integers(0, 256, frames[0].shape, dtype="uint8")) for _ in range(24)]
    flat = np.full_like(frames[0], 200)
    made: dict[str, tuple[list[Array], str]] = {
        "black.mp4": ([np.zeros_like(flat)] * 24, "lifeless"),
        "flat.mp4": ([flat] * 24, "lifeless"),
        "flash.mp4": ([flat if at % 2 else np.zeros_like(flat) for at in range(24)], "lifeless"),
        "frozen.mp4": (moving(1) * 24, "lifeless"),
        "one-frame.mp4": (moving(1), "lifeless"),
        "noise.mp4": (noise, "suspicious"),
        "soft-noise.mp4": ([np.asarray(NOISES["doubled smoothly"](160, at)) for at in range(24)], "suspicious"),
    }
    for name, (shown, verdict) in made.items():
        yield name, "video", verdict, film(shown)
    yield "frozen.webm", "video", "lifeless", film(moving(1) * 24, "webm", "libvpx")
    data, webm = film(frames), film(frames, "webm", "libvpx")
    broken = {
        "half.mp4": data[: len(data) // 2],
        "most.mp4": data[: int(len(data) * 0.9)],
        "half.webm": webm[: len(webm) // 2],
        "page.mp4": PAGE,
        "sound.wav.mp4": sound_file(tune(), "WAV"),
        "picture.mp4": encoded(Image.fromarray(picture()), "PNG"),
        "nothing.mp4": b"",
        "fake.mp4": struct.pack(">I", 32) + b"ftypisom" + bytes(52),
        "list.mp4": b"#EXTM3U\n#EXTINF:1,\nsegment.ts\n",
        "script.mp4": b"ffconcat version 1.0\nfile 'a.mp4'\n",
        "json.webm": b'{"detail": "not found"}',
    }
    for name, content in broken.items():
        yield name, "video", "untyped", content
    yield "no-picture.mp4", "video", "untyped", sound_by_av(tune(), "mp4", "aac", RATE)
