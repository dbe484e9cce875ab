"""Which functions of an app's own files run when one of them is called."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from spacefactory.lint.events import Answering, Handler, events, handler_of, main_handlers, source_of
from spacefactory.lint.source import Function, Source
from spacefactory.lint.view import View

Placed = tuple[Source, Answering]


def reached(view: View, start: Iterable[Placed]) -> list[Placed]:
    """The functions to start with and those that they name, over the app's own files."""
    found: dict[Answering, Source] = {}
    waiting = [*start]
    while waiting:
        source, node = waiting.pop()
        if node not in found:
            found[node] = source
            waiting.extend(_named(view, source, node))
    return [(source, node) for node, source in found.items()]


def from_handlers(view: View) -> list[Placed]:
    """What runs when the app is called: functions behind any of its endpoints."""
    return view.once(_from_handlers)


def from_main(view: View) -> list[Placed]:
    """What runs when /generate is called."""
    return view.once(_from_main)


def inside(placed: Iterable[Placed]) -> Iterator[tuple[Source, ast.AST]]:
    """Every node of these functions' bodies, once each, in order of appearance."""
    seen: set[ast.AST] = set()
    for source, function in placed:
        body = function.body if isinstance(function.body, list) else [function.body]
        for statement in body:
            for node in ast.walk(statement):
                if node not in seen:
                    seen.add(node)
                    yield source, node


def _from_handlers(view: View) -> list[Placed]:
    handlers = [handler_of(view, event) for event in events(view)]
    return reached(view, _placed(one for one in handlers if one is not None))


def _from_main(view: View) -> list[Placed]:
    return reached(view, _placed(main_handlers(view)))


def _placed(handlers: Iterable[Handler]) -> list[Placed]:
    return [(one.source, one.node) for one in handlers]


def _named(view: View, source: Source, function: Answering) -> Iterator[Placed]:
    decorators = getattr(function, "decorator_list", [])
    for node in (*ast.walk(function), *(part for one in decorators for part in ast.walk(one))):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            yield from ((source, one) for one in source.by_name.get(node.id, ()))
            yield from _elsewhere(view, source.imports.get(node.id, ""))
        elif isinstance(node, ast.Attribute):
            yield from _methods(view, source, node)


def _elsewhere(view: View, dotted: str) -> Iterator[Placed]:
    module, _, name = dotted.rpartition(".")
    source = source_of(view, module)
    if source is not None:
        yield from ((source, one) for one in source.by_name.get(name, ()))


def _methods(view: View, source: Source, node: ast.Attribute) -> Iterator[Placed]:
    """A function of a module of the tree, or any method of that name in a class of the tree."""
    dotted = source.name(node)
    if dotted and source_of(view, dotted.rpartition(".")[0]) is not None:
        yield from _elsewhere(view, dotted)
        return
    for where in view.sources:
        for one in where.by_name.get(node.attr, ()):
            if isinstance(where.parents.get(one), ast.ClassDef) and isinstance(one, Function):
                yield where, one
