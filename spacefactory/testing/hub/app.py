"""The way of a request through the emulated Hub: log, faults, who signs it, limits, handler, answer."""

from __future__ import annotations

import asyncio
import re
import traceback
from collections.abc import Iterable, Mapping, Sequence
from urllib.parse import quote

from spacefactory.testing.hub import (
    bucket_routes,
    cas_routes,
    commits,
    identity,
    job_routes,
    lfs,
    readme,
    repo_admin,
    repo_files,
    repo_info,
    router,
    space_routes,
)
from spacefactory.testing.hub.accounts import BAD_HEADER, Caller, authenticate
from spacefactory.testing.hub.answers import Answer, HubError, MovedError, Stream, json_answer
from spacefactory.testing.hub.faults import Action, Refuse, Reset, Slow, Twice
from spacefactory.testing.hub.log import Entry, Host
from spacefactory.testing.hub.routing import Call, Route, find
from spacefactory.testing.hub.sending import send_answer
from spacefactory.testing.hub.state import World
from spacefactory.testing.serving import ASGIApp, Receive, Scope, Send, read_body, reset

HUB_ROUTES: tuple[Route, ...] = (
    *identity.ROUTES[:2],
    *readme.ROUTES,
    *repo_admin.ROUTES,
    *job_routes.ROUTES,
    *cas_routes.ROUTES,
    *bucket_routes.ROUTES,
    *space_routes.ROUTES,
    *identity.ROUTES[2:],
    *commits.ROUTES,
    *lfs.ROUTES,
    *router.ROUTES,
    *repo_info.ROUTES,
    *repo_files.ROUTES,
)
FIRST_COME = re.compile(r"/_cas/|/_lfs/")
"""Paths that are not signed with a token of the Hub."""
FILE_PATH = re.compile(r"/[0-9a-f]{64}")
"""Where a large file is, by its hash."""
_REPO_PATH = re.compile(r"/api/(models|datasets|spaces)/.+|/.+/resolve/.+")


def hub_app(world: World) -> ASGIApp:
    """The server of the Hub, and of large files: their addresses have another name, so that it is another origin.

    The port is the same, as it is on the real Hub: an app that is confined to the Hub's port reaches its files.
    """
    hub = _app(world, "hub", (*cas_routes.CAS_ROUTES, *HUB_ROUTES))
    files = _app(world, "files", repo_files.FILE_ROUTES)

    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        await (files if FILE_PATH.fullmatch(scope.get("path", "")) else hub)(scope, receive, send)

    return app


def _app(world: World, host: Host, routes: Sequence[Route]) -> ASGIApp:
    async def app(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        entry = world.log.add(_entry(host, scope, await read_body(receive)))
        actions = world.faults.hit(entry.method, entry.path)
        entry.faults = [type(action).__name__ for action in actions]
        await _wait(actions)
        if Reset("before") in actions:
            reset(send)
            return
        answer = _refusal(actions) or _answer(world, host, routes, entry)
        if Twice() in actions:
            answer = _answer(world, host, routes, entry)
        if Reset("after") in actions:
            reset(send)
            return
        entry.status = answer.status
        await send_answer(send, entry.method, answer, world.clock, actions)

    return app


def _entry(host: Host, scope: Scope, body: bytes) -> Entry:
    headers = {key.decode("latin-1").lower(): value.decode("latin-1") for key, value in scope["headers"]}
    path, query = scope["raw_path"].decode("latin-1"), scope["query_string"].decode("latin-1")
    return Entry(host, scope["method"], path, query, headers, body)


async def _wait(actions: Iterable[Action]) -> None:
    for action in actions:
        if isinstance(action, Slow):
            await asyncio.sleep(action.seconds)


def _refusal(actions: Iterable[Action]) -> Answer | None:
    for action in actions:
        if isinstance(action, Refuse):
            return HubError(action.status, action.error or "Service Unavailable", headers=action.headers).answer()
    return None


def _answer(world: World, host: Host, routes: Sequence[Route], entry: Entry) -> Answer | Stream:
    with world.lock:
        try:
            caller = Caller() if host == "files" or FIRST_COME.match(entry.path) else _caller(world, entry)
            world.count_call(caller)
            handler, params = find(routes, entry.method, entry.path)
            return handler(world, _call(entry, caller, params))
        except MovedError as moved:
            return _redirect(entry, moved)
        except HubError as error:
            return _as_on_https(entry, error).answer()
        except ValueError as error:
            return json_answer({"error": f"Bad request: {error}"}, 400)
        except Exception as error:  # a fault of the emulator: clients see a 500, tests see what it was
            world.errors.append(f"{entry.method} {entry.path}: {''.join(traceback.format_exception(error))}")
            return json_answer({"error": f"Internal Server Error: {type(error).__name__}: {error}"}, 500)


def _caller(world: World, entry: Entry) -> Caller:
    caller = authenticate(world.accounts, world.tokens, entry.headers.get("authorization"), world.clock)
    if caller.account and caller.token:
        entry.account, entry.token_kind = caller.account.name, caller.token.kind
    return caller


def _call(entry: Entry, caller: Caller, params: Mapping[str, str]) -> Call:
    base = f"http://{entry.headers.get('host', '')}"
    return Call(entry.method, entry.path, entry.query, entry.headers, entry.body, base, caller, params)


def _redirect(entry: Entry, moved: MovedError) -> Answer:
    target = entry.path.replace(quote(moved.old), quote(moved.new), 1) + (f"?{entry.query}" if entry.query else "")
    return Answer(307, f"Temporary Redirect. Redirecting to {target}".encode(), {"Location": target})


def _as_on_https(entry: Entry, error: HubError) -> HubError:
    """A bare 401 on the path of a repository is "not found" to the client, but only on https: say it in words here."""
    of_token = error.headers.get("X-Error-Message") == BAD_HEADER
    if error.status == 401 and not error.code and not of_token and _REPO_PATH.fullmatch(entry.path):
        error.code = "RepoNotFound"
    return error
