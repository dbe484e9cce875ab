"""What a Gradio app listens to: events, interfaces and plain API functions, with the functions that answer them."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from spacefactory.lint.source import Function, Source
from spacefactory.lint.view import View, local_file
from spacefactory.lint.vocabulary import words

LISTENERS = words(
    "change input click double_click submit stop edit clear play pause end start_recording pause_recording "
    "stop_recording focus blur upload release select stream like example_select option_select load unload key_up apply "
    "delete tick undo retry expand collapse download copy then success failure"
)
"""Methods of components and Blocks that bind a function (gradio 6.31)."""
SPECIAL = words(
    "Request Progress OAuthToken OAuthProfile EventData SelectData LikeData DeletedFileData RetryData UndoData"
)
"""Annotations of parameters that Gradio fills itself."""
_BINDING = frozenset({"api_name", "inputs", "outputs"})
_CHAINED = frozenset({"then", "success", "failure"})
Kind = Literal["event", "api", "interface", "chat"]
Answering = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(frozen=True, eq=False)
class Event:
    """One place where the app binds a function to an endpoint."""

    source: Source
    call: ast.Call
    kind: Kind
    handler: ast.expr | Function | None
    inputs: ast.expr | None
    outputs: ast.expr | None

    def option(self, name: str) -> ast.expr | None:
        """The value of a keyword argument, None when it is not given."""
        return keyword(self.call, name)

    @property
    def api_name(self) -> str | None:
        """The endpoint's name when it is written in the call, and can be known."""
        return self.source.text(self.option("api_name"))

    @property
    def unclear(self) -> bool:
        """Whether the name may be given in a way that cannot be read."""
        given = self.option("api_name")
        hidden = given is not None and self.api_name is None and not isinstance(given, ast.Constant)
        return hidden or any(one.arg is None for one in self.call.keywords)


@dataclass(frozen=True, eq=False)
class Handler:
    """A function that answers an endpoint."""

    source: Source
    node: Answering
    method: bool = False
    """whether its first parameter is the object itself"""
    bound: bool = False
    """whether some of its parameters are already filled, as `functools.partial` does"""

    @property
    def parameters(self) -> list[tuple[ast.arg, ast.expr | None]]:
        """Parameters that Gradio fills from components, each with its default."""
        given = self.node.args
        plain = [*given.posonlyargs, *given.args]
        defaults: list[ast.expr | None] = [None] * (len(plain) - len(given.defaults)) + [*given.defaults]
        pairs = [*zip(plain, defaults, strict=True)][1 if self.method else 0 :]
        return [(one, default) for one, default in pairs if not _special(self.source, one, default)]


def keyword(call: ast.Call, name: str) -> ast.expr | None:
    """The value of a keyword argument, None when it is not given."""
    return next((one.value for one in call.keywords if one.arg == name), None)


def argument(call: ast.Call, name: str, position: int) -> ast.expr | None:
    """An argument by keyword or by position."""
    if (found := keyword(call, name)) is not None:
        return found
    plain = not any(isinstance(one, ast.Starred) for one in call.args[: position + 1])
    return call.args[position] if plain and len(call.args) > position else None


def events(view: View) -> tuple[Event, ...]:
    """Every binding of the app's files, in order."""
    return view.once(_events)


def generates(view: View) -> tuple[Event, ...]:
    """Bindings of the endpoint /generate."""
    return tuple(event for event in events(view) if event.api_name == "generate")


def main_handlers(view: View) -> tuple[Handler, ...]:
    """Functions that answer /generate; without such an endpoint those of interfaces, or of what is named generate."""
    named = generates(view) or tuple(one for one in events(view) if one.kind in ("interface", "chat"))
    found = [handler_of(view, event) for event in named]
    if not named:
        every = [handler_of(view, event) for event in events(view)]
        found = [one for one in every if one and isinstance(one.node, Function) and one.node.name == "generate"]
    unique = {one.node: one for one in found if one is not None}
    return tuple(unique.values())


def _events(view: View) -> tuple[Event, ...]:
    return tuple(event for source in view.sources for event in _of_source(source))


def _of_source(source: Source) -> Iterator[Event]:
    decorators = {one: function for function in source.functions for one in function.decorator_list}
    for call in source.calls:
        kind = _kind(source, call)
        if kind is None:
            continue
        at = 1 if source.name(call.func) == "gradio.on" else 0
        decorated = decorators.get(call)
        handler = decorated or argument(call, "fn", at)
        shift = at if decorated else at + 1
        if kind == "chat":
            yield Event(source, call, kind, handler, None, None)
        else:
            yield Event(
                source, call, kind, handler, argument(call, "inputs", shift), argument(call, "outputs", shift + 1)
            )


def _kind(source: Source, call: ast.Call) -> Kind | None:
    name = source.name(call.func)
    kinds: dict[str, Kind] = {
        "gradio.api": "api",
        "gradio.on": "event",
        "gradio.Interface": "interface",
        "gradio.ChatInterface": "chat",
    }
    if name in kinds:
        return kinds[name]
    if not (isinstance(call.func, ast.Attribute) and call.func.attr in LISTENERS) or name.startswith("gradio."):
        return None
    binds = any(one.arg in _BINDING for one in call.keywords)
    return "event" if binds or ((call.args or call.keywords) and _listens(source, call.func.value)) else None


def _listens(source: Source, receiver: ast.expr) -> bool:
    """Whether an expression is a component, Blocks, or an event to which another one is chained."""
    if isinstance(receiver, ast.Call):
        if source.name(receiver.func).startswith("gradio."):
            return True
        func = receiver.func
        return isinstance(func, ast.Attribute) and func.attr in LISTENERS and _listens(source, func.value)
    if not isinstance(receiver, ast.Name):
        return False
    values = (one for one in source.assigned.get(receiver.id, ()) if isinstance(one, ast.Call))
    return any(source.name(one.func).startswith("gradio.") for one in values)


def handler_of(view: View, event: Event) -> Handler | None:
    """The function that answers; None when it cannot be told."""
    if isinstance(event.handler, Function):
        return Handler(event.source, event.handler)
    return resolve_function(view, event.source, event.handler)


def resolve_function(view: View, source: Source, node: ast.expr | None, depth: int = 6) -> Handler | None:
    """The function that an expression stands for: a name, a method, a partial, a decorated one, a lambda."""
    if depth == 0 or node is None:
        return None
    if isinstance(node, ast.Lambda):
        return Handler(source, node)
    if isinstance(node, ast.Call):
        return _from_call(view, source, node, depth)
    if isinstance(node, ast.Name):
        return _from_name(view, source, node, depth)
    return _from_attribute(view, source, node) if isinstance(node, ast.Attribute) else None


def _from_call(view: View, source: Source, node: ast.Call, depth: int) -> Handler | None:
    name = source.name(node.func)
    first = node.args[0] if node.args else None
    if name in ("functools.partial", "functools.partialmethod"):
        inner = resolve_function(view, source, first, depth - 1)
        return Handler(inner.source, inner.node, inner.method, bound=True) if inner else None
    if name in ("spaces.GPU", "torch.no_grad", "torch.inference_mode") and first is not None:
        return resolve_function(view, source, first, depth - 1)
    if isinstance(node.func, ast.Call) and first is not None:  # a decorator with arguments: spaces.GPU(duration=60)(f)
        return resolve_function(view, source, first, depth - 1)
    return None


def _from_name(view: View, source: Source, node: ast.Name, depth: int) -> Handler | None:
    functions = source.by_name.get(node.id, [])
    values = source.assigned.get(node.id, [])
    if len(functions) == 1 and all(_mentions(value, node.id) for value in values):
        return Handler(source, functions[0], method=_is_method(source, functions[0]))
    if not functions and len(values) == 1:
        return resolve_function(view, source, values[0], depth - 1)
    return None if functions or values else _imported(view, source.imports.get(node.id, ""))


def _mentions(value: ast.expr, name: str) -> bool:
    """`f = spaces.GPU(f)` is still f."""
    return any(isinstance(one, ast.Name) and one.id == name for one in ast.walk(value))


def _imported(view: View, dotted: str) -> Handler | None:
    module, _, name = dotted.rpartition(".")
    source = source_of(view, module)
    found = source.by_name.get(name, []) if source else []
    return Handler(source, found[0]) if source and len(found) == 1 else None


def source_of(view: View, module: str) -> Source | None:
    """The parsed file of a module of the tree."""
    module = module.lstrip(".")
    return view.modules.get(module) if module and local_file(view.tree, module) else None


def _from_attribute(view: View, source: Source, node: ast.Attribute) -> Handler | None:
    if (imported := _imported(view, source.name(node))) is not None:
        return imported
    owner = class_of(view, source, node.value)
    if owner is None:
        return None
    where, found = owner
    methods = [one for one in found.body if isinstance(one, Function) and one.name == node.attr]
    static = methods and any(where.name(one) == "staticmethod" for one in methods[0].decorator_list)
    return Handler(where, methods[0], method=not static) if len(methods) == 1 else None


def class_of(view: View, source: Source, node: ast.expr) -> tuple[Source, ast.ClassDef] | None:
    """The class of the tree that an expression is an object of (or the class itself)."""
    if isinstance(node, ast.Name) and node.id in ("self", "cls"):
        inside = [one for one in source.around(node) if isinstance(one, ast.ClassDef)]
        return (source, inside[0]) if inside else None
    if isinstance(node, ast.Call):
        return _class(view, source, node.func)
    if isinstance(node, ast.Name):
        values = source.assigned.get(node.id, [])
        if len(values) == 1 and isinstance(values[0], ast.Call):
            return _class(view, source, values[0].func)
    return _class(view, source, node)


def _class(view: View, source: Source, node: ast.expr) -> tuple[Source, ast.ClassDef] | None:
    dotted = source.name(node)
    module, _, name = dotted.rpartition(".")
    where = source_of(view, module) if module else source
    classes = [one for one in where.nodes if isinstance(one, ast.ClassDef) and one.name == name] if where else []
    return (where, classes[0]) if where and len(classes) == 1 else None


def _is_method(source: Source, node: Function) -> bool:
    return isinstance(source.parents.get(node), ast.ClassDef)


def _special(source: Source, one: ast.arg, default: ast.expr | None) -> bool:
    named = {source.name(part) for part in ast.walk(one.annotation)} if one.annotation else set()
    texts = (
        [part.value for part in ast.walk(one.annotation) if isinstance(part, ast.Constant)] if one.annotation else []
    )
    named |= {text.strip() for text in texts if isinstance(text, str)}
    if isinstance(default, ast.Call):
        named.add(source.name(default.func))
    return any(name.rpartition(".")[2] in SPECIAL for name in named)
