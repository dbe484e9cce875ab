"""What a lint rule of ours is made of."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from spacefactory.lint.view import View, view_of
from spacefactory.schema.work import Finding, GeneratedTree

LevelName = Literal["error", "warning"]
LONGEST = 600
"""Characters of a message."""


@dataclass(frozen=True)
class Fault:
    """What a rule saw: one sentence that says what is wrong and how to mend it."""

    message: str
    line: int | None = None
    file: str | None = None
    """path in the tree; None for the file that the rule is about"""
    level: LevelName | None = None
    """None for the rule's own level"""


Look = Callable[[View], Iterable[Fault]]


@dataclass(frozen=True)
class Rule:
    """One rule; an implementation of `providers.LintRule`."""

    name: str
    look: Look
    level: Literal["error", "warning", "zerogpu"] = "error"
    """`zerogpu`: an error when the Space must suit ZeroGPU, else a warning"""
    file: str = "app.py"
    why: str = ""
    """one sentence: what goes wrong in a Space that breaks the rule"""
    mend: str = ""
    """one sentence: what to write instead"""

    @property
    def what(self) -> str:
        """One sentence: what the rule looks at, for the reference page."""
        return " ".join((self.look.__doc__ or "").split())

    def check(self, tree: GeneratedTree) -> Iterator[Finding]:
        """Everything in the tree that breaks this rule."""
        view = view_of(tree)
        file = view.app_file if self.file == "app.py" else self.file
        for fault in self.look(view):
            yield Finding(
                rule=self.name,
                level=fault.level or self._level(view),
                file=fault.file or file,
                line=fault.line,
                message=_bounded(fault.message),
            )

    def _level(self, view: View) -> LevelName:
        if self.level == "zerogpu":
            return "error" if view.zerogpu else "warning"
        return self.level


def _bounded(message: str) -> str:
    """At most `LONGEST` characters: what a message quotes comes from files that anybody may have written."""
    return message if len(message) <= LONGEST else message[: LONGEST - 1] + "…"
