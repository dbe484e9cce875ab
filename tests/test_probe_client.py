"""Calls whose stream of messages breaks off."""

from __future__ import annotations

from typing import Any

import pytest

from spacefactory.probe.app import App
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
