"""Looks for the run's own secrets in files that are about to be published, whatever they were turned into.

Found are: plain, URL-quoted, JSON-escaped, hex, reversed and base64 at its three offsets, and, once everything but
letters and digits is taken out, plain, reversed and rot13, which no line break, space or quote hides.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Sequence

from spacefactory.record.redaction import encodings

_OTHER = re.compile(rb"[^A-Za-z0-9]+")
_SHORTEST = 8


def leaks(data: bytes, secrets: Sequence[str]) -> bool:
    """Whether one of the secrets is in the data."""
    lower, bare = data.lower(), _OTHER.sub(b"", data)
    return any(_holds(data, lower, bare, secret) for secret in secrets if len(secret) >= _SHORTEST)


def _holds(data: bytes, lower: bytes, bare: bytes, secret: str) -> bool:
    if any(form.encode() in data for form in _forms(secret)) or secret.encode().hex().encode() in lower:
        return True
    core = _OTHER.sub(b"", secret.encode())
    return len(core) >= _SHORTEST and any(form in bare for form in _turned(core))


def _forms(secret: str) -> Iterable[str]:
    for form in encodings(secret):
        yield form
        yield form.replace("+", "-").replace("/", "_")


def _turned(core: bytes) -> tuple[bytes, ...]:
    return core, core[::-1], codecs.encode(core.decode(), "rot13").encode()
