"""The emulated Hub as pytest fixtures; nothing heavy is imported before one is used."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from huggingface_hub import HfApi

    from spacefactory.testing.hub import EmulatedHub
    from spacefactory.testing.hub.seed import Tokens

HubClient = Callable[[str | None], "HfApi"]
"""Makes a client of the emulated Hub from a token."""


@pytest.fixture
def emulated_hub() -> Iterator[EmulatedHub]:
    """A Hub of this test's own, without any account; fails the test if the emulator itself had a fault."""
    from spacefactory.testing.hub import EmulatedHub

    with EmulatedHub() as hub:
        yield hub
        assert hub.world.errors == []  # noqa: S101  # a fixture is a test's own code


@pytest.fixture
def hub_tokens(emulated_hub: EmulatedHub) -> Tokens:
    """Tokens of Ada, Ben and Eve, who live in the emulated Hub when this is asked for."""
    from spacefactory.testing.hub.seed import people

    return people(emulated_hub)


@pytest.fixture
def hub_client(emulated_hub: EmulatedHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubClient:
    """The real client, in this process: `hub_client(token)` is an `HfApi` of the emulated Hub.

    Some of the client's functions look only at the endpoint that was set when it was imported, so that is set, too.
    """
    from huggingface_hub import HfApi, constants

    monkeypatch.setattr(constants, "ENDPOINT", emulated_hub.endpoint)
    template = emulated_hub.endpoint + "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub-cache"))
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_IMPLICIT_TOKEN", True)
    return lambda token: HfApi(endpoint=emulated_hub.endpoint, token=token or False)
