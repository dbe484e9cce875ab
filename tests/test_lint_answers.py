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


ABOUT_ANOTHER_MODEL = ("another-model", "default-pipeline", "base-without", "other-model", "torch-hub")


@pytest.mark.parametrize("name", HONEST)
def test_an_honest_app_passes_when_no_model_is_named(name: str, tmp_path: Path) -> None:
    """As a user lints a folder."""
    found = check(write(tmp_path, HONEST[name]), model=None)
    assert [one for one in found if one.level == "error"] == []


@pytest.mark.parametrize("name", [one for one in FAKE if not one.startswith(ABOUT_ANOTHER_MODEL)])
def test_a_fake_is_found_when_no_model_is_named(name: str, tmp_path: Path) -> None:
    errors = [one for one in check(write(tmp_path, FAKE[name]), model=None) if one.level == "error"]
    assert {one.rule for one in errors} & GUARDS


def test_any_model_will_do_when_none_is_named(tmp_path: Path) -> None:
    assert not [one for one in check(write(tmp_path, FAKE["another-model"]), model=None) if one.level == "error"]
