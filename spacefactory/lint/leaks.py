"""Looks for the run's own secrets in files that are about to be published, whatever they were turned into.

Found are: plain, URL-quoted, JSON-escaped, hex, reversed, rot13 and base64 at its three offsets, each also once
everything but letters and digits is taken out, which no line break, space, quote or wider character hides.
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
    bare = _OTHER.sub(b"", data)
    return any(_holds(data, bare, bare.lower(), secret) for secret in secrets if len(secret) >= _SHORTEST)


def _holds(data: bytes, bare: bytes, lower: bytes, secret: str) -> bool:
    if secret.encode().hex().encode() in lower or secret[::-1].encode().hex().encode() in lower:
        return True
    for form in _forms(secret):
        core = _OTHER.sub(b"", form.encode())
        if form.encode() in data or (len(core) >= _SHORTEST and core in bare):
            return True
    return False


def _forms(secret: str) -> Iterable[str]:
    for turned in (secret, codecs.encode(secret, "rot13"), secret[::-1]):
        yield from encodings(turned)
