"""What calls of libraries give, by the kind of the library and of what it is given."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import Any

from spacefactory.lint.flow import libraries
from spacefactory.lint.flow.expressions import pointing
from spacefactory.lint.flow.run import Load, Run
from spacefactory.lint.flow.values import (
    EMPTY,
    FIRST,
    ID,
    INPUT,
    LIGHT,
    MODEL,
    NETWORK,
    OTHER,
    PATH,
    RANDOM,
    RAW,
    REMOTE,
    RESULT,
    Closure,
    Frame,
    Tags,
    Value,
    join,
    union,
)

_CAME_IN = frozenset({FIRST, INPUT, RAW})
_DECORATORS = ("spaces.GPU", "torch.no_grad", "torch.inference_mode", "functools.lru_cache", "functools.cache")
"""What gives back the function that it gets."""
_PATHS = ("os.path.", "pathlib.", "os.fspath", "glob.", "shutil.", "os.", "sys.", "str", "print", "logging.")


@dataclass(frozen=True)
class Given:
    """A call of something that is not the app's own."""

    node: ast.Call
    callee: Value
    receiver: Value | None
    plain: list[Value]
    named: dict[str, Value]
    rest: Value

    @property
    def name(self) -> str:
        """The dotted name, or that of the method."""
        return self.callee.name or self.method

    @property
    def method(self) -> str:
        """The name of the method, empty for a function."""
        return self.node.func.attr if isinstance(self.node.func, ast.Attribute) else ""

    @property
    def all(self) -> list[Value]:
        """Every argument."""
        return [*self.plain, *self.named.values(), self.rest]

    @property
    def tags(self) -> Tags:
        """Tags of all arguments."""
        return union(self.all)

    @property
    def own(self) -> Tags:
        """Tags of what is called, or of the object whose method it is."""
        return self.receiver.tags | self.callee.tags if self.receiver is not None else self.callee.tags

    def text(self, name: str, position: int) -> str | None:
        """The text of an argument by name or place."""
        value = self.named.get(name) or (self.plain[position] if len(self.plain) > position else EMPTY)
        return value.text


def library(run: Run, frame: Frame, given: Given) -> Value:
    """The value of a call of a library."""
    if given.name.startswith(_DECORATORS) and given.plain and given.plain[0].things:
        return given.plain[0]
    called = _callbacks(run, given)
    if given.callee.name in libraries.DYNAMIC:
        return run.cannot_follow().tagged(given.tags)
    if given.name in ("os.environ.get", "os.getenv"):
        default = given.plain[1] if len(given.plain) > 1 else given.named.get("default")
        return run.environment(given.text("key", 0), default)
    if libraries.is_remote(given.callee.name) or REMOTE in given.own:
        return Value(frozenset({REMOTE}) | given.tags & _CAME_IN, name=given.callee.name)
    if libraries.is_network(given.callee.name):
        return _network(given)
    if MODEL in given.own:
        return _used(run, given)
    found = _loaded(run, frame, given) or _passed(run, given)
    return join(found, called) if called is not None else found


def _callbacks(run: Run, given: Given) -> Value | None:
    """Functions of the app that a library gets will be called by it, with what it has."""
    if libraries.is_neutral_caller(given.name):
        return None
    found = []
    used = {RESULT, RAW} if MODEL in given.own | given.tags else set()
    for value in given.all:
        others = Value(union(one for one in given.all if one is not value) | used)
        own = [thing for thing in value.things if isinstance(thing, Closure)]
        found += [run.invoke(run, one, [others] * 3 if others.tags else [], {}, others) for one in own]
    return join(*found) if found else None


def _network(given: Given) -> Value:
    texts = [one.text or "" for one in given.all]
    if ID in given.tags and any("/resolve/" in text or "/raw/" in text for text in texts):
        return Value(frozenset({PATH}), mutable=True)
    asks = REMOTE if any("api-inference" in text or "/models/" in text or "/v1/" in text for text in texts) else NETWORK
    return Value(frozenset({asks}) | given.tags & _CAME_IN, name=given.callee.name)


def _used(run: Run, given: Given) -> Value:
    """A method of a model, or the model itself, is called."""
    if given.method in libraries.SELF:
        return given.receiver or EMPTY
    if given.method in libraries.INFO:
        return Value(given.own - {MODEL} | {LIGHT})
    run.uses += 1
    run.fed |= bool(given.tags & {FIRST, INPUT})
    return Value(
        frozenset({RESULT, RAW}) | given.tags & {FIRST, INPUT} | given.own - {MODEL, LIGHT, ID, PATH}, mutable=True
    )


def _loaded(run: Run, frame: Frame, given: Given) -> Value | None:
    """Something is loaded by an id or from a file; None when it is not."""
    name, tags = given.name, given.tags
    if libraries.is_download(name) and (tags & {ID, PATH} or not _other(given)):
        file = given.text("filename", 1) if "snapshot" not in name else None
        _note(run, frame, given, None, weights=not (file and libraries.is_light_file(file)))
        return Value(pointing(frozenset({PATH}), file))
    if tags & {ID, PATH} and not _neutral(given):
        light = libraries.is_light(name)
        _note(run, frame, given, None, weights=not light)
        if name.startswith("subprocess."):
            run.uses += 1
            run.fed |= bool(tags & {FIRST, INPUT})
            return Value(frozenset({MODEL, RESULT, RAW}) | tags & {FIRST, INPUT}, mutable=True)
        return Value(frozenset({LIGHT if light else MODEL}) | tags & {OTHER}, mutable=True)
    if PATH in tags | given.own and (given.callee.name in libraries.FILES or given.method in libraries.READS):
        return Value(frozenset({MODEL}), mutable=True)
    if LIGHT in tags and libraries.is_light(name):
        return Value(frozenset({LIGHT}), mutable=True)
    other = None if tags & {ID, PATH, MODEL, OTHER} else _other(given)
    if other is None:
        return None
    light = libraries.is_light(name)
    if not run.view.tree.model:  # nobody said which model it must be, so this one is it
        _note(run, frame, given, None, weights=not light)
        return Value(frozenset({LIGHT if light else MODEL}), mutable=True)
    _note(run, frame, given, other, weights=not light)
    return Value(frozenset({OTHER}), mutable=True)


def _neutral(given: Given) -> bool:
    """Whether a call takes the id or a path of the model for a text only."""
    name = given.callee.name
    if name.startswith("subprocess."):
        return False
    if PATH in given.tags:
        light = name.startswith(_PATHS) or name in libraries.FILES or name in libraries.CONTAINERS | libraries.DESCRIBES
        return light or given.method in libraries.ASKS or given.method in ("joinpath", "resolve", "append", "insert")
    receiver = given.receiver
    plain = receiver is not None and not (receiver.name or receiver.mutable or receiver.things)
    text_method = receiver is not None and (receiver.text is not None or plain)
    return (
        libraries.is_neutral(name)
        or text_method
        or given.name in libraries.CONTAINERS
        or bool(receiver and LIGHT in receiver.tags)
    )


def _other(given: Given) -> str | None:
    """The id of another model that a loader is given, or its default."""
    name = given.name
    if not (libraries.is_loader(name) or libraries.is_download(name)) or libraries.is_neutral(given.callee.name):
        return None
    at = 1 if name.rpartition(".")[2] == "pipeline" else 0
    keys = (
        "model",
        "pretrained_model_name_or_path",
        "repo_id",
        "model_id",
        "model_name",
        "model_name_or_path",
        "repo_or_dir",
    )
    named: Any = next((given.named[key] for key in keys if key in given.named), None)
    value = named if named is not None else given.plain[at] if len(given.plain) > at else None
    if value is None:
        return "the default of pipeline()" if at and not given.rest.tags and "model" not in given.named else None
    by_name = name.endswith(("from_pretrained", "pipeline", "SentenceTransformer", "CrossEncoder", "load_model"))
    return value.text if value.text and (libraries.is_hub_id(value.text) or by_name) else None


def _note(run: Run, frame: Frame, given: Given, other: str | None, *, weights: bool) -> None:
    run.loads[given.node] = Load(frame.source, given.node, given.name, other, weights)


def _passed(run: Run, given: Given) -> Value:
    """Values go through a call and keep where they came from."""
    name, called, own, tags = given.name, given.callee.name, given.own, given.tags
    result = own | tags
    if called in libraries.DESCRIBES:
        result -= {MODEL, LIGHT} if called in ("str", "format") else {MODEL, PATH, LIGHT, ID}
    elif given.method in libraries.ASKS:
        result -= {MODEL, PATH}
    elif MODEL in tags:
        result = _with_model(run, given, result)
    if libraries.escapes(called) or _replaces_tags(given):
        result -= {RAW}
    if libraries.is_random(given.callee.name):
        result |= {RANDOM}
    text = _path_text(given)
    if text is not None:
        result |= run.told(text).tags
    last = text or next((one.text for one in reversed(given.plain) if one.text), None)
    joins = name.startswith("os.path.") or given.method in ("joinpath", "format", "join") or name.endswith("Path")
    result = pointing(result, last) if joins else result
    library_name = f"{given.callee.name}()" if given.callee.name else ""
    made = name.rpartition(".")[2][:1].isupper() or called in libraries.CONTAINERS or called in libraries.FILES
    things = (
        frozenset(thing for one in given.all for thing in one.things) if called in libraries.CONTAINERS else frozenset()
    )
    return Value(result, text, library_name, things, mutable=made or given.method in ("copy", "get"))


def _with_model(run: Run, given: Given, result: Tags) -> Tags:
    """A model is handed to something: a container keeps it, a library uses it."""
    name = given.callee.name
    if name in libraries.CONTAINERS:
        return result
    if name.startswith(("gradio.", "logging.")):
        return result - {MODEL}
    run.uses += 1
    run.fed |= bool(given.tags & {FIRST, INPUT})
    used = bool(given.tags & {FIRST, INPUT, RESULT}) or name.startswith(("threading.", "concurrent."))
    return result | {RESULT, RAW} if used else result


def _path_text(given: Given) -> str | None:
    if given.method == "join" and given.receiver is not None and given.receiver.text is not None and given.plain:
        parts = [one.text for one in given.plain[0].items or ()]
        return given.receiver.text.join(part for part in parts if part) if parts and None not in parts else None
    if given.name.endswith(("os.path.join", "pathlib.Path", "str", "os.fspath")) and given.plain:
        texts = [one.text for one in given.plain]
        if all(text is not None for text in texts):
            return "/".join(text for text in texts if text is not None)
    return None


def _replaces_tags(given: Given) -> bool:
    return given.method == "replace" and any(one.text == "<" for one in given.plain)
