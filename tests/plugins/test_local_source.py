"""The folder source: which references it takes, what it lists, and when its revision changes."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacefactory_local.source import FolderSource
from spacefactory_local.walk import SAMPLE, WHOLE, walk

from spacefactory.errors import BlockedError, UsageError

SOURCE = FolderSource()
CARD = "---\npipeline_tag: text-classification\n---\n\nSays yes or no.\n"


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    (folder / "onnx").mkdir(parents=True)
    (folder / "README.md").write_text(CARD, encoding="utf-8")
    (folder / "config.json").write_text("{}", encoding="utf-8")
    (folder / "onnx" / "model.onnx").write_bytes(b"weights")
    return folder


def test_every_way_of_naming_a_folder_reads_the_same(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(model.parent)
    monkeypatch.setenv("HOME", str(model.parent))
    references = [str(model), f"{model}/", f"{model}/README.md", "~/model"]
    references += ["model", "./model", "model/", "model/README.md"]
    assert all(SOURCE.accepts(reference) for reference in references)
    cards = [SOURCE.fetch(reference) for reference in references]
    assert {card.location for card in cards} == {cards[0].location}
    assert (cards[0].model, cards[0].location.path, cards[0].source) == ("model", model, "folder")
    assert cards[0].front_matter == {"pipeline_tag": "text-classification"}
    assert {file.path: file.size for file in cards[0].files or ()} == {
        "README.md": len(CARD),
        "config.json": 2,
        "onnx/model.onnx": 7,
    }
    monkeypatch.chdir(model)
    assert SOURCE.fetch(".").model == "model"
    assert SOURCE.fetch("README.md").location == cards[0].location


@pytest.mark.parametrize("reference", ["owner/name", "gpt2", "https://example.test/owner/name", "", " "])
def test_what_is_no_folder_is_left_to_other_sources(
    reference: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert not SOURCE.accepts(reference)


@pytest.mark.parametrize("reference", ["./none", "/no/such/folder", "~nobody-here/x", "a/b/c", "none/README.md"])
def test_a_path_that_leads_nowhere_is_told(reference: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert SOURCE.accepts(reference)
    with pytest.raises(UsageError, match="there is no folder"):
        SOURCE.fetch(reference)


@given(st.text())
def test_no_text_breaks_it(reference: str) -> None:
    if SOURCE.accepts(reference):
        try:
            SOURCE.fetch(reference[:1] + "/no/such/folder\0" + reference)
        except UsageError as error:
            assert "\n" not in error.next_step


def test_folders_without_a_card_are_told(model: Path) -> None:
    (model / "README.md").write_text(" \n", encoding="utf-8")
    with pytest.raises(BlockedError) as empty:
        SOURCE.fetch(str(model))
    assert empty.value.reason == "unreadable_card"
    (model / "README.md").unlink()
    with pytest.raises(UsageError, match=r"holds no README\.md"):
        SOURCE.fetch(str(model))
    with pytest.raises(UsageError, match="is a file"):
        SOURCE.fetch(str(model / "config.json"))


def test_links_out_of_the_folder_are_named_and_not_followed(model: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.bin"
    secret.write_bytes(b"secret")
    (model / "out.bin").symlink_to(secret)
    (model / "outside").symlink_to(tmp_path)
    (model / "inside.bin").symlink_to(model / "onnx" / "model.onnx")
    (model / "loop").symlink_to(model)
    (model / "dangling").symlink_to(tmp_path / "nothing")
    os.mkfifo(model / "pipe")
    walked = walk(model)
    assert {file.path for file in walked.files} == {"README.md", "config.json", "inside.bin", "onnx/model.onnx"}
    assert walked.read("inside.bin", 1, 3) == b"eig"
    for name in ("out.bin", "pipe", "../secret.bin"):
        with pytest.raises(FileNotFoundError):
            walked.read(name, 0, 1)
    problems = SOURCE.fetch(str(model)).problems
    assert any("out.bin is a link out of the model's folder" in problem for problem in problems)
    assert any("outside is a link out" in problem for problem in problems)
    (model / "README.md").unlink()
    (model / "README.md").symlink_to(secret)
    with pytest.raises(UsageError, match=r"README\.md of .* is a link out of that folder"):
        SOURCE.fetch(str(model))


def test_the_revision_is_of_the_content(model: Path) -> None:
    first = walk(model).digest
    os.utime(model / "config.json", (1, 1))
    (model / ".git").mkdir()
    (model / ".git" / "index").write_bytes(b"x")
    assert walk(model).digest == first
    (model / "config.json").write_text("[]", encoding="utf-8")
    changed = walk(model).digest
    (model / "config.json").rename(model / "config2.json")
    assert len({first, changed, walk(model).digest}) == 3


@pytest.mark.parametrize("offset", [0, 1, SAMPLE - 1, WHOLE + 4321])
def test_changes_at_the_ends_of_a_huge_file_count(model: Path, offset: int) -> None:
    size = WHOLE + 4322
    with (model / "model.bin").open("wb") as file:
        file.truncate(size)
    first = walk(model).digest
    with (model / "model.bin").open("r+b") as file:
        file.seek(offset)
        file.write(b"x")
    changed = walk(model).digest
    with (model / "model.bin").open("r+b") as file:
        file.truncate(size + 1)
    assert len({first, changed, walk(model).digest}) == 3


def test_a_name_that_is_no_text_is_a_problem_and_no_crash(model: Path) -> None:
    Path(os.fsdecode(os.fsencode(model) + b"/bad-\xff.bin")).write_bytes(b"x")
    walked = walk(model)
    assert len(walked.files) == 3
    assert "is no text" in walked.problems[0]
