"""Spaces that lie, redirect, and never end: the protocol of Gradio by hand, a behaviour per first part of the path."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Callable
from typing import Any

from spacefactory.testing.serving import ASGIApp, Receive, Scope, Send

PREFIX = "/gradio_api"
FILES = (
    *("file_foreign", "file_redirect", "file_endless", "file_missing", "file_page", "file_local", "file_short"),
    *("file_packed", "file_name", "file_many", "file_cookie", "file_path"),
)
NAMES = {"file_name": "answer\r\nx: y.sh", "file_path": "../../../answer.png"}
"""What a file calls itself."""


def config(root: str) -> dict[str, Any]:
    """What /config answers: one event `generate` from a text box to an image or a text box."""
    image = root.strip("/").startswith("file")
    return {
        "version": "6.31.0",
        "protocol": "sse_v3",
        "api_prefix": PREFIX,
        "connect_heartbeat": False,
        "space_id": None,
        "is_space": False,
        "components": [
            {"id": 1, "type": "textbox", "props": {}},
            {"id": 2, "type": "image" if image else "textbox", "props": {}},
        ],
        "dependencies": [
            {"id": 0, "api_name": "generate", "inputs": [1], "outputs": [2], "backend_fn": True, "queue": True,
             "api_visibility": "public", "types": {"generator": False, "cancel": False}}
        ],
    }  # fmt: skip


def info(mode: str) -> dict[str, Any]:
    """The API schema for the same."""
    part = {"label": "text", "type": {"type": "string"}, "python_type": {"type": "str", "description": ""}}
    parameter = {**part, "parameter_name": "text", "parameter_has_default": False, "component": "Textbox"}
    answer = {**part, "component": "Image" if mode in FILES else "Textbox"}
    one = {"parameters": [parameter], "returns": [answer], "api_visibility": "public"}
    names = [f"/generate_{at}" for at in range(20_000)] if mode == "many_endpoints" else ["/generate"]
    return {
        "named_endpoints": dict.fromkeys(names, one),
        "unnamed_endpoints": {},
    }


def hostile(sink: Callable[[], str], seen: list[tuple[str, dict[str, str]]]) -> ASGIApp:
    """The app. `sink` gives the address of another host, `seen` collects every request with its headers."""

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        headers = {name.decode(): value.decode() for name, value in scope["headers"]}
        seen.append((scope["path"], headers))
        mode, _, path = scope["path"].lstrip("/").partition("/")
        while (message := await receive())["type"] == "http.request" and message.get("more_body"):
            continue
        await _answer(mode, f"/{path}", sink(), send)

    return app


async def _answer(mode: str, path: str, sink: str, send: Send) -> None:
    if path == "/config":
        await _config(mode, sink, send)
    elif path == f"{PREFIX}/info":
        await _json(send, info(mode))
    elif path == f"{PREFIX}/queue/join":
        if mode == "join_page":
            await _start(send, 200, [(b"content-type", b"text/html")])
            await _end(send, b"<html>busy</html>")
        elif mode == "join_redirect":
            await _start(send, 307, [(b"location", f"{sink}/stolen".encode())])
            await _end(send)
        else:
            await _json(send, {"event_id": "one"})
    elif path == f"{PREFIX}/queue/data":
        await _stream(mode, sink, send)
    elif "/file=" in path:
        await _file(mode, sink, send)
    else:
        await _start(send, 404)
        await _end(send)


async def _config(mode: str, sink: str, send: Send) -> None:
    if mode == "html":
        await _start(send, 200, [(b"content-type", b"text/html")])
        await _end(send, b"<html><body>Sign in</body></html>")
    elif mode == "redirect":
        await _start(send, 302, [(b"location", f"{sink}/config".encode())])
        await _end(send)
    elif mode == "endless_config":
        await _start(send, 200, [(b"content-type", b"application/json")])
        await _forever(send, b" " * 65_536)
    elif mode == "drip":
        await _start(send, 200, [(b"content-type", b"application/json"), (b"content-length", b"100")])
        await _forever(send, b" ", pause=0.2)
    elif mode == "deep":
        await _end_json(send, b"[" * 100_000)
    elif mode == "packed":
        await _start(send, 200, [(b"content-type", b"application/json"), (b"content-encoding", b"gzip")])
        await _end(send, gzip.compress(b" " * (100 << 20), 1))
    elif mode == "many_events":
        document = config("/many_events")
        await _json(send, {**document, "dependencies": document["dependencies"] * 30_000})
    elif mode == "list":
        await _json(send, [])
    elif mode == "foreign_root":
        await _json(send, {**config(mode), "root": sink, "api_prefix": f"{sink}/gradio_api"})
    else:
        await _json(send, config(f"/{mode}"))


async def _stream(mode: str, sink: str, send: Send) -> None:
    await _start(send, 200, [(b"content-type", b"text/event-stream")])
    if mode == "endless_stream":
        await _forever(send, _event("process_generating", ["again"]), pause=0.01)
    elif mode == "endless_line":
        await _forever(send, b"x" * 65_536, pause=0.01)
    elif mode == "huge":
        await _end(send, _event("process_completed", ["a" * (40 << 20)]))
    elif mode == "no_json":
        await _end(send, b"data: {not json\n\n")
    elif mode == "cut":
        await _end(send, _event("process_starts", []))
    elif mode == "deep_answer":
        await _end(send, _event("process_completed", [_nested(400)]))
    elif mode == "empty_answer":
        await _end(send, _event("process_completed", []))
    elif mode == "wrong_count":
        await _end(send, _event("process_completed", ["a", "b", "c", "d"]))
    elif mode in FILES:
        url = {"file_foreign": f"{sink}/stolen.png", "file_local": "file:///etc/passwd"}.get(mode)
        name = NAMES.get(mode, "answer.png")
        ref = {"path": f"/tmp/{name}", "url": url, "orig_name": name, "mime_type": None, "size": 5}
        one = {**ref, "meta": {"_type": "gradio.FileData"}}
        await _end(send, _event("process_completed", [[one] * 10_000 if mode == "file_many" else one]))
    else:
        await _end(send, _event("process_completed", ["an answer"]))


async def _file(mode: str, sink: str, send: Send) -> None:
    if mode == "file_redirect":
        await _start(send, 302, [(b"location", f"{sink}/stolen.png".encode())])
        await _end(send)
    elif mode == "file_endless":
        await _start(send, 200)
        await _forever(send, b"\x89PNG" * 16_384)
    elif mode == "file_short":
        await _start(send, 200, [(b"content-length", b"100000")])
        await _end(send, b"\x89PNG")
    elif mode == "file_packed":
        await _start(send, 200, [(b"content-encoding", b"gzip")])
        await _end(send, gzip.compress(bytes(100 << 20), 1))
    elif mode == "file_cookie":
        await _start(send, 200, [(b"set-cookie", b"token=1; Domain=localhost"), (b"location", sink.encode())])
        await _end(send, b"\x89PNG\r\n\x1a\n")
    elif mode == "file_page":
        await _start(send, 200)
        await _end(send, b"<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>")
    else:
        await _start(send, 404)
        await _end(send)


def _nested(levels: int) -> Any:
    value: Any = "deep"
    for _ in range(levels):
        value = [value]
    return value


def _event(kind: str, data: list[Any]) -> bytes:
    message = {"msg": kind, "event_id": "one", "output": {"data": data, "is_generating": kind != "process_completed"}}
    return b"data: " + json.dumps({**message, "success": True}).encode() + b"\n\n"


async def _start(send: Send, status: int, headers: list[tuple[bytes, bytes]] | None = None) -> None:
    await send({"type": "http.response.start", "status": status, "headers": headers or []})


async def _end(send: Send, body: bytes = b"") -> None:
    await send({"type": "http.response.body", "body": body})


async def _json(send: Send, document: Any) -> None:
    await _end_json(send, json.dumps(document).encode())


async def _end_json(send: Send, body: bytes) -> None:
    await _start(send, 200, [(b"content-type", b"application/json")])
    await _end(send, body)


async def _forever(send: Send, piece: bytes, pause: float = 0.0) -> None:
    """Until the caller hangs up, or longer than any test waits."""
    for _ in range(200_000):
        await send({"type": "http.response.body", "body": piece, "more_body": True})
        await asyncio.sleep(pause)
