"""A Space's own host: passes calls on to its app, wants a token for private Spaces, wakes a sleeping one."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from spacefactory.testing.hub.accounts import Caller, authenticate
from spacefactory.testing.hub.answers import Answer, HubError, Stream
from spacefactory.testing.hub.log import Entry
from spacefactory.testing.hub.repos import Repo, check_read
from spacefactory.testing.hub.sending import send_answer
from spacefactory.testing.hub.space_runner import App
from spacefactory.testing.hub.space_stages import deploy, is_up, wakes
from spacefactory.testing.hub.spaces import SpaceState
from spacefactory.testing.serving import ASGIApp, Receive, Scope, Send, read_body, reset

if TYPE_CHECKING:
    import httpx

    from spacefactory.testing.hub.state import World

_HOP = frozenset({"connection", "keep-alive", "transfer-encoding", "upgrade", "proxy-authenticate", "te", "trailer"})
_UNSENT = _HOP | {"content-length", "accept-encoding"}
TOKEN_HEADERS = ("authorization", "x-hf-authorization")
"""Where the host looks for a token; the real client of Gradio apps uses the second."""
NOT_FOUND = "<h1>404</h1><p>Sorry, we can't find the page you are looking for.</p>"
NOT_UP = "<h1>503</h1><p>Your space is in stage {stage}.</p>"


def space_app(world: World, repo: Repo) -> ASGIApp:
    """The server of one Space."""

    async def serve(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = await read_body(receive)
        entry = world.log.add(_entry(repo, scope, body))
        with world.lock:
            entered = _enter(world, repo, entry)
        if isinstance(entered, Answer):
            entry.status = entered.status
            await send_answer(send, entry.method, entered, world.clock)
            return
        state, app = entered
        state.busy[app.address] += 1
        try:
            await _pass_on(world, state, app, entry, send)
        finally:
            state.busy[app.address] -= 1

    return serve


def _entry(repo: Repo, scope: Scope, body: bytes) -> Entry:
    headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
    path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
    return Entry("space", scope["method"], path, query, headers, body, space=repo.id)


def _enter(world: World, repo: Repo, entry: Entry) -> tuple[SpaceState, App] | Answer:
    """The Space and its app if this call may go on to it, else the answer."""
    state = world.spaces.get(repo.id)
    if state is None or not _allowed(world, repo, entry):
        return Answer(404, NOT_FOUND.encode(), {"Content-Type": "text/html"})
    if state.redirect_to:
        return Answer(307, b"", {"Location": state.redirect_to.rstrip("/") + entry.path})
    state.last_call = time.monotonic()
    if wakes(state):
        deploy(world, state)
    if state.app is None or not is_up(state):
        return Answer(503, NOT_UP.format(stage=state.stage).encode(), {"Content-Type": "text/html"})
    return state, state.app


def _allowed(world: World, repo: Repo, entry: Entry) -> bool:
    try:
        header = next((entry.headers[name] for name in TOKEN_HEADERS if name in entry.headers), None)
        caller = authenticate(world.accounts, world.tokens, header, world.clock)
        _note(entry, caller)
        check_read(caller, repo, world.accounts.get(repo.owner))
    except HubError:
        return not repo.private
    return True


def _note(entry: Entry, caller: Caller) -> None:
    if caller.account and caller.token:
        entry.account, entry.token_kind = caller.account.name, caller.token.kind


async def _pass_on(world: World, state: SpaceState, app: App, entry: Entry, send: Send) -> None:
    import httpx

    target = f"{app.address}{entry.path}" + (f"?{entry.query}" if entry.query else "")
    client = httpx.AsyncClient(timeout=httpx.Timeout(None, connect=10), trust_env=False)
    try:
        request = client.build_request(entry.method, target, headers=_headers(world, state, entry), content=entry.body)
        answer = await client.send(request, stream=True)
        entry.status = answer.status_code
        await send_answer(send, entry.method, _stream(state, answer), world.clock)
    except httpx.TransportError as error:
        if entry.status:  # the answer has begun: all that is left is to break it off
            reset(send)
            return
        entry.status = 502
        text = f"Bad Gateway: {type(error).__name__}: {error}"
        await send_answer(send, entry.method, Answer(502, text.encode()), world.clock)
    finally:
        await client.aclose()


def _headers(world: World, state: SpaceState, entry: Entry) -> dict[str, str]:
    """What the app sees. Which headers the real proxy strips is not known; ours keeps the caller's token to itself."""
    dropped = _UNSENT if world.knobs.space_sees_authorization else _UNSENT.union(TOKEN_HEADERS)
    kept = {name: value for name, value in entry.headers.items() if name not in dropped}
    host = state.listener.url.removeprefix("http://")
    return kept | {"host": host, "x-forwarded-host": host, "x-forwarded-proto": "http", "accept-encoding": "identity"}


def _stream(state: SpaceState, answer: httpx.Response) -> Stream:
    headers = {name: value for name, value in answer.headers.items() if name not in _HOP | {"date", "content-length"}}
    return Stream(_chunks(state, answer), answer.status_code, headers)


async def _chunks(state: SpaceState, answer: httpx.Response) -> AsyncIterator[bytes]:
    own, foreign = state.listener.url.encode(), state.foreign_url.encode()
    async for chunk in answer.aiter_raw():
        yield chunk.replace(own, foreign) if foreign else chunk
