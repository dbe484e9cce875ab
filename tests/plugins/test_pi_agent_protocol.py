"""The client of Pi's RPC mode, spoken to by a small stand-in for the process: no Node, no Pi."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacefactory_pi_agent.events import event
from spacefactory_pi_agent.follow import follow, ready
from spacefactory_pi_agent.options import PiOptions
from spacefactory_pi_agent.outcome import Worked, endpoint_failure, judge
from spacefactory_pi_agent.rpc import PiEndedError, Rpc

from spacefactory.errors import PlatformError, SpacefactoryError
from spacefactory.schema.work import Completed

QUICK = PiOptions(idle_s=0.2, ready_s=0.2, tool_s=0.2, turns=2)
TAKEN = {"type": "response", "id": "c1", "command": "prompt", "success": True}


@dataclass
class Said:
    """A process whose output is written beforehand; None is a pause, the end is the process's own."""

    pieces: list[bytes | None]
    sent: list[dict[str, Any]] = field(default_factory=list)

    def send(self, data: bytes) -> None:
        self.sent.append(json.loads(data))

    def receive(self, timeout: float) -> bytes | None:
        return self.pieces.pop(0) if self.pieces else b""

    def close(self, grace: float = 5) -> Completed:
        return Completed(returncode=0, stdout="", stderr="")


def lines(*records: object) -> bytes:
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def answer(stop: str, text: str = "", **facts: Any) -> dict[str, Any]:
    message = {"role": "assistant", "stopReason": stop, "content": [{"type": "text", "text": text}], **facts}
    return {"type": "message_end", "message": message}


SETTLED = {"type": "agent_settled", "aborted": False}


@pytest.mark.parametrize(
    ("records", "end"),
    [
        ((answer("stop", "ok"), SETTLED), "stop"),
        ((answer("length"), SETTLED), "length"),
        ((answer("error", errorMessage="401: no"), SETTLED), "error"),
        ((answer("error"), {"type": "auto_retry_start"}, answer("stop"), SETTLED), "stop"),
        ((answer("toolUse"), answer("toolUse"), {"type": "agent_settled", "aborted": True}), "turns"),
        ((answer("toolUse"),), "ended"),
    ],
)
def test_how_a_prompt_ends(records: Iterable[object], end: str) -> None:
    process = Said([lines(TAKEN, *records)])
    assert follow(Rpc(process), "go", QUICK, lambda _: None).end == end


def test_silence_is_stopped_and_a_stop_that_is_ignored_too(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    clock = iter(range(100_000))
    monkeypatch.setattr(time, "monotonic", lambda: float(next(clock)))
    process = Said([lines(TAKEN), *[None] * 5000])
    assert follow(Rpc(process), "go", PiOptions(idle_s=5), lambda _: None).end == "idle"
    assert [one["type"] for one in process.sent] == ["prompt", "clear_queue", "abort"]


def test_a_refused_prompt_says_why() -> None:
    process = Said([lines({**TAKEN, "success": False, "error": "busy"})])
    found = follow(Rpc(process), "go", QUICK, lambda _: None)
    assert (found.end, found.error) == ("refused", "busy")


def test_garbage_between_records_is_counted_and_passed_over() -> None:
    process = Said([b"oops\n", b"[1]\n", b'{"type": 3}\n', lines({**TAKEN, "command": "get_state"})])
    rpc = Rpc(process)
    assert ready(rpc, 5)
    assert rpc.garbage == 3


def test_a_process_that_is_gone_is_told_apart_from_silence() -> None:
    assert Rpc(Said([None])).next(0) is None
    with pytest.raises(PiEndedError):
        Rpc(Said([])).next(0)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text(max_size=50), min_size=1, max_size=6), st.integers(1, 40))
def test_records_survive_any_cut_of_the_stream(texts: list[str], size: int) -> None:
    data = b"".join(json.dumps({"type": "x", "text": text}, ensure_ascii=False).encode() + b"\n" for text in texts)
    rpc = Rpc(Said([data[at : at + size] for at in range(0, len(data), size)]))
    found = [rpc.next(5) for _ in texts]
    assert [one["text"] for one in found if one] == texts


KEYS = st.sampled_from(["message", "role", "content", "text", "usage", "result", "type"])
KINDS = ("message_end", "tool_execution_start", "tool_execution_end", "auto_retry_end", "agent_settled", "x")
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=100, deadline=None)
@given(VALUES, st.sampled_from(KINDS))
def test_any_record_becomes_a_small_plain_event(value: Any, kind: str) -> None:
    record = {**(value if isinstance(value, dict) else {"message": value}), "type": kind}
    told = event(record)
    if told is not None:
        assert len(json.dumps(told[1])) < 20_000


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        ("401: the model's endpoint answered 401: Invalid", "not_signed_in"),
        ("403 the model's endpoint answered 403: scope", "not_permitted"),
        ("402: the model's endpoint answered 402: You have depleted", "quota_exhausted"),
        ("402: spacefactory_budget_exceeded: the run's budget of 1.00 USD is used up", "budget_exhausted"),
        ("400: maximum context length is 32768 tokens", "unsupported_task"),
        ("404: the model's endpoint answered 404", 2),
        ("400: model_not_supported", 2),
        ("500: Internal", 1),
        ("Request timed out", 1),
        ("", 1),
    ],
)
def test_what_an_error_of_the_endpoint_means(error: str, expected: str | int) -> None:
    found = endpoint_failure(error, "m")
    if isinstance(found, SpacefactoryError):
        assert found.exit_code == expected
    else:
        assert found.blocker is not None
        assert found.blocker.reason == expected


def test_a_silent_model_with_a_finished_app_is_an_app(tmp_path: Path) -> None:
    from spacefactory_pi_agent.follow import Settled

    (tmp_path / "app.py").write_text("x = 1\n")
    assert judge(Worked(Settled("idle"), True, "m"), tmp_path).status == "written"
    with pytest.raises(PlatformError):
        judge(Worked(Settled("idle"), False, "m"), tmp_path)
