"""Videos, decoded completely and within limits, one frame in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

import av
from av.audio.frame import AudioFrame
from av.container import InputContainer
from av.packet import Packet
from av.stream import Stream
from av.video.frame import VideoFrame
from av.video.stream import VideoStream

from spacefactory.schema.verdict import Check, Output
from spacefactory_validators import limits, whole
from spacefactory_validators.checks import RejectedError, reject, typed
from spacefactory_validators.files import File, file_of, shortened, wrong_format
from spacefactory_validators.video_streams import frames_stated, make_strict, mismatches, picture_stream

Result = TypeVar("Result")
Fold = Callable[[Iterable[VideoFrame]], Result]

_FORMATS = {"mp4": "mov", "m4a": "mov", "webm": "matroska", "avi": "avi", "ogg": "ogg"}
_FORMATS |= {"mpg": "mpeg", "ts": "mpegts", "flv": "flv"}
"""container as sniffed -> the one demuxer of FFmpeg that may read it; playlists, picture lists and filters are none"""
_SHARE = 0.95
"""decoded share of the frames or seconds that the index states; pictures that build on missing ones are left out"""


@dataclass(frozen=True)
class Film:
    """What was decoded."""

    container: str
    codec: str
    width: int
    height: int
    frames: int
    seconds: float
    """duration, from the times of decoded frames"""
    sound: bool
    """whether there is a sound track; it is decoded, and its content is not judged"""


@dataclass
class Progress:
    """What has been decoded so far."""

    frames: int = 0
    corrupt: int = 0
    pixels: int = 0
    samples: int = 0
    """of all channels of all sound tracks"""
    first: float | None = None
    last: float = 0.0
    step: float = 0.0
    width: int = 0
    height: int = 0
    read_to: float = field(default=0.0)
    """end of the last packet of any stream, in seconds"""


def decode(output: Output, suffixes: tuple[str, ...], fold: Fold[Result]) -> tuple[Film, Result]:
    """Decode all frames, and fold them into a result.

    Raises:
        RejectedError: the output is no video, is not whole, or is larger than the limits.
    """
    file = file_of(output, "video", limits.MEDIA_BYTES)
    if file.kind.name not in (*_FORMATS, "gif"):
        raise reject(_animated(file) or wrong_format(file, "video", suffixes))
    if damage := whole.damage(file):
        raise reject(typed("video.complete", False, f"the file is not whole: {damage}"))
    if file.kind.name == "gif":
        with _refused():
            return _decode_gif(file, fold)
    # an open file and a named demuxer: FFmpeg opens no path or address on its own
    with (
        _refused(),
        file.path.open("rb") as opened,
        av.open(opened, mode="r", format=_FORMATS[file.kind.name]) as container,
    ):
        return _decode(container, file, fold)


def _decode(container: InputContainer, file: File, fold: Fold[Result]) -> tuple[Film, Result]:
    stream = picture_stream(container)
    if stream is None:
        what = "only a sound track" if container.streams.audio else "no picture"
        raise reject(typed("video.decodes", False, f"the file holds {what}"))
    _within_limits(stream.codec_context.width, stream.codec_context.height)
    make_strict(container, stream)
    progress = Progress()
    with mismatches(stream) as wrong:
        result = fold(_frames(container, stream, progress))
    progress.corrupt += len(wrong)
    for check in (_decodes(progress), _complete(container, file, stream, progress)):
        if not check.passed:
            raise reject(check)
    seconds = progress.last - (progress.first or 0.0) + progress.step
    size = progress.width, progress.height
    codec = stream.codec_context.name
    return Film(file.kind.name, codec, *size, progress.frames, seconds, bool(container.streams.audio)), result


def _decode_gif(file: File, fold: Fold[Result]) -> tuple[Film, Result]:
    """An animation, by Pillow: FFmpeg leaves out frames that are shown for no time, which browsers show for 0.1 s."""
    from PIL import Image

    progress = Progress()

    def frames(image: Image.Image) -> Iterator[VideoFrame]:
        for index in range(limits.VIDEO_FRAMES + 1):
            try:
                image.seek(index)
            except EOFError:
                return
            _within_limits(image.width, image.height)
            frame = VideoFrame.from_image(image.convert("RGB"))  # type: ignore[no-untyped-call]
            _count_still(progress, image.width, image.height, image.info.get("duration") or 100)
            yield frame

    with Image.open(file.path, formats=("GIF",)) as image:
        if not getattr(image, "is_animated", False):
            raise reject(typed("video.format", False, "the file is a GIF picture that does not move, not a video"))
        result = fold(frames(image))
    size = progress.width, progress.height
    return Film("gif", "gif", *size, progress.frames, progress.last, sound=False), result


def _animated(file: File) -> Check | None:
    """That an animated picture is not judged as a video; None for any other file."""
    from PIL import Image

    try:
        with Image.open(file.path, formats=("PNG", "WEBP", "AVIF")) as image:
            moves = getattr(image, "is_animated", False)
    except Exception:  # whatever Pillow raises over hostile bytes: the format is named by the caller
        return None
    words = f"the file is {file.kind.words} that moves: an animated picture, which is not judged as a video here"
    return typed("video.format", None, words) if moves else None


def _count_still(progress: Progress, width: int, height: int, milliseconds: float) -> None:
    progress.frames += 1
    progress.pixels += width * height
    progress.width, progress.height = width, height
    progress.last += milliseconds / 1000
    _not_too_long(progress, progress.last)


@contextmanager
def _refused() -> Iterator[None]:
    """Turn whatever a decoder raises over hostile bytes, which may be anything, into a check."""
    try:
        yield
    except RejectedError:
        raise
    except MemoryError as error:
        raise reject(typed("video.decodes", None, "the video needs more memory than there is")) from error
    except Exception as error:
        raise reject(typed("video.decodes", False, f"the video does not decode: {shortened(error)}")) from error


def _frames(container: InputContainer, stream: VideoStream, progress: Progress) -> Iterator[VideoFrame]:
    """All frames. The sound is decoded too, and all packets are read, to see how far the file goes."""
    for packet in container.demux():
        if packet.pts is not None and packet.time_base is not None:
            end = float((packet.pts + (packet.duration or 0)) * packet.time_base)
            progress.read_to = max(progress.read_to, end)
        if packet.stream.type == "audio" and packet.stream.codec_context is not None:
            _listen(packet, progress)
        if packet.stream.index != stream.index:  # the packet's own number is 0 for all those that end a stream
            continue
        for frame in packet.decode():
            if isinstance(frame, VideoFrame):
                _count(frame, stream, progress)
                yield frame


def _listen(packet: Packet[Stream], progress: Progress) -> None:
    """Decode a packet of a sound track: damage raises."""
    for frame in packet.decode():
        if isinstance(frame, AudioFrame):
            progress.samples += frame.samples * frame.layout.nb_channels
    if progress.samples > limits.AUDIO_SAMPLES:
        detail = f"the sound tracks are longer than is decoded here ({progress.samples} samples)"
        raise reject(typed("video.decodes", None, detail, progress.samples, limits.AUDIO_SAMPLES))


def _count(frame: VideoFrame, stream: VideoStream, progress: Progress) -> None:
    _within_limits(frame.width, frame.height)
    progress.frames += 1
    progress.corrupt += frame.is_corrupt
    progress.pixels += frame.width * frame.height
    progress.width, progress.height = frame.width, frame.height
    usual = 1 / float(stream.average_rate) if stream.average_rate else 0.0
    time = frame.time if frame.time is not None else progress.last + usual
    progress.first = time if progress.first is None else progress.first
    progress.step = time - progress.last if time > progress.last and progress.frames > 1 else usual
    progress.last = time
    _not_too_long(progress, time - progress.first)


def _not_too_long(progress: Progress, seconds: float) -> None:
    if (
        progress.frames > limits.VIDEO_FRAMES
        or progress.pixels > limits.VIDEO_TOTAL_PIXELS
        or seconds > limits.VIDEO_SECONDS
    ):
        detail = f"the video is longer than is decoded here ({progress.frames} frames, {seconds:.0f} s)"
        raise reject(typed("video.decodes", None, detail, progress.frames, limits.VIDEO_FRAMES))


def _within_limits(width: int, height: int) -> None:
    if width * height > limits.VIDEO_PIXELS:
        detail = f"frames of {width}x{height} are larger than is decoded here"
        raise reject(typed("video.size", None, detail, width * height, limits.VIDEO_PIXELS))


def _decodes(progress: Progress) -> Check:
    if not progress.frames:
        return typed("video.decodes", False, "no frame decodes", 0, 1)
    detail = f"{progress.corrupt} of {progress.frames} frames are damaged"
    return typed("video.decodes", not progress.corrupt, detail, progress.corrupt, 0)


def _complete(container: InputContainer, file: File, stream: VideoStream, progress: Progress) -> Check:
    frames = frames_stated(file, _FORMATS[file.kind.name], stream)
    if progress.frames < frames * _SHARE - 1:
        detail = f"the file is not whole: it states {frames} frames and {progress.frames} decode"
        return typed("video.complete", False, detail, progress.frames, frames)
    start = (container.start_time or 0) / av.time_base
    stated = (container.duration or 0) / av.time_base
    there = progress.read_to - start
    detail = f"the file states {stated:.2f} s and holds {there:.2f} s"
    return typed("video.complete", there >= stated * _SHARE - 0.2, detail, there, stated)
