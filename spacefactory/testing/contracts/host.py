"""Promises of a SpaceHost."""

# ruff: noqa: S101 - contracts assert

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import pytest
from ulid import ULID

from spacefactory.errors import NameTakenError, SpacefactoryError
from spacefactory.providers import SpaceHost
from spacefactory.schema.space import FAILED_STAGES, READY_STAGES, Runtime, Space, SpaceRequest
from spacefactory.testing.contracts.named import NamedContract

LOG_LIMIT = 64 << 10
PATIENCE_S = 300.0
STRANGE = ("no-such-space", "", "..", "a/b/c", "\0", "x" * 300)


class SpaceHostContract(NamedContract):
    """Override `provider` and `app`; `ready` says whether an app can really be started in the test."""

    protocol: ClassVar[type[Any]] = SpaceHost

    @pytest.fixture
    def app(self, tmp_path: Path) -> Path:
        """A folder with a Gradio app that this host can run."""
        raise NotImplementedError("override the fixture 'app'")

    @pytest.fixture
    def ready(self) -> None:
        """Skip here what this machine cannot do; see `spacefactory.testing.needs`."""

    @pytest.fixture
    def run_id(self) -> str:
        """The run that owns the Spaces of the test."""
        return str(ULID())

    @pytest.fixture
    def space(self, provider: SpaceHost, run_id: str) -> Iterator[Space]:
        """A new Space, deleted after the test."""
        request = SpaceRequest(name=f"contract-{run_id[-8:].lower()}", run_id=run_id)
        made = provider.create(request).space
        assert made is not None
        yield made
        if provider.find(made.id) is not None:
            provider.delete(made.id)

    def test_account_has_a_name(self, provider: SpaceHost) -> None:
        """Preflight and reports name it."""
        assert provider.account().name.strip()

    @pytest.mark.parametrize("space_id", STRANGE)
    def test_what_is_no_space_is_not_found(self, provider: SpaceHost, space_id: str) -> None:
        """No id leads elsewhere, and none raises."""
        assert provider.find(space_id) is None

    def test_a_new_space_is_private_and_marked(self, provider: SpaceHost, space: Space, run_id: str) -> None:
        """It is found and listed with the run that made it."""
        assert space.private
        assert space.run_id == run_id
        found = provider.find(space.id)
        assert found is not None
        assert (found.id, found.run_id, found.private) == (space.id, run_id, True)
        assert space.id in [one.id for one in provider.list()]

    def test_a_second_create_of_the_run_finds_the_first(self, provider: SpaceHost, space: Space, run_id: str) -> None:
        """A restarted run makes no second Space."""
        again = provider.create(SpaceRequest(name=space.id.rpartition("/")[2], run_id=run_id)).space
        assert again is not None
        assert again.id == space.id
        assert [one.id for one in provider.list()].count(space.id) == 1

    def test_a_name_of_another_run_is_taken(self, provider: SpaceHost, space: Space) -> None:
        """Its Space and its marker stay as they were."""
        with pytest.raises(NameTakenError):
            provider.create(SpaceRequest(name=space.id.rpartition("/")[2], run_id=str(ULID())))
        found = provider.find(space.id)
        assert found is not None
        assert found.run_id == space.run_id

    def test_revision_follows_the_content(self, provider: SpaceHost, space: Space, app: Path) -> None:
        """`runtime` shows what `upload` returned; other content is another revision."""
        first = provider.upload(space.id, app)
        assert provider.runtime(space.id).revision == first
        (app / "notes.txt").write_text("changed", encoding="utf-8")
        second = provider.upload(space.id, app)
        assert second != first
        assert provider.runtime(space.id).revision == second

    def test_logs_are_short_text(self, provider: SpaceHost, space: Space) -> None:
        """Also of a Space that never ran."""
        for kind in ("build", "run"):
            assert len(provider.logs(space.id, kind).encode()) <= LOG_LIMIT

    def test_stop_of_what_does_not_run_is_fine(self, provider: SpaceHost, space: Space) -> None:
        """A user may stop twice; the content stays."""
        provider.stop(space.id)
        provider.stop(space.id)
        assert provider.find(space.id) is not None

    def test_delete_leaves_nothing(self, provider: SpaceHost, space: Space) -> None:
        """Neither found nor listed; what is gone cannot be used."""
        provider.delete(space.id)
        assert provider.find(space.id) is None
        assert space.id not in [one.id for one in provider.list()]
        with pytest.raises(SpacefactoryError):
            provider.connect(space.id)

    @pytest.mark.slow
    @pytest.mark.usefixtures("ready")
    def test_a_started_app_answers_until_it_is_stopped(self, provider: SpaceHost, space: Space, app: Path) -> None:
        """On the revision that was uploaded, at an address that works without a token."""
        import httpx

        revision = provider.upload(space.id, app)
        provider.start(space.id, lambda _line: None)
        runtime = self.settled(provider, space)
        assert runtime.stage in READY_STAGES, (runtime, provider.logs(space.id, "run"))
        assert runtime.revision == revision
        connection = provider.connect(space.id)
        assert httpx.get(connection.url.rstrip("/") + "/config", timeout=30).status_code == 200
        provider.stop(space.id)
        assert provider.runtime(space.id).stage not in READY_STAGES
        with pytest.raises(httpx.TransportError):
            httpx.get(connection.url.rstrip("/") + "/config", timeout=5).raise_for_status()

    @staticmethod
    def settled(provider: SpaceHost, space: Space) -> Runtime:
        """Wait until the app runs or has failed."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            runtime = provider.runtime(space.id)
            if runtime.stage in (*READY_STAGES, *FAILED_STAGES):
                return runtime
            time.sleep(0.25)
        raise AssertionError(f"the app did not settle within {PATIENCE_S:g} s: {provider.logs(space.id, 'run')}")
