"""Values of expressions."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import replace

from spacefactory.lint.flow.libraries import INFO_FIELDS, is_light_file
from spacefactory.lint.flow.run import Run
from spacefactory.lint.flow.values import (
    CHOSEN,
    EMPTY,
    LIGHT,
    MODEL,
    PATH,
    RAW,
    RESULT,
    UNSURE,
    Class,
    Closure,
    Frame,
    Object,
    Tags,
    Value,
    join,
    mixed,
    union,
)

_NUMBERS = frozenset({"score", "confidence", "probability", "start", "end", "index", "count"})
_Comprehension = ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp


def evaluate(run: Run, frame: Frame, node: ast.expr | None) -> Value:
    """The value of an expression; UNSURE when the work allowed for a file is used up."""
    if node is None:
        return EMPTY
    if not run.step():
        return UNSURE
    if isinstance(node, ast.Constant):
        return _constant(run, node)
    if isinstance(node, ast.Name):
        return _name(run, frame, node)
    if isinstance(node, ast.Call):
        return run.call(run, frame, node)
    if isinstance(node, ast.Attribute):
        return attribute(run, evaluate(run, frame, node.value), node.attr)
    return _compound(run, frame, node)


def _compound(run: Run, frame: Frame, node: ast.expr) -> Value:
    if isinstance(node, ast.Subscript):
        return _subscript(run, frame, node)
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return _display(run, frame, node)
    if isinstance(node, ast.Dict):
        parts = [evaluate(run, frame, one) for one in (*node.keys, *node.values)]
        return Value(union(parts), things=_things(parts), mutable=True, nothing=not parts)
    if isinstance(node, ast.JoinedStr):
        return _joined(run, frame, node)
    if isinstance(node, ast.FormattedValue):
        value = evaluate(run, frame, node.value).without(MODEL, PATH)
        return value.without(RAW) if node.format_spec is not None else value
    if isinstance(node, ast.BinOp):
        return _operation(run, evaluate(run, frame, node.left), node.op, evaluate(run, frame, node.right))
    if isinstance(node, ast.IfExp):
        return _choice(run, frame, node)
    if isinstance(node, ast.BoolOp):
        return join(*(evaluate(run, frame, one) for one in node.values))
    if isinstance(node, ast.Lambda):
        return closure(run, frame, node)
    if isinstance(node, _Comprehension):
        return _comprehension(run, frame, node)
    return _rest(run, frame, node)


def _rest(run: Run, frame: Frame, node: ast.expr) -> Value:
    if isinstance(node, ast.Compare):
        value = mixed(evaluate(run, frame, one) for one in (node.left, *node.comparators))
        return value.without(MODEL, PATH, RAW)
    if isinstance(node, ast.NamedExpr):
        value = evaluate(run, frame, node.value)
        frame.bind(node.target.id, value)
        return value
    if isinstance(node, ast.Yield | ast.YieldFrom):
        value = evaluate(run, frame, node.value)
        run.answer(frame, value if isinstance(node, ast.Yield) else items_of(value), node)
        return value
    if isinstance(node, ast.UnaryOp):
        value = evaluate(run, frame, node.operand)
        return Value(value.tags - {MODEL}) if isinstance(node.op, ast.Not) else Value(value.tags)
    if isinstance(node, ast.Await | ast.Starred):
        return evaluate(run, frame, node.value)
    if isinstance(node, ast.Slice):
        return mixed(evaluate(run, frame, one) for one in (node.lower, node.upper, node.step))
    return mixed(evaluate(run, frame, one) for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr))


def closure(run: Run, frame: Frame, node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda) -> Value:
    """A function as a value, with the defaults of its parameters."""
    given = node.args
    plain = [*given.posonlyargs, *given.args]
    defaults = {
        one.arg: evaluate(run, frame, at) for one, at in zip(reversed(plain), reversed(given.defaults), strict=False)
    }
    for one, at in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        if at is not None:
            defaults[one.arg] = evaluate(run, frame, at)
    return Value(things=frozenset({Closure(node, frame, defaults)}))


def attribute(run: Run, value: Value, name: str) -> Value:
    """An attribute of a value."""
    found = [one for thing in value.things if (one := _own(run, thing, name)) is not None]
    tags = value.tags
    if name in INFO_FIELDS and MODEL in tags:
        tags = tags - {MODEL} | {LIGHT}
    if name in _NUMBERS:
        tags = tags - {RAW}
    if found:
        return join(*found).tagged(tags - {MODEL} if all(isinstance(one, Object) for one in value.things) else tags)
    dotted = f"{value.name}.{name}" if value.name else ""
    if (own := run.own_module(dotted)) is not None:
        return own
    return Value(tags, name=dotted, things=frozenset(), mutable=value.mutable)


def _own(run: Run, thing: Closure | Class | Object, name: str) -> Value | None:
    """An attribute of a class or an object of the app; methods are bound."""
    if isinstance(thing, Object):
        if name in thing.names:
            return thing.names[name]
        found = class_name(thing.kind, name)
        return None if found is None else _bound(run, found, Value(things=frozenset({thing}), mutable=True))
    if isinstance(thing, Class):
        found = class_name(thing, name)
        return None if found is None else _bound(run, found, Value(things=frozenset({thing})), on_class=True)
    return None


def class_name(kind: Class, name: str, depth: int = 6) -> Value | None:
    """A name of a class or of the classes of the app that it is made from."""
    if name in kind.names or depth == 0:
        return kind.names.get(name)
    bases = (thing for base in kind.bases for thing in base.things if isinstance(thing, Class))
    return next((found for one in bases if (found := class_name(one, name, depth - 1)) is not None), None)


def _bound(run: Run, found: Value, owner: Value, *, on_class: bool = False) -> Value:
    things = set()
    for thing in found.things:
        marks = _marks(thing)
        if not isinstance(thing, Closure) or "staticmethod" in marks or (on_class and "classmethod" not in marks):
            things.add(thing)
        elif not on_class and marks & {"property", "cached_property"}:
            return run.invoke(run, replace(thing, owner=owner), [], {}, EMPTY)
        else:
            things.add(replace(thing, owner=owner))
    return replace(found, things=frozenset(things))


def _marks(thing: object) -> set[str]:
    decorators = getattr(thing.node, "decorator_list", []) if isinstance(thing, Closure) else []
    return {ast.unparse(one).rpartition(".")[2] for one in decorators if isinstance(one, ast.Name | ast.Attribute)}


def items_of(value: Value) -> Value:
    """One of the parts of a value: what a loop gives."""
    if value.items:
        return join(*value.items).tagged(value.tags & {CHOSEN})
    return Value(value.tags, things=value.things, mutable=value.mutable)


def _constant(run: Run, node: ast.Constant) -> Value:
    if not isinstance(node.value, str):
        return Value(nothing=node.value is None)
    return run.told(node.value)


def _name(run: Run, frame: Frame, node: ast.Name) -> Value:
    found = frame.find(node.id)
    if found is None:
        found = run.imported(frame.source.imports[node.id]) if node.id in frame.source.imports else None
    return Value(name=node.id) if found is None else found


def _subscript(run: Run, frame: Frame, node: ast.Subscript) -> Value:
    value, at = evaluate(run, frame, node.value), evaluate(run, frame, node.slice)
    if value.name == "os.environ":
        return run.environment(at.text, None)
    number = node.slice.value if isinstance(node.slice, ast.Constant) else None
    if value.items is not None and isinstance(number, int) and -len(value.items) <= number < len(value.items):
        return value.items[number]
    tags = value.tags | at.tags
    if at.text in _NUMBERS:
        tags = tags - {RAW}
    return Value(tags, things=value.things, mutable=value.mutable)


def _display(run: Run, frame: Frame, node: ast.List | ast.Tuple | ast.Set) -> Value:
    parts = tuple(evaluate(run, frame, one) for one in node.elts)
    whole = not any(isinstance(one, ast.Starred) for one in node.elts) and len(parts) <= 64
    return Value(
        union(parts),
        things=_things(parts),
        items=parts if whole else None,
        mutable=not isinstance(node, ast.Tuple),
        nothing=not parts,
    )


def _things(parts: Iterable[Value]) -> frozenset[Closure | Class | Object]:
    found = [thing for part in parts for thing in part.things]
    return frozenset(found[:8])


def _joined(run: Run, frame: Frame, node: ast.JoinedStr) -> Value:
    parts = [evaluate(run, frame, one) for one in node.values]
    texts = [_formatted(run, frame, one, part) for one, part in zip(node.values, parts, strict=True)]
    text = "".join(one for one in texts if one is not None) if None not in texts else None
    known = run.told(text).tags if text is not None else frozenset()
    paths = union(evaluate(run, frame, one.value) for one in node.values if isinstance(one, ast.FormattedValue)) & {
        PATH
    }
    last = texts[-1] if texts else None
    return Value(pointing(union(parts) | known | paths, last), text)


def _formatted(run: Run, frame: Frame, node: ast.expr, part: Value) -> str | None:
    return evaluate(run, frame, node.value).text if isinstance(node, ast.FormattedValue) else part.text


def _operation(run: Run, left: Value, operator: ast.operator, right: Value) -> Value:
    text = None
    if left.text is not None and right.text is not None and isinstance(operator, ast.Add | ast.Div):
        text = f"{left.text}/{right.text}" if isinstance(operator, ast.Div) else left.text + right.text
    known = run.told(text).tags if text is not None else frozenset()
    tags = left.tags | right.tags | known
    if isinstance(operator, ast.Mod) and left.text is not None:
        tags = tags - {MODEL}
    return Value(pointing(tags, right.text), text, mutable=left.mutable and isinstance(operator, ast.BitOr | ast.Add))


def pointing(tags: Tags, file: str | None) -> Tags:
    """Tags of a path that ends in a file: one that only describes the model is told apart."""
    return tags - {PATH} | {LIGHT} if PATH in tags and file is not None and is_light_file(file) else tags


def _choice(run: Run, frame: Frame, node: ast.IfExp) -> Value:
    test = evaluate(run, frame, node.test)
    value = join(evaluate(run, frame, node.body), evaluate(run, frame, node.orelse))
    return value.tagged({CHOSEN}) if test.tags & {RESULT, CHOSEN} else value


def _comprehension(run: Run, frame: Frame, node: _Comprehension) -> Value:
    inner = Frame(frame.source, frame)
    chosen = False
    for one in node.generators:
        run.assign(run, inner, one.target, items_of(evaluate(run, inner, one.iter)))
        chosen |= any(evaluate(run, inner, test).tags & {RESULT, CHOSEN} for test in one.ifs)
    made = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    parts = [evaluate(run, inner, one) for one in made]
    value = Value(union(parts), things=_things(parts), mutable=not isinstance(node, ast.GeneratorExp))
    return value.tagged({CHOSEN}) if chosen else value
