"""Films of many encoders, and broken or lifeless ones."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from fractions import Fraction
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
    heard = film(frames, sound=tune(1.9))
    for name, container in {"sound.ts": "mpegts", "sound.flv": "flv", "sound.mkv": "matroska"}.items():
        yield name, "video", "good", copied(heard, container)
    yield "edit-list.mp4", "video", "good", copied(heard, "mp4", hidden=0.6)
    yield "sparse.avi", "video", "good", copied(film(frames, "mp4", "mpeg4"), "avi", rate=240)
    yield "live.webm", "video", "good", live()


def copied(content: bytes, container: str, hidden: float = 0.0, rate: int | None = None, **options: str) -> bytes:
    """The same packets in another container.

    Args:
        content: a film.
        container: FFmpeg's name of the other container.
        hidden: seconds at the start that an edit list hides, as when FFmpeg copies a part.
        rate: ticks a second; an AVI fills those without a frame with empty chunks, and counts them as frames.
        options: of the container.
    """
    data = BytesIO()
    with av.open(BytesIO(content), "r") as source, av.open(data, "w", format=container, options=options) as out:
        tracks: dict[int, Any] = {one.index: out.add_stream_from_template(one) for one in source.streams}
        for track in tracks.values() if rate else ():
            track.time_base = Fraction(1, rate)
        for packet in source.demux():
            if packet.dts is None or packet.pts is None:
                continue
            shift = int(hidden / packet.time_base)
            packet.dts, packet.pts = packet.dts - shift, packet.pts - shift
            packet.stream = tracks[packet.stream.index]
            out.mux(packet)
    return data.getvalue()


def live() -> bytes:
    """A WebM as a browser records it: neither the segment nor its clusters state a size."""
    data = bytearray(copied(film(moving(24), "webm", "libvpx"), "webm", live="1"))
    cluster = data.index(bytes.fromhex("1f43b675")) + 4
    size = 9 - data[cluster].bit_length()
    return bytes(data[:cluster] + b"\x01" + b"\xff" * 7 + data[cluster + size :])


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
    for name, content in damaged(frames):
        yield name, "video", "untyped", content
    pictures = [Image.fromarray(frame) for frame in moving(8, 64)]
    for name, kind in {"animation.webp": "WEBP", "animation.png": "PNG"}.items():
        content = encoded(pictures[0], kind, save_all=True, append_images=pictures[1:])
        yield name, "video", "unchecked", content


def damaged(frames: list[Array]) -> Iterator[tuple[str, bytes]]:
    """Films of which some bytes are missing or wrong, which FFmpeg plays without a word."""
    heard = film(frames, sound=tune(1.9))
    stream, tape = copied(heard, "mpegts"), copied(heard, "matroska")
    yield "live-cut.webm", live()[:-30]
    yield "flip.mkv", flipped(tape, len(tape) // 2)
    yield "cut.ts", stream[:-30]
    yield "lost.ts", stream[: 188 * 40] + stream[188 * 41 :]
    yield "zeros.ts", zeroed(stream, len(stream) // 2, 400)
    yield "marked.ts", flipped(stream, 188 * 40 + 1)
    yield "cut.flv", copied(heard, "flv")[:-1]
    yield "cut.mpg", film_25(frames)[:-12]
    plain = film(frames)
    yield "flip.mp4", flipped(plain, 3000)
    yield "no-clock.mp4", zeroed(plain, plain.index(b"mvhd") + 16, 4)
    yield "sound-zeros.mp4", zeroed(heard, *sound_packet(heard))
    lossless = film(frames, "avi", "ffv1")
    yield "flip-ffv1.avi", flipped(lossless, len(lossless) // 2)
    pictures = [Image.fromarray(frame) for frame in moving(8, 64)]
    yield "no-end.gif", encoded(pictures[0], "GIF", save_all=True, append_images=pictures[1:])[:-1]
    yield "still.mp4", encoded(pictures[0], "GIF")


def sound_packet(content: bytes) -> tuple[int, int]:
    """Where the 21st packet of the sound track starts, and its bytes."""
    with av.open(BytesIO(content), "r") as source:
        packet = [one for one in source.demux(audio=0) if one.size][20]
        return packet.pos or 0, packet.size


def zeroed(content: bytes, at: int, count: int) -> bytes:
    """The same bytes, some of them replaced by zeros."""
    return content[:at] + bytes(count) + content[at + count :]


def flipped(content: bytes, at: int) -> bytes:
    """The same bytes, the highest bit of one of them the other way round."""
    return content[:at] + bytes([content[at] ^ 0x80]) + content[at + 1 :]
