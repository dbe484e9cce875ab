"""What readers work on: the card and what was parsed of it once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

from pydantic import JsonValue

from spacefactory.repository.plain import inert
from spacefactory.schema.card import ModelCard
from spacefactory.schema.profile import Claim
from spacefactory_model_card import document, python_code
from spacefactory_model_card.document import Document
from spacefactory_model_card.python_code import Code


@dataclass(frozen=True, eq=False)
class Material:
    """A card, with its parts parsed when they are first asked for."""

    card: ModelCard

    @property
    def front(self) -> dict[str, JsonValue]:
        """The front matter."""
        return self.card.front_matter

    @cached_property
    def document(self) -> Document:
        """The body."""
        skipped = self.card.text[: len(self.card.text) - len(self.card.body)]
        return document.parse(self.card.body, skipped.count("\n") + 1)

    @cached_property
    def code(self) -> Code:
        """The card's Python."""
        return python_code.read(self.document.blocks)

    @cached_property
    def shell(self) -> tuple[tuple[str, int], ...]:
        """Commands that the card shows, with their lines."""
        found: list[tuple[str, int]] = []
        for block in self.document.blocks:
            if block.text.lstrip().startswith("@"):
                continue  # a citation
            if block.language in ("", "text", "bash", "sh", "shell", "zsh", "console", "cmd", "powershell", "bat"):
                if not python_code.is_python(block):
                    found += [(line.strip().removeprefix("$ "), block.line + at) for at, line in _lines(block.text)]
            elif python_code.is_python(block):
                notebook = [(at, line.strip()) for at, line in _lines(block.text)]
                found += [
                    (line.lstrip("!%$ "), block.line + at) for at, line in notebook if line.startswith(("!", "pip "))
                ]
        return tuple((line, at) for line, at in found if line)[:1500]

    @cached_property
    def tags(self) -> tuple[str, ...]:
        """Tags of the front matter, in lower case."""
        return strings(self.front.get("tags"))

    @cached_property
    def text(self) -> str:
        """The card's body in lower case, for signs that may stand anywhere."""
        return self.card.body[: 256 * 1024].lower()

    def config(self, path: str) -> dict[str, JsonValue]:
        """A parsed JSON file, empty when there is none."""
        found = self.card.configs.get(path)
        return found if isinstance(found, dict) else {}

    def front_line(self, key: str) -> int | None:
        """Line of README.md on which a key of the front matter stands."""
        head = self.card.text[: len(self.card.text) - len(self.card.body)]
        at = -1
        for mark in (f"\n{key}:", f"\n{key} :", f'\n"{key}":'):
            at = head.find(mark) if at < 0 else at
        return head.count("\n", 0, at + 1) + 1 if at >= 0 else None

    @cached_property
    def paths(self) -> frozenset[str]:
        """Files of the repository besides README.md; empty when the source cannot list them."""
        return frozenset(file.path for file in self.card.files or () if file.path.lower() != "readme.md")


def _lines(text: str) -> list[tuple[int, str]]:
    return [(at, line[:500]) for at, line in enumerate(text.split("\n")[:400])]


def strings(value: JsonValue) -> tuple[str, ...]:
    """A text or a list of texts as texts in lower case; anything else is left out."""
    listed = value if isinstance(value, list) else [value]
    return tuple(one.strip().lower() for one in listed[:300] if isinstance(one, str) and one.strip())


def claim(
    field: str, value: JsonValue, reader: str, weight: float, quote: object = "", line: int | None = None
) -> Claim:
    """One piece of evidence."""
    return Claim(field=field, value=value, reader=reader, weight=round(weight, 3), quote=inert(quote), line=line)
