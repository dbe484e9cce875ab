"""Reads the YAML block at the head of a README, as plain data and within bounds."""

from __future__ import annotations

import re
from itertools import accumulate
from typing import Any

import yaml

from spacefactory.repository.plain import inert

MAX_CHARACTERS = 32 * 1024
MAX_DEPTH = 20
MAX_NODES = 5000
MOST_OPEN = 200
"""Brackets that may stand open at once; more than `MAX_DEPTH`, since texts may hold some."""
_BLOCK = re.compile(r"\A\ufeff?\s*^---[ \t]*\r?\n(.*?)^---[ \t]*\r?$\n?", re.S | re.M)


class _Loader(yaml.SafeLoader):
    """Plain data only: no aliases, no key twice, bounded depth and number of nodes."""

    depth = nodes = 0

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        """Count what is composed, and refuse what grows."""
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("aliases are not allowed")
        self.depth, self.nodes = self.depth + 1, self.nodes + 1
        if self.depth > MAX_DEPTH or self.nodes > MAX_NODES:
            raise yaml.YAMLError("it is nested too deep or too large")
        try:
            return super().compose_node(parent, index)
        finally:
            self.depth -= 1

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict[Any, Any]:
        """Refuse a mapping that has a key twice, as the Hub does."""
        names = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        if len(names) != len(set(names)):
            twice = next(name for name in names if names.count(name) > 1)
            raise yaml.YAMLError(f"the key {twice[:40]!r} stands there twice")
        return super().construct_mapping(node, deep)


class FrontMatterError(ValueError):
    """The block is there and cannot be read; the message says why in one sentence."""


def split(text: str) -> tuple[str | None, str]:
    """The front matter's text (None when there is none) and the rest."""
    found = _BLOCK.match(text)
    return (found.group(1), text[found.end() :]) if found else (None, text)


def _open_brackets(block: str) -> int:
    """The largest number of brackets that stand open at once; the parser takes seconds over a thousand of them."""
    steps = (1 if sign in "[{" else -1 for sign in block if sign in "[]{}")
    return max(accumulate(steps), default=0)


def parse(block: str) -> dict[str, Any]:
    """The front matter as plain data.

    Raises:
        FrontMatterError: it is too large, no YAML, or not a mapping.
    """
    if len(block) > MAX_CHARACTERS:
        raise FrontMatterError(f"it has more than {MAX_CHARACTERS} characters")
    if _open_brackets(block) > MOST_OPEN:
        raise FrontMatterError("it is nested too deep")
    try:
        found = yaml.load(block, Loader=_Loader)  # noqa: S506  # a safe loader with bounds
    except (yaml.YAMLError, ValueError, TypeError, AttributeError, RecursionError) as error:
        # TypeError and AttributeError: the library's answer to keys and tags that it cannot construct
        raise FrontMatterError(inert(error) or type(error).__name__) from error
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise FrontMatterError("it is not a list of keys and values")
    return found
