"""Lists the files of a Space and applies lint rules to them; none of its code is run."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from spacefactory.lint.view import LoadedTree
from spacefactory.providers import LintRule
from spacefactory.schema.work import Finding, GeneratedTree

MAX_FILES = 2000
MAX_DEPTH = 12
SKIPPED = frozenset({".git", ".venv", "venv", "node_modules", "__pycache__", ".cache", ".tmp"})
"""Folders that are no part of what a Space shows or runs."""


def load_tree(
    folder: Path,
    *,
    targets: Iterable[str] = (),
    model: str | None = None,
    revision: str | None = None,
    weight_gib: float | None = None,
    resolve: bool = False,
) -> GeneratedTree:
    """The regular files of a folder as rules see them; links are not followed, and a huge folder is cut."""
    files = tuple(sorted(_files(folder)))
    return LoadedTree(
        folder=folder,
        files=files,
        targets=tuple(targets),
        model=model,
        revision=revision,
        weight_gib=weight_gib,
        resolve=resolve,
    )


def lint(tree: GeneratedTree, rules: Iterable[LintRule]) -> tuple[Finding, ...]:
    """Everything that breaks a rule, in order of file, line and rule; a rule that fails is a finding itself."""
    found = {finding for rule in rules for finding in _apply(rule, tree)}
    return tuple(sorted(found, key=lambda one: (one.file, one.line or 0, one.rule, one.level, one.message)))


def _apply(rule: LintRule, tree: GeneratedTree) -> list[Finding]:
    try:
        return [Finding.model_validate(one) for one in rule.check(tree)]
    except Exception as error:  # the plugin boundary: one broken rule must neither hide nor end the others
        what = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        message = f"this rule failed ({what}), so the Space was not checked against it; disable or mend its plugin"
        return [Finding(rule=rule.name, level="error", file=".", message=message)]


def _files(folder: Path) -> Iterator[str]:
    """Paths of regular files relative to the folder, with `/` between their parts."""
    waiting, found = [(folder, "", 0)], 0
    while waiting:
        here, prefix, depth = waiting.pop()
        for entry in _entries(here):
            path = prefix + entry.name
            if entry.is_dir(follow_symlinks=False):
                if entry.name not in SKIPPED and depth < MAX_DEPTH:
                    waiting.append((here / entry.name, f"{path}/", depth + 1))
            elif entry.is_file(follow_symlinks=False) and _is_text(path):
                found += 1
                yield path
            if found >= MAX_FILES:
                return


def _entries(folder: Path) -> list[os.DirEntry[str]]:
    """The first entries of a folder; none when it cannot be read, which a tree without files tells."""
    try:
        with os.scandir(folder) as entries:
            return [entry for entry, _ in zip(entries, range(MAX_FILES * 2), strict=False)]
    except OSError:
        return []


def _is_text(path: str) -> bool:
    """Whether the name is text at all; a name in another encoding cannot stand in a finding."""
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
