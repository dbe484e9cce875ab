"""What an app's own files say about how it wants to be built and started; none of its code is run."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any

from packaging.requirements import Requirement

from spacefactory.errors import SpaceCrashedError
from spacefactory.lint.requirement_lines import Line, read_requirements
from spacefactory.lint.space_readme import SDK_VERSION
from spacefactory.repository.front_matter import FrontMatterError, parse, split

LONGEST = 1 << 20
_SDK_VERSION = re.compile(r"^sdk_version[ \t]*:([^#\n]*)", re.M)
_VERSION = re.compile(r"\d+(\.\d+){0,3}([ab]\d+|rc\d+)?\Z")


@dataclass(frozen=True)
class AppFiles:
    """An app as its files describe it."""

    file: str
    """path of the Python file that is the app, inside the content"""
    sdk_version: str
    requirements: tuple[Requirement, ...]
    imported: frozenset[str]
    port: int | None
    """the port that the app itself names in its call of launch; None when it leaves that open"""
    python: str = ""
    """the version that README names for the Hub; this host takes the one of [plugin.local] python, else its own"""
    notes: tuple[str, ...] = ()


def app_file(content: Path) -> str:
    """The file that is the app: README's app_file, else app.py. It need not exist."""
    named = _front(content).get("app_file")
    path = PurePosixPath(named) if isinstance(named, str) and named else PurePosixPath("app.py")
    return str(path) if not path.is_absolute() and ".." not in path.parts else "app.py"


def read(content: Path) -> AppFiles:
    """Read README.md, requirements.txt and the Python files.

    Raises:
        SpaceCrashedError: this host cannot run such an app (CONFIG_ERROR), or the requirements cannot be installed by
            name (BUILD_ERROR).
    """
    front = _front(content)
    if (sdk := front.get("sdk", "gradio")) != "gradio":
        raise SpaceCrashedError(
            f"README.md asks for sdk {sdk!r}, and this host runs gradio apps only", "", "CONFIG_ERROR"
        )
    modules = [*_modules(content)]
    lines, ignored = _requirements(content)
    return AppFiles(
        file=app_file(content),
        sdk_version=_sdk_version(content),
        requirements=lines,
        imported=frozenset(name for _, module in modules for name in _imports(module)),
        port=next((port for path, module in modules if path == app_file(content) for port in _ports(module)), None),
        python=str(front.get("python_version", "")),
        notes=(*ignored, *_packages_note(content)),
    )


def _block(content: Path) -> str | None:
    try:
        with (content / "README.md").open("rb") as file:
            return split(file.read(LONGEST).decode("utf-8", errors="replace"))[0]
    except OSError:
        return None


def _front(content: Path) -> dict[str, Any]:
    block = _block(content)
    try:
        return parse(block) if block is not None else {}
    except FrontMatterError:
        return {}


def _sdk_version(content: Path) -> str:
    """README's version as written, for YAML reads 5.50 as a number; ours when there is none."""
    written = _SDK_VERSION.search(_block(content) or "")
    said = written.group(1).strip().strip("\"'") if written else ""
    if said and not _VERSION.match(said):
        raise SpaceCrashedError(
            f"README.md asks for sdk_version {said[:40]!r}, which is no version", "", "CONFIG_ERROR"
        )
    return said or SDK_VERSION


def _requirements(content: Path) -> tuple[tuple[Requirement, ...], tuple[str, ...]]:
    lines = [
        (name, line)
        for name in ("pre-requirements.txt", "requirements.txt")
        for line in read_requirements(content / name)
    ]
    options = [(name, line) for name, line in lines if line.text.startswith("-")]
    wrong = [(name, line) for name, line in lines if line.problem and not line.text.startswith("-")]
    if wrong:
        name, line = wrong[0]
        raise SpaceCrashedError(
            f"{name}:{line.number} cannot be installed: {line.problem}", line.problem, "BUILD_ERROR"
        )
    notes = tuple(f"{name}:{line.number} is left out: {line.problem}" for name, line in options)
    return tuple(line.requirement for _, line in lines if line.requirement and _applies(line)), notes


def _applies(line: Line) -> bool:
    """Whether the line's marker is true on this machine, as far as our own Python tells."""
    marker = line.requirement.marker if line.requirement else None
    return marker is None or marker.evaluate()


def _modules(content: Path) -> Iterator[tuple[str, ast.Module]]:
    for path in sorted(content.rglob("*.py")):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            try:
                text = path.read_bytes()[:LONGEST].decode("utf-8", errors="replace")
                yield path.relative_to(content).as_posix(), ast.parse(text)
            except (SyntaxError, ValueError, RecursionError, MemoryError):
                continue  # the app will say so itself when it starts


def _imports(module: ast.Module) -> Iterator[str]:
    for node in ast.walk(module):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module.partition(".")[0]


def _ports(module: ast.Module) -> Iterator[int]:
    """Ports that a call of `launch` names."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "launch":
            for keyword in node.keywords:
                value = keyword.value.value if isinstance(keyword.value, ast.Constant) else None
                if keyword.arg == "server_port" and isinstance(value, int) and 1024 <= value < 65_536:
                    yield value


def _packages_note(content: Path) -> Iterator[str]:
    try:
        names = (content / "packages.txt").read_text(encoding="utf-8", errors="replace").split()
    except OSError:
        return
    if names:
        yield f"packages.txt names {', '.join(names)[:200]}: this host installs no system packages"
