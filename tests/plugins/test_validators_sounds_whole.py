"""A sound file of which anything is missing, lost or replaced at the end is refused; what only looks so is not."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any, BinaryIO

import av
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacefactory_validators import adts, flac, mpeg_audio, ogg, riff
from spacefactory_validators.audio import AudioValidator

from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Output
from tests.media_made import RATE, sound_by_av, sound_file, tune
from tests.media_sounds import from_pipe, second_frame

READERS: dict[str, Callable[[BinaryIO, int], str | None]] = {
    "short.wav": riff.damage,
    "short.flac": flac.damage,
    "short.mp3": mpeg_audio.damage,
    "short.ogg": ogg.damage,
    "short.aac": adts.damage,
}


@cache
def short(name: str) -> bytes:
    """Half a second of sound."""
    wave, kind = tune(0.5), name.rpartition(".")[2]
    return sound_by_av(wave, "adts", "aac", RATE) if kind == "aac" else sound_file(wave, kind.upper())


def level(path: Path, content: bytes) -> Level:
    path.write_bytes(content)
    return AudioValidator().inspect(Output(output_type="audio", path=path)).reached()


@pytest.mark.parametrize("name", ["short.wav", "short.flac", "short.mp3", "short.ogg"])
@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_no_beginning_of_a_file_is_a_whole_one(
    name: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory
) -> None:
    whole, path = short(name), tmp_path_factory.mktemp("cut") / name
    length = data.draw(st.one_of(st.integers(0, len(whole) - 1), st.integers(len(whole) - 40, len(whole) - 1)))
    assert level(path, whole[:length]) is Level.NONE
    assert level(path, whole) is Level.ALIVE


@pytest.mark.parametrize("kind", ["flac", "mp3", "aac"])
def test_a_file_of_unknown_length_may_not_end_in_a_frame(kind: str) -> None:
    """The shortest frame here has 24 bytes."""
    whole, read = short(f"short.{kind}"), READERS[f"short.{kind}"]
    if kind == "flac":
        whole = from_pipe(whole)
    if kind == "mp3":
        whole = whole[second_frame(whole) :]
    assert read(BytesIO(whole), len(whole)) is None
    for lacking in range(1, 24):
        cut = whole[:-lacking]
        assert read(BytesIO(cut), len(cut)), lacking


@pytest.mark.parametrize("name", READERS)
@given(data=st.data())
@settings(max_examples=100, deadline=None)
def test_no_bytes_are_too_odd_for_a_reader_of_structure(name: str, data: st.DataObject) -> None:
    content = bytearray(short(name)[: data.draw(st.integers(0, 3000))])
    for _ in range(data.draw(st.integers(0, 8))):
        if content:
            content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    content += data.draw(st.binary(max_size=60))
    found = READERS[name](BytesIO(bytes(content)), len(content))
    assert found is None or found


@given(st.binary(min_size=1, max_size=300))
@settings(max_examples=60, deadline=None)
def test_the_checksum_of_a_flac_frame_is_the_one_of_the_specification(data: bytes) -> None:
    value = 0
    for byte in data:
        value ^= byte << 8
        for _ in range(8):
            value = (value << 1) ^ (0x18005 if value & 0x8000 else 0)
    assert flac.remainder(data + bytes(2)) == value
    assert flac.remainder(data + value.to_bytes(2, "big")) == 0


@pytest.mark.parametrize("window", [1500, 2000, 4096])
def test_frames_across_the_borders_of_what_is_read_at_once(window: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for module, name in ((mpeg_audio, "short.mp3"), (adts, "short.aac")):
        monkeypatch.setattr(module, "_WINDOW", window)
        whole = short(name)
        assert READERS[name](BytesIO(whole), len(whole)) is None
        assert READERS[name](BytesIO(whole[:-1]), len(whole) - 1)


def test_what_stands_between_the_frames_of_an_mp3_is_passed_over() -> None:
    whole = short("short.mp3")
    frame = whole.index(whole[:2], len(whole) // 2)
    for between in (b"something", bytes(1000), b"ID3\4\0\0\0\0\0\x40" + bytes(64), b"no \xff\xf3\x40\xc0 frame"):
        content = whole[:frame] + between + whole[frame:]
        assert mpeg_audio.damage(BytesIO(content), len(content)) is None


def test_streams_of_ogg_may_run_side_by_side() -> None:
    one = short("short.ogg")
    other = one.replace(one[14:18], bytes(4))
    pages = [[at for at in range(len(data)) if data[at : at + 4] == b"OggS"] + [len(data)] for data in (one, other)]
    parts = [[data[a:b] for a, b in pairwise(at)] for data, at in zip((one, other), pages, strict=True)]
    mixed = b"".join(_signed(page) for pair in zip(*parts, strict=True) for page in pair)
    assert ogg.damage(BytesIO(mixed), len(mixed)) is None
    unended = mixed[: -len(parts[1][-1])]
    assert ogg.damage(BytesIO(unended), len(unended)) == "the last page of a stream is missing"


def _signed(page: bytes) -> bytes:
    return page[:22] + ogg.checksum(page[:22] + bytes(4) + page[26:]).to_bytes(4, "little") + page[26:]


@pytest.mark.parametrize("codec", ["libopus", "libmp3lame", "pcm_s16le"])
def test_a_matroska_file_without_a_duration_is_whole(codec: str, tmp_path: Path) -> None:
    """FFmpeg then estimates one from the bit rate, which is longer than the sound."""
    assert level(tmp_path / "live.mka", live(codec)) is Level.ALIVE


def live(codec: str) -> bytes:
    """Two seconds of sound as a Matroska file that was written into a pipe."""
    data = BytesIO()
    with av.open(data, "w", format="matroska", options={"live": "1"}) as out:
        stream: Any = out.add_stream(codec, rate=48_000, layout="mono")
        size = stream.codec_context.frame_size or 1024
        resampler = av.AudioResampler(stream.codec_context.format, "mono", 48_000, size)
        frame = av.AudioFrame.from_ndarray(tune(4.0)[None], format="fltp", layout="mono")
        frame.sample_rate = 48_000
        for even in [*resampler.resample(frame), *resampler.resample(None)]:
            out.mux(stream.encode(even))
        out.mux(stream.encode(None))
    return data.getvalue()
