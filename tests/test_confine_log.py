"""The log of a detached command never grows beyond its cap."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from spacefactory.confine.log import CappedLog


@given(
    chunks=st.lists(st.binary(max_size=300), max_size=40),
    cap=st.integers(200, 1000),
)
@settings(max_examples=100, deadline=None)
def test_any_output_keeps_its_ends(chunks: list[bytes], cap: int) -> None:
    """Never longer than the cap; what is left out is counted to the byte, what is kept is the beginning and the end."""
    clean = [chunk.replace(b"[", b"(") for chunk in chunks]
    whole = b"".join(clean)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "log")
        log = CappedLog(path, cap)
        for chunk in clean:
            log.write(chunk)
        kept = path.read_bytes()
    assert len(kept) <= cap
    head, line, tail = kept.partition(b"\n[")
    if not line:
        assert kept == whole
        return
    count, _, tail = tail.partition(b" bytes are left out here]\n")
    assert len(head) == cap // 4 and whole.startswith(head) and whole.endswith(tail)
    assert len(head) + int(count) + len(tail) == len(whole)
