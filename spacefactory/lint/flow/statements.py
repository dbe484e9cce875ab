"""What statements do to names."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from spacefactory.lint.flow.blocks import attempt, branches, condition, control, loop
from spacefactory.lint.flow.expressions import closure, evaluate, items_of
from spacefactory.lint.flow.run import Run
from spacefactory.lint.flow.values import (
    CHOSEN,
    EMPTY,
    RESULT,
    Class,
    Closure,
    Frame,
    Object,
    Value,
    join,
)


def execute(run: Run, frame: Frame, body: Sequence[ast.stmt]) -> None:
    """Run statements in order; what stands behind a return is not looked at."""
    for node in body:
        if not frame.alive or not run.step():
            return
        _statement(run, frame, node)


def _statement(run: Run, frame: Frame, node: ast.stmt) -> None:
    if isinstance(node, ast.Assign):
        value = evaluate(run, frame, node.value)
        for target in node.targets:
            assign(run, frame, target, value)
            _note_holder(frame, target, node.value)
    elif isinstance(node, ast.AnnAssign):
        if node.value is not None:
            assign(run, frame, node.target, evaluate(run, frame, node.value))
            _note_holder(frame, node.target, node.value)
    elif isinstance(node, ast.AugAssign):
        old, new = evaluate(run, frame, node.target), evaluate(run, frame, node.value)
        assign(run, frame, node.target, Value(old.tags | new.tags, things=old.things | new.things, mutable=old.mutable))
    elif isinstance(node, ast.Return):
        run.answer(frame, evaluate(run, frame, node.value), node)
        frame.alive = False
    elif isinstance(node, ast.Expr):
        evaluate(run, frame, node.value)
    elif isinstance(node, ast.Raise):
        evaluate(run, frame, node.exc)
        frame.alive = False
    else:
        _block(run, frame, node)


def _block(run: Run, frame: Frame, node: ast.stmt) -> None:
    if isinstance(node, ast.If):
        condition(run, frame, node)
    elif isinstance(node, ast.For | ast.AsyncFor | ast.While):
        loop(run, frame, node)
    elif isinstance(node, ast.With | ast.AsyncWith):
        for item in node.items:
            value = evaluate(run, frame, item.context_expr)
            if item.optional_vars is not None:
                assign(run, frame, item.optional_vars, value)
                _note_holder(frame, item.optional_vars, item.context_expr)
        execute(run, frame, node.body)
    elif isinstance(node, ast.Try):
        attempt(run, frame, node)
    elif isinstance(node, ast.Match):
        subject = evaluate(run, frame, node.subject)
        branches(run, frame, [case.body for case in node.cases] + [[]], control(subject), bind=(node, subject))
    else:
        _definition(run, frame, node)


def _definition(run: Run, frame: Frame, node: ast.stmt) -> None:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        value = closure(run, frame, node)
        for mark in reversed(node.decorator_list):
            value = _decorated(run, frame, mark, value)
        frame.bind(node.name, value)
    elif isinstance(node, ast.ClassDef):
        inner = Frame(frame.source, frame)
        execute(run, inner, node.body)
        bases = tuple(evaluate(run, frame, one) for one in node.bases)
        frame.bind(node.name, Value(things=frozenset({Class(node, inner, inner.names, bases)})))
    elif isinstance(node, ast.Global | ast.Nonlocal):
        frame.elsewhere |= set(node.names)
    elif isinstance(node, ast.Import | ast.ImportFrom):
        _import(run, frame, node)
    elif isinstance(node, ast.Delete):
        return
    else:
        for one in ast.iter_child_nodes(node):
            if isinstance(one, ast.expr):
                evaluate(run, frame, one)


def _decorated(run: Run, frame: Frame, mark: ast.expr, value: Value) -> Value:
    """What a decorator of the app's own makes of a function; those of libraries change nothing that matters here."""
    decorator = evaluate(run, frame, mark)
    own = [thing for thing in decorator.things if isinstance(thing, Closure)]
    return join(*(run.invoke(run, one, [value], {}, EMPTY) for one in own)) if own else value


def _import(run: Run, frame: Frame, node: ast.Import | ast.ImportFrom) -> None:
    if isinstance(node, ast.Import):
        for alias in node.names:
            value = run.imported(alias.name if alias.asname else alias.name.split(".")[0])
            frame.bind(alias.asname or alias.name.split(".")[0], value)
        return
    base = "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name == "*":
            _import_all(run, frame, base.lstrip("."))
            continue
        value = run.imported(f"{base}.{alias.name}" if node.module else f"{base}{alias.name}")
        frame.bind(alias.asname or alias.name, value)


def _import_all(run: Run, frame: Frame, module: str) -> None:
    source = run.view.modules.get(module)
    if source is not None:
        for name, value in [*run.frame_of(source).names.items()]:
            frame.bind(name, value)


def assign(run: Run, frame: Frame, target: ast.expr, value: Value) -> None:
    """Bind a target to a value; a part of something changes the whole."""
    value = value.tagged({CHOSEN}) if frame.control & {RESULT, CHOSEN} else value
    if isinstance(target, ast.Name):
        frame.bind(target.id, value)
    elif isinstance(target, ast.Tuple | ast.List):
        exact = value.items if value.items is not None and len(value.items) == len(target.elts) else None
        for index, one in enumerate(target.elts):
            assign(run, frame, one, exact[index] if exact else items_of(value))
    elif isinstance(target, ast.Starred):
        assign(run, frame, target.value, value)
    elif isinstance(target, ast.Attribute):
        _set_attribute(run, frame, target, value)
    elif isinstance(target, ast.Subscript):
        tags = value.tags | evaluate(run, frame, target.slice).tags & {RESULT}
        root = _root(target)
        if root is not None:
            frame.add(root, tags)
            _hold_things(frame, root, value)


def _hold_things(frame: Frame, name: str, value: Value) -> None:
    """A function or object that is put into a dictionary can be called from there."""
    owner = frame.owner(name)
    if owner is not None and value.things:
        owner.names[name] = join(owner.names[name], Value(owner.names[name].tags, things=value.things, mutable=True))


def _set_attribute(run: Run, frame: Frame, target: ast.Attribute, value: Value) -> None:
    owner = evaluate(run, frame, target.value)
    holders = [thing for thing in owner.things if isinstance(thing, Object | Class)]
    for thing in holders:
        old = thing.names.get(target.attr)
        thing.names[target.attr] = value if old is None or old.nothing else join(old, value)
    root = _root(target)
    if not holders and root is not None:
        frame.add(root, value.tags)


def _root(node: ast.expr) -> str | None:
    while isinstance(node, ast.Attribute | ast.Subscript | ast.Call):
        node = node.func if isinstance(node, ast.Call) else node.value
    return node.id if isinstance(node, ast.Name) else None


def _note_holder(frame: Frame, target: ast.expr, value: ast.expr) -> None:
    """Remember which names went into a container or a stream."""
    if isinstance(target, ast.Name) and isinstance(value, ast.Call | ast.Dict | ast.List | ast.Tuple):
        names = {one.id for one in ast.walk(value) if isinstance(one, ast.Name)} - {target.id}
        frame.holds.setdefault(target.id, set()).update(names)
        draws = isinstance(value, ast.Call) and frame.source.name(value.func).endswith("ImageDraw.Draw")
        if draws and isinstance(value, ast.Call) and value.args and isinstance(value.args[0], ast.Name):
            frame.views.setdefault(target.id, set()).add(value.args[0].id)
    elif isinstance(target, ast.Tuple) and isinstance(value, ast.Call):  # as a figure and its axes
        parts = {one.id for one in target.elts if isinstance(one, ast.Name)}
        for name in parts if frame.source.name(value.func).startswith("matplotlib.") else ():
            frame.views.setdefault(name, set()).update(parts - {name})
