"""A card's Markdown as blocks of code, headings and lines of prose, each with its line in README.md."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

MOST_LINES = 8000
MOST_PROSE = 60_000
"""Characters of prose that are kept; nearly all cards have less than half of it."""
LONGEST_LINE = 1200
"""Characters of a line that are looked at."""
LONGEST_BLOCK = 24_000
MOST_BLOCKS = 80

_FENCE = re.compile(r"[ \t>]{0,40}(`{3,20}|~{3,20})[ \t]*\{?\.?([\w+#.-]{0,20})")
_HEADING = re.compile(r" {0,3}(#{1,6})[ \t]+(\S.{0,300})")
_TAG = re.compile(r"<[^<>]{0,400}>")
_HTML_HEADING = re.compile(r"<h([1-6])[^<>]{0,200}>([^<>]{1,200})", re.I)
_LINK = re.compile(r"\[([^\[\]]{0,300})\]\(([^()\s]{0,500})(?:\s[^()]{0,200})?\)")
_IMAGE = re.compile(r"!\[[^\[\]]{0,300}\]\([^()]{0,600}\)")
_CODE_SIGN = re.compile(r"(?:^|\s)(?:import \w|from [\w.]{1,60} import |>>> |\w{1,40}\.from_pretrained\(|pip install )")


@dataclass(frozen=True)
class Block:
    """One block of code."""

    language: str
    text: str
    line: int
    """line of README.md of its first line, counted from 1"""


@dataclass(frozen=True)
class Heading:
    """One heading."""

    level: int
    text: str
    line: int


@dataclass(frozen=True)
class Line:
    """One line of prose, without markup."""

    text: str
    line: int
    section: str
    """text of the heading it stands under, in lower case"""
    links: tuple[str, ...] = ()
    table: bool = False

    @cached_property
    def lower(self) -> str:
        """The text in lower case."""
        return self.text.lower()


@dataclass(frozen=True)
class Document:
    """A card's body."""

    blocks: tuple[Block, ...] = ()
    headings: tuple[Heading, ...] = ()
    prose: tuple[Line, ...] = ()

    @property
    def title(self) -> str:
        """The first heading, empty when there is none."""
        return self.headings[0].text if self.headings else ""

    def opening(self, characters: int = 1500) -> Iterator[Line]:
        """The prose at the card's beginning."""
        for line in self.prose:
            if characters <= 0:
                return
            if not line.table:
                characters -= len(line.text)
                yield line


def parse(body: str, first_line: int = 1) -> Document:
    """Split Markdown in one pass; what is too long or too much is left out.

    Args:
        body: the card without its front matter.
        first_line: line of README.md on which the body begins.
    """
    blocks, headings, prose = list[Block](), list[Heading](), list[Line]()
    held: list[str] = []
    fence, language, start, section = "", "", 0, ""
    indented: list[str] = []
    blank = True
    for number, line in enumerate(body.split("\n")[:MOST_LINES], first_line):
        if fence:
            if _closes(line, fence):
                _keep(blocks, language, held, start)
                fence = ""
            else:
                held.append(line)
            continue
        if opened := _FENCE.match(line):
            fence, language, start, held = opened.group(1), opened.group(2).lower(), number + 1, []
            continue
        if line.startswith(("    ", "\t")) and (indented or blank):
            indented.append(line)
            continue
        if indented and line.strip():
            _keep_indented(blocks, prose, indented, number - len(indented), section)
            indented = []
        elif indented:
            indented.append("")
        line = line[:LONGEST_LINE]
        blank = not line.strip()
        if heading := _heading(line, number):
            headings.append(heading)
            section = heading.text.lower()
        elif not blank:
            prose.append(_prose(line, number, section))
    if fence:
        _keep(blocks, language, held, start)
    if indented:
        _keep_indented(blocks, prose, indented, first_line, section)
    return Document(tuple(blocks), tuple(headings), tuple(_first(prose)))


def _first(prose: list[Line]) -> Iterator[Line]:
    left = MOST_PROSE
    for line in prose:
        left -= len(line.text)
        if left < 0:
            return
        yield line


def _closes(line: str, fence: str) -> bool:
    text = line.strip(" \t>")
    return text.startswith(fence) and not text.strip(fence[0])


def _keep(blocks: list[Block], language: str, lines: list[str], start: int) -> None:
    if len(blocks) < MOST_BLOCKS and lines:
        text = "\n".join(line[:LONGEST_LINE] for line in lines[:1500])[:LONGEST_BLOCK]
        blocks.append(Block(language, text, start))


def _keep_indented(blocks: list[Block], prose: list[Line], lines: list[str], start: int, section: str) -> None:
    """Code that is marked by four spaces, as older cards do; other indented lines are prose, such as in lists."""
    if any(_CODE_SIGN.search(line[:LONGEST_LINE]) for line in lines):
        _keep(blocks, "", [line.removeprefix("\t").removeprefix("    ") for line in lines], start)
        return
    prose += [_prose(line[:LONGEST_LINE], start + at, section) for at, line in enumerate(lines) if line.strip()]


def _heading(line: str, number: int) -> Heading | None:
    if found := _HEADING.match(line):
        return Heading(len(found.group(1)), plain(found.group(2)).strip(" #*"), number)
    if found := _HTML_HEADING.search(line):
        return Heading(int(found.group(1)), found.group(2).strip(), number)
    return None


def _prose(line: str, number: int, section: str) -> Line:
    links = tuple(found.group(2) for found in _LINK.finditer(line))
    return Line(plain(line), number, section, links, line.count("|") > 2)


def plain(line: str) -> str:
    """A line without images, tags, link targets and emphasis."""
    line = _IMAGE.sub(" ", line)
    line = _LINK.sub(r"\1", line)
    return " ".join(_TAG.sub(" ", line).replace("**", "").replace("`", "").split())
