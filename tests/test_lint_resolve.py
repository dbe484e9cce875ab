"""Requirements are resolved together with the builder's own list; these tests ask the package index."""

from __future__ import annotations

from pathlib import Path

import pytest

from spacefactory.lint.resolve import RULES, resolve
from spacefactory.lint.rule import Rule
from spacefactory.testing.require import absent
from tests.lint_apps import check
from tests.lint_cases import APP, readme

(RULE,) = RULES


def _found(folder: Path, requirements: str, *, resolving: bool = True) -> list[tuple[str, int | None, str]]:
    for name, text in {**readme(), "requirements.txt": requirements, "app.py": APP}.items():
        (folder / name).write_text(text, encoding="utf-8")
    found = [one for one in check(folder, resolve=resolving) if one.rule == "req-resolves"]
    return [(one.level, one.line, one.message) for one in found]


def _index(found: list[tuple[str, int | None, str]]) -> None:
    if any("did not answer" in message for _, _, message in found):
        absent("the package index does not answer")


def test_nobody_is_asked_unless_that_is_allowed(tmp_path: Path) -> None:
    assert _found(tmp_path, "pydantic==1.0\n", resolving=False) == []


def test_lines_that_are_no_names_are_not_handed_to_a_resolver(tmp_path: Path) -> None:
    assert _found(tmp_path, "--index-url https://example.com\n") == []


@pytest.mark.slow
def test_a_set_with_a_solution(tmp_path: Path) -> None:
    found = _found(tmp_path, "soundfile\n")
    _index(found)
    assert found == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("requirements", "line"),
    [("soundfile\npydantic==1.10.2\n", 2), ("no-such-distribution-of-anybody\n", 1), ("transformers==4.40.0\n", None)],
)
def test_a_set_without_one(requirements: str, line: int | None, tmp_path: Path) -> None:
    found = _found(tmp_path, requirements)
    _index(found)
    ((level, at, message),) = found
    assert level == "error"
    assert "cannot be installed together" in message
    assert "loosen or remove" in message
    assert "http" not in message
    assert line is None or at == line


def test_too_little_time_says_nothing_about_the_requirements() -> None:
    problem = resolve(["soundfile"], sdk_version="6.31.0", python="3.12", limit_s=0.001)
    assert problem is not None
    assert problem.unsure
    assert "not resolved" in problem.message


def test_an_index_that_does_not_answer_is_a_warning(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("UV_DEFAULT_INDEX", "UV_INDEX_URL"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/simple")
    monkeypatch.setenv("UV_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("UV_OFFLINE", "0")
    found = _found(tmp_path, "soundfile\n")
    assert [level for level, _, _ in found] == ["warning"]
    assert "http" not in found[0][2]


def test_it_is_a_rule_like_the_others() -> None:
    rule: Rule = RULE
    assert (rule.name, rule.file, rule.level) == ("req-resolves", "requirements.txt", "error")
