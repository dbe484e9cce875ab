"""Every rule fires where its table says, with the line and the way to mend it, and is silent next to that."""

from __future__ import annotations

from pathlib import Path

import pytest

from spacefactory.lint.rules import RULES
from spacefactory.providers import LintRule
from spacefactory.schema.work import Finding
from tests.lint_apps import check
from tests.lint_cases import APP, FIRES, REQUIREMENTS, Case, readme
from tests.lint_cases_silent import SILENT

IN_NETWORK = {"req-resolves"}
"""Tested in test_lint_resolve.py."""


def _name(case: Case) -> str:
    return case.rule


def _files(case: Case) -> dict[str, str]:
    text = APP
    for old, new in case.edits:
        assert old in text
        text = text.replace(old, new)
    return {**readme(), "requirements.txt": REQUIREMENTS, "app.py": text, **case.files}


def _lint(case: Case, folder: Path) -> tuple[Finding, ...]:
    for name, text in _files(case).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return check(folder, targets=case.targets, weight_gib=case.weight_gib, revision=case.revision)


def test_the_good_space_breaks_no_rule(tmp_path: Path) -> None:
    assert _lint(Case(""), tmp_path) == ()


@pytest.mark.parametrize("case", FIRES, ids=_name)
def test_fires(case: Case, tmp_path: Path) -> None:
    found = [one for one in _lint(case, tmp_path) if one.rule == case.rule and case.says in one.message]
    assert found
    one = found[0]
    assert (one.file, one.level) == (case.file, case.level)
    lines = _files(case)[case.file].splitlines()
    assert case.at in (lines[one.line - 1] if one.line else "")
    assert bool(case.at) is bool(one.line)
    assert all(other.level == case.level for other in found)


@pytest.mark.parametrize("case", SILENT, ids=_name)
def test_is_silent(case: Case, tmp_path: Path) -> None:
    assert [one for one in _lint(case, tmp_path) if one.rule == case.rule] == []


def test_every_rule_has_both() -> None:
    names = {rule.name for rule in RULES} - IN_NETWORK
    assert {case.rule for case in FIRES} == names
    assert {case.rule for case in SILENT} == names


def test_rules_are_explained_for_the_reference_page() -> None:
    assert len({rule.name for rule in RULES}) == len(RULES)
    for rule in RULES:
        checked: LintRule = rule
        assert checked.name == rule.name
        assert rule.what
        assert rule.what[0].isupper() or rule.what[0] == "`"
        assert rule.why and rule.mend
        assert not (rule.why + rule.mend).endswith(".")
