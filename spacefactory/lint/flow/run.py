"""State of one interpretation: the files, the work left, and what was seen on the way."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from spacefactory.lint.flow.libraries import is_hub_id
from spacefactory.lint.flow.values import (
    CHOSEN,
    ERROR,
    ID,
    OTHER,
    PATH,
    RESULT,
    UNKNOWN,
    UNSURE,
    Closure,
    Frame,
    Returned,
    Value,
)
from spacefactory.lint.source import Source
from spacefactory.lint.view import View, local_file

MAX_STEPS = 100_000
"""Expressions that are looked at; what is left after them is unknown."""
MAX_DEPTH = 12
_FAILURE = re.compile(
    r"error|fail|sorry|could not|cannot|can't|unable|exception|try again|invalid|wrong|went|not |no |please|"
    r"unavailable|missing|busy|later|⚠|❌",
    re.I,
)
_MODEL_VARIABLES = re.compile(r"MODEL|CHECKPOINT|REPO", re.I)


@dataclass(frozen=True, eq=False)
class Load:
    """A call that loads something by a name."""

    source: Source
    call: ast.Call
    name: str
    """dotted name of what is called"""
    other: str | None
    """id of another model that is loaded here; None for the model itself"""
    weights: bool


@dataclass(eq=False)
class Run:
    """One interpretation of an app."""

    view: View
    evaluate: Callable[[Run, Frame, ast.expr | None], Value]
    execute: Callable[[Run, Frame, Sequence[ast.stmt]], None]
    call: Callable[[Run, Frame, ast.Call], Value]
    invoke: Callable[[Run, Closure, list[Value], dict[str, Value], Value], Value]
    assign: Callable[[Run, Frame, ast.expr, Value], None]
    steps: int = MAX_STEPS
    stack: list[ast.AST] = field(default_factory=list)
    modules: dict[Source, Frame] = field(default_factory=dict)
    loads: dict[ast.Call, Load] = field(default_factory=dict)
    left: dict[ast.AST, dict[str, Value]] = field(default_factory=dict)
    """names of a function of the app as its last call left them"""
    answers: dict[ast.AST, list[Returned]] = field(default_factory=dict)
    """what its last call gave"""
    uses: int = 0
    """how often an object of the model was used"""
    fed: bool = False
    """whether one of them got something that the user gave"""
    unclear: bool = False
    """whether code was met that cannot be followed"""

    def step(self) -> bool:
        """Count one expression; False when there is no work left."""
        self.steps -= 1
        if self.steps < 0:
            self.unclear = True
        return self.steps >= 0

    def told(self, text: str) -> Value:
        """A text as a value, with whether it names the model or tells of a failure."""
        tags = set()
        if self.names_model(text):
            tags.add(ID)
        if len(text) < 2000 and _FAILURE.search(text):
            tags.add(ERROR)
        return Value(frozenset(tags), text, nothing=not text)

    def names_model(self, text: str) -> bool:
        """Whether a text is the model's id, or holds it, as an address does."""
        wanted = self.view.tree.model
        if not wanted:
            return is_hub_id(text.removeprefix("hf-hub:").removeprefix("hf_hub:").removeprefix("hf://"))
        text, wanted = text.casefold(), wanted.casefold()
        if "/" not in wanted:
            return text == wanted
        return bool(re.search(rf"(?<![\w.-]){re.escape(wanted)}(?![\w-]|\.\w)", text)) if wanted in text else False

    def environment(self, name: str | None, default: Value | None) -> Value:
        """A variable of the environment; without a value there, the default counts."""
        if default is not None and default.text and ID not in default.tags and is_hub_id(default.text):
            return Value(frozenset({OTHER}), default.text)
        named = name is None or bool(_MODEL_VARIABLES.search(name))
        own = frozenset(
            {ID, PATH} if named and (name or "").endswith(("PATH", "DIR", "FOLDER")) else {ID} if named else ()
        )
        found = default.tags if default is not None else frozenset()
        return Value(own | found, default.text if default is not None else None)

    def answer(self, frame: Frame, value: Value, node: ast.AST) -> None:
        """Note what a function gives back."""
        chosen = {CHOSEN} if frame.control & {RESULT, CHOSEN} else ()
        frame.returned.append(Returned(value.tagged(chosen), node, frame.instead))

    def frame_of(self, source: Source) -> Frame:
        """The names of a file after it was run; files that import one another see what is there so far."""
        if source not in self.modules:
            self.modules[source] = Frame(source)
            self.execute(self, self.modules[source], source.module.body)
        return self.modules[source]

    def imported(self, dotted: str) -> Value:
        """What an import gives: names of the app's own files, or a name in a library."""
        module, _, name = dotted.rpartition(".")
        for target, attribute in ((dotted.lstrip("."), ""), (module.lstrip("."), name)):
            if target in self.view.modules:
                inner = self.frame_of(self.view.modules[target])
                return self._of_module(inner, target, attribute)
            if target and local_file(self.view.tree, target) is not None:
                self.unclear = True
                return UNSURE
        return Value(name=dotted.lstrip("."))

    def _of_module(self, frame: Frame, module: str, name: str) -> Value:
        if not name:
            return Value(name=f"{OWN}{module}")
        return frame.names.get(name, Value(name=f"{OWN}{module}.{name}"))

    def own_module(self, dotted: str) -> Value | None:
        """A name inside a module of the app that was imported as a whole."""
        module, _, name = dotted.removeprefix(OWN).rpartition(".")
        source = self.view.modules.get(module)
        return self.frame_of(source).names.get(name) if source and dotted.startswith(OWN) else None

    def cannot_follow(self) -> Value:
        """Note code that cannot be followed."""
        self.unclear = True
        return Value(frozenset({UNKNOWN}))


OWN = "@"
"""before the dotted name of a module of the app"""
