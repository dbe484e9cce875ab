"""Functions that ask ZeroGPU for a GPU: `spaces.GPU` in all the ways it can be applied."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from spacefactory.lint.events import Answering, resolve_function
from spacefactory.lint.source import Source
from spacefactory.lint.view import View


@dataclass(frozen=True, eq=False)
class GpuFunction:
    """A function under the decorator."""

    source: Source
    node: Answering
    mark: ast.expr
    """the decorator as written"""
    options: ast.Call | None
    """the call that holds `duration` and `size`; None without one"""

    @property
    def label(self) -> str:
        """Its name in a sentence."""
        return getattr(self.node, "name", "the lambda")


def gpu_functions(view: View) -> tuple[GpuFunction, ...]:
    """Every function under `spaces.GPU` in the app's files."""
    return view.once(_gpu_functions)


def _gpu_functions(view: View) -> tuple[GpuFunction, ...]:
    return tuple(one for source in view.sources for one in (*_decorated(source), *_applied(view, source)))


def _decorated(source: Source) -> Iterator[GpuFunction]:
    for function in source.functions:
        for mark in function.decorator_list:
            found, options = _is_gpu(source, mark)
            if found:
                yield GpuFunction(source, function, mark, options)


def _applied(view: View, source: Source) -> Iterator[GpuFunction]:
    """`spaces.GPU(f)`, `spaces.GPU(duration=60)(f)` and `spaces.GPU(f, duration=60)`."""
    for call in source.calls:
        found, options = _is_gpu(source, call.func)
        if not (found and call.args):
            continue
        handler = resolve_function(view, source, call.args[0])
        if handler is not None:
            yield GpuFunction(handler.source, handler.node, call, options or (call if call.keywords else None))


def _is_gpu(source: Source, node: ast.expr) -> tuple[bool, ast.Call | None]:
    """Whether an expression is the decorator, and the call that holds its options."""
    options = None
    for _ in range(4):
        if isinstance(node, ast.Call):
            options, node = node, node.func
        elif isinstance(node, ast.Name) and node.id not in source.imports and (value := source.value(node)) is not node:
            node = value if value is not None else node
        else:
            break
    return source.name(node) == "spaces.GPU", options
