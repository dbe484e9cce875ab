"""What every provider promises: a name, and the shape of its Protocol."""

# ruff: noqa: S101 - contracts assert

from __future__ import annotations

import re
from typing import Any, ClassVar

import pytest

from spacefactory.conformity import problems

NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,63}\Z")
"""What settings, records and file names can hold."""
LONGEST = 1000
"""Characters of a message; what it quotes from untrusted files must be cut."""


class NamedContract:
    """Base of all contracts. A subclass says which Protocol, and a plugin's test which provider."""

    protocol: ClassVar[type[Any]]

    @pytest.fixture
    def provider(self) -> Any:
        """The provider under test; every test class of a plugin overrides this."""
        raise NotImplementedError(f"{type(self).__name__} must override the fixture 'provider'")

    def test_name_can_be_chosen_in_settings(self, provider: Any) -> None:
        """A word in lower case, the same each time."""
        assert NAME.match(provider.name), f"{provider.name!r} is no name for settings, such as my_provider"
        assert provider.name == provider.name

    def test_has_the_shape_of_its_protocol(self, provider: Any) -> None:
        """Members, signatures and property types are what the core calls."""
        assert problems(provider, self.protocol) == ()

    def test_repr_tells_no_secret(self, provider: Any) -> None:
        """A provider's repr may end up in a log: what looks like a token has no place in it."""
        assert not re.search(r"hf_[A-Za-z0-9]{20,}|sk-[A-Za-z0-9]{20,}", repr(provider))


def one_sentence(text: str) -> bool:
    """Whether this is something to show to a person: not empty, one line, and not endless."""
    return bool(text.strip()) and "\n" not in text.strip() and len(text) <= LONGEST
