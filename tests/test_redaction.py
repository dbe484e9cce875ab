"""No form of a secret reaches a record, and ordinary text stays as it is."""

from __future__ import annotations

import base64
import json
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacefactory.record.redaction import MARK, encodings, redactor

SECRET = 'a/secret+with"signs=&7Q'


@pytest.mark.parametrize(
    "form",
    [
        SECRET,
        quote(SECRET, safe=""),
        json.dumps(SECRET)[1:-1],
        SECRET.encode().hex(),
        SECRET.encode().hex().upper(),
        SECRET[::-1],
        base64.b64encode(SECRET.encode()).decode(),
        base64.b64encode(b"x" + SECRET.encode() + b"y").decode(),
        base64.b64encode(b"xy" + SECRET.encode()).decode(),
    ],
)
def test_every_encoding_is_found(form: str) -> None:
    cleaned = redactor([SECRET])(f"before {form} after")
    assert MARK in cleaned
    assert not [known for known in encodings(SECRET) if known in cleaned]
    assert cleaned.startswith("before ")


@pytest.mark.parametrize(
    "text",
    [
        "hf_" + "abcdefghijKLMNOPqrstuvwxyz012345",
        "hf_oauth_" + "abcdefghijKLMNOPqrstuvwxyz012345",
        "sk-" + "abcdefghijklmnopqrstuvwxyz",
        "eyJhbGciOiJIUzI1NiJ9." + "eyJzdWIiOiIxMjM0In0." + "c2lnbmF0dXJlLWhlcmU",
        "Authorization: Bearer " + "abcdef1234567890",
    ],
)
def test_unknown_tokens_are_found_by_their_shape(text: str) -> None:
    assert MARK in redactor([])(f"value: {text}")


def test_lists_mappings_and_keys_are_cleaned_and_other_values_kept() -> None:
    clean = redactor([SECRET])
    assert clean({SECRET: [1, None, True, (SECRET,)]}) == {MARK: [1, None, True, [MARK]]}


@given(st.text(alphabet="abcdefghij .,:-/\n", max_size=200))
def test_ordinary_text_stays(text: str) -> None:
    assert redactor([SECRET])(text) == text


@given(before=st.binary(max_size=7), after=st.binary(max_size=7))
def test_base64_at_any_offset(before: bytes, after: bytes) -> None:
    text = base64.b64encode(before + SECRET.encode() + after).decode()
    assert MARK in redactor([SECRET])(text)
