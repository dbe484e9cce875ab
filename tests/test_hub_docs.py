"""The reference page of the emulated Hub names what there is."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path
from typing import get_args

import pytest

from spacefactory.testing.hub import EmulatedHub, Knobs
from spacefactory.testing.hub.__main__ import _parser
from spacefactory.testing.hub.faults import Action
from spacefactory.testing.hub.scopes import OAUTH
from spacefactory.testing.scripted_model import Break

PAGE = (Path(__file__).parent.parent / "docs" / "emulated-hub.md").read_text(encoding="utf-8")


def section(title: str) -> str:
    """One section of the page."""
    return PAGE.partition(f"\n## {title}\n")[2].partition("\n## ")[0]


def first_column(title: str) -> set[str]:
    """The names in the first column of a section's table."""
    return set(re.findall(r"^\| `([\w-]+)` \|", section(title), re.M))


def test_every_knob_is_there() -> None:
    assert first_column("Knobs") == {one.name for one in fields(Knobs)}


def test_every_fault_is_there() -> None:
    named = set(re.findall(r"`(\w+)\(", section("Faults on the way")))
    assert {one.__name__ for one in get_args(Action)} <= named


def test_every_scope_that_allows_anything_is_there() -> None:
    assert first_column("Scopes") == {name for name, abilities in OAUTH.items() if abilities}


def test_every_option_and_break_is_there() -> None:
    options = {action.option_strings[-1] for action in _parser()._actions} - {"--help"}
    assert {option for option in options if option not in PAGE} == set()
    assert {name for name in get_args(Break) if f"`{name}`" not in PAGE} == set()


@pytest.mark.parametrize("title", ["In tests"])
def test_every_method_that_is_named_exists(title: str) -> None:
    named = set(re.findall(r"`(\w+)\(", section(title)))
    methods = {name for name in named if not hasattr(EmulatedHub, name)} - {"Account", "Repo"}
    assert methods == set()
