"""The emulated Hub as pytest fixtures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from spacefactory.testing.hub.hub import EmulatedHub
from spacefactory.testing.hub.seed import Tokens, people


@pytest.fixture
def emulated_hub() -> Iterator[EmulatedHub]:
    """A Hub of this test's own, without any account; fails the test if the emulator itself had a fault."""
    with EmulatedHub() as hub:
        yield hub
        assert hub.world.errors == []  # noqa: S101  # a fixture is a test's own code


@pytest.fixture
def hub_tokens(emulated_hub: EmulatedHub) -> Tokens:
    """Tokens of Ada, Ben and Eve, who live in the emulated Hub when this is asked for."""
    return people(emulated_hub)
