"""Grammar that the parser of a newer Python accepts, whatever older grammar it is told to keep to."""

from __future__ import annotations

import io
import sys
import tokenize

NESTED = "an f-string holds its own quotes or a backslash, which Python before 3.12 cannot read"


def newer_f_string(text: str) -> int | None:
    """The line of an f-string that only Python 3.12 and newer can read; None without one, and on older Pythons."""
    if sys.version_info < (3, 12):
        return None  # its own parser refuses them
    try:
        return _find([*tokenize.generate_tokens(io.StringIO(text).readline)])
    except (tokenize.TokenError, SyntaxError):  # the parser has the better words for it
        return None


def _find(tokens: list[tokenize.TokenInfo]) -> int | None:
    """Inside the braces of an f-string, no text may use its quotes, and no text may hold a backslash."""
    open_quotes: list[str] = []
    for token in tokens:
        kind = tokenize.tok_name[token.type]
        quote = token.string.lstrip("rRbBuUfFtT")
        inner = kind in ("FSTRING_START", "STRING") and bool(open_quotes)
        if inner and (quote.startswith(tuple(open_quotes)) or "\\" in token.string):
            return token.start[0]
        if kind == "FSTRING_START":
            open_quotes.append(quote)
        elif kind == "FSTRING_END":
            open_quotes.pop()
    return None
