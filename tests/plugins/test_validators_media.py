"""Every file of the gallery gets the verdict that it deserves, and what is missing at the end of a file is found."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacefactory_validators import spacefactory_validators

from spacefactory.providers import OutputValidator
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Inspection, Output
from tests.media_gallery import TRUNCATED, Specimen, gallery, malformed, many_good

VALIDATORS: dict[str, OutputValidator] = {kind: one for one in spacefactory_validators() for kind in one.output_types}


@cache
def specimens() -> tuple[Specimen, ...]:
    return tuple(gallery())


def verdict(found: Inspection) -> str:
    """The gallery's word for what the checks say."""
    needed = [check for check in found.checks if check.level is not None and check.passed is not True]
    if found.reached() is Level.NONE:
        return "untyped" if any(check.passed is False for check in needed) else "unchecked"
    if found.reached() is Level.ALIVE:
        return "good"
    return "suspicious" if all(check.noise for check in needed) else "lifeless"


@pytest.mark.parametrize("expect", ["image", "audio", "video", "text", "json"])
def test_every_file_gets_its_verdict(expect: str, tmp_path: Path) -> None:
    wrong = {}
    for one in specimens():
        if one.expect != expect:
            continue
        path = tmp_path / one.name
        path.write_bytes(one.content)
        found = VALIDATORS[expect].inspect(Output(output_type=expect, path=path))
        if verdict(found) != one.verdict:
            wrong[one.name] = (one.verdict, verdict(found), [c for c in found.checks if not c.passed])
    assert not wrong


def test_no_broken_file_is_typed_and_hardly_a_sound_one_is_refused(tmp_path: Path) -> None:
    some = [one for one in (*specimens(), *malformed(), *many_good()) if one.verdict in ("good", "untyped")]
    levels = {}
    for at, one in enumerate(some):
        path = tmp_path / f"{at}-{one.name}"
        path.write_bytes(one.content)
        levels[at] = VALIDATORS[one.expect].inspect(Output(output_type=one.expect, path=path)).reached()
    broken = [at for at, one in enumerate(some) if one.verdict == "untyped"]
    sound = [at for at, one in enumerate(some) if one.verdict == "good"]
    assert len(broken) >= 140 and len(sound) >= 200
    assert not [some[at].name for at in broken if levels[at] is not Level.NONE]
    assert sum(levels[at] is Level.NONE for at in sound) <= len(sound) // 100


def test_the_gallery_is_large_enough() -> None:
    kinds = {name: sum(one.verdict == name for one in specimens()) for name in ("good", "untyped", "lifeless")}
    assert kinds["good"] > 100
    assert kinds["untyped"] > 40
    assert kinds["lifeless"] > 30


@pytest.mark.parametrize("name", sorted(TRUNCATED))
def test_what_is_missing_at_the_end_is_found(name: str, tmp_path: Path) -> None:
    data = TRUNCATED[name]()
    suffix = name.rpartition(".")[2]
    kinds = {"wav": "audio", "flac": "audio", "ogg": "audio", "m4a": "audio"}
    kinds |= dict.fromkeys(("mp4", "mov", "webm", "mkv", "avi"), "video")
    kind = kinds.get(suffix, "image")
    path = tmp_path / name
    for tenth in range(11):
        path.write_bytes(data[: len(data) * tenth // 10])
        level = VALIDATORS[kind].inspect(Output(output_type=kind, path=path)).reached()
        assert (level is Level.ALIVE) == (tenth == 10), f"{tenth} tenths of {name}: {level}"


MEDIA = ("image", "audio", "video")


@given(kind=st.sampled_from(MEDIA), data=st.data())
@settings(max_examples=150, deadline=None)
def test_no_bytes_crash_a_decoder(kind: str, data: st.DataObject, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Arbitrary bytes after the first bytes of a known format, and real files with bytes changed."""
    heads = [one.content for one in specimens() if one.expect == kind and one.verdict == "good"]
    content = bytearray(data.draw(st.sampled_from(heads)))
    for _ in range(data.draw(st.integers(1, 5))):
        at = data.draw(st.integers(0, min(len(content) - 1, 2000)))
        content[at] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.mktemp("bytes") / "answer.bin"
    path.write_bytes(bytes(content[: data.draw(st.integers(0, len(content)))]))
    found = VALIDATORS[kind].inspect(Output(output_type=kind, path=path))
    assert found.checks
    assert found.reached() in (Level.NONE, Level.TYPED, Level.ALIVE)


@pytest.mark.parametrize("kind", [*MEDIA, "text", "json"])
@given(content=st.binary(max_size=400))
@settings(max_examples=60, deadline=None)
def test_junk_is_never_a_medium(kind: str, content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    path = tmp_path_factory.mktemp("junk") / "answer.bin"
    path.write_bytes(content)
    found = VALIDATORS[kind].inspect(Output(output_type=kind, path=path))
    assert kind in ("text", "json") or found.reached() is Level.NONE


@pytest.mark.parametrize("kind", MEDIA)
@pytest.mark.parametrize("value", [None, "text", 5, [], {"a": 1}, "data:image/png;base64,AAAA"])
def test_a_value_is_no_file(kind: str, value: object) -> None:
    found = VALIDATORS[kind].inspect(Output.model_validate({"output_type": kind, "value": value}))
    expected = None if isinstance(value, str) and value.startswith("data:") else False
    assert [check.passed for check in found.checks] == [expected]


def test_a_folder_and_a_missing_file_are_failed_checks(tmp_path: Path) -> None:
    for kind in (*MEDIA, "text", "json"):
        for path in (tmp_path, tmp_path / "missing.png"):
            found = VALIDATORS[kind].inspect(Output(output_type=kind, path=path))
            assert [check.passed for check in found.checks] == [False]
