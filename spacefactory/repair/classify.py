"""Finds the known failure that a text tells of."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from spacefactory.repair.logs import TRACEBACK, bounded, clean, segments
from spacefactory.schema.work import FailureRule, Place


@dataclass(frozen=True)
class Match:
    """A rule, and the line of the text that made it fit."""

    rule: FailureRule
    line: str


def classify(text: str, place: Place | None, rules: Iterable[FailureRule]) -> FailureRule | None:
    """The first rule that fits the first error of a text; None when none does.

    Args:
        text: a log, or an error's class, title and message; colours and progress bars are taken out here.
        place: where the text was found; None tries the rules of every place.
        rules: known failures in the order in which they are tried.
    """
    found = find(text, place, rules)
    return found.rule if found else None


def find(text: str, place: Place | None, rules: Iterable[FailureRule]) -> Match | None:
    """Like `classify`, with the decisive line.

    A log may tell of several errors, and what follows the first is often its echo; so each error is tried alone, in
    order, before rules that need more than one of them see the whole. Rules that fit every error come last.
    """
    plain = clean(text)
    candidates = [rule for rule in rules if place is None or place in rule.seen]
    special = [rule for rule in candidates if not _general(rule)]
    for segment in segments(plain):
        if found := _first(segment, special):
            return found
    return _first(bounded(plain), [*special, *(rule for rule in candidates if _general(rule))])


def _first(text: str, rules: Sequence[FailureRule]) -> Match | None:
    for rule in rules:
        at = _position(text, rule)
        if at is not None:
            return Match(rule, _line(text, at))
    return None


def _position(text: str, rule: FailureRule) -> int | None:
    """Where a rule fits; for a rule that needs several texts, where the last of them stands."""
    for literal in rule.any:
        if (at := text.find(literal)) >= 0:
            return at
    if rule.all and all(literal in text for literal in rule.all):
        return text.find(rule.all[-1])
    if rule.regex and (found := _pattern(rule.regex).search(text)):
        return max(found.end() - 1, found.start())
    return None


@lru_cache(maxsize=512)
def _pattern(regex: str) -> re.Pattern[str]:
    return re.compile(regex, re.M)


def _general(rule: FailureRule) -> bool:
    """Whether a rule says no more than that there was an error."""
    return rule.fix.startswith("read_log") or _position(f"{TRACEBACK}:\n", rule) is not None


def _line(text: str, at: int) -> str:
    """The line at a position; of a traceback's first line, the exception that it leads to."""
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
    line = text[start : len(text) if end < 0 else end].strip()
    return last_line(text[start:]) if TRACEBACK in line else line


def last_line(text: str) -> str:
    """The line that says what happened: the exception of the last traceback, else the last line with a word."""
    from_traceback = text.rpartition(TRACEBACK)[2] if TRACEBACK in text else ""
    named = [line for line in from_traceback.split("\n")[1:] if line.strip() and not line[:1].isspace()]
    if named:
        return named[0].strip()
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    return lines[-1] if lines else ""
