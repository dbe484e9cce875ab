"""What the answers of an app come from, worked out once for all rules."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from spacefactory.lint.events import Handler, events, handler_of, main_handlers
from spacefactory.lint.flow.blocks import stands_in
from spacefactory.lint.flow.calls import call, invoke
from spacefactory.lint.flow.expressions import evaluate
from spacefactory.lint.flow.run import Load, Run
from spacefactory.lint.flow.statements import assign, execute
from spacefactory.lint.flow.values import (
    EMPTY,
    FIRST,
    INPUT,
    RAW,
    STAND_IN,
    UNKNOWN,
    Closure,
    Frame,
    Object,
    Returned,
    Tags,
    Value,
    join,
    union,
)
from spacefactory.lint.view import View

_SETTING = re.compile(r"seed|num|count|n_|_n$|steps|size|width|height|length|request|progress|noise", re.I)


@dataclass(frozen=True)
class Answer:
    """Where what a handler gives back comes from."""

    handler: Handler
    tags: Tags
    line: int
    """of its first answer"""
    input: str | None
    """name of its main input; None when it has none but numbers"""
    used: bool
    """whether the model was used while it ran"""
    fed: bool
    """whether the model got something that the user gave"""
    same: bool
    """whether all its answers are one constant"""
    stand_ins: tuple[int, ...]
    """lines where something takes the place of the model's answer"""


@dataclass(frozen=True)
class Followed:
    """What was found out about an app."""

    answers: tuple[Answer, ...]
    loads: tuple[Load, ...]
    unclear: bool
    """whether some of its code cannot be followed"""


def followed(view: View) -> Followed:
    """Follow the answers of /generate."""
    return view.once(_followed)


def html_answers(view: View, handler: Handler, shown: Sequence[int]) -> Iterator[int]:
    """Lines where a handler gives text that was not escaped, as one of the outputs with these numbers."""
    run = _start(view)
    for one in _ask(run, handler):
        parts = one.value.items
        several = parts is not None and len(parts) > max(shown)
        for value in [parts[index] for index in shown] if several and parts else [one.value]:
            if RAW in value.tags and UNKNOWN not in value.tags:
                yield getattr(one.node, "lineno", handler.node.lineno)


def _start(view: View) -> Run:
    run = Run(view, evaluate, execute, call, invoke, assign)
    try:
        if view.app is not None:
            run.frame_of(view.app)
    except RecursionError:
        run.cannot_follow()
    return run


def _followed(view: View) -> Followed:
    run = _start(view)
    for event in events(view):  # a button may load what another one uses
        handler = handler_of(view, event)
        if handler is not None:
            _ask(run, handler)
    answers = tuple(one for handler in main_handlers(view) if (one := _answer(run, handler)) is not None)
    return Followed(answers, tuple(run.loads.values()), run.unclear)


def _ask(run: Run, handler: Handler) -> list[Returned]:
    """Call a handler with values that stand for what a user gives."""
    function = _closure(run, handler)
    if function is None:
        return []
    given: dict[str, Value] = {}
    for index, (parameter, _) in enumerate(handler.parameters):
        first = {FIRST} if index == 0 else set()
        given[parameter.arg] = Value(frozenset({INPUT, RAW, *first}))
    extra = Value(frozenset({INPUT, RAW, FIRST})) if handler.node.args.vararg or handler.bound else EMPTY
    for one in function:
        run.answers.pop(one.node, None)
        plain = [given.pop(next(iter(given)))] if given and extra.tags and not handler.bound else []
        run.invoke(run, one, plain, given, extra)
    return [answer for one in function for answer in run.answers.get(one.node, [])]


def _closure(run: Run, handler: Handler) -> list[Closure] | None:
    """The function with the names around it; a wrapper when a decorator of the app put one around it."""
    frame = run.frame_of(handler.source)
    name = getattr(handler.node, "name", "")
    if handler.method:
        return _methods(frame, handler, name)
    found = frame.find(name) if name else None
    things = [thing for thing in (found.things if found else ()) if isinstance(thing, Closure)]
    return things or [Closure(handler.node, frame, {})]


def _methods(frame: Frame, handler: Handler, name: str) -> list[Closure] | None:
    owners = [thing for value in frame.names.values() for thing in value.things if isinstance(thing, Object)]
    found = [
        replace(thing, owner=Value(things=frozenset({owner}), mutable=True))
        for owner in owners
        for thing in owner.kind.names.get(name, EMPTY).things
        if isinstance(thing, Closure) and thing.node is handler.node
    ]
    return found[:1] or None


def _answer(run: Run, handler: Handler) -> Answer | None:
    uses, run.fed = run.uses, False
    given = _ask(run, handler)
    if not given:
        return None
    whole = join(*(one.value for one in given))
    tags = union([whole, *(whole.items or ())])
    lines = {int(tag.removeprefix(STAND_IN)) for tag in tags if tag.startswith(STAND_IN)}
    lines |= {_line(one, handler) for one in given if one.instead and stands_in(one.value)}
    return Answer(
        handler=handler,
        tags=tags,
        line=_line(given[0], handler),
        input=_main_input(handler),
        used=run.uses > uses,
        fed=run.fed,
        same=_same(given),
        stand_ins=tuple(sorted(lines)),
    )


def _line(one: Returned, handler: Handler) -> int:
    return getattr(one.node, "lineno", handler.node.lineno)


def _main_input(handler: Handler) -> str | None:
    """The first parameter, unless it is a setting such as a seed."""
    for one, _ in handler.parameters[:1]:
        number = isinstance(one.annotation, ast.Name) and one.annotation.id in ("int", "float", "bool")
        return None if number or _SETTING.search(one.arg) else one.arg
    return None


def _same(given: list[Returned]) -> bool:
    constants = [one.node.value for one in given if isinstance(one.node, ast.Return | ast.Yield)]
    plain = [one for one in constants if isinstance(one, ast.Constant)]
    return len(plain) == len(given) and len({repr(one.value) for one in plain}) == 1
