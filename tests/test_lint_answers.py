"""Answers are the model's own: small honest and fake apps, in the ways that people and agents write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.lint_apps import apps, check, write

HONEST, FAKE = apps("honest"), apps("fake")
GUARDS = {"app-no-placeholder", "app-model-id"}


def test_there_are_enough_of_them() -> None:
    assert len(HONEST) >= 25
    assert len(FAKE) >= 25


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_app_has_no_error(name: str, tmp_path: Path) -> None:
    found = check(write(tmp_path, HONEST[name]))
    assert [one for one in found if one.level == "error"] == []
    assert not [one for one in found if one.rule in GUARDS]  # nor one that could not be followed


@pytest.mark.parametrize("name", FAKE)
def test_a_fake_is_found(name: str, tmp_path: Path) -> None:
    errors = [one for one in check(write(tmp_path, FAKE[name])) if one.level == "error"]
    assert errors
    assert {one.rule for one in errors} <= GUARDS
    assert all(";" in one.message for one in errors)  # what is wrong; how to mend it
