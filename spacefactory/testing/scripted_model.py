"""An OpenAI-compatible model whose every word is written beforehand, with all the ways in which a model endpoint fails.

A script is data: a list of turns, as JSON or YAML may hold it. It serves the emulated Hub's inference router, and by
itself agents under test::

    with ScriptedModel({"writer": script([{"tools": [["write", {"path": "app.py", "content": "..."}]]},
                                          {"say": ["Done."]}])}) as model:
        model.base_url("writer")   # http://127.0.0.1:PORT/writer/v1
"""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Literal

from pydantic import Field, JsonValue

from spacefactory.schema.base import Fact
from spacefactory.testing.serving import Receive, Scope, Send, Servers, read_body, reset

Break = Literal["hang", "hang_mid", "malformed", "truncated", "error_frame"]


class Usage(Fact):
    """Tokens of one completion."""

    prompt: int = 1000
    completion: int = 50
    cached: int = 0

    def as_openai(self) -> dict[str, Any]:
        """The usage object of an answer."""
        return {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "total_tokens": self.prompt + self.completion,
            "prompt_tokens_details": {"cached_tokens": self.cached},
        }


class Turn(Fact):
    """One answer of the model: words and tool calls, or a refusal; a fault breaks it off after what was said."""

    say: tuple[str, ...] = Field(default=(), description="parts of the text, each a chunk of the stream")
    tools: tuple[tuple[str, JsonValue], ...] = Field(
        default=(), description="name and arguments of each call; arguments given as text are sent as they are"
    )
    refuse: int | None = Field(default=None, description="HTTP status; the stream never starts")
    error: JsonValue = Field(default="", description="`error` of the body of a refusal or of an error frame")
    headers: dict[str, str] = Field(default_factory=dict, description="of a refusal, such as Retry-After")
    fault: Break | None = Field(default=None, description="how the stream breaks")
    finish: str = Field(default="", description="finish_reason; by itself stop or tool_calls")
    delay_s: float = Field(default=0.0, description="wait before the first chunk")
    usage: Usage = Usage()


class Script(Fact):
    """What a model says, turn by turn; after the last turn it repeats that one."""

    turns: tuple[Turn, ...] = Field(min_length=1)
    count: Literal["conversation", "requests"] = Field(
        default="conversation",
        description="the turn is the number of assistant messages in the request, or of requests so far; "
        "with `conversation` a repeated request gets the same answer",
    )

    def turn(self, messages: Iterable[Mapping[str, Any]], requests: int) -> Turn:
        """The turn that answers a request; `requests` counts this one, from 1."""
        spoken = sum(message.get("role") == "assistant" for message in messages)
        index = spoken if self.count == "conversation" else requests - 1
        return self.turns[min(index, len(self.turns) - 1)]


def script(turns: Iterable[Mapping[str, Any]], count: Literal["conversation", "requests"] = "conversation") -> Script:
    """A script from plain data.

    Raises:
        ValidationError: a turn has an unknown key or a wrong value.
    """
    return Script(turns=tuple(Turn.model_validate(turn) for turn in turns), count=count)


@dataclass(frozen=True)
class Reply:
    """What goes over the wire for a turn: a whole body, or the frames of a stream."""

    status: int
    headers: Mapping[str, str]
    chunks: AsyncIterator[bytes]
    breaks: bool = False
    """The connection is broken after the last chunk."""


def reply(turn: Turn, body: Mapping[str, Any], number: int) -> Reply:
    """The answer to a chat completion request, streamed when the request asks for it."""
    if turn.refuse is not None:
        return _whole({"error": turn.error}, turn.refuse, turn.headers)
    if not body.get("stream") and turn.fault is None:
        return _whole(_completion(turn, body, number))
    breaks = turn.fault == "truncated"
    return Reply(200, {"Content-Type": "text/event-stream"}, _stream(turn, body, number), breaks)


def _whole(value: Mapping[str, Any], status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    async def once() -> AsyncIterator[bytes]:
        yield json.dumps(value).encode()

    return Reply(status, {"Content-Type": "application/json"} | dict(headers or {}), once())


def _completion(turn: Turn, body: Mapping[str, Any], number: int) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": "".join(turn.say) or None}
    if turn.tools:
        message["tool_calls"] = [_tool(number, index, *call) for index, call in enumerate(turn.tools)]
    choice = {"index": 0, "message": message, "finish_reason": _finish(turn)}
    return _head(body, number, "chat.completion") | {"choices": [choice], "usage": turn.usage.as_openai()}


async def _stream(turn: Turn, body: Mapping[str, Any], number: int) -> AsyncIterator[bytes]:
    await asyncio.sleep(turn.delay_s)
    if turn.fault == "hang":
        await asyncio.Event().wait()
    for delta in _deltas(turn, number):
        yield _chunk(body, number, delta)
    if turn.fault is not None:
        async for frame in _break(turn):
            yield frame
        return
    yield _chunk(body, number, {}, _finish(turn))
    if (body.get("stream_options") or {}).get("include_usage"):
        yield _frame(_head(body, number) | {"choices": [], "usage": turn.usage.as_openai()})
    yield _frame(b"[DONE]")


async def _break(turn: Turn) -> AsyncIterator[bytes]:
    if turn.fault == "hang_mid":
        await asyncio.Event().wait()
    elif turn.fault == "malformed":
        yield _frame(b'{"id": "x", "choices": [{"delta": {"content": "bro')
        yield _frame(b"[DONE]")
    elif turn.fault == "error_frame":
        yield _frame({"error": turn.error or {"message": "upstream provider died", "code": 502}})


def _deltas(turn: Turn, number: int) -> Iterable[dict[str, Any]]:
    """The first delta names the role; text comes as it is cut, arguments of tools in two pieces."""
    yield {"role": "assistant", "content": ""}
    yield from ({"content": part} for part in turn.say)
    for index, (name, arguments) in enumerate(turn.tools):
        call = _tool(number, index, name, arguments)
        text = call["function"]["arguments"]
        yield {"tool_calls": [call | {"index": index, "function": {"name": name, "arguments": ""}}]}
        for part in (text[: len(text) // 2], text[len(text) // 2 :]):
            yield {"tool_calls": [{"index": index, "function": {"arguments": part}}]}


def _tool(number: int, index: int, name: str, arguments: JsonValue) -> dict[str, Any]:
    text = arguments if isinstance(arguments, str) else json.dumps(arguments)
    return {"id": f"call_{number}_{index}", "type": "function", "function": {"name": name, "arguments": text}}


def _finish(turn: Turn) -> str:
    return turn.finish or ("tool_calls" if turn.tools else "stop")


def _head(body: Mapping[str, Any], number: int, kind: str = "chat.completion.chunk") -> dict[str, Any]:
    return {"id": f"chatcmpl-{number}", "object": kind, "created": int(time.time()), "model": body.get("model")}


def _chunk(body: Mapping[str, Any], number: int, delta: Mapping[str, Any], finish: str | None = None) -> bytes:
    return _frame(_head(body, number) | {"choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


def _frame(data: Mapping[str, Any] | bytes) -> bytes:
    return b"data: " + (data if isinstance(data, bytes) else json.dumps(data).encode()) + b"\n\n"


@dataclass
class ModelRequest:
    """A request as the scripted model saw it."""

    script: str
    path: str
    headers: dict[str, str]
    body: dict[str, Any]


@dataclass
class ScriptedModel:
    """A server of scripts: the first part of the path names the script."""

    scripts: dict[str, Script] = field(default_factory=dict)
    requests: list[ModelRequest] = field(default_factory=list)
    port: int = 0
    _counts: Counter[str] = field(default_factory=Counter)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _servers: Servers | None = None
    _url: str = ""

    def __enter__(self) -> ScriptedModel:
        self._servers = Servers()
        self._url = self._servers.open(self._app, self.port).url
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        if self._servers is not None:
            self._servers.close()

    def base_url(self, script: str) -> str:
        """What a client is given as the base URL."""
        return f"{self._url}/{script}/v1"

    async def _app(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await read_body(receive)
        answer = self._answer(scope, body)
        headers = [(name.lower().encode(), value.encode()) for name, value in answer.headers.items()]
        await send({"type": "http.response.start", "status": answer.status, "headers": headers})
        async for chunk in answer.chunks:
            await send({"type": "http.response.body", "body": chunk, "more_body": True})
        if answer.breaks:
            await asyncio.sleep(0.05)  # let what was sent arrive before the connection breaks
            reset(send)
            return
        await send({"type": "http.response.body", "body": b"", "more_body": False})

    def _answer(self, scope: Scope, raw: bytes) -> Reply:
        name, _, rest = scope["path"].strip("/").partition("/")
        if name not in self.scripts or rest not in ("v1/chat/completions", "v1/models"):
            return _whole({"error": {"message": f"no script answers {scope['path']}"}}, 404)
        if rest == "v1/models":
            return _whole({"object": "list", "data": [{"id": name, "object": "model"}]})
        body = json.loads(raw or b"{}")
        headers = {key.decode().lower(): value.decode("latin-1") for key, value in scope["headers"]}
        with self._lock:
            self._counts[name] += 1
            number = self._counts[name]
            self.requests.append(ModelRequest(name, scope["path"], headers, body))
        return reply(self.scripts[name].turn(body.get("messages", []), number), body, number)
