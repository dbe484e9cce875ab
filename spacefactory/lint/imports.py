"""Which distributions an app's imports need, and which of them something installs."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from packaging.utils import canonicalize_name

from spacefactory.lint.packages_known import BRINGS, BUILDER_BRINGS, HUB_ONLY, INDIRECT, MODULES, SAME_MODULE, USUAL
from spacefactory.lint.source import Source
from spacefactory.lint.view import View, local_file

_OLD = frozenset({"distutils", "imp", "asyncore", "asynchat", "smtpd"})
"""In the standard library of Python 3.10."""
STANDARD = frozenset(sys.stdlib_module_names) | _OLD


@dataclass(frozen=True)
class Missing:
    """An import that nothing covers."""

    module: str
    distribution: str
    line: int
    file: str
    level: Literal["error", "warning"]


@dataclass(frozen=True)
class Found:
    """Imports of an app against its requirements."""

    missing: tuple[Missing, ...]
    used: frozenset[str]
    """names of requirements that some import explains"""


@dataclass(frozen=True)
class _Import:
    module: str
    line: int
    source: Source
    optional: bool


def imported_distributions(view: View) -> Found:
    """Match imports with requirements."""
    return view.once(_match)


def used_indirectly(name: str) -> bool:
    """Whether libraries are known to import a distribution on their own."""
    return name in INDIRECT


def distribution(module: str) -> str:
    """The usual distribution of a module."""
    top = module.split(".")[0]
    return MODULES.get(".".join(module.split(".")[:2])) or MODULES.get(top) or canonicalize_name(top)


def _match(view: View) -> Found:
    listed = {line.name for line in view.requirements if line.name}
    brought = {other for name in listed for other in BRINGS.get(name, ())}
    imports = [one for source in view.sources for one in _imports(view, source)]
    used = {name for one in imports for name in _names(one.module) if name in listed}
    spare = {name for name in listed - used if name not in USUAL | INDIRECT | BRINGS.keys()}
    missing: dict[str, Missing] = {}
    for one in imports:
        if not (one.optional or _covered(one.module, listed, brought)):
            missing.setdefault(one.module.split(".")[0], _missing(one, spare))
    return Found(tuple(missing.values()), frozenset(used))


def _covered(module: str, listed: set[str], brought: set[str]) -> bool:
    return any(name in listed or name in brought or name in BUILDER_BRINGS for name in _names(module))


def _missing(one: _Import, spare: set[str]) -> Missing:
    """Less than certain when a requirement that is not known to us may bring the module, or the Hub's builder does."""
    name = distribution(one.module)
    unsure = bool(spare) or name in HUB_ONLY or _path_changed(one.source)
    top = one.module if one.module.startswith("google.") else one.module.split(".")[0]
    return Missing(top, name, one.line, one.source.path, "warning" if unsure else "error")


def _path_changed(source: Source) -> bool:
    """Whether modules may come from folders that only the running app knows, such as a downloaded repository."""
    return any(
        source.name(one.func) in ("sys.path.append", "sys.path.insert", "sys.path.extend") for one in source.calls
    )


def _names(module: str) -> set[str]:
    """Distributions that may hold a module."""
    name = distribution(module)
    near = {name, f"python-{name}", f"{name}-python", f"py{name}", *SAME_MODULE.get(name, ())}
    top = canonicalize_name(module.split(".")[0])
    return near | {top} if top != "google" else near


def _imports(view: View, source: Source) -> Iterator[_Import]:
    for node in source.nodes:
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            deep = node.module == "google"
            names = [f"{node.module}.{alias.name}" for alias in node.names] if deep else [node.module]
        else:
            continue
        optional = _optional(source, node)
        for name in names:
            if name.split(".")[0] not in STANDARD and not _own(view, name.split(".")[0]):
                yield _Import(name, node.lineno, source, optional)


def _own(view: View, top: str) -> bool:
    """Whether a module is a file or a folder of the tree."""
    return local_file(view.tree, top) is not None or any(name.startswith(f"{top}/") for name in view.tree.files)


def _optional(source: Source, node: ast.AST) -> bool:
    """Whether the app goes on without the module: a caught import, or one for type checkers."""
    child = node
    for parent in source.around(node):
        if isinstance(parent, ast.Try) and child in parent.body and parent.handlers:
            return True
        if isinstance(parent, ast.If) and "TYPE_CHECKING" in source.name(parent.test):
            return True
        child = parent
    return False
