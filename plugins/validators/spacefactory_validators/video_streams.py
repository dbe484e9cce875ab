"""The streams of an opened video: which one holds the pictures, how strictly they decode, what their index states."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from spacefactory_validators import limits
from spacefactory_validators.audio_av import STRICT
from spacefactory_validators.files import File


def picture_stream(container: InputContainer) -> VideoStream | None:
    """The first moving picture; a cover on a sound file is none."""
    for stream in container.streams.video:
        if not stream.disposition & av.stream.Disposition.attached_pic:
            return stream
    return None


def make_strict(container: InputContainer, stream: VideoStream) -> None:
    """Let the decoders of the pictures and of all sound tracks tell of every damage that they meet.

    With threads for the slices of a picture, which is the default, FFmpeg's decoder of H.264 does not look for damage,
    and those of HEVC and VP9 drop what a thread says; the one of VP8 looks for the end of its data only then. With
    threads for whole pictures, the decoder of HEVC may wait for ever after damage.
    """
    for one in (stream, *container.streams.audio):
        context = one.codec_context
        if context is not None:
            context.options = STRICT
            context.thread_type, context.thread_count = ("SLICE", 2) if context.name == "vp8" else ("NONE", 1)


def frames_stated(file: File, demuxer: str, stream: VideoStream) -> int:
    """Frames that a decoder must show, by the index of the file; 0 when it has none.

    A stream that was copied in part keeps the pictures that others build on, and its edit list hides them. The header
    of an AVI counts empty chunks too, which repeat the frame before; they are not in the index.
    """
    shown = sum(not entry.is_discard for entry in islice(stream.index_entries, limits.VIDEO_FRAMES))
    if not shown or (demuxer == "mov" and not _hidden_by_edits(file, stream)):
        return stream.frames
    return min(stream.frames, shown)


def _hidden_by_edits(file: File, stream: VideoStream) -> bool:
    """Whether all frames are in the index of an MPEG-4 file, at times within the stated one, once edits are ignored."""
    if len(stream.index_entries) >= stream.frames:
        return True
    options = {"ignore_editlist": "1"}
    with file.path.open("rb") as opened, av.open(opened, mode="r", format="mov", options=options) as container:
        same = container.streams[stream.index]
        entries = same.index_entries
        last = entries[-1].timestamp if len(entries) else -1
        return len(entries) >= stream.frames and 0 <= last <= (same.duration or 0)


@contextmanager
def mismatches(stream: VideoStream) -> Iterator[list[str]]:
    """What the FFV1 decoder says about slices whose checksum is wrong: it raises nothing and shows the last picture.

    The list is filled at the end.
    """
    found: list[str] = []
    if stream.codec_context.name != "ffv1":
        yield found
        return
    before = av.logging.get_level()
    av.logging.set_level(av.logging.ERROR)
    try:
        with av.logging.Capture() as said:
            yield found
        found += [text for _, source, text in said if source == "ffv1" and "CRC mismatch" in text]
    finally:
        av.logging.set_level(before)
