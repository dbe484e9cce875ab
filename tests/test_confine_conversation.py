"""Confined commands that are spoken to: streams, floods, ends, and nothing that survives them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from spacefactory import confine
from spacefactory.testing import absent


@pytest.fixture
def place(tmp_path: Path) -> Iterator[confine.Confinement]:
    if reason := confine.available():
        absent(f"this machine cannot confine a command: {reason}")
    (tmp_path / "workspace").mkdir()
    yield confine.Confinement(workspace=tmp_path / "workspace")


def until(talk: confine.Conversation, wanted: bytes) -> bytes:
    """Output up to and with some words."""
    found = b""
    while wanted not in found:
        some = talk.receive(30)
        assert some, f"{wanted!r} never came: {found!r}"
        found += some
    return found


def alive(word: str) -> bool:
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if word.encode() in path.read_bytes():
                return True
        except OSError:
            continue
    return False


def test_it_answers_while_it_runs(place: confine.Confinement) -> None:
    talk = confine.converse(["cat"], place)
    assert talk.receive(0) is None
    for word in (b"one\n", b"two\n"):
        talk.send(word)
        assert until(talk, word) == word
    done = talk.close()
    assert (done.returncode, talk.close()) == (0, done)


def test_one_that_closes_its_output_first_may_still_end_by_itself(place: confine.Confinement) -> None:
    talk = confine.converse(["sh", "-c", "exec >&- 2>&-; cat; sleep 1; exit 3"], place)
    assert talk.close(30).returncode == 3


def test_a_flood_both_ways_blocks_nobody(place: confine.Confinement) -> None:
    talk = confine.converse(["sh", "-c", "echo why >&2; head -c 3000000 /dev/zero; cat > /dev/null; echo end"], place)
    talk.send(b"x" * 3_000_000)
    total = 0
    while total < 3_000_000:
        total += len(talk.receive(30) or b"")
    assert talk.close().stderr == b"why\n"


def test_its_end_is_told_apart_from_silence(place: confine.Confinement) -> None:
    talk = confine.converse(["sh", "-c", "exit 3"], place)
    while (said := talk.receive(30)) is None:
        pass
    assert said == b""
    with pytest.raises(BrokenPipeError):
        for _ in range(100):
            talk.send(b"x" * 65536)
    assert talk.close().returncode == 3


def test_what_ignores_its_end_is_killed_with_all_that_it_started(place: confine.Confinement) -> None:
    command = "trap '' TERM HUP; setsid sleep 7654 & (setsid sleep 7654 &); sleep 7654"
    talk = confine.converse(["sh", "-c", command], place)
    begun = time.monotonic()
    assert talk.close(0.2).returncode == -9
    assert time.monotonic() - begun < 30
    assert not alive("7654")


def test_what_cannot_be_started_says_so(place: confine.Confinement) -> None:
    done = confine.converse(["no-such-command"], place).close()
    assert done.returncode == 127
    assert b"no such command" in done.stderr
    with pytest.raises(confine.SandboxUnavailable):
        confine.converse(["true"], confine.Confinement(workspace=place.workspace, readable=(Path("/no/such/place"),)))


def test_it_is_confined(place: confine.Confinement) -> None:
    talk = confine.converse(["sh", "-c", "cat /etc/shadow; echo x > ../outside; env"], place)
    said = until(talk, b"HOME=")
    done = talk.close()
    assert b"root:" not in said
    assert not (place.workspace.parent / "outside").exists()
    assert done.stderr
