"""Takes secrets out of everything that is written. Hygiene only: the guarantee is that the secret was never there.

Known values are found plain, URL-quoted, JSON-escaped, in hex, reversed and in base64 at its three offsets; unknown
ones by the shapes of Hub tokens, bearer headers and JSON web tokens.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import quote

SHAPES = re.compile(
    r"hf_(?:oauth_|jwt_)?[A-Za-z0-9]{16,}|api_org_[A-Za-z0-9]{16,}|sk-[A-Za-z0-9_-]{20,}"
    r"|eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}|(?<=Bearer )[A-Za-z0-9._~+/-]{8,}=*"
)
MARK = "[redacted]"


def encodings(secret: str) -> tuple[str, ...]:
    """How a secret may look after common encodings, longest first."""
    raw = secret.encode()
    base = {_inner_base64(raw, offset) for offset in range(3)}
    forms = {
        secret,
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        raw.hex(),
        raw.hex().upper(),
        secret[::-1],
    } | base
    return tuple(sorted((form for form in forms if len(form) >= 8), key=lambda form: (-len(form), form)))


def _inner_base64(raw: bytes, offset: int) -> str:
    """The characters of a base64 text that depend on the secret alone, when it starts `offset` bytes into a group."""
    text = base64.b64encode(b"\0" * offset + raw).decode().rstrip("=")
    start = (offset * 8 + 5) // 6
    return text[start : (offset + len(raw)) * 8 // 6]


def redactor(secrets: Sequence[str]) -> Callable[[Any], Any]:
    """A function that cleans text, and every text inside lists and mappings."""
    known = [form for secret in secrets for form in encodings(secret)]
    pattern = re.compile("|".join(map(re.escape, known))) if known else None

    def clean(value: Any) -> Any:
        if isinstance(value, str):
            text = pattern.sub(MARK, value) if pattern else value
            return SHAPES.sub(MARK, text)
        if isinstance(value, dict):
            return {clean(key): clean(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [clean(item) for item in value]
        return value

    return clean
