"""Promises of a ModelSource."""

# ruff: noqa: S101 - contracts assert

from __future__ import annotations

import socket
from typing import Any, ClassVar, NoReturn

import pytest

from spacefactory.errors import BlockedError, UsageError
from spacefactory.providers import ModelSource
from spacefactory.schema.card import ModelCard
from spacefactory.testing.contracts.named import NamedContract, one_sentence

STRANGE = (
    "",
    " ",
    "\0",
    "..",
    "/" * 300,
    "a" * 5000,
    "\ud800",
    "http://[",
    "https://",
    "a/b/c/d",
    "-x",
    "~nobody/x",
    "é",
)
"""References that people and other programs give by mistake."""
CARD_LIMIT = 256 << 10


class ModelSourceContract(NamedContract):
    """Override `provider`, `good`, `foreign` and `missing`."""

    protocol: ClassVar[type[Any]] = ModelSource

    @pytest.fixture
    def good(self) -> str:
        """A reference that can be fetched in the test."""
        raise NotImplementedError("override the fixture 'good'")

    @pytest.fixture
    def foreign(self) -> str:
        """A reference of another kind, such as an id for a source of folders."""
        raise NotImplementedError("override the fixture 'foreign'")

    @pytest.fixture
    def missing(self) -> str:
        """A reference of the right kind that names nothing."""
        raise NotImplementedError("override the fixture 'missing'")

    def test_accepts_its_kind_only(self, provider: ModelSource, good: str, foreign: str, missing: str) -> None:
        """The kind is told from the reference, not from whether there is something."""
        assert provider.accepts(good) is True
        assert provider.accepts(missing) is True
        assert provider.accepts(foreign) is False

    def test_accepts_without_network(
        self, provider: ModelSource, good: str, foreign: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """No name is looked up and nothing is connected."""

        def refuse(*_arguments: Any, **_options: Any) -> NoReturn:
            raise AssertionError("accepts() must not touch the network")

        for name in ("connect", "connect_ex", "sendto"):
            monkeypatch.setattr(socket.socket, name, refuse)
        monkeypatch.setattr(socket, "getaddrinfo", refuse)
        provider.accepts(good)
        provider.accepts(foreign)

    @pytest.mark.parametrize("reference", STRANGE)
    def test_strange_references_get_an_answer(self, provider: ModelSource, reference: str) -> None:
        """`accepts` answers; `fetch` of what it accepts ends in an error for people."""
        if provider.accepts(reference):
            with pytest.raises((UsageError, BlockedError)) as raised:
                provider.fetch(reference)
            assert one_sentence(raised.value.message)

    def test_fetch_reads_the_card(self, provider: ModelSource, good: str) -> None:
        """The card names its source, its model and its revision, is bounded, and survives the record."""
        card = provider.fetch(good)
        assert card.source == provider.name
        assert card.location.model.strip()
        assert card.location.revision.strip()
        assert len(card.text.encode("utf-8", "surrogatepass")) <= CARD_LIMIT
        assert ModelCard.model_validate_json(card.model_dump_json()) == card
        for file in card.files or ():
            assert not file.path.startswith("/")
            assert ".." not in file.path.split("/")

    def test_unchanged_content_keeps_its_revision(self, provider: ModelSource, good: str) -> None:
        """Two fetches give one revision: a restarted run must find the same model."""
        assert provider.fetch(good).location == provider.fetch(good).location

    def test_missing_model_is_an_error_for_people(self, provider: ModelSource, missing: str) -> None:
        """One sentence and what to do."""
        with pytest.raises((UsageError, BlockedError)) as raised:
            provider.fetch(missing)
        assert one_sentence(raised.value.message)
        assert one_sentence(str(raised.value))
