"""The decoding child: a third party's validator works in it without a word in the core, and its faults stay its own."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from importlib import import_module, invalidate_caches
from pathlib import Path
from typing import Any
from unittest.mock import Mock

import pytest
from spacefactory_validators import spacefactory_validators

from spacefactory import probe
from spacefactory.errors import NotFoundError, UsageError
from spacefactory.hookspecs import PluginContext
from spacefactory.plugins import Plugins
from spacefactory.probe import decoders
from spacefactory.probe.decoders import Decoders, Place
from spacefactory.probe.inspect import Batch, inspect
from spacefactory.providers import OutputValidator
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Output
from tests.media_gallery import Specimen, gallery, write
from tests.media_made import PAGE, encoded

PLUGIN = """
import ctypes, os, sys, time
from dataclasses import dataclass
from spacefactory.hookspecs import hookimpl
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Check, Inspection


@dataclass(frozen=True)
class Smells:
    name: str = "smells"
    output_types: tuple = ("smell", "gas")
    suffixes: tuple = (".smell",)

    def inspect(self, output):
        if output.output_type == "gas" and not output.path.exists():
            self.crash()
        word = output.path.read_text()
        if word == "babble":
            return {"level": "very good"}
        getattr(self, word, lambda: None)()
        passed = word != "stale"
        checks = (Check(name="smell.fresh", passed=passed, detail=word, level=Level.TYPED),)
        return Inspection(output_type=output.output_type, checks=checks, measures={"words": 1})

    def differ(self, first, second):
        one, two = first.path.read_text(), second.path.read_text()
        getattr(self, two, lambda: None)()
        return Check(name="smell.differs", passed=one != two, detail="")

    def crash(self):
        ctypes.string_at(0)

    def leave(self):
        os._exit(3)

    def hang(self):
        time.sleep(600)

    def spin(self):
        while True:
            pass

    def eat(self):
        bytearray(8 << 30)

    def fail(self):
        raise KeyError("no such smell")

    def shout(self):
        print("{" * 100, flush=True)
        sys.stderr.write("x" * 100_000)

    def steal(self):
        open("/etc/passwd.stolen", "w")

    def call(self):
        import socket
        socket.create_connection(("127.0.0.1", 9), timeout=1)


@hookimpl
def spacefactory_validators():
    return (Smells(),)
"""


@pytest.fixture(scope="module")
def smells(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[OutputValidator, ...]]:
    """A third party's plugin as a wheel leaves it: a package beside its metadata."""
    folder = tmp_path_factory.mktemp("site")
    (folder / "thirdparty_smells.py").write_text(PLUGIN)
    metadata = folder / "thirdparty_smells-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: thirdparty-smells\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text("[spacefactory]\nsmells = thirdparty_smells\n")
    sys.path.insert(0, str(folder))
    invalidate_caches()
    found = Plugins(lambda name: PluginContext(home=folder, plugin=name)).validators()
    yield found
    sys.path.remove(str(folder))
    del sys.modules["thirdparty_smells"]


def files(folder: Path, *words: str) -> list[Path]:
    paths = [folder / f"{at}.smell" for at in range(len(words))]
    for path, word in zip(paths, words, strict=True):
        path.write_text(word)
    return paths


def test_a_type_that_a_plugin_brings_is_judged(smells: tuple[OutputValidator, ...], tmp_path: Path) -> None:
    found = probe.judge_files(files(tmp_path, "rose", "stale"), "smell", smells, confined=True)
    assert [one.level for one in found] == [Level.ALIVE, Level.NONE]
    assert found[0].output_type == "smell"
    assert found[0].measures == {"words": 1}
    assert import_module("thirdparty_smells").Smells().name == "smells"


def test_faults_of_a_validator_are_findings(
    smells: tuple[OutputValidator, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoders, "FILE_S", 2.0)
    monkeypatch.setattr(decoders, "PATIENCE", 2)
    words = ("rose", "crash", "shout", "leave", "babble", "hang", "spin", "eat", "fail", "steal", "call", "rose")
    found = probe.judge_files(files(tmp_path, *words), "smell", smells, confined=True)
    said = {word: (one.checks[0].passed, one.checks[0].detail) for word, one in zip(words, found, strict=True)}
    assert said["rose"] == (True, "rose")
    assert said["shout"] == (True, "shout")
    assert said["crash"] == (False, "the decoder crashed (exit status -11)")
    assert said["leave"] == (None, "the decoder crashed (exit status 3)")
    assert said["babble"][0] is None
    assert "validator 'smells' failed" in said["babble"][1]
    assert said["hang"] == said["spin"] == (None, "the decoder did not end within 2 s")
    assert said["eat"] == (None, "the decoder ran out of memory")
    assert said["fail"] == (None, "validator 'smells' failed: KeyError: 'no such smell'")
    assert "PermissionError" in said["steal"][1]
    assert said["call"][0] is None


@pytest.mark.parametrize("kind", ["smell", "gas"])  # gas crashes the process that gets ready for it
@pytest.mark.parametrize("place", ["artifacts", "elsewhere"])
def test_a_process_that_came_up_early_answers_like_one_that_did_not(
    smells: tuple[OutputValidator, ...], kind: str, place: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "elsewhere").mkdir()
    begin = Mock(wraps=decoders._begin)
    monkeypatch.setattr(decoders, "_begin", begin)
    with Decoders(smells) as by:
        by.come_up(kind, [tmp_path / "artifacts"])
        paths = files(tmp_path / place, "rose", "stale")
        found = inspect(Batch(tuple(Output(output_type=kind, path=path) for path in paths), ((0, 1),)), by)
    assert [one.reached() for one in found.inspections] == [Level.ALIVE, Level.NONE]
    assert found.differences[0].passed is True
    assert begin.call_count == (1 if (kind, place) == ("smell", "artifacts") else 2)


def test_a_process_that_nobody_needed_ends(smells: tuple[OutputValidator, ...], tmp_path: Path) -> None:
    with Decoders(smells) as by:
        by.come_up("smell", [tmp_path])
        process = by._early
        assert process is not None
        assert process._talk._done is None
    assert process._talk._done is not None
    assert not Path(process._workspace.name).exists()


def test_a_crash_in_a_comparison_leaves_it_open(smells: tuple[OutputValidator, ...], tmp_path: Path) -> None:
    outputs = tuple(Output(output_type="smell", path=path) for path in files(tmp_path, "rose", "lily", "leave"))
    found = inspect(Batch(outputs[:1], ((0, 1), (0, 2), (0, 0)), outputs[1:]), Decoders(smells))
    assert [check.passed for check in found.differences] == [True, None, False]


def test_a_disabled_plugin_does_not_judge(smells: tuple[OutputValidator, ...], tmp_path: Path) -> None:
    others = tuple(one for one in smells if one.name != "smells")
    with pytest.raises(UsageError, match="no installed validator judges 'smell'"):
        probe.judge_files(files(tmp_path, "rose"), "smell", others, confined=True, disabled_plugins=("smells",))
    outputs = (Output(output_type="smell", path=tmp_path / "0.smell"), Output(output_type="text", value="hello"))
    found = inspect(Batch(outputs, ((0, 0),)), Decoders(others, Place(disabled_plugins=("smells",))))
    assert [one.reached() for one in found.inspections] == [Level.NONE, Level.ALIVE]
    assert found.inspections[0].checks[0].passed is None
    assert found.differences[0].passed is None


def test_nothing_to_inspect_starts_nothing() -> None:
    found = inspect(Batch(()), Decoders(tuple(spacefactory_validators())))
    assert (found.inspections, found.differences) == ((), ())


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="there is no file"):
        probe.judge_files([tmp_path / "no.png"], "image", tuple(spacefactory_validators()), confined=True)


@pytest.mark.parametrize("confined", [True, False])
def test_a_mixed_batch_of_real_files(confined: bool, tmp_path: Path) -> None:
    from PIL import Image

    from tests.media_made import picture

    chosen = [
        Specimen("good.png", "image", "good", encoded(Image.fromarray(picture()), "PNG")),
        Specimen("page.png", "image", "untyped", PAGE),
        Specimen("black.png", "image", "lifeless", encoded(Image.new("RGB", (64, 64)), "PNG")),
    ]
    validators = tuple(spacefactory_validators())
    found = probe.judge_files(write(tmp_path, chosen), "image", validators, confined=confined)
    assert [one.level for one in found] == [Level.ALIVE, Level.NONE, Level.TYPED]
    assert [one.path for one in found] == [str(tmp_path / one.name) for one in chosen]


@pytest.mark.parametrize("kind", ["audio", "video"])
def test_every_medium_decodes_in_the_confined_child(kind: str, tmp_path: Path) -> None:
    chosen = [one for one in gallery() if one.expect == kind and one.verdict == "good"]
    validators: Any = tuple(spacefactory_validators())
    found = probe.judge_files(write(tmp_path, chosen), kind, validators, confined=True)
    assert {one.path: one.checks for one in found if one.level is not Level.ALIVE} == {}
