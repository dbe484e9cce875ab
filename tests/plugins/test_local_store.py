"""The folder store: made, found, listed, deleted; damage is seen and hides nothing else."""

from __future__ import annotations

import errno
import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacefactory_local.disk import told
from spacefactory_local.store import FolderStore
from ulid import ULID

from spacefactory.errors import NotFoundError, PlatformError
from spacefactory.record.journal import LOG, Journal
from spacefactory.schema.event import EventType
from spacefactory.schema.run import Budget, Providers, RunSpec, RunState

RUN = "01JZZZZZZZZZZZZZZZZZZZZZZZ"


def _state(run_id: str, **facts: object) -> str:
    known = {"run_id": run_id, "kind": "build", "reference": "m", "created": "c", "updated": "u", "events": 3}
    return json.dumps(RunState.model_validate(known | facts).as_json())


def _keep(store: FolderStore, run_id: str, **facts: object) -> Path:
    folder = store.create(run_id)
    (folder / LOG).touch()
    (folder / "state.json").write_text(_state(run_id, **facts), encoding="utf-8")
    return folder


def _spec(run_id: str) -> RunSpec:
    providers = Providers(
        sources=("folder",), analyzers=(), agent="template", hardware=(), host="local", store="folder", runner="process"
    )
    return RunSpec(
        run_id=run_id,
        kind="build",
        reference="m",
        platform="local",
        providers=providers,
        plugins=(),
        budget=Budget(),
        version="0",
        created="2026-01-01T00:00:00+00:00",
    )


def test_a_run_is_made_found_and_deleted(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "home" / "runs")
    assert list(store.list()) == []
    assert store.find(RUN) is None
    folder = _keep(store, RUN, status="candidate", level="running", space_id="sf-m")
    assert store.find(RUN) == folder
    (summary,) = store.list()
    assert (summary.run_id, summary.status, summary.level, summary.space) == (RUN, "candidate", "running", "sf-m")
    with pytest.raises(PlatformError):
        store.create(RUN)
    store.delete(RUN)
    assert list((tmp_path / "home" / "runs").iterdir()) == []
    with pytest.raises(NotFoundError):
        store.delete(RUN)


@given(st.one_of(st.text(), st.sampled_from(["..", ".", "../runs", f"{RUN}/", f"{RUN}\n", RUN.lower(), f"./{RUN}"])))
def test_only_an_id_names_a_run(name: str) -> None:
    assert FolderStore(Path("/")).find(name) is None


def test_ten_thousand_runs_are_listed_newest_first(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    names = [str(ULID.from_timestamp(1_700_000_000 + number)) for number in range(10_000)]
    state = _state(RUN, status="failed")
    for name in names:
        (tmp_path / name).mkdir()
        (tmp_path / name / "state.json").write_text(state.replace(RUN, name), encoding="utf-8")
    assert [summary.run_id for summary in store.list()] == sorted(names, reverse=True)


def test_damaged_and_foreign_folders_are_marked_and_hide_nothing(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    good, torn, empty, stranger, begun = (str(ULID.from_timestamp(1_700_000_000 + n)) for n in range(5))
    _keep(store, good, status="failed")
    (store.create(torn) / "state.json").write_text('{"run_id": "', encoding="utf-8")
    store.create(empty)
    (store.create(stranger) / "state.json").write_text(_state(good), encoding="utf-8")
    with Journal(store.create(begun) / LOG, begun) as journal:
        journal.append(EventType.RUN_CREATED, spec=_spec(begun).as_json())
        status = {summary.run_id: summary.status for summary in store.list()}
        assert status[begun] == "running"
    (tmp_path / "notes").mkdir()
    (tmp_path / ".removed-x").mkdir()
    listed = [(summary.run_id, summary.status) for summary in store.list()]
    assert listed == [
        (begun, "interrupted"),
        (stranger, "damaged"),
        (empty, "damaged"),
        (torn, "damaged"),
        (good, "failed"),
        ("notes", "foreign"),
    ]
    assert store.find("notes") is None


@given(
    st.one_of(
        st.binary(max_size=60),
        st.recursive(
            st.none() | st.integers() | st.text(), lambda s: st.lists(s) | st.dictionaries(st.text(), s), max_leaves=8
        ).map(lambda value: json.dumps(value).encode()),
    )
)
def test_no_content_of_state_json_breaks_the_list(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    store = FolderStore(tmp_path_factory.mktemp("runs"))
    (store.create(RUN) / "state.json").write_bytes(data)
    assert [summary.status for summary in store.list()] == ["damaged"]


@pytest.mark.parametrize(
    "facts",
    [{"reference": 5}, {"reference": "\ud800"}, {"level": None}, {"space_id": 5}, {"interrupted": "often"}],
)
def test_a_state_with_a_part_that_is_none_is_damaged(tmp_path: Path, facts: dict[str, object]) -> None:
    folder = _keep(FolderStore(tmp_path), RUN, status="failed")
    state = json.loads((folder / "state.json").read_text(encoding="utf-8"))
    assert [summary.status for summary in FolderStore(tmp_path).list()] == ["failed"]
    (folder / "state.json").write_text(json.dumps(state | facts), encoding="utf-8")
    assert [summary.status for summary in FolderStore(tmp_path).list()] == ["damaged"]


def test_a_state_that_is_nested_too_deep_is_damaged(tmp_path: Path) -> None:
    (FolderStore(tmp_path).create(RUN) / "state.json").write_text("[" * 100_000, encoding="utf-8")
    assert [summary.status for summary in FolderStore(tmp_path).list()] == ["damaged"]


def test_a_run_that_nobody_works_on_is_interrupted(tmp_path: Path) -> None:
    store = FolderStore(tmp_path)
    folder = _keep(store, RUN)
    assert [summary.status for summary in store.list()] == ["interrupted"]
    with Journal(folder / LOG, RUN):
        assert [summary.status for summary in store.list()] == ["running"]
    assert [summary.status for summary in store.list()] == ["interrupted"]


@pytest.mark.parametrize(
    ("code", "step"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EACCES, "make it writable"),
        (errno.EROFS, "can be written"),
        (errno.EIO, "look at that folder"),
    ],
)
def test_what_the_disk_refuses_is_one_sentence(tmp_path: Path, code: int, step: str) -> None:
    with pytest.raises(PlatformError) as caught, told("the record cannot be made", tmp_path):
        raise OSError(code, os.strerror(code), str(tmp_path / "x"))
    assert caught.value.message == f"the record cannot be made: {os.strerror(code)} ({tmp_path / 'x'})"
    assert step in caught.value.next_step


def test_a_file_in_the_place_of_the_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("", encoding="utf-8")
    with pytest.raises(PlatformError, match="set SPACEFACTORY_HOME"):
        FolderStore(tmp_path / "home" / "runs").create(RUN)
