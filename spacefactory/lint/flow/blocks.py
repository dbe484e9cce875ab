"""Statements with bodies: branches are joined, loops run twice, and what stands in for a failed model is marked."""

from __future__ import annotations

import ast
from collections.abc import Sequence

from spacefactory.lint.flow.expressions import evaluate, items_of
from spacefactory.lint.flow.run import Run
from spacefactory.lint.flow.values import (
    CHOSEN,
    ERROR,
    MODEL,
    OTHER,
    RANDOM,
    RESULT,
    STAND_IN,
    UNKNOWN,
    Frame,
    Value,
    join,
    union,
)


def _note_parts(frame: Frame, target: ast.expr, whole: ast.expr) -> None:
    """Remember that a loop goes over parts of something, such as the parameters of a network."""
    names = {one.id for one in ast.walk(whole) if isinstance(one, ast.Name)}
    for one in ast.walk(target):
        if isinstance(one, ast.Name):
            frame.holds.setdefault(one.id, set()).update(names - {one.id})


def control(test: Value) -> frozenset[str]:
    """Tags of a test that say that a result of the model decided."""
    return test.tags & {RESULT, CHOSEN}


def condition(run: Run, frame: Frame, node: ast.If) -> None:
    """Both branches of an if, and what holds after them."""
    test = evaluate(run, frame, node.test)
    missing = _missing(run, frame, node.test)
    branches(run, frame, [node.body, node.orelse], control(test), missing=missing)


def _missing(run: Run, frame: Frame, test: ast.expr) -> int | None:
    """The branch in which the model is missing: 0, 1, or None when the test does not ask for it."""
    if isinstance(test, ast.UnaryOp) and isinstance(test.op, ast.Not):
        inner = _missing(run, frame, test.operand)
        return None if inner is None else 1 - inner
    if isinstance(test, ast.Compare) and len(test.ops) == 1 and isinstance(test.ops[0], ast.Is | ast.IsNot):
        other = test.comparators[0]
        if isinstance(other, ast.Constant) and other.value is None and _holds_model(run, frame, test.left):
            return 0 if isinstance(test.ops[0], ast.Is) else 1
        return None
    return 1 if isinstance(test, ast.Name | ast.Attribute) and _holds_model(run, frame, test) else None


def _holds_model(run: Run, frame: Frame, node: ast.expr) -> bool:
    tags = evaluate(run, frame, node).tags
    return MODEL in tags and RESULT not in tags


def branches(
    run: Run,
    frame: Frame,
    bodies: Sequence[Sequence[ast.stmt]],
    control: frozenset[str],
    missing: int | None = None,
    bind: tuple[ast.Match, Value] | None = None,
) -> None:
    """Several bodies, of which one runs; names may hold what any of them leaves."""
    before, outer, instead = dict(frame.names), frame.control, frame.instead
    ends: list[tuple[dict[str, Value], bool]] = []
    for index, body in enumerate(bodies):
        frame.names, frame.alive, frame.control = dict(before), True, outer | control
        frame.instead = instead or index == missing
        if bind is not None and index < len(bind[0].cases):
            for one in ast.walk(bind[0].cases[index].pattern):
                if isinstance(one, ast.MatchAs | ast.MatchStar) and one.name:
                    frame.bind(one.name, items_of(bind[1]))
        run.execute(run, frame, body)
        if frame.alive:
            ends.append((frame.names, frame.instead))
    frame.control, frame.alive = outer, bool(ends)
    frame.names = _joined([names for names, _ in ends]) if ends else before
    frame.instead = bool(ends) and all(one for _, one in ends)


def _joined(ends: Sequence[dict[str, Value]]) -> dict[str, Value]:
    if len(ends) == 1:
        return ends[0]
    names = dict.fromkeys(name for one in ends for name in one)
    return {name: join(*(one[name] for one in ends if name in one)) for name in names}


def loop(run: Run, frame: Frame, node: ast.For | ast.AsyncFor | ast.While) -> None:
    """The body of a loop, until what one round leaves has reached the next."""
    frame.loops += 1
    for _ in range(2 if frame.loops < 3 else 1):  # twice, so that what one round leaves reaches the next
        before, outer = dict(frame.names), frame.control
        test = evaluate(run, frame, node.test if isinstance(node, ast.While) else node.iter)
        frame.control = outer | control(test)
        if not isinstance(node, ast.While):
            run.assign(run, frame, node.target, items_of(test))
            _note_parts(frame, node.target, node.iter)
        run.execute(run, frame, node.body)
        frame.names = _joined([before, frame.names])
        frame.control, frame.alive = outer, True
    frame.loops -= 1
    run.execute(run, frame, node.orelse)
    endless = isinstance(node, ast.While) and isinstance(node.test, ast.Constant) and bool(node.test.value)
    frame.alive = frame.alive and (not endless or any(isinstance(one, ast.Break) for one in ast.walk(node)))


def attempt(run: Run, frame: Frame, node: ast.Try) -> None:
    """A try: what its handlers do after the model has failed is noted."""
    before, uses, instead = dict(frame.names), run.uses, frame.instead
    run.execute(run, frame, node.body)
    run.execute(run, frame, node.orelse)
    done, finished = frame.names, frame.alive
    ends = [done] if finished else []
    for handler in node.handlers:
        frame.names, frame.alive = _joined([before, done]) if not finished else dict(_joined([before, done])), True
        frame.instead = instead or run.uses > uses
        if handler.name:
            frame.names[handler.name] = Value(frozenset({ERROR}))
        start = dict(frame.names)
        run.execute(run, frame, handler.body)
        if frame.alive:
            _mark_stand_ins(start, frame.names, done, handler)
            ends.append(frame.names)
    frame.instead, frame.alive = instead, bool(ends)
    frame.names = _joined(ends) if ends else done
    alive, frame.alive = frame.alive, True
    run.execute(run, frame, node.finalbody)
    frame.alive = alive and frame.alive


def _mark_stand_ins(
    start: dict[str, Value], names: dict[str, Value], done: dict[str, Value], handler: ast.ExceptHandler
) -> None:
    """Names that hold the model or its answer after the attempt, and something invented after its failure."""
    for name, value in [*names.items()]:
        tried = done.get(name)
        if tried is None or value is start.get(name) or not tried.tags & {MODEL, RESULT}:
            continue
        whole = MODEL in tried.tags and RESULT not in tried.tags
        if stands_in(value) and (not whole or value.things or OTHER in value.tags):
            names[name] = value.tagged({f"{STAND_IN}{handler.lineno}"})


def stands_in(value: Value) -> bool:
    """Whether something has no part of the model and is neither empty nor an account of a failure."""
    inner = union(value.items or ())
    tags = value.tags | inner
    if tags & {MODEL, RESULT, CHOSEN, UNKNOWN, ERROR} or value.nothing:
        return False
    return bool(
        value.text or value.items or tags & {OTHER, RANDOM} or value.name or value.things or tags or _plain(value)
    )


def _plain(value: Value) -> bool:
    return not value.nothing
