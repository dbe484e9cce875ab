"""What the interpreter knows about a value, and the frames that hold names."""

from __future__ import annotations

import ast
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from spacefactory.lint.source import Source

Tags = frozenset[str]
MODEL = "model"
"""an object loaded from the model, or data read from its files"""
RESULT = "result"
"""what such an object gave when it was used"""
CHOSEN = "chosen"
"""picked by a condition on a result"""
PATH = "path"
"""where files of the model lie"""
ID = "id"
"""the model's id"""
LIGHT = "light"
"""tokenizer, processor, configuration or another file that describes the model and holds no weights"""
OTHER = "other"
"""an object of another model"""
REMOTE = "remote"
"""a client of a service that runs models"""
NETWORK = "network"
RANDOM = "random"
INPUT = "input"
"""a parameter of the handler"""
FIRST = "first"
"""its first one"""
RAW = "raw"
"""text of a user or a model that was not escaped"""
ERROR = "error"
"""an exception, or a text that tells of a failure"""
UNKNOWN = "unknown"
STAND_IN = "stand-in:"
"""before a line: what takes the place of the model's answer there"""
NONE: Tags = frozenset()


@dataclass(frozen=True, eq=False)
class Closure:
    """A function of the app, with the names around it."""

    node: ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
    frame: Frame
    defaults: dict[str, Value]
    owner: Value | None = None
    """the object of a bound method"""


@dataclass(frozen=True, eq=False)
class Class:
    """A class of the app."""

    node: ast.ClassDef
    frame: Frame
    names: dict[str, Value]
    bases: tuple[Value, ...]
    made: list[Object] = field(default_factory=list)


@dataclass(frozen=True, eq=False)
class Object:
    """All objects of one class of the app; attributes are joined."""

    kind: Class
    names: dict[str, Value]


Thing = Closure | Class | Object


@dataclass(frozen=True)
class Value:
    """Where a value comes from."""

    tags: Tags = NONE
    text: str | None = None
    """the text that it is, when that is known"""
    name: str = ""
    """dotted name in a library"""
    things: frozenset[Thing] = frozenset()
    """functions, classes and objects of the app that it may be"""
    items: tuple[Value, ...] | None = None
    """its parts, when it is a tuple or list as written"""
    mutable: bool = False
    """whether another holder of it sees changes: containers, streams, objects"""
    nothing: bool = False
    """whether it is None, or empty"""

    def tagged(self, tags: Iterable[str]) -> Value:
        """The same with more tags."""
        more = frozenset(tags) - self.tags
        return replace(self, tags=self.tags | more) if more else self

    def without(self, *tags: str) -> Value:
        """The same with fewer tags."""
        return replace(self, tags=self.tags - set(tags)) if self.tags & set(tags) else self

    @property
    def from_model(self) -> bool:
        """Whether the model had a part in it."""
        return bool(self.tags & {MODEL, RESULT, CHOSEN})


EMPTY = Value()
UNSURE = Value(frozenset({UNKNOWN}))
MOST_THINGS = 8


def join(*values: Value) -> Value:
    """A value that may be any of these."""
    if len(values) == 1:
        return values[0]
    first, *rest = values or (EMPTY,)
    if all(one is first for one in rest):
        return first
    texts, names = {one.text for one in values}, {one.name for one in values}
    things = frozenset().union(*(one.things for one in values))
    same = {len(one.items) if one.items is not None else -1 for one in values}
    items = None
    if len(same) == 1 and -1 not in same:
        items = tuple(join(*parts) for parts in zip(*(one.items or () for one in values), strict=True))
    return Value(
        tags=union(values),
        text=texts.pop() if len(texts) == 1 else None,
        name=names.pop() if len(names) == 1 else "",
        things=things if len(things) <= MOST_THINGS else frozenset([*things][:MOST_THINGS]),
        items=items,
        mutable=any(one.mutable for one in values),
        nothing=all(one.nothing for one in values),
    )


def union(values: Iterable[Value]) -> Tags:
    """All tags of some values."""
    return frozenset().union(*(one.tags for one in values))


def mixed(values: Iterable[Value]) -> Value:
    """A value made of these, such as a sum."""
    return Value(union(values))


@dataclass(eq=False)
class Returned:
    """One answer of a function."""

    value: Value
    node: ast.AST
    instead: bool
    """whether it is given after the model failed, or where it is missing"""


@dataclass(eq=False)
class Frame:
    """Names of a module or of one call of a function."""

    source: Source
    parent: Frame | None = None
    names: dict[str, Value] = field(default_factory=dict)
    elsewhere: set[str] = field(default_factory=set)
    """names declared global or nonlocal"""
    holds: dict[str, set[str]] = field(default_factory=dict)
    """name -> names that went into its value: what changes the one may change the others"""
    views: dict[str, set[str]] = field(default_factory=dict)
    """name -> names that always change with it, such as a picture that is drawn on"""
    control: Tags = NONE
    """tags of the conditions around the current statement"""
    loops: int = 0
    """how many loops are around the current statement"""
    alive: bool = True
    """whether the current statement is reached"""
    instead: bool = False
    """whether the model failed or is missing here"""
    returned: list[Returned] = field(default_factory=list)

    @property
    def module(self) -> Frame:
        """The frame of the file."""
        frame = self
        while frame.parent is not None:
            frame = frame.parent
        return frame

    def find(self, name: str) -> Value | None:
        """The value of a name, here or around."""
        frame: Frame | None = self
        while frame is not None:
            if name in frame.names:
                return frame.names[name]
            frame = frame.parent
        return None

    def owner(self, name: str) -> Frame | None:
        """The frame that holds a name."""
        frame: Frame | None = self
        while frame is not None and name not in frame.names:
            frame = frame.parent
        return frame

    def bind(self, name: str, value: Value) -> None:
        """Assign: a name of this frame anew, a name of another one in addition to what it was."""
        if name not in self.elsewhere:
            self.names[name] = value
            return
        around = self.parent.owner(name) if self.parent else None
        frame = around or self.module
        frame.names[name] = join(frame.names[name], value) if name in frame.names else value

    def add(self, name: str, tags: Tags, seen: set[str] | None = None) -> None:
        """Note that the value of a name was changed by something with these tags, and what it holds with it."""
        seen = set() if seen is None else seen
        if name in seen or not tags or (frame := self.owner(name)) is None:
            return
        seen.add(name)
        frame.names[name] = frame.names[name].tagged(tags)
        for other in frame.views.get(name, ()):
            frame.add(other, tags, seen)
        for other in frame.holds.get(name, ()):
            held = frame.find(other)
            if held is not None and (held.mutable or is_path(held)):
                frame.add(other, tags, seen)


def is_path(value: Value) -> bool:
    """Whether a value can be the name of a file: not a plain text, and nothing that the user gave."""
    if value.text is not None:
        return "/" in value.text or "." in value.text
    return not value.tags & {INPUT, MODEL, RESULT} and not value.things
