"""Reads requirements.txt as lines that name packages and versions, and nothing else."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import canonicalize_name

MAX_BYTES = 256 * 1024
_COMMENT = re.compile(r"(^|\s)#.*$")
_ARCHIVE = re.compile(r"\.(whl|egg|zip|tar|tgz|tbz|txz|tlz|gz|bz2|xz|lz|lzma)\Z", re.I)
"""Endings that make pip take a name for a file."""
_OPTION = re.compile(r"\s--[a-z-]+[= ]")


@dataclass(frozen=True)
class Line:
    """One requirement."""

    number: int
    text: str
    name: str = ""
    """normalised name of the distribution; empty when the line is not usable"""
    requirement: Requirement | None = None
    problem: str = ""
    """why it is not a name with versions; empty when it is"""


def parse_requirements(text: str) -> tuple[Line, ...]:
    """Every line that is neither empty nor a comment; a text that is too long to be read is one unusable line."""
    if len(text) > MAX_BYTES:
        return (Line(1, "", problem=f"the file is longer than {MAX_BYTES >> 10} KiB"),)
    bare = ((number, _COMMENT.sub("", line).strip()) for number, line in enumerate(text.splitlines(), 1))
    return tuple(_line(number, line) for number, line in bare if line)


def read_requirements(path: Path) -> tuple[Line, ...]:
    """The lines of a file of ours; none when there is no such file."""
    if not path.is_file():
        return ()
    with path.open("rb") as file:
        return parse_requirements(file.read(4 * MAX_BYTES + 1).decode("utf-8", errors="replace"))


def _line(number: int, text: str) -> Line:
    shown = text if len(text) <= 80 else text[:77] + "..."
    if text.startswith("-") or _OPTION.search(text) or text.endswith("\\"):
        return Line(number, text, problem=f"{shown!r} is an option, not a package")
    try:
        requirement = Requirement(text)
    except (InvalidRequirement, RecursionError):
        return Line(number, text, problem=f"{shown!r} is not a package name with versions")
    if _ARCHIVE.search(requirement.name):
        return Line(number, text, problem=f"{shown!r} is a file instead of a package")
    if requirement.url:
        return Line(number, text, problem=f"{shown!r} is installed from an address instead of the package index")
    return Line(number, text, canonicalize_name(requirement.name), requirement)
