"""What stands before every request: other sites may neither read nor write, and a machine's own page stays its own."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
COOKIE = "spacefactory_secret"
UNLOCK = "/sf/unlock"
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
NO_FRAME = (b"x-frame-options", b"SAMEORIGIN")


@dataclass
class Guard:
    """Pure ASGI, so that streams pass through unbuffered.

    Args:
        app: what is guarded.
        local: whether only names of this machine may stand in the Host header, which stops DNS rebinding.
        secret: what every caller has to show, as bearer or by the cookie of the unlock page; empty for nothing.
        framed: whether another site, the Hub, may show the page in a frame.
    """

    app: App
    local: bool = True
    secret: str = field(default="", repr=False)
    framed: bool = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse or pass on, with safe headers on every answer."""
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        if why := self._refused(scope, headers):
            await _answer(send, 403, why)
        elif self.secret and not self._knows(headers) and scope["path"] != UNLOCK:
            await self._lock(scope, send)
        elif _consent_refused(scope):
            await _answer(send, 200, CONSENT, "text/html")
        else:
            await self.app(scope, receive, self._with_headers(send))

    def _refused(self, scope: Scope, headers: dict[str, str]) -> str:
        host = headers.get("host", "")
        if self.local and _name(host) not in LOOPBACK:
            return "this address does not belong to this app"
        origin = headers.get("origin")
        if origin is not None and not _same(origin, host):
            return "requests of other sites are refused"
        site, method = headers.get("sec-fetch-site", "none"), scope.get("method", "GET")
        reads_page = method in ("GET", "HEAD") and headers.get("sec-fetch-mode") == "navigate"
        if site in ("cross-site", "same-site") and not reads_page:
            return "requests of other sites are refused"
        return ""

    def _knows(self, headers: dict[str, str]) -> bool:
        scheme, _, given = headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            return hmac.compare_digest(given.strip().encode(), self.secret.encode())
        return hmac.compare_digest(_cookie(headers.get("cookie", "")).encode(), cookie_of(self.secret).encode())

    async def _lock(self, scope: Scope, send: Send) -> None:
        if scope["path"] == "/" and scope.get("method") == "GET":
            await _answer(send, 401, UNLOCK_PAGE, "text/html")
        else:
            await _answer(send, 401, "show the secret: Authorization: Bearer SECRET")

    def _with_headers(self, send: Send) -> Send:
        extra = HEADERS if self.framed else (*HEADERS, NO_FRAME)

        async def sent(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                there = {name for name, _ in message.get("headers", ())}
                message["headers"] = [*message.get("headers", ()), *(one for one in extra if one[0] not in there)]
            await send(message)

        return sent


def cookie_of(secret: str) -> str:
    """What the cookie of somebody who showed the secret holds: not the secret itself."""
    return hashlib.sha256(f"{COOKIE} {secret}".encode()).hexdigest()


def _name(host: str) -> str:
    try:
        return urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return ""


def _same(origin: str, host: str) -> bool:
    parts = urlsplit(origin) if origin.startswith(("http://", "https://")) else None
    return parts is not None and bool(host) and parts.netloc.lower() == host.lower()


def _cookie(text: str) -> str:
    pairs = (pair.strip().partition("=") for pair in text.split(";"))
    return next((value for name, _, value in pairs if name == COOKIE), "")


def _consent_refused(scope: Scope) -> bool:
    return scope["path"] == "/login/callback" and b"error=" in scope.get("query_string", b"")


async def _answer(send: Send, status: int, text: str, kind: str = "text/plain") -> None:
    body = text.encode()
    headers = [
        (b"content-type", f"{kind}; charset=utf-8".encode()),
        (b"content-length", str(len(body)).encode()),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; form-action 'self'"),
        *HEADERS,
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})


_STYLE = (
    "<!doctype html><meta charset=utf-8><meta name=viewport content='width=device-width'><title>spacefactory</title>"
    "<style>:root{color-scheme:light dark}body{font:16px/1.5 system-ui,sans-serif;max-width:26rem;margin:18vh auto;"
    "padding:0 1rem}input,button{font:inherit;padding:.5rem .7rem;width:100%;box-sizing:border-box;margin-top:.5rem}"
    "</style>"
)
CONSENT = (
    f"{_STYLE}<h1>You are not signed in</h1><p>The permissions were not given, so nothing was done. Spacefactory asks "
    "only for what a run needs; each permission is explained on the page.</p><p><a href='/'>Back to the page</a></p>"
)
UNLOCK_PAGE = (
    f"{_STYLE}<h1>spacefactory</h1><p>This page asks for the secret that it was started with.</p>"
    f"<form method=post action='{UNLOCK}'><label>Secret<input name=secret type=password autofocus "
    "autocomplete=current-password></label><button>Open</button></form>"
)
