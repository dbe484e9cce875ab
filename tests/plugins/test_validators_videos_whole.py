"""A film of which bytes are missing or wrong is no video, and one that hides frames on purpose is whole."""

from __future__ import annotations

import zlib
from collections.abc import Callable
from functools import cache
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacefactory_validators import boxes, ebml, flv, mpegps, mpegts, spacefactory_validators

from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Inspection, Output
from tests.media_made import RATE, film, moving, sound_by_av, tune
from tests.media_videos import copied, film_25, live, zeroed

JUDGES = {kind: one for one in spacefactory_validators() for kind in one.output_types}


def judged(content: bytes, path: Path, expect: str = "video") -> Inspection:
    """What the judge finds in a file with that content."""
    path.write_bytes(content)
    return JUDGES[expect].inspect(Output(output_type=expect, path=path))


def found(damage: Callable[[BytesIO, int], str | None], content: bytes) -> str | None:
    """What a reader of file structure finds."""
    return damage(BytesIO(content), len(content))


@cache
def stream() -> bytes:
    """A transport stream with pictures and sound."""
    return copied(film(moving(12, 64), sound=tune(0.9)), "mpegts")


@cache
def tape() -> bytes:
    """A Matroska file with a checksum in its cluster."""
    return film(moving(12, 64), "matroska")


@cache
def browser() -> bytes:
    """A WebM that states neither the size of its segment nor that of its clusters."""
    return live()


# ---------------------------------------------------------------- Matroska


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_every_start_of_a_matroska_is_refused(data: st.DataObject) -> None:
    assert found(ebml.damage, tape()) is None
    assert found(ebml.damage, tape()[: data.draw(st.integers(0, len(tape()) - 1))])


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_changed_byte_in_a_cluster_with_a_checksum_is_found(data: st.DataObject) -> None:
    start = tape().index(bytes.fromhex("1f43b675")) + 20
    at = data.draw(st.integers(start, start + 1000))
    changed = tape()[:at] + bytes([tape()[at] ^ data.draw(st.integers(1, 255))]) + tape()[at + 1 :]
    assert "checksum" in (found(ebml.damage, changed) or "")


def test_a_live_recording_is_whole_only_where_a_block_ends() -> None:
    whole = [end for end in range(400, len(browser()) + 1) if found(ebml.damage, browser()[:end]) is None]
    assert len(whole) <= 26  # 24 blocks, the end of the head, and the head of the cluster
    assert len(browser()) in whole


def test_elements_of_an_open_cluster_end_where_another_begins() -> None:
    cluster = browser().index(bytes.fromhex("1f43b675"))
    assert found(ebml.damage, browser() + browser()[cluster:]) is None
    assert found(ebml.damage, browser() + browser()) is None  # two recordings that were joined


def test_zeros_within_a_sound_of_unknown_length_are_found(tmp_path: Path) -> None:
    sound = sound_by_av(tune(), "webm", "libopus", 48_000)
    assert judged(sound, tmp_path / "whole.webm", "audio").reached() is Level.ALIVE
    empty = zeroed(sound, len(sound) // 2, len(sound) // 10)
    assert judged(empty, tmp_path / "empty.webm", "audio").reached() is Level.NONE


HEAD = bytes.fromhex("1a45dfa380 18538067")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "no segment"),
        (HEAD[:5], "no segment"),
        (HEAD[:4] + b"\x08" + b"\xff" * 7 + b"\x7f" + HEAD[5:], "no segment"),  # a header beyond any file
        (HEAD + b"\x85\x00", "promises 5 bytes and 1 are there"),
        (HEAD + b"\xff\xec\x83\0", "needs 5 bytes and 3 are there"),
        (HEAD + b"\x84\x40\x00\x80\x80", "no element at byte 10"),  # an identifier without a bit set
        (HEAD + b"\x82\xec\xff", "leaves its size open"),
        (HEAD + b"\x86\x1f\x43\xb6\x75\x82\xec", "needs 7 bytes and 6 are there"),
        (HEAD + b"\xff" + b"\x1f\x43\xb6\x75\xff" * 3 + b"\0", "no element at byte 25"),
    ],
)
def test_elements_that_cannot_be_are_named(content: bytes, words: str) -> None:
    assert words in (found(ebml.damage, content) or "")


def test_a_checksum_of_another_content_is_found() -> None:
    content = b"\xe7\x81\0" * 3
    for stored, wrong in ((zlib.crc32(content), False), (0, True)):
        body = b"\xbf\x84" + stored.to_bytes(4, "little") + content
        cluster = bytes.fromhex("1f43b675") + bytes([0x80 | len(body)]) + body
        assert ("checksum" in (found(ebml.damage, HEAD + b"\xff" + cluster) or "")) is wrong


# ---------------------------------------------------------------- transport streams


@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_a_transport_stream_cut_within_a_packet_is_refused(data: st.DataObject) -> None:
    assert found(mpegts.damage, stream()) is None
    end = data.draw(st.integers(1, len(stream()) - 1).filter(lambda end: end % 188))
    assert found(mpegts.damage, stream()[:end])


def test_a_sound_packet_that_goes_on_after_the_end_is_found() -> None:
    packets = [stream()[at : at + 188] for at in range(0, len(stream()), 188)]
    sound = [at for at, one in enumerate(packets) if int.from_bytes(one[1:3], "big") & 0x1FFF == 257]
    start = next(at for at in sound if packets[at][1] & 0x40 and not packets[at + 1][1] & 0x40)
    assert "within a PES packet" in (found(mpegts.damage, b"".join(packets[: start + 1])) or "")


def test_streams_may_be_joined_or_repeat_a_packet() -> None:
    assert found(mpegts.damage, stream() * 2) is None
    assert found(mpegts.damage, stream()[: 188 * 40] + stream()[188 * 39 :]) is None


# ---------------------------------------------------------------- program streams, Flash, MPEG-4


@cache
def disc() -> bytes:
    """A program stream."""
    return film_25(moving(24))


@cache
def flash() -> bytes:
    """A Flash video with pictures and sound."""
    return copied(film(moving(12, 64), sound=tune(0.9)), "flv")


def test_a_program_stream_cut_within_a_packet_is_refused() -> None:
    assert found(mpegps.damage, disc()) is None
    whole = [end for end in range(len(disc())) if found(mpegps.damage, disc()[:end]) is None]
    assert len(whole) <= 30  # where one of some ten packets ends, and up to two zeros after it


def test_padding_and_other_packs_in_a_program_stream_are_whole() -> None:
    assert found(mpegps.damage, disc() + bytes(100_000) + disc() + bytes(50)) is None
    old = b"\0\0\1\xba" + b"\x21" + bytes(7)
    assert found(mpegps.damage, old + b"\0\0\1\xb9") is None
    assert found(mpegps.damage, old[:-1]) == "the packet at byte 0 needs 12 bytes and 11 are there"
    assert found(mpegps.damage, old + b"\0\0\1\xe0\0\0 of any length") is None
    assert found(mpegps.damage, old + b"\0\0\2") == "there is no packet at byte 12, where one should start"


def test_a_flash_video_cut_within_a_tag_is_refused() -> None:
    assert found(flv.damage, flash()) is None
    whole = [end for end in range(len(flash())) if found(flv.damage, flash()[:end]) is None]
    assert len(whole) <= 50  # where a tag ends
    assert "no tag" in (found(flv.damage, flash() + bytes(20)) or "")


def test_a_clock_that_stands_is_found() -> None:
    content = film(moving(4))
    assert found(boxes.damage, content) is None
    for name in (b"mvhd", b"mdhd"):
        at = content.index(name) + 16
        assert name.decode() in (found(boxes.damage, zeroed(content, at, 4)) or "")


READERS = [boxes.damage, ebml.damage, flv.damage, mpegps.damage, mpegts.damage]


@pytest.mark.parametrize("damage", READERS)
@given(content=st.binary(max_size=800), blanks=st.integers(0, 3))
@settings(max_examples=100, deadline=None)
def test_no_bytes_crash_a_reader(damage: Callable[[BytesIO, int], str | None], content: bytes, blanks: int) -> None:
    for head in (b"", HEAD + b"\xff", b"\x47\x40\x00\x30", b"\0\0\1\xba\x44", b"\0\0\0\x40moov"):
        found(damage, head + content + bytes(188 * blanks))


# ---------------------------------------------------------------- what plays


def test_the_end_of_a_film_may_be_hidden_by_its_edit_list(tmp_path: Path) -> None:
    """An edit list, and the lengths of film and track, that state 1 s of 2."""
    content = bytearray(film(moving(24), "mp4", "mpeg4"))
    for name, at in ((b"mvhd", 20), (b"tkhd", 24), (b"elst", 12)):
        start = content.index(name) + at
        assert int.from_bytes(content[start : start + 4], "big") == 2000
        content[start : start + 4] = (1000).to_bytes(4, "big")
    assert judged(bytes(content), tmp_path / "short.mp4").reached() is Level.ALIVE


def test_frames_that_only_the_header_knows_are_missing(tmp_path: Path) -> None:
    content = bytearray(film(moving(24), "mp4", "mpeg4"))
    start = content.index(b"stts") + 12
    assert int.from_bytes(content[start : start + 4], "big") == 24
    content[start : start + 4] = (2400).to_bytes(4, "big")
    assert judged(bytes(content), tmp_path / "few.mp4").reached() is Level.NONE


def test_a_sound_track_that_lasts_too_long_is_not_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("spacefactory_validators.limits.AUDIO_SAMPLES", RATE)
    inspection = judged(film(moving(24), sound=tune(1.9)), tmp_path / "long.mp4")
    assert [(one.passed, "sound tracks are longer" in one.detail) for one in inspection.checks] == [(None, True)]
