"""The rule for what handlers keep: nothing in the module, since calls run at the same time and in other processes."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from spacefactory.lint.reach import Placed, from_handlers, inside
from spacefactory.lint.rule import Fault, Rule
from spacefactory.lint.source import Source
from spacefactory.lint.view import View


def state(view: View) -> Iterator[Fault]:
    """Handlers change no list, dictionary or name of the module."""
    for source, function in from_handlers(view):
        for name, line in _written(source, (source, function)):
            message = (
                f"{name} is changed by a handler, and calls run at the same time and in other processes; use gr.State"
            )
            yield Fault(message, line, source.path)


def _written(source: Source, placed: Placed) -> Iterator[tuple[str, int]]:
    """Names of the module that a function rebinds, or whose contents it changes, with the line."""
    _, function = placed
    if isinstance(function, ast.Lambda):
        return
    nodes = [node for _, node in inside([placed])]
    declared = {name for node in nodes if isinstance(node, ast.Global) for name in node.names}
    own = _own_names(function, nodes) - declared
    for node in nodes:
        targets = (
            node.targets if isinstance(node, ast.Assign) else [node.target] if isinstance(node, ast.AugAssign) else []
        )
        for target in targets:
            if isinstance(target, ast.Name) and target.id in declared:
                yield target.id, target.lineno
            elif isinstance(target, ast.Subscript) and (name := _mutable(source, target.value, own)):
                yield name, target.lineno
        changes = isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in _CHANGES
        receiver = node.func.value if changes else None  # type: ignore[attr-defined]
        if receiver is not None and (name := _mutable(source, receiver, own)):
            yield name, receiver.lineno


_CHANGES = frozenset(
    {"append", "extend", "insert", "add", "update", "pop", "remove", "clear", "setdefault", "popitem", "appendleft"}
)


def _own_names(function: ast.FunctionDef | ast.AsyncFunctionDef, nodes: list[ast.AST]) -> set[str]:
    given = function.args
    names = {one.arg for one in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
    return names | {node.id for node in nodes if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)}


def _mutable(source: Source, node: ast.expr, own: set[str]) -> str:
    """The name of a list, dictionary or set of the module."""
    if not isinstance(node, ast.Name) or node.id in own:
        return ""
    made = ("list", "dict", "set", "collections.defaultdict", "collections.deque", "collections.OrderedDict")
    for value in source.bindings.get(node.id, ()):
        if isinstance(value, ast.List | ast.Dict | ast.Set | ast.ListComp | ast.DictComp):
            return node.id
        if isinstance(value, ast.Call) and source.name(value.func) in made:
            return node.id
    return ""


RULES = (
    Rule(
        "app-state",
        state,
        level="warning",
        why="handlers run in parallel and, on ZeroGPU, in other processes, where the change is lost",
        mend="return the value, or keep it in gr.State",
    ),
)
