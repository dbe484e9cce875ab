"""Calls whose stream of messages breaks off, or is still open when the next one begins."""

from __future__ import annotations

from threading import Lock
from typing import Any

import pytest

from spacefactory.probe.app import App
from spacefactory.probe.caller import call
from spacefactory.probe.client import BROKEN_OFF, Caller
from spacefactory.schema.verdict import Case

CUT: dict[str, Any] = {"error": f"{BROKEN_OFF} |  | ", "seconds": 0.1}


@pytest.mark.parametrize(
    ("answers", "expected", "error"),
    [
        ([{"value": "hello", "seconds": 0.1}], "hello", ""),
        ([CUT, {"value": "hello", "seconds": 0.1}], "hello", ""),
        ([CUT, CUT], None, CUT["error"]),
        ([CUT, {"error": "httpx.ConnectError |  | refused", "seconds": 0.1}], None, CUT["error"]),
        ([CUT, {"error": "x.AppError | Error | no", "seconds": 0.1}], None, "x.AppError | Error | no"),
    ],
)
def test_a_call_that_broke_off_is_made_once_more(
    answers: list[dict[str, Any]], expected: str | None, error: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = iter(answers)
    monkeypatch.setattr(Caller, "_ask", lambda *_: next(left))
    app = App(url="http://127.0.0.1:1", prefix="", info={})
    found = Caller(10.0).call(app, "/run", Case(id="typical", inputs={}))
    assert (found.value, found.error) == (expected, error)
    assert list(left) == []


class Client:
    """Gradio's client while the stream of the session before is open."""

    def __init__(self) -> None:
        self.pending_lock, self.stream_open, self.sessions = Lock(), True, 0

    def reset_session(self) -> None:
        self.sessions += 1

    def submit(self, **_: Any) -> Client:
        return self

    def result(self, timeout: float) -> str:
        assert timeout > 0 and not self.stream_open, "the answer would be looked for in the stream before"
        return f"session {self.sessions}"


def test_a_session_does_not_wait_in_the_stream_of_the_one_before() -> None:
    answer = call(Client(), {"endpoint": "/run", "inputs": {}, "files": [], "timeout": 5.0})
    assert (answer["value"], answer["error"]) == ("session 1", "")
