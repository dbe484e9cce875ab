"""The files of a Space, read once for all rules."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar, cast

from spacefactory.lint.requirement_lines import Line, parse_requirements
from spacefactory.lint.source import Source, UnreadableError, parse
from spacefactory.repository import front_matter
from spacefactory.schema.work import GeneratedTree

MAX_BYTES = 512 * 1024
MAX_MODULES = 50
T = TypeVar("T")


@dataclass(frozen=True, eq=False)
class View:
    """What rules look at."""

    tree: GeneratedTree
    readme: str | None
    """text of README.md, None when there is none"""
    front: dict[str, Any] | None
    """its front matter, None when there is none that can be read"""
    front_problem: str
    requirements: tuple[Line, ...]
    packages: str | None
    app_file: str
    app: Source | None
    """the app's file, None when it is missing or cannot be read"""
    problem: UnreadableError | None
    """why it cannot be read"""
    modules: dict[str, Source] = field(default_factory=dict)
    """the other Python files that the app imports, by module name"""
    memo: dict[object, object] = field(default_factory=dict, repr=False)

    def once(self, make: Callable[[View], T]) -> T:
        """What a function finds in this view, worked out at the first call only."""
        if make not in self.memo:
            self.memo[make] = make(self)
        return cast(T, self.memo[make])

    @property
    def zerogpu(self) -> bool:
        """Whether the Space must suit ZeroGPU."""
        return "zerogpu" in self.tree.targets

    @property
    def sources(self) -> tuple[Source, ...]:
        """Every parsed file, the app first."""
        return (*([self.app] if self.app else []), *self.modules.values())

    def texts(self) -> Iterator[tuple[str, str]]:
        """Names and texts of all files that are text, each cut at 512 KiB."""
        for name in self.tree.files:
            text = read_text(self.tree.folder, name)
            if text is not None and "\0" not in text:
                yield name, text


class LoadedTree(GeneratedTree):
    """A tree that keeps its view, so that many rules read and parse once."""

    @cached_property
    def view(self) -> View:
        """What rules look at."""
        return _view(self)


def view_of(tree: GeneratedTree) -> View:
    """The view of a tree."""
    return tree.view if isinstance(tree, LoadedTree) else _view(tree)


def read_text(folder: Path, name: str) -> str | None:
    """The first 512 KiB of a regular file as text; None when it cannot be read."""
    try:
        descriptor = os.open(folder / name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        with os.fdopen(descriptor, "rb") as file:
            return file.read(MAX_BYTES).decode("utf-8", errors="replace")
    except (OSError, ValueError):
        return None


def _view(tree: GeneratedTree) -> View:
    readme = _file(tree, "README.md")
    front, problem = _front(readme)
    app_file = _app_file(tree, front)
    app, unreadable = _parse(app_file, _file(tree, app_file))
    return View(
        tree=tree,
        readme=readme,
        front=front,
        front_problem=problem,
        requirements=parse_requirements(_file(tree, "requirements.txt") or ""),
        packages=_file(tree, "packages.txt"),
        app_file=app_file,
        app=app,
        problem=unreadable,
        modules=_local_modules(tree, app) if app else {},
    )


def _file(tree: GeneratedTree, name: str) -> str | None:
    return read_text(tree.folder, name) if name in tree.files else None


def _front(readme: str | None) -> tuple[dict[str, Any] | None, str]:
    if readme is None:
        return None, "there is no README.md"
    block, _ = front_matter.split(readme)
    if block is None:
        return None, "README.md does not begin with a block between two lines ---"
    try:
        return front_matter.parse(block), ""
    except front_matter.FrontMatterError as error:
        return None, f"the block at the head of README.md cannot be read: {error}"


def _app_file(tree: GeneratedTree, front: dict[str, Any] | None) -> str:
    named = (front or {}).get("app_file")
    return named if isinstance(named, str) and named.endswith(".py") and named in tree.files else "app.py"


def _parse(path: str, text: str | None) -> tuple[Source | None, UnreadableError | None]:
    if text is None:
        return None, UnreadableError("the file is missing or cannot be read")
    try:
        return parse(path, text), None
    except UnreadableError as error:
        return None, error


def _local_modules(tree: GeneratedTree, app: Source) -> dict[str, Source]:
    """Files of the tree that the app imports, and those that they import; a file that cannot be read is left out."""
    found: dict[str, Source] = {}
    waiting = [app]
    while waiting and len(found) < MAX_MODULES:
        for target in waiting.pop().imports.values():
            for name in _module_names(target):
                path = local_file(tree, name)
                if path is None or name in found or path == app.path:
                    continue
                source, _ = _parse(path, _file(tree, path))
                if source is not None:
                    found[name] = source
                    waiting.append(source)
    return found


def _module_names(target: str) -> tuple[str, ...]:
    """`a.b.c` may be the module a.b.c, or the name c in the module a.b."""
    target = target.lstrip(".")
    return (target, target.rpartition(".")[0]) if "." in target else (target,)


def local_file(tree: GeneratedTree, module: str) -> str | None:
    """The file of the tree that holds a module, None when it comes from elsewhere."""
    path = module.replace(".", "/")
    return next((name for name in (f"{path}.py", f"{path}/__init__.py") if module and name in tree.files), None)
