"""Promises of a LintRule."""

# ruff: noqa: S101 - contracts assert

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

import pytest

from spacefactory.lint.run import load_tree
from spacefactory.providers import LintRule
from spacefactory.schema.work import Finding, GeneratedTree
from spacefactory.testing.contracts.named import NamedContract, one_sentence

TRAP = 'import pathlib\npathlib.Path(__file__).with_name("ran").touch()\nraise SystemExit(3)\n'
"""A program that leaves a mark when it is run or imported."""
HOSTILE = {
    "nothing": {},
    "trap": {"app.py": TRAP.encode(), "requirements.txt": b"-e .\n", "README.md": b"---\n---\n"},
    "no text": {"app.py": b"\xff\xfe\0\0", "README.md": b"\x80" * 99, "requirements.txt": b"\xff"},
    "no python": {"app.py": b"def (:\n\t x\n  y\n"},
    "deep": {"app.py": b"x = " + b"(" * 3000 + b")" * 3000 + b"\n"},
    "null bytes": {"app.py": b"x = 1\0\n", "README.md": b"---\ntitle: \0\n---\n"},
    "bad front matter": {"README.md": b"---\na: [1, 2\nb: *c\n---\n", "app.py": b"x = 1\n"},
    "long": {"app.py": b"# " + b"x" * 300_000 + b"\n", "requirements.txt": b"a" * 100_000},
}


class LintRuleContract(NamedContract):
    """Override `provider`, `clean` and `dirty`."""

    protocol: ClassVar[type[Any]] = LintRule

    @pytest.fixture
    def clean(self) -> GeneratedTree:
        """A tree that keeps this rule."""
        raise NotImplementedError("override the fixture 'clean'")

    @pytest.fixture
    def dirty(self) -> GeneratedTree:
        """A tree that breaks it."""
        raise NotImplementedError("override the fixture 'dirty'")

    def test_clean_tree_has_no_finding(self, provider: LintRule, clean: GeneratedTree) -> None:
        """A rule that finds fault with good work would stop it."""
        assert self.checked(provider, clean) == []

    def test_dirty_tree_has_a_finding(self, provider: LintRule, dirty: GeneratedTree) -> None:
        """And the same ones each time."""
        found = self.checked(provider, dirty)
        assert found
        assert found == self.checked(provider, dirty)

    @pytest.mark.parametrize("kind", HOSTILE)
    def test_no_content_raises_or_runs(self, provider: LintRule, kind: str, tmp_path: Path) -> None:
        """Rules read untrusted files; they never run or change them."""
        folder = tmp_path / "tree"
        folder.mkdir()
        for name, content in HOSTILE[kind].items():
            (folder / name).write_bytes(content)
        self.checked(provider, load_tree(folder, targets=("zerogpu", "fixedgpu")))
        assert {path.name: path.read_bytes() for path in folder.iterdir()} == HOSTILE[kind]

    def test_files_that_are_gone_do_not_raise(self, provider: LintRule, tmp_path: Path) -> None:
        """The tree was listed before."""
        self.checked(provider, GeneratedTree(folder=tmp_path, files=("README.md", "app.py", "requirements.txt")))

    @staticmethod
    def checked(provider: LintRule, tree: GeneratedTree) -> list[Finding]:
        """Every finding, each of which names the rule, a file and what to do."""
        found = list(provider.check(tree))
        for finding in found:
            assert finding.rule == provider.name
            assert finding.file
            assert finding.line is None or finding.line >= 1
            assert one_sentence(finding.message), finding
        return found
