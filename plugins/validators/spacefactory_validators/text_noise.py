"""Signs that a text is what random weights say, or a lottery: letters, tokens or scripts that come as they come."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable
from itertools import pairwise

LEAST_LETTERS = 60
"""letters from which on their frequencies say something"""
VOWELS = 0.28
"""share of a, e, i, o, u and y among the letters a to z: languages have 0.35 and more, letters by lot 0.23"""
COINCIDENCE = 1.35
"""how much more often two letters are the same than if all were as frequent (Friedman's index of coincidence, 1922,
times 26): languages have 1.6 and more, letters by lot 1"""
_KEY = re.compile(
    r"(?=[^0-9]*[0-9])(?=[^a-f]*[a-f])[0-9a-f]{16,}|(?=.*[0-9])(?=.*[a-z])(?=.*[A-Z])[\w+/=-]{20,}", re.ASCII
)
"""a digest in hexadecimal digits, or a key in base 64"""
_TOKEN = re.compile(
    r"<\|?/?(?:extra_id_\d+|unused_?\d+|reserved\w*\d+|pad|unk|s|cls|sep|mask|bos|eos|end_?of_?text|0x[0-9a-f]{2})\|?>|"
    r"\[(?:unused\d+|pad|unk|cls|sep|mask|bos|eos)\]|\u2047",
    re.IGNORECASE,
)
"""what tokenizers print for tokens that stand for no text"""
TOKENS, TOKEN_SHARE = 5, 0.5
"""so many of them, and such a share of the text, are no slip at the end of an answer"""
SCRIPTS, SWITCHED = 4, 0.2
"""so many scripts in one text, and such a share of neighbouring letters of different ones: where languages are listed,
their words are apart"""
EAST_ASIAN = ("CJK", "HIRAGANA", "KATAKANA", "KATAKANA-HIRAGANA", "IDEOGRAPHIC", "FULLWIDTH", "HALFWIDTH")
"""first words of names of characters that are written together"""
ODD = 0.03
"""share of characters that no writing has: not assigned, or for private use"""


def by_lot(text: str) -> str | None:
    """How a text looks like a lottery; None when it does not, or is too short for that."""
    return next((words for sign in SIGNS if (words := sign(text))), None)


def _key(text: str) -> str | None:
    return "it is a digest or a key" if _KEY.fullmatch(text.strip()) else None


def _tokens(text: str) -> str | None:
    found = _TOKEN.findall(text)
    share = sum(map(len, found)) / max(len("".join(text.split())), 1)
    if len(found) < TOKENS or share < TOKEN_SHARE:
        return None
    return f"{len(found)} tokens that stand for no text, such as {found[0]!r}"


def _scripts(text: str) -> str | None:
    odd = sum(unicodedata.category(one) in ("Cn", "Co") for one in text)
    if odd >= 2 and odd >= ODD * len(text):
        return f"{odd} of {len(text)} characters are assigned to no script"
    scripts = [_script(one) for one in text]
    pairs = [pair for pair in pairwise(scripts) if all(pair)]
    switched = sum(one != two for one, two in pairs)
    kinds = len({*scripts} - {""})
    if kinds < SCRIPTS or switched < SWITCHED * len(pairs):
        return None
    return f"its letters are of {kinds} scripts, one after the other"


def _script(letter: str) -> str:
    """The script of a letter; empty for other characters."""
    name = unicodedata.name(letter, "").partition(" ")[0] if letter.isalpha() else ""
    return EAST_ASIAN[0] if name in EAST_ASIAN else name


def _letters(text: str) -> str | None:
    letters = re.findall("[a-z]", text.lower())
    others = sum(one.isalpha() for one in text) - len(letters)
    if len(letters) < LEAST_LETTERS or others > len(letters) / 20:
        return None
    counts = Counter(letters)
    pairs = sum(count * (count - 1) for count in counts.values())
    coincidence = 26 * pairs / (len(letters) * (len(letters) - 1))
    vowels = sum(counts[one] for one in "aeiouy") / len(letters)
    if vowels >= VOWELS or coincidence >= COINCIDENCE:
        return None
    return f"{vowels:.2f} of its letters are vowels, and all letters are about as frequent"


SIGNS: tuple[Callable[[str], str | None], ...] = (_key, _tokens, _scripts, _letters)
