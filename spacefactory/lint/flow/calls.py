"""Values of calls: functions and classes of the app are followed, libraries are known by their kind."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, replace

from spacefactory.lint.flow import libraries
from spacefactory.lint.flow.expressions import attribute, class_name, evaluate, items_of
from spacefactory.lint.flow.library_calls import Given, library
from spacefactory.lint.flow.run import MAX_DEPTH, Run
from spacefactory.lint.flow.values import (
    CHOSEN,
    EMPTY,
    FIRST,
    ID,
    INPUT,
    LIGHT,
    MODEL,
    NONE,
    OTHER,
    PATH,
    REMOTE,
    RESULT,
    STAND_IN,
    Class,
    Closure,
    Frame,
    Object,
    Tags,
    Value,
    is_path,
    join,
    mixed,
    union,
)

_PASSED_ON = frozenset({MODEL, RESULT, FIRST, INPUT, ID, PATH, CHOSEN, OTHER, REMOTE, LIGHT})
_TELLS = (
    "print",
    "logging.",
    "warnings.",
    "gradio.",
    "time.",
    "torch.manual_seed",
    "torch.cuda.",
    "random.seed",
    "numpy.random.seed",
    "gc.",
    "loguru.",
)
"""Calls that change nothing that an answer can come from."""


@dataclass(frozen=True)
class _Arguments:
    plain: list[Value]
    named: dict[str, Value]
    rest: Value
    """all of `*args` and `**kwargs`"""

    def all(self) -> list[Value]:
        return [*self.plain, *self.named.values(), self.rest]


def call(run: Run, frame: Frame, node: ast.Call) -> Value:
    """What a call gives, and what it changes."""
    receiver = evaluate(run, frame, node.func.value) if isinstance(node.func, ast.Attribute) else None
    callee = (
        attribute(run, receiver, node.func.attr)
        if receiver is not None and isinstance(node.func, ast.Attribute)
        else evaluate(run, frame, node.func)
    )
    given = _arguments(run, frame, node)
    results = [one for thing in callee.things if (one := _own(run, frame, node, thing, given)) is not None]
    marks = {tag for tag in callee.tags if tag.startswith(STAND_IN)}
    if results and not callee.tags & {MODEL, OTHER, REMOTE}:
        return join(*results).tagged(marks)
    found = library(run, frame, Given(node, callee, receiver, given.plain, given.named, given.rest))
    _change(run, frame, node, receiver, callee, given, found)
    return join(found, *results).tagged(marks)


def _arguments(run: Run, frame: Frame, node: ast.Call) -> _Arguments:
    plain: list[Value] = []
    rest: list[Value] = []
    for one in node.args:
        value = evaluate(run, frame, one)
        if isinstance(one, ast.Starred):
            plain.extend(value.items or ())
            rest.extend([] if value.items else [items_of(value)])
        else:
            plain.append(value)
    named: dict[str, Value] = {}
    for pair in node.keywords:
        value = evaluate(run, frame, pair.value)
        if pair.arg is None:
            rest.append(value)
        else:
            named[pair.arg] = value
    return _Arguments(plain, named, Value(union(rest), things=frozenset().union(*(one.things for one in rest))))


def _own(run: Run, frame: Frame, node: ast.Call, thing: Closure | Class | Object, given: _Arguments) -> Value | None:
    if isinstance(thing, Closure):
        result = invoke(run, thing, given.plain, given.named, given.rest)
        _carry_back(run, frame, node, thing)
        return result
    if isinstance(thing, Class):
        return _instance(run, thing, given)
    for name in ("__call__", "forward"):
        method = class_name(thing.kind, name)
        for one in method.things if method else ():
            if isinstance(one, Closure):
                bound = replace(one, owner=Value(things=frozenset({thing}), mutable=True))
                return invoke(run, bound, given.plain, given.named, given.rest)
    return None


def _carry_back(run: Run, frame: Frame, node: ast.Call, thing: Closure) -> None:
    """A list or stream that a function of the app fills is changed for its caller."""
    changed = run.left.get(thing.node, {})
    own = thing.node.args
    names = [one.arg for one in (*own.posonlyargs, *own.args)][1 if thing.owner is not None else 0 :]
    for one, name in (*zip(node.args, names, strict=False), *((pair.value, pair.arg) for pair in node.keywords)):
        if isinstance(one, ast.Name) and name in changed and changed[name].mutable:
            frame.add(one.id, changed[name].tags & _PASSED_ON)


def invoke(run: Run, thing: Closure, plain: list[Value], named: dict[str, Value], rest: Value) -> Value:
    """What a function of the app gives for some arguments."""
    if run.stack.count(thing.node) > 1 or len(run.stack) >= MAX_DEPTH:
        return mixed([*plain, *named.values(), rest]) if thing.node in run.stack else run.cannot_follow()
    inner = Frame(thing.frame.source, thing.frame)
    inner.names.update(_bound(thing, plain, named, rest))
    run.stack.append(thing.node)
    try:
        if isinstance(thing.node, ast.Lambda):
            run.answer(inner, evaluate(run, inner, thing.node.body), thing.node)
        else:
            run.execute(run, inner, thing.node.body)
    except RecursionError:
        return run.cannot_follow()
    finally:
        run.stack.pop()
    run.left[thing.node] = inner.names
    run.answers[thing.node] = inner.returned
    return join(*(one.value for one in inner.returned)) if inner.returned else Value(nothing=True)


def _bound(thing: Closure, plain: list[Value], named: dict[str, Value], rest: Value) -> dict[str, Value]:
    own = thing.node.args
    names = [one.arg for one in (*own.posonlyargs, *own.args)]
    values = [*([thing.owner] if thing.owner is not None else []), *plain]
    found = dict(zip(names, values, strict=False))
    keywords = {one.arg for one in own.kwonlyargs} | set(names)
    found |= {name: value for name, value in named.items() if name in keywords}
    for name in keywords - found.keys():
        default = thing.defaults.get(name, EMPTY)
        found[name] = join(default, rest) if rest.tags or rest.things else default
    if own.vararg:
        found[own.vararg.arg] = Value(
            union([*values[len(names) :], rest]),
            items=tuple(values[len(names) :]) or None,
            things=_things([*values[len(names) :], rest]),
        )
    if own.kwarg:
        extra = [value for name, value in named.items() if name not in keywords]
        found[own.kwarg.arg] = Value(union([*extra, rest]), things=_things([*extra, rest]), mutable=True)
    return found


def _things(values: Iterable[Value]) -> frozenset[Closure | Class | Object]:
    return frozenset([thing for one in values for thing in one.things][:8])


def _instance(run: Run, kind: Class, given: _Arguments) -> Value:
    """An object of a class of the app; fields of data classes are filled as they are named."""
    if not kind.made:
        kind.made.append(Object(kind, {}))
    value = Value(things=frozenset({kind.made[0]}), mutable=True)
    starts = [one for one in (class_name(kind, "__init__") or EMPTY).things if isinstance(one, Closure)]
    for start in starts:
        invoke(run, replace(start, owner=value), given.plain, given.named, given.rest)
    if starts:
        return value
    fields = [
        node.target.id
        for node in kind.node.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    ]
    for name, one in (*zip(fields, given.plain, strict=False), *given.named.items()):
        old = kind.made[0].names.get(name)
        kind.made[0].names[name] = one if old is None else join(old, one)
    return value.tagged(given.rest.tags & {MODEL})


def _change(
    run: Run, frame: Frame, node: ast.Call, receiver: Value | None, callee: Value, given: _Arguments, found: Value
) -> None:
    """What a call of a library does to the things that it was given: a file is written, a stream is filled."""
    name = callee.name or (node.func.attr if isinstance(node.func, ast.Attribute) else "")
    if name.startswith(_TELLS):
        return
    discarded = isinstance(frame.source.parents.get(node), ast.Expr)
    loads = "load" in name or name.endswith("copy_")
    writes = bool(libraries.WRITES.search(name))
    passed = union(given.all()) & _PASSED_ON
    if receiver is not None and isinstance(node.func, ast.Attribute):
        changed = passed if loads else passed - {MODEL}
        _change_receiver(frame, node.func.value, receiver, changed, loads=loads, discarded=discarded, writes=writes)
    tags = (passed | found.tags | (receiver.tags if receiver else NONE)) & _PASSED_ON
    tags = tags if loads else tags - {MODEL}
    if tags and (writes or discarded or RESULT in found.tags):
        _change_arguments(run, frame, node, tags, loads=loads, in_place=discarded and RESULT in passed)


def _change_receiver(
    frame: Frame, node: ast.expr, receiver: Value, tags: Tags, *, loads: bool, discarded: bool, writes: bool
) -> None:
    """An object takes in what its method is given; a module does not, except for the current plot."""
    root = _root(node)
    module = receiver.name and "()" not in receiver.name and not receiver.name.startswith("matplotlib.pyplot")
    if root is None or module or MODEL in receiver.tags:
        return
    if receiver.mutable or discarded or (writes and INPUT not in receiver.tags):
        frame.add(root, tags | {MODEL} if loads and tags & {MODEL, PATH} else tags)


def _change_arguments(run: Run, frame: Frame, node: ast.Call, tags: Tags, *, loads: bool, in_place: bool) -> None:
    """Containers, streams and names of files get what the other arguments hold; pictures, when nothing is returned."""
    for one in (*node.args, *(pair.value for pair in node.keywords)):
        value = evaluate(run, frame, one)
        if in_place and isinstance(one, ast.Name) and value.text is None:
            frame.add(one.id, tags)
        for part in ast.walk(one):
            held = frame.find(part.id) if isinstance(part, ast.Name) else None
            if held is None or not isinstance(part, ast.Name) or (held.name and "()" not in held.name):
                continue
            if held.mutable or (is_path(held) and (is_path(value) or value.items is not None)):
                frame.add(part.id, tags | {MODEL} if loads and held.mutable and tags & {MODEL, PATH, ID} else tags)


def _root(node: ast.expr) -> str | None:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else None
