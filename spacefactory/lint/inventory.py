"""What the Python files of a tree reach for, listed for the report: a reader judges it, nothing is refused here."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from pathlib import Path

from pydantic import JsonValue

_HOST = re.compile(r"(?:https?|wss?|ftp)://([A-Za-z0-9.-]+)")
_ENCODED = re.compile(r"[A-Za-z0-9+/=_-]{200,}\Z")
_RUNS_CODE = frozenset({"eval", "exec", "compile", "__import__"})
_STARTS = frozenset({"subprocess", "os.system", "os.popen", "os.spawn", "os.exec", "pty", "multiprocessing", "ctypes"})
_LONGEST = 1 << 20


def inventory(folder: Path, files: tuple[str, ...]) -> dict[str, JsonValue]:
    """Network hosts, processes, dynamic code, long encoded texts, environment reads and remote code, by kind."""
    found: dict[str, set[str]] = {}
    for name in files:
        if name.endswith(".py"):
            for kind, what in _seen((folder / name).read_text(encoding="utf-8", errors="replace")):
                found.setdefault(kind, set()).add(f"{name}: {what}")
    return {kind: [*sorted(seen)[:50]] for kind, seen in sorted(found.items())}


def _seen(text: str) -> Iterator[tuple[str, str]]:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            module = ast.parse(text[:_LONGEST])
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        yield "unreadable", type(error).__name__
        return
    for node in ast.walk(module):
        yield from _node(node)


def _node(node: ast.AST) -> Iterator[tuple[str, str]]:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        for host in _HOST.findall(node.value):
            yield "network_hosts", host
        if _ENCODED.match(node.value):
            yield "encoded", f"line {node.lineno}, {len(node.value)} characters"
    elif isinstance(node, ast.Call):
        yield from _call(node)
    elif isinstance(node, ast.Subscript) and dotted(node.value).endswith("environ"):
        yield "environment", _text(node.slice)


def _call(node: ast.Call) -> Iterator[tuple[str, str]]:
    name = dotted(node.func)
    if name in _RUNS_CODE:
        yield "dynamic_code", f"line {node.lineno}, {name}"
    if any(name == start or name.startswith((f"{start}.", start)) for start in _STARTS):
        yield "processes", f"line {node.lineno}, {name}"
    if name.endswith(("environ.get", "getenv", "environ.pop")) and node.args:
        yield "environment", _text(node.args[0])
    for keyword in node.keywords:
        if keyword.arg == "trust_remote_code" and getattr(keyword.value, "value", True):
            yield "remote_code", f"line {node.lineno}"


def dotted(node: ast.expr) -> str:
    """The dotted name of an expression, empty when it is none."""
    parts: list[str] = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else ""


def _text(node: ast.expr) -> str:
    return str(node.value)[:100] if isinstance(node, ast.Constant) else "a computed name"
