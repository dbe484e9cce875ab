"""Promises of a RunStore."""

# ruff: noqa: S101 - contracts assert

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, ClassVar

import pytest
from pydantic import TypeAdapter
from ulid import ULID

from spacefactory.errors import SpacefactoryError
from spacefactory.providers import RunStore
from spacefactory.record.files import write_json
from spacefactory.schema.run import RunState
from spacefactory.schema.summary import RunSummary
from spacefactory.testing.contracts.named import NamedContract

STRANGE = ("", ".", "..", "../runs", "/etc", "a\0b", "no-such-run", "0" * 26 + "/..", "\ud800")


def begun(store: RunStore, run_id: str, reference: str = "owner/model") -> None:
    """A run with the state that the engine writes."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    state = RunState(run_id=run_id, kind="build", reference=reference, created=now, updated=now, events=1)
    write_json(store.create(run_id) / "state.json", state.as_json())
    store.flush(run_id)


class RunStoreContract(NamedContract):
    """Override `provider` with a store that is empty."""

    protocol: ClassVar[type[Any]] = RunStore

    def test_create_gives_an_empty_folder(self, provider: RunStore) -> None:
        """The engine writes below it at once."""
        folder = provider.create(str(ULID()))
        assert folder.is_dir()
        assert list(folder.iterdir()) == []

    def test_a_run_has_one_folder(self, provider: RunStore) -> None:
        """What is there already is never given again as new."""
        run_id = str(ULID())
        folder = provider.create(run_id)
        (folder / "kept").write_text("kept")
        with pytest.raises((SpacefactoryError, FileExistsError)):
            provider.create(run_id)
        assert (folder / "kept").read_text() == "kept"

    def test_what_is_written_is_found_again(self, provider: RunStore) -> None:
        """After a flush, with every byte."""
        run_id = str(ULID())
        folder = provider.create(run_id)
        (folder / "artifacts").mkdir()
        (folder / "artifacts" / "one.bin").write_bytes(b"\0\1\2")
        provider.flush(run_id)
        found = provider.find(run_id)
        assert found is not None
        assert (found / "artifacts" / "one.bin").read_bytes() == b"\0\1\2"

    @pytest.mark.parametrize("run_id", STRANGE)
    def test_what_is_no_run_is_not_found(self, provider: RunStore, run_id: str) -> None:
        """No id leads out of the store, and none raises."""
        assert provider.find(run_id) is None

    def test_lists_newest_first(self, provider: RunStore) -> None:
        """Every run once, by the time in its id."""
        ids = [str(ULID.from_timestamp(at)) for at in (1_700_000_000, 1_700_000_100, 1_700_000_200)]
        for run_id in (ids[1], ids[2], ids[0]):
            begun(provider, run_id)
        assert [summary.run_id for summary in provider.list()] == ids[::-1]
        assert {summary.reference for summary in provider.list()} == {"owner/model"}

    def test_a_line_of_the_list_is_what_its_schema_says(self, provider: RunStore) -> None:
        """A summary is a plain dataclass, which looks at nothing itself."""
        begun(provider, str(ULID()))
        (summary,) = provider.list()
        assert TypeAdapter(RunSummary).validate_python(summary.as_json()) == summary

    def test_empty_store_lists_nothing(self, provider: RunStore) -> None:
        """Also before the first run."""
        assert list(provider.list()) == []

    def test_delete_removes_one_run(self, provider: RunStore) -> None:
        """The others stay; a second time is an error for people or nothing at all."""
        gone, kept = str(ULID()), str(ULID())
        begun(provider, gone)
        begun(provider, kept)
        provider.delete(gone)
        assert provider.find(gone) is None
        assert [summary.run_id for summary in provider.list()] == [kept]
        try:
            provider.delete(gone)
        except SpacefactoryError as error:
            assert gone in error.message
