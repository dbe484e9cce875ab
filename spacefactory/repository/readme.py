"""Reads the text of a README and its front matter, whatever bytes it is made of."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from pydantic import JsonValue

from spacefactory.repository import front_matter
from spacefactory.repository.plain import plain, text

LARGEST = 256 * 1024
"""Bytes of a card that are read."""
SMALL_BLOCK = 8 * 1024
"""Characters of front matter that are parsed whole; of a larger one, the tables of benchmark results are left out."""
_RESULTS = re.compile(r"^model-index[ \t]*:[^\n]*\n(?:[ \t-][^\n]*\n|\n)*", re.M)
_SCALAR = re.compile(r"([A-Za-z_][\w.-]{0,40})[ \t]*:(?:[ \t]+(.*))?\Z")
_ITEM = re.compile(r"[ \t]*-[ \t]+(.*)\Z")
_OPEN = re.compile(r"\A\s*---[ \t]*\n")
_UTF16 = {b"\xff\xfe": "utf-16-le", b"\xfe\xff": "utf-16-be"}


@dataclass(frozen=True)
class Readme:
    """A README as text and data."""

    text: str
    body: str
    """the text without its front matter"""
    front: dict[str, JsonValue] = field(default_factory=dict)
    problems: tuple[str, ...] = ()


def parse(data: bytes) -> Readme:
    """Text and front matter of a README; never raises.

    Args:
        data: its first bytes; one more than `LARGEST` tells that there is more.
    """
    cut = len(data) > LARGEST
    whole = decode(data[:LARGEST])
    problems = (f"README.md is larger than {LARGEST >> 10} KiB; the rest was not read",) if cut else ()
    block, body = front_matter.split(whole)
    if block is None:
        unclosed = _OPEN.match(whole)
        if unclosed is None:
            return Readme(whole, whole, {}, problems)
        block = whole[unclosed.end() :].split("\n\n", 1)[0]
        return Readme(whole, whole, rescue(block), (*problems, "the front matter has no closing line ---"))
    front, problem = front_of(block)
    return Readme(whole, body, front, (*problems, problem) if problem else problems)


def decode(data: bytes) -> str:
    """Bytes as text with plain line ends; what is no text becomes the replacement character."""
    encoding = _UTF16.get(data[:2]) or _unmarked(data)
    found = data.decode(encoding, "replace").removeprefix("\ufeff")
    return text(found).replace("\r\n", "\n").replace("\r", "\n")


def _unmarked(data: bytes) -> str:
    """UTF-16 without a mark shows as a zero in nearly every other byte."""
    head = data[:200]
    for start, encoding in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(head) >= 8 and head[start::2].count(0) > 0.45 * len(head) and head[1 - start :: 2].count(0) < 4:
            return encoding
    return "utf-8"


def front_of(block: str) -> tuple[dict[str, JsonValue], str]:
    """The front matter and what is wrong with it; of one that is no YAML, the plain lines."""
    if len(block) > SMALL_BLOCK:
        block = _RESULTS.sub("", block + "\n")
    try:
        found = plain(front_matter.parse(block)) if block.strip() else {}
        return (found if isinstance(found, dict) else {}), ""
    except front_matter.FrontMatterError as error:
        kept = rescue(block)
        return kept, f"the front matter cannot be read as YAML ({error}); {len(kept)} plain lines of it were used"


def rescue(block: str) -> dict[str, JsonValue]:
    """Keys at the left margin with plain values or lists of plain items, the first of each key."""
    found: dict[str, JsonValue] = {}
    items: list[JsonValue] = []
    for line in block[: front_matter.MAX_CHARACTERS].splitlines():
        item = _ITEM.match(line)
        if item is not None:
            items.append(_word(item.group(1)))
        elif scalar := _SCALAR.match(line):
            items = []
            word = _word(scalar.group(2) or "")
            found.setdefault(scalar.group(1), word or items)
    return {key: value for key, value in found.items() if value not in ("", [])}


def _word(written: str) -> str:
    """A plain or quoted word; empty for anything that YAML gives a meaning to."""
    word = written.split(" #")[0].strip()
    if len(word) > 1 and word[0] == word[-1] and word[0] in "\"'":
        return word[1:-1]
    return "" if word[:1] in ("&", "*", "!", "{", "[", "|", ">", "%", "@", "`") else word
