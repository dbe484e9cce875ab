"""Files of a folder that an agent writes: no link leads out of it, whatever stands in the way of a name."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacefactory import workspaces

SECRET = "not for anybody"


@pytest.fixture
def outside(tmp_path: Path) -> Path:
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "file").write_text(SECRET)
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "workspace"
    made.mkdir()
    return made


def test_links_are_neither_read_nor_written_through(folder: Path, outside: Path) -> None:
    (folder / "a").symlink_to(outside / "file")
    (folder / "b").symlink_to(outside)
    (folder / "c").hardlink_to(outside / "file")
    assert [workspaces.read(folder, name) for name in ("a", "b/file", "c", "b")] == [None] * 4
    assert workspaces.names(folder, "b") == ()
    for name in ("a", "b/file", "c"):
        workspaces.write(folder, name, "mine")
        assert workspaces.read(folder, name) == "mine"
    assert (outside / "file").read_text() == SECRET
    assert [path.name for path in outside.iterdir()] == ["file"]


def test_removing_a_link_leaves_what_it_names(folder: Path, outside: Path) -> None:
    (folder / "a").symlink_to(outside)
    workspaces.remove(folder, "a/file")
    workspaces.remove(folder, "a")
    workspaces.remove(folder, "missing/file")
    assert not (folder / "a").is_symlink()
    assert (outside / "file").read_text() == SECRET


@pytest.mark.parametrize("name", ["../x", "/etc/x", "a/../../x"])
def test_names_stay_inside(folder: Path, name: str) -> None:
    with pytest.raises(ValueError, match="not inside"):
        workspaces.write(folder, name, "x")


def test_only_plain_files_of_usual_size_are_texts(folder: Path, outside: Path) -> None:
    workspaces.write(folder, "app.py", "x = 1\n")
    workspaces.write(folder, "sub/data.txt", "é")
    workspaces.write(folder, "binary", b"\x00\xff")
    workspaces.write(folder, "large", "x" * (workspaces.MAX_FILE + 1))
    workspaces.write(folder, ".cache/hidden", "x")
    (folder / "link").symlink_to(outside / "file")
    assert workspaces.texts(folder) == {"app.py": "x = 1\n", "sub/data.txt": "é"}
    assert "link" not in workspaces.files(folder)


def test_a_copy_keeps_links_as_links(folder: Path, outside: Path, tmp_path: Path) -> None:
    (folder / "link").symlink_to(outside / "file")
    workspaces.write(folder, "app.py", "x")
    workspaces.copy(folder, tmp_path / "copy")
    workspaces.copy(folder, tmp_path / "copy")
    assert (tmp_path / "copy" / "link").is_symlink()


TEXTS = st.dictionaries(st.sampled_from(["a", "b", "c"]), st.text(alphabet="xy\n", max_size=20), max_size=3)


@given(TEXTS, TEXTS)
def test_a_difference_names_what_changed_and_nothing_else(before: dict[str, str], after: dict[str, str]) -> None:
    diff = workspaces.difference(before, after)
    if before == after:
        assert diff == ""
    for name in {*before, *after}:
        lines = [(texts.get(name) or "").splitlines() for texts in (before, after)]
        if lines[0] != lines[1]:
            assert f"/{name}\n" in diff
