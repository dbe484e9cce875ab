"""Changes of Python source at places that its syntax tree names; everything else stays as it was written."""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable, Iterator

Change = tuple[int, int, str]
"""First byte, byte after the last, and what takes their place."""


def parsed(text: str) -> ast.Module | None:
    """The syntax tree; None when the text is no Python."""
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def changed(text: str, find: Callable[[ast.Module, Places], Iterable[Change]]) -> str:
    """The text with the changes that `find` names; as it was when the result would be no Python."""
    tree = parsed(text)
    if tree is None:
        return text
    data = text.encode()
    limit = len(data)
    for start, end, new in sorted(set(find(tree, Places(text))), reverse=True):
        if end <= limit:  # of two that overlap, one is left for another pass
            data, limit = data[:start] + new.encode() + data[end:], start
    after = data.decode(errors="replace")
    return after if parsed(after) is not None else text


class Places:
    """Byte positions of the nodes of a text."""

    def __init__(self, text: str) -> None:
        self.data = text.encode()
        lines = self.data.split(b"\n")
        self._starts = [0]
        for line in lines:
            self._starts.append(self._starts[-1] + len(line) + 1)

    def start(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        """First byte of a node."""
        return self._starts[node.lineno - 1] + node.col_offset

    def end(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        """Byte after a node."""
        return self._starts[(node.end_lineno or node.lineno) - 1] + (node.end_col_offset or 0)

    def text(self, node: ast.expr | ast.stmt | ast.keyword) -> str:
        """A node as it was written."""
        return self.data[self.start(node) : self.end(node)].decode(errors="replace")

    def line_start(self, node: ast.stmt) -> int:
        """First byte of the line on which a statement begins."""
        return self._starts[node.lineno - 1]

    def next_line(self, node: ast.stmt) -> int:
        """First byte after the last line of a statement."""
        return min(self._starts[node.end_lineno or node.lineno], len(self.data))


def calls(tree: ast.AST, *names: str) -> Iterator[ast.Call]:
    """Calls of functions or methods by the last part of their name; every call when none is given."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and (not names or called(node) in names):
            yield node


def called(call: ast.Call) -> str:
    """The last part of the name that is called."""
    function = call.func
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def keyword(call: ast.Call, name: str) -> ast.keyword | None:
    """An argument by its name."""
    return next((one for one in call.keywords if one.arg == name), None)


def without(call: ast.Call, name: str, places: Places) -> Iterator[Change]:
    """Take an argument out of a call."""
    found = keyword(call, name)
    if found is None:
        return
    given = _arguments(call, places)
    at = given.index(found)
    if at + 1 < len(given):
        yield places.start(found), places.start(given[at + 1]), ""
    elif at:
        yield places.end(given[at - 1]), places.end(found), ""
    else:
        rest = places.data[places.end(found) : places.end(call)]
        comma = len(rest) - len(rest.lstrip()[1:]) if rest.lstrip().startswith(b",") else 0
        yield places.start(found), places.end(found) + comma, ""


def with_argument(call: ast.Call, name: str, value: str, places: Places) -> Iterator[Change]:
    """Give a call an argument, or an argument another value."""
    found = keyword(call, name)
    given = _arguments(call, places)
    if found is not None:
        if places.text(found.value) != value:
            yield places.start(found.value), places.end(found.value), value
    elif given:
        yield places.end(given[-1]), places.end(given[-1]), f", {name}={value}"
    else:
        yield places.end(call) - 1, places.end(call) - 1, f"{name}={value}"


def _arguments(call: ast.Call, places: Places) -> list[ast.expr | ast.keyword]:
    given: list[ast.expr | ast.keyword] = [*call.args, *call.keywords]
    return sorted(given, key=places.start)
