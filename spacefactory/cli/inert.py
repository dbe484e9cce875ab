"""Untrusted text made harmless for a terminal. Cards, logs and answers of apps are written by strangers."""

from __future__ import annotations

import unicodedata

HARMFUL = frozenset({"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
"""Unicode categories that steer a terminal or hide text: controls, formats (bidi, zero width), separators and such."""


def line(text: object, limit: int = 300) -> str:
    """One line without anything that a terminal would act on, cut at `limit` characters."""
    kept = "".join(" " if char in "\t\n\r\x0b\x0c\u2028\u2029" else char for char in str(text) if _shown(char))
    kept = " ".join(kept.split())
    return kept if len(kept) <= limit else kept[: limit - 1] + "…"


def block(text: str) -> str:
    """Many lines; line ends and tabs stay, everything else that a terminal would act on goes."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join("".join(char for char in one if char == "\t" or not _harmful(char)) for one in lines)


def _shown(char: str) -> bool:
    return char in "\t\n\r\x0b\x0c\u2028\u2029" or not _harmful(char)


def _harmful(char: str) -> bool:
    return unicodedata.category(char) in HARMFUL
