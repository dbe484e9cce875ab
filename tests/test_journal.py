"""The log of a run: what was acknowledged is kept, what is torn is cut off, damage is never skipped."""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacefactory.errors import BlockedError, PlatformError, UsageError
from spacefactory.record.journal import Journal, read_events
from spacefactory.record.lines import DamagedError, decode, encode, scan
from spacefactory.record.redaction import redactor
from spacefactory.schema.event import EventType

RUN = "01JZZZZZZZZZZZZZZZZZZZZZZZ"
WRITER = """
import sys
from pathlib import Path
from spacefactory.record.journal import Journal
with Journal(Path(sys.argv[1]), sys.argv[2]) as journal:
    for number in range(100_000):
        journal.append("agent.note", number=number, filling="x" * (number * 37 % 4000))
        print(number, flush=True)
"""


def write(path: Path, count: int = 20) -> bytes:
    with Journal(path, RUN) as journal:
        for number in range(count):
            journal.append("agent.note", number=number, text="ü" * number)
    return path.read_bytes()


def test_events_come_back_in_order_with_sequence_writer_and_epoch(tmp_path: Path) -> None:
    write(tmp_path / "log", 3)
    with Journal(tmp_path / "log", RUN) as journal:
        again = journal.append("agent.note", number=3)
    events = read_events(tmp_path / "log")
    assert [event.facts["number"] for event in events] == [0, 1, 2, 3]
    assert [event.seq for event in events] == [0, 1, 2, 3]
    assert [event.epoch for event in events] == [0, 0, 0, 1]
    assert events[-1] == again
    assert all(event.writer.endswith(f":{os.getpid()}") for event in events)


def test_a_log_cut_at_any_byte_keeps_exactly_the_whole_lines(tmp_path: Path) -> None:
    data = write(tmp_path / "log")
    for at in range(len(data) + 1):
        events, end = scan(data[:at])
        assert len(events) == data[:at].count(b"\n")
        assert end == data[:at].rfind(b"\n") + 1


def test_a_torn_tail_is_cut_off_and_the_log_says_so(tmp_path: Path) -> None:
    path = tmp_path / "log"
    data = write(path, 5)
    path.write_bytes(data[:-7])
    with Journal(path, RUN) as journal:
        journal.append("agent.note", number="after")
    events = read_events(path)
    assert [event.type for event in events[3:]] == ["agent.note", EventType.LOG_RECOVERED, "agent.note"]
    assert events[4].facts == {"bytes": len(data.splitlines(keepends=True)[-1]) - 7}
    assert [event.seq for event in events] == list(range(6))


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(codec=None, exclude_categories=())),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)  # fmt: skip


@given(facts=st.dictionaries(st.text(), JSON, max_size=5))
def test_any_facts_come_back_from_a_line_of_ascii(facts: dict[str, object]) -> None:
    line = encode({"seq": 0, "facts": facts})
    assert line.isascii() and line.count(b"\n") == 1
    assert decode(line[:-1]) == {"seq": 0, "facts": facts}


def test_what_is_no_number_is_written_as_text() -> None:
    facts = {"nan": float("nan"), "most": float("inf"), "least": float("-inf")}
    assert decode(encode(facts)[:-1]) == {"nan": "NaN", "most": "Infinity", "least": "-Infinity"}


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_a_flipped_bit_is_damage_or_a_torn_tail_and_never_a_new_event(data: st.DataObject) -> None:
    lines = [encode({"seq": number, "type": "x", "facts": {"number": number}}) for number in range(6)]
    whole = bytearray(b"".join(lines))
    at, bit = data.draw(st.integers(0, len(whole) - 1)), data.draw(st.integers(0, 7))
    whole[at] ^= 1 << bit
    try:
        events, _ = scan(bytes(whole))
    except DamagedError:
        return
    assert events == [decode(line[:-1]) for line in lines[: len(events)]]
    assert len(events) == 5, "only the newline of the last line may be lost without being damage"


@pytest.mark.parametrize("change", ["repeat", "gap", "foreign"])
def test_lines_out_of_sequence_are_damage_and_a_copy_is_kept(tmp_path: Path, change: str) -> None:
    path = tmp_path / "log"
    lines = write(path, 4).splitlines(keepends=True)
    changed = {"repeat": [*lines, lines[3]], "gap": [*lines[:2], lines[3]], "foreign": [*lines, b'{"a": 1}\n']}[change]
    path.write_bytes(b"".join(changed))
    with pytest.raises(BlockedError) as caught:
        Journal(path, RUN)
    assert caught.value.reason == "damaged_record"
    copies = list(tmp_path.glob("log.damaged-*"))
    assert [copy.read_bytes() for copy in copies] == [b"".join(changed)]
    with pytest.raises(DamagedError):
        read_events(path)


def test_a_second_writer_is_refused(tmp_path: Path) -> None:
    with Journal(tmp_path / "log", RUN), pytest.raises(UsageError, match="another process"):
        Journal(tmp_path / "log", RUN)
    Journal(tmp_path / "log", RUN).close()


def test_kill_9_loses_no_acknowledged_event(tmp_path: Path) -> None:
    path = tmp_path / "log"
    acknowledged = -1
    for wanted in (1, 7, 40):
        process = subprocess.Popen([sys.executable, "-c", WRITER, str(path), RUN], stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        said = [int(process.stdout.readline()) for _ in range(wanted)]
        process.send_signal(signal.SIGKILL)
        said += [int(line) for line in process.stdout.read().split("\n")[:-1]]
        process.wait()
        process.stdout.close()
        acknowledged += len(said)
        with Journal(path, RUN) as journal:
            notes = [event for event in journal.events if event.type == "agent.note"]
        assert len(notes) >= acknowledged + 1
        acknowledged = len(notes) - 1


def test_a_full_disk_ends_typed_and_leaves_what_was_there(tmp_path: Path) -> None:
    path = tmp_path / "log"
    before = write(path, 3)
    journal = Journal(path, RUN)
    old = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (len(before) + 50, old[1]))
    try:
        with pytest.raises(PlatformError, match="cannot be written") as caught:
            journal.append("agent.note", text="x" * 500)
        with pytest.raises(PlatformError, match="closed"):
            journal.append("agent.note", text="y")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, old)
        signal.signal(signal.SIGXFSZ, handler)
    assert f"spacefactory runs resume {RUN}" in str(caught.value)
    assert path.read_bytes().startswith(before)
    with Journal(path, RUN) as again:
        assert [event.type for event in again.events[:3]] == ["agent.note"] * 3


def test_an_unwritable_folder_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match="cannot be opened"):
        Journal(tmp_path / "missing" / "log", RUN)


def test_secrets_are_cleaned_before_they_are_encoded(tmp_path: Path) -> None:
    secret = "correct-horse-battery"
    with Journal(tmp_path / "log", RUN, redactor([secret])) as journal:
        journal.append("agent.note", text=f"key={secret}", nested={secret: [secret]})
    data = (tmp_path / "log").read_bytes()
    assert secret.encode() not in data
    assert json.loads(data[20:-2])["facts"]["text"] == "key=[redacted]"


def test_listeners_hear_an_event_once_it_is_on_disk(tmp_path: Path) -> None:
    heard: list[int] = []
    with Journal(tmp_path / "log", RUN) as journal:
        journal.listen(lambda _event: heard.append(len(read_events(tmp_path / "log"))))
        journal.append("agent.note")
        journal.append("agent.note")
    assert heard == [1, 2]


def test_an_interrupt_between_write_and_note_loses_and_doubles_nothing(tmp_path: Path) -> None:
    heard: list[object] = []
    with Journal(tmp_path / "log", RUN) as journal:
        journal.append("agent.note", number=0)
        journal.listen(lambda event: heard.append(event.facts["number"]))
        noted = journal._size, list(journal.events)
        journal.append("agent.note", number=1)
        journal._size, journal.events[:], journal._heard = *noted, 1  # as if Ctrl-C had struck after the write
        heard.clear()
        journal.append("agent.note", number=2)
        assert [event.seq for event in journal.events] == [0, 1, 2]
    assert heard == [1, 2]
    assert [event.facts["number"] for event in read_events(tmp_path / "log")] == [0, 1, 2]
