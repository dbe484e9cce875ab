"""The file of an output: there, regular, not empty, not too large."""

from __future__ import annotations

import stat
from dataclasses import dataclass
from pathlib import Path

from spacefactory.schema.verdict import Check, Output
from spacefactory_validators.checks import reject, typed
from spacefactory_validators.sniff import HEAD, Kind, kind_of


@dataclass(frozen=True)
class File:
    """A file that may be opened."""

    path: Path
    size: int
    """bytes"""
    kind: Kind
    """what its first bytes say"""


def file_of(output: Output, family: str, limit: int) -> File:
    """The file behind an output.

    Raises:
        RejectedError: there is none, or it cannot be opened within the limit.
    """
    name = f"{family}.file"
    if output.path is None:
        raise reject(typed(name, *_no_file(output)))
    try:
        facts = output.path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise reject(typed(name, False, "the output is not a regular file"))
        if not facts.st_size:
            raise reject(typed(name, False, "the file is empty", 0, 1))
        if facts.st_size > limit:
            raise reject(typed(name, None, _too_large(facts.st_size, limit), facts.st_size, limit))
        with output.path.open("rb") as stream:
            return File(output.path, facts.st_size, kind_of(stream.read(HEAD)))
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise reject(typed(name, False, f"the file cannot be read: {shortened(error)}")) from error


def wrong_format(file: File, family: str, suffixes: tuple[str, ...]) -> Check:
    """The check for a file that no decoder of this family takes.

    A format of the right family that is not read here, or of no known family under a foreign name, could not be
    checked; anything else is something else than it should be.
    """
    name = f"{family}.format"
    article = "an" if family[0] in "aeiou" else "a"
    if file.kind.family in (family, "media" if family in ("audio", "video") else family):
        return typed(name, None, f"the file is {file.kind.words}, which is not decoded here")
    if file.kind.name == "svg" and family == "image" and file.path.suffix.lower() not in suffixes:
        return typed(name, None, "the file is an SVG drawing, which is not drawn here")
    if file.kind.family == "unknown" and file.path.suffix.lower() not in suffixes:
        return typed(name, None, f"the file is {file.kind.words}")
    return typed(name, False, f"the file is {file.kind.words}, not {article} {family}")


def shortened(error: BaseException) -> str:
    """What a decoder said, in one line of at most 120 characters."""
    text = " ".join(str(error).split())
    return (text or type(error).__name__)[:120]


def _no_file(output: Output) -> tuple[bool | None, str]:
    if output.value is None:
        return False, "nothing came back"
    if isinstance(output.value, str) and output.value.startswith("data:"):
        return None, "the output is a data address, which is not read here"
    return False, f"no file came back but {value_words(output.value)}"


def value_words(value: object) -> str:
    """A value's type for a sentence."""
    names = {str: "text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}
    return names.get(type(value), "nothing")


def _too_large(size: int, limit: int) -> str:
    return f"the file has {size / 2**20:.0f} MiB, more than the {limit >> 20} MiB that are checked"
