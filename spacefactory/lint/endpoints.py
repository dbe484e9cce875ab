"""Rules for the two endpoints that every generated Space has: /generate and /health."""

from __future__ import annotations

import ast
from collections.abc import Iterator

from spacefactory.lint.events import Event, Handler, events, generates, handler_of, main_handlers
from spacefactory.lint.rule import Fault, Rule
from spacefactory.lint.source import Source
from spacefactory.lint.view import View

_GENERATE = 'api_name="generate"'
_HEALTH = 'gr.api(health, api_name="health", queue=False)'


def generate(view: View) -> Iterator[Fault]:
    """One event is named generate, and callers may see it."""
    if view.app is None:
        return
    found = generates(view)
    if not found:
        yield from _no_generate(view)
    for event in found[1:]:
        yield Fault(f"{_GENERATE} stands at a second event; keep it at one", event.call.lineno, event.source.path)
    for event in found:
        seen = event.option("api_visibility")
        text = event.source.text(seen)
        if text not in (None, "public") or (seen is not None and text is None and isinstance(seen, ast.Constant)):
            yield Fault(
                f"/generate is hidden by api_visibility={text!r}; remove it", event.call.lineno, event.source.path
            )


def health(view: View) -> Iterator[Fault]:
    """`/health` is a plain API function without queue, with an annotated return."""
    if view.app is None:
        return
    named = [event for event in events(view) if event.api_name == "health"]
    found = [event for event in named if event.kind == "api"]
    if not found and not any(event.kind == "api" and event.unclear for event in events(view)):
        wrong = named[0] if named else None
        yield Fault(f"there is no /health; write {_HEALTH} inside the Blocks", *_place(wrong))
    for event in found:
        queue = event.source.value(event.option("queue"))
        if not (isinstance(queue, ast.Constant) and queue.value is False):
            yield Fault("/health must answer while the queue is full; add queue=False", *_place(event))
        handler = handler_of(view, event)
        if handler and getattr(handler.node, "returns", None) is None:
            message = "the function behind /health has no return annotation, so callers get nothing; write -> dict"
            yield Fault(message, handler.node.lineno, handler.source.path)


def signature(view: View) -> Iterator[Fault]:
    """Handlers take as many values as events give; for /generate all are annotated, and all but one have a default."""
    for event in events(view):
        handler = handler_of(view, event)
        if handler is not None and event.kind != "api":
            yield from _count(event, handler, exact=event.api_name == "generate")
    chats = {handler_of(view, event) for event in generates(view) if event.kind == "chat"}
    required = 2 if chats else 1
    for handler in main_handlers(view):
        yield from _typed(handler, required)


def _no_generate(view: View) -> Iterator[Fault]:
    """An interface whose function is named generate has the endpoint all the same; say so."""
    if any(event.unclear for event in events(view)):
        return
    for event in events(view):
        handler = handler_of(view, event)
        name = getattr(handler.node, "name", "") if handler else ""
        if event.kind in ("interface", "chat") and event.option("api_name") is None and name == "generate":
            yield Fault(f"name the endpoint itself: {_GENERATE}", *_place(event), level="warning")
            return
    bound = next((event for event in events(view) if event.outputs is not None), None)
    yield Fault(f"no event has {_GENERATE}; add it to the one that runs the model", *_place(bound))


def _place(event: Event | None) -> tuple[int | None, str | None]:
    return (event.call.lineno, event.source.path) if event else (None, None)


def _count(event: Event, handler: Handler, *, exact: bool) -> Iterator[Fault]:
    given = _given(event)
    arguments = handler.node.args
    if given is None or handler.bound or arguments.vararg or arguments.kwonlyargs or _rewrapped(handler):
        return
    names = [one.arg for one, _ in handler.parameters]
    needed = sum(default is None for _, default in handler.parameters)
    lowest = len(names) if exact and event.kind != "chat" else needed
    if not lowest <= given <= len(names):
        takes = f"{len(names)}" if lowest == len(names) else f"{lowest} to {len(names)}"
        message = f"the event gives {given} inputs and its function takes {takes} ({', '.join(names)}); make them equal"
        yield Fault(message, event.call.lineno, event.source.path)


def _rewrapped(handler: Handler) -> bool:
    """Whether a decorator of the app's own may change what the function takes."""
    marks = getattr(handler.node, "decorator_list", [])
    names = [handler.source.name(mark.func if isinstance(mark, ast.Call) else mark) for mark in marks]
    return any(name in handler.source.by_name for name in names)


def _given(event: Event) -> int | None:
    """How many values the event hands over; None when that cannot be told."""
    if event.unclear and event.kind != "interface":
        return None
    if event.kind == "chat":
        more = _length(event.source, event.option("additional_inputs"))
        return None if more is None else 2 + more
    extra = _length(event.source, event.option("additional_inputs"))
    own = _length(event.source, event.inputs)
    return None if own is None or extra is None else own + extra


def _length(source: Source, node: ast.expr | None) -> int | None:
    if node is None or (isinstance(node, ast.Constant) and node.value is None):
        return 0
    if isinstance(node, ast.Set):
        return 1
    if isinstance(node, ast.List | ast.Tuple):
        return None if any(isinstance(one, ast.Starred) for one in node.elts) else len(node.elts)
    if isinstance(node, ast.Constant):
        return 1
    if isinstance(node, ast.Name):
        return _named_length(source, node)
    return 1 if isinstance(node, ast.Call) and source.name(node.func).startswith("gradio.") else None


def _named_length(source: Source, node: ast.Name) -> int | None:
    values = source.assigned.get(node.id, [])
    if len(values) != 1 or _grows(source, node.id):
        return None
    value = values[0]
    if isinstance(value, ast.List | ast.Tuple):
        return _length(source, value)
    return 1 if isinstance(value, ast.Call) and source.name(value.func).startswith("gradio.") else None


def _grows(source: Source, name: str) -> bool:
    """Whether a list is changed after it was made."""
    changed = [node for node in source.nodes if isinstance(node, ast.AugAssign) and source.name(node.target) == name]
    calls = [f"{name}.{method}" for method in ("append", "extend", "insert", "pop", "remove", "clear")]
    return bool(changed) or any(source.name(call.func) in calls for call in source.calls)


def _typed(handler: Handler, required: int) -> Iterator[Fault]:
    if isinstance(handler.node, ast.Lambda):
        message = "a lambda answers /generate and cannot be documented; write a function with annotated parameters"
        yield Fault(message, handler.node.lineno, handler.source.path)
        return
    for index, (one, default) in enumerate(handler.parameters):
        if default is None and index >= required and not handler.bound:
            message = f"the parameter {one.arg} of /generate has no default; all but the first need one"
            yield Fault(message, one.lineno, handler.source.path)
        if one.annotation is None:
            message = f"the parameter {one.arg} of /generate has no annotation; say what type it has"
            yield Fault(message, one.lineno, handler.source.path)


RULES = (
    Rule(
        "app-endpoint-generate",
        generate,
        why="callers find the model by the name /generate, and by that name only",
        mend='write api_name="generate" at the one event that runs the model',
    ),
    Rule(
        "app-endpoint-health",
        health,
        why="health tells which model at which revision answers, and that it is this process",
        mend='write gr.api(health, api_name="health", queue=False) with def health() -> dict',
    ),
    Rule(
        "app-signature",
        signature,
        why="Gradio warns about a wrong number and then fails at the first call; callers read types and defaults",
        mend="give one component per parameter, annotate them, and give all but the first a default",
    ),
)
