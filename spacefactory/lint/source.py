"""One Python file as rules see it: parsed once, with an index of what rules ask for most. Nothing is executed."""

from __future__ import annotations

import ast
import warnings
from collections import defaultdict
from dataclasses import dataclass, field
from functools import cached_property

from spacefactory.lint.grammar import NESTED, newer_f_string

MAX_CHARACTERS = 256 * 1024
MAX_NESTING = 200
MAX_NODES = 60_000
GRAMMAR = (3, 10)
"""ZeroGPU runs Python 3.10 and 3.12: what the older one reads, both read."""

Function = ast.FunctionDef | ast.AsyncFunctionDef
Scope = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


class UnreadableError(ValueError):
    """The file is no Python that can be checked; `line` is where, when that is known."""

    def __init__(self, message: str, line: int | None = None) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True, eq=False)
class Source:
    """A parsed file."""

    path: str
    module: ast.Module
    nodes: tuple[ast.AST, ...]
    """every node, in order of appearance by level"""
    parents: dict[ast.AST, ast.AST]
    imports: dict[str, str]
    """name in this file -> dotted name of what was imported"""
    calls: tuple[ast.Call, ...]
    functions: tuple[Function, ...]
    bindings: dict[str, list[ast.expr]] = field(default_factory=dict)
    """names of the module's own scope, with every value that is assigned to them there"""

    def name(self, node: ast.AST | None) -> str:
        """The dotted name of an expression with import aliases resolved; empty when it is none."""
        parts: list[str] = []
        while isinstance(node, ast.Attribute):
            parts.append(node.attr)
            node = node.value
        if not isinstance(node, ast.Name):
            return ""
        return ".".join([self.imports.get(node.id, node.id), *reversed(parts)])

    @cached_property
    def assigned(self) -> dict[str, list[ast.expr]]:
        """Names of every scope, with all that is assigned to them, `with ... as name` included."""
        found: dict[str, list[ast.expr]] = defaultdict(list)
        for node in self.nodes:
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    _bind(found, target, node.value)
            elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
                _bind(found, node.target, node.value)
            elif isinstance(node, ast.withitem) and node.optional_vars is not None:
                _bind(found, node.optional_vars, node.context_expr)
        return dict(found)

    @cached_property
    def by_name(self) -> dict[str, list[Function]]:
        """Functions of every scope by their own name."""
        found: dict[str, list[Function]] = defaultdict(list)
        for node in self.functions:
            found[node.name].append(node)
        return dict(found)

    def around(self, node: ast.AST) -> list[ast.AST]:
        """What a node stands in, innermost first."""
        found = []
        while (parent := self.parents.get(node)) is not None:
            found.append(parent)
            node = parent
        return found

    def scope(self, node: ast.AST) -> Scope | None:
        """The function that a node stands in; None at module scope."""
        return next((one for one in self.around(node) if isinstance(one, Scope)), None)

    def value(self, node: ast.expr | None) -> ast.expr | None:
        """The expression that a name of the module's scope is bound to, when that is one only; else the node."""
        for _ in range(5):
            if not (isinstance(node, ast.Name) and len(self.bindings.get(node.id, ())) == 1):
                break
            node = self.bindings[node.id][0]
        return node

    def text(self, node: ast.expr | None) -> str | None:
        """The text that an expression stands for: a literal, a name bound to one, or the default of an environment."""
        node = self.value(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            return node.value
        if (
            isinstance(node, ast.Call)
            and self.name(node.func) in ("os.environ.get", "os.getenv")
            and len(node.args) > 1
        ):
            return self.text(node.args[1]) if node.args[1] is not node else None
        return None


def parse(path: str, text: str) -> Source:
    """Parse a file.

    Raises:
        UnreadableError: it is too large, nested too deep, or no Python of the oldest grammar that Spaces run.
    """
    if len(text) > MAX_CHARACTERS:
        raise UnreadableError(f"it has more than {MAX_CHARACTERS} characters, more than is checked")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(text.removeprefix("\ufeff"), path, feature_version=GRAMMAR)
            _refuse_huge(module)
            compile(module, path, "exec", dont_inherit=True)
    except SyntaxError as error:
        raise UnreadableError(f"it is no Python 3.10: {error.msg}", error.lineno) from error
    except (ValueError, RecursionError, MemoryError, OverflowError) as error:
        raise UnreadableError(str(error) or "it is nested too deep to be read") from error
    if (line := newer_f_string(text)) is not None:
        raise UnreadableError(f"it is no Python 3.10: {NESTED}", line)
    return _index(path, module)


def _refuse_huge(module: ast.Module) -> None:
    level: list[ast.AST] = [module]
    seen = 0
    for _ in range(MAX_NESTING):
        level = [child for node in level for child in ast.iter_child_nodes(node)]
        if not level:
            return
        seen += len(level)
        if seen > MAX_NODES:
            raise UnreadableError(f"its code has more than {MAX_NODES} parts, more than is checked")
    raise UnreadableError(f"its code is nested deeper than {MAX_NESTING} levels", getattr(level[0], "lineno", None))


def _index(path: str, module: ast.Module) -> Source:
    nodes = tuple(ast.walk(module))
    parents = {child: node for node in nodes for child in ast.iter_child_nodes(node)}
    places = sorted((node for node in nodes if hasattr(node, "lineno")), key=_place)
    return Source(
        path=path,
        module=module,
        nodes=nodes,
        parents=parents,
        imports=_imports(nodes),
        calls=tuple(node for node in places if isinstance(node, ast.Call)),
        functions=tuple(node for node in places if isinstance(node, Function)),
        bindings=_bindings(module),
    )


def _place(node: ast.AST) -> tuple[int, int]:
    return getattr(node, "lineno", 0), getattr(node, "col_offset", 0)


def _imports(nodes: tuple[ast.AST, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for node in nodes:
        if isinstance(node, ast.Import):
            for alias in node.names:
                found[alias.asname or alias.name.split(".")[0]] = (
                    alias.name if alias.asname else alias.name.split(".")[0]
                )
        elif isinstance(node, ast.ImportFrom):
            base = "." * node.level + (node.module or "")
            for alias in node.names:
                found[alias.asname or alias.name] = f"{base}.{alias.name}" if node.module else f"{base}{alias.name}"
    return found


def _bindings(module: ast.Module) -> dict[str, list[ast.expr]]:
    found: dict[str, list[ast.expr]] = defaultdict(list)
    for node in module_statements(module):
        if isinstance(node, ast.Assign):
            for target in node.targets:
                _bind(found, target, node.value)
        elif isinstance(node, ast.AnnAssign | ast.AugAssign | ast.NamedExpr) and node.value is not None:
            _bind(found, node.target, node.value)
    return dict(found)


def _bind(found: dict[str, list[ast.expr]], target: ast.expr, value: ast.expr) -> None:
    if isinstance(target, ast.Name):
        found[target.id].append(value)
    elif isinstance(target, ast.Tuple | ast.List):
        paired = isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts)
        for index, one in enumerate(target.elts):
            _bind(found, one, value.elts[index] if paired and isinstance(value, ast.Tuple | ast.List) else value)


def module_statements(module: ast.Module) -> list[ast.AST]:
    """Every node of the module's own scope: bodies of functions and classes are left out."""
    waiting: list[ast.AST] = [module]
    found: list[ast.AST] = []
    while waiting:
        node = waiting.pop()
        found.append(node)
        inner = () if isinstance(node, Scope | ast.ClassDef) else ast.iter_child_nodes(node)
        waiting.extend(reversed([*inner]))
    return found
