"""The scripted model: every turn and every failure, over HTTP."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from spacefactory.testing.model_failures import FAILURES
from spacefactory.testing.scripted_model import ScriptedModel, script

WRITER = script(
    [
        {"tools": [["write", {"path": "app.py", "content": "print('é')"}], ["bash", {"command": "ls"}]]},
        {"say": ["All ", "done."], "usage": {"prompt": 10, "completion": 2, "cached": 5}},
    ]
)


@pytest.fixture(scope="module")
def model() -> Iterator[ScriptedModel]:
    """A server with the writer and all failures."""
    with ScriptedModel({"writer": WRITER, **FAILURES}) as found:
        yield found


class Broken(Exception):
    """The connection broke in mid-answer."""


def ask(
    model: ScriptedModel, name: str, messages: list[dict[str, Any]], stream: bool = True, timeout: float = 10
) -> Any:
    """Status, headers and body of one request."""
    target = urlsplit(model.base_url(name))
    link = http.client.HTTPConnection(target.hostname or "", target.port, timeout=timeout)
    body = {"model": "m", "messages": messages, "stream": stream, "stream_options": {"include_usage": True}}
    try:
        link.request("POST", f"{target.path}/chat/completions", json.dumps(body), {"Authorization": "Bearer key"})
        answer = link.getresponse()
        return answer.status, answer.headers, answer.read().decode()
    except (ConnectionError, http.client.HTTPException) as error:
        raise Broken(str(error)) from error
    finally:
        link.close()


def chunks(text: str) -> list[dict[str, Any]]:
    """The JSON frames of a stream that ends as it must."""
    frames = text.strip().split("\n\n")
    assert frames.pop() == "data: [DONE]"
    return [json.loads(frame.removeprefix("data: ")) for frame in frames]


USER = [{"role": "user", "content": "write"}]
SPOKEN = [*USER, {"role": "assistant", "content": ""}, {"role": "tool", "content": "ok"}]


def test_tool_calls_come_in_pieces_and_add_up(model: ScriptedModel) -> None:
    status, headers, text = ask(model, "writer", USER)
    assert (status, headers["content-type"]) == (200, "text/event-stream")
    found = chunks(text)
    calls: dict[int, tuple[str, str]] = {}
    for delta in (chunk["choices"][0]["delta"] for chunk in found if chunk["choices"]):
        for call in delta.get("tool_calls", []):
            name, arguments = calls.get(call["index"], ("", ""))
            calls[call["index"]] = (name + call["function"].get("name", ""), arguments + call["function"]["arguments"])
    assert [(name, json.loads(arguments)) for name, arguments in calls.values()] == [
        ("write", {"path": "app.py", "content": "print('é')"}), ("bash", {"command": "ls"})]  # fmt: skip
    assert [chunk["choices"][0]["finish_reason"] for chunk in found if chunk["choices"]][-1] == "tool_calls"


def test_the_next_turn_follows_the_conversation_and_repeats_at_the_end(model: ScriptedModel) -> None:
    for messages in (SPOKEN, [*SPOKEN, {"role": "assistant", "content": ""}]):
        found = chunks(ask(model, "writer", messages)[2])
        text = "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in found if chunk["choices"])
        assert text == "All done."
        assert found[-1]["usage"]["prompt_tokens_details"] == {"cached_tokens": 5}


def test_without_streaming(model: ScriptedModel) -> None:
    answer = json.loads(ask(model, "writer", USER, stream=False)[2])
    assert answer["choices"][0]["message"]["tool_calls"][1]["function"] == {
        "name": "bash",
        "arguments": '{"command": "ls"}',
    }
    assert answer["usage"]["total_tokens"] == 1050
    assert json.loads(ask(model, "writer", SPOKEN, stream=False)[2])["choices"][0]["message"]["content"] == "All done."


REFUSALS = {"unsupported_model": 400, "bad_key": 401, "no_credits": 402, "forbidden": 403, "no_such_model": 404,
            "rate_limited": 429, "down": 500, "overflow": 400}  # fmt: skip


@pytest.mark.parametrize(("name", "status"), REFUSALS.items())
def test_refusals(model: ScriptedModel, name: str, status: int) -> None:
    for _ in range(2):
        seen, headers, text = ask(model, name, USER)
        assert seen == status
        assert json.loads(text)["error"]
        assert (headers["retry-after"] is not None) == (name == "rate_limited")


@pytest.mark.parametrize(("name", "status"), [("rate_limited_once", 429), ("down_once", 503)])
def test_refusals_that_pass(model: ScriptedModel, name: str, status: int) -> None:
    assert [ask(model, name, USER)[0] for _ in range(3)] == [status, 200, 200]


@pytest.mark.parametrize("name", ["hang", "hang_mid"])
def test_hanging(model: ScriptedModel, name: str) -> None:
    with pytest.raises(TimeoutError):
        ask(model, name, USER, timeout=0.3)


def test_streams_that_break(model: ScriptedModel) -> None:
    with pytest.raises(Broken):
        ask(model, "truncated", USER)
    with pytest.raises(json.JSONDecodeError):
        chunks(ask(model, "malformed", USER)[2])
    for name in ("error_frame", "overflow_in_stream"):
        frames = ask(model, name, USER)[2].strip().split("\n\n")
        assert json.loads(frames[-1].removeprefix("data: "))["error"]["message"]
    assert '"finish_reason": "length"' in ask(model, "length", USER)[2]


def test_tools_that_a_client_must_survive(model: ScriptedModel) -> None:
    assert "no_such_tool" in ask(model, "unknown_tool", USER)[2]
    arguments = json.loads(ask(model, "bad_arguments", USER, stream=False)[2])["choices"][0]["message"]["tool_calls"][0]
    with pytest.raises(json.JSONDecodeError):
        json.loads(arguments["function"]["arguments"])
    assert [chunks(ask(model, "forever", SPOKEN)[2])[-1]["usage"]["prompt_tokens"] for _ in range(2)] == [100000] * 2


def test_what_was_asked_is_kept(model: ScriptedModel) -> None:
    ask(model, "writer", USER)
    last = model.requests[-1]
    assert (last.script, last.headers["authorization"], last.body["messages"]) == ("writer", "Bearer key", USER)


def test_unknown_scripts_and_bad_turns(model: ScriptedModel) -> None:
    assert ask(model, "nobody", USER)[0] == 404
    for turns in ([{"sya": ["x"]}], [], [{"fault": "explode"}]):
        with pytest.raises(ValidationError):
            script(turns)


@given(st.lists(st.text(max_size=20), min_size=1, max_size=5), st.integers(0, 9))
def test_the_turn_is_a_function_of_the_conversation(texts: list[str], spoken: int) -> None:
    found = script([{"say": [text]} for text in texts])
    messages = [{"role": "assistant"}, {"role": "tool"}] * spoken
    assert found.turn(messages, 1).say == (texts[min(spoken, len(texts) - 1)],)
