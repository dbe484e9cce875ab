"""A card's Markdown as blocks of code, headings and lines of prose, each with its line in README.md."""

from __future__ import annotations

import re
from bisect import bisect_right
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
MOST_BLOCK_LINES = 1500

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

    def section_at(self, line: int) -> str:
        """The heading that a line of README.md stands under, in lower case; empty before the first."""
        at = bisect_right([heading.line for heading in self.headings], line)
        return self.headings[at - 1].text.lower() if at else ""

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
    splitter = _Splitter()
    lines = body.split("\n")[:MOST_LINES]
    for number, line in enumerate(lines, first_line):
        splitter.feed(line, number)
    splitter.finish(first_line + len(lines))
    return Document(tuple(splitter.blocks), tuple(splitter.headings), tuple(_first(splitter.prose)))


def _first(prose: list[Line]) -> Iterator[Line]:
    left = MOST_PROSE
    for line in prose:
        left -= len(line.text)
        if left < 0:
            return
        yield line


class _Splitter:
    """Takes a card line by line: what stands in a fence, what is indented, headings, prose."""

    def __init__(self) -> None:
        self.blocks: list[Block] = []
        self.headings: list[Heading] = []
        self.prose: list[Line] = []
        self.fence, self.language, self.start = "", "", 0
        self.held: list[str] = []
        self.indented: list[str] = []
        self.after_blank = True
        self.hidden = False

    def feed(self, line: str, number: int) -> None:
        if self.fence:
            self._in_fence(line)
            return
        if self.hidden or "<!--" in line:
            line = self._shown(line)
        if opened := _FENCE.match(line):
            self._end_indented(number)
            self.fence, self.language = opened.group(1), opened.group(2).lower()
            self.start, self.held = number + 1, []
        elif self.indented and not line.strip():
            self.indented.append("")
        elif line.startswith(("    ", "\t")) and (self.indented or self.after_blank) and line.strip():
            self.indented.append(line)
        else:
            self._end_indented(number)
            self._text(line[:LONGEST_LINE], number)

    def _shown(self, line: str) -> str:
        """The line without comments of HTML, which may go on for many lines; no reader of the page sees them."""
        shown = []
        while line:
            part, sign, line = line.partition("-->" if self.hidden else "<!--")
            if not self.hidden:
                shown.append(part)
            if sign:
                self.hidden = not self.hidden
        return "".join(shown)

    def finish(self, number: int) -> None:
        """After the last line; a fence that is not closed goes to the end."""
        if self.fence:
            self._keep(self.language, self.held, self.start)
        self._end_indented(number)

    def _in_fence(self, line: str) -> None:
        text = line.strip(" \t>")
        if text.startswith(self.fence) and not text.strip(self.fence[0]):
            self._keep(self.language, self.held, self.start)
            self.fence, self.after_blank = "", True
        else:
            self.held.append(line)

    def _text(self, line: str, number: int) -> None:
        self.after_blank = not line.strip()
        if heading := _heading(line, number):
            self.headings.append(heading)
        elif not self.after_blank:
            self.prose.append(self._prose(line, number))

    def _prose(self, line: str, number: int) -> Line:
        links = tuple(found.group(2) for found in _LINK.finditer(line))
        section = self.headings[-1].text.lower() if self.headings else ""
        return Line(plain(line), number, section, links, line.count("|") > 2)

    def _keep(self, language: str, lines: list[str], start: int) -> None:
        if len(self.blocks) < MOST_BLOCKS and lines:
            text = "\n".join(line[:LONGEST_LINE] for line in lines[:MOST_BLOCK_LINES])[:LONGEST_BLOCK]
            self.blocks.append(Block(language, text, start))

    def _end_indented(self, number: int) -> None:
        """Code that is marked by four spaces, as older cards do; other indented lines are prose, such as in lists."""
        lines, start, self.indented = self.indented, number - len(self.indented), []
        if any(_CODE_SIGN.search(line[:LONGEST_LINE]) for line in lines):
            self._keep("", [line.removeprefix("\t").removeprefix("    ") for line in lines], start)
        else:
            self.prose += [
                self._prose(line[:LONGEST_LINE], start + at) for at, line in enumerate(lines) if line.strip()
            ]


def _heading(line: str, number: int) -> Heading | None:
    if found := _HEADING.match(line):
        return Heading(len(found.group(1)), plain(found.group(2)).strip(" #*"), number)
    if found := _HTML_HEADING.search(line):
        return Heading(int(found.group(1)), found.group(2).strip(), number)
    return None


def plain(line: str) -> str:
    """A line without images, tags, link targets and emphasis."""
    line = _IMAGE.sub(" ", line)
    line = _LINK.sub(r"\1", line)
    return " ".join(_TAG.sub(" ", line).replace("**", "").replace("`", "").split())
