"""The Hub's client for one user: the token is always passed, every request has a time limit, nothing loops."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from spacefactory.errors import BlockedError
from spacefactory.hookspecs import PluginContext
from spacefactory_huggingface.options import Options

if TYPE_CHECKING:
    import httpx2
    from huggingface_hub import HfApi

    from spacefactory_huggingface.retries import Retries

CONNECT_S, READ_S = 30.0, 120.0
XET_TRIES = "2"
"""Tries of the transfer library inside one call: by itself it goes on for minutes, and calls are tried again here."""
CONFLICT_TRIES = 20
CONFLICT_WAIT_S = 0.5
PUBLIC_HUB = "https://huggingface.co"
_busy = threading.local()
_bounded = threading.Lock()


@dataclass(frozen=True)
class Hub:
    """Access to the Hub in the name of one user, or of nobody."""

    context: PluginContext
    known: dict[str, tuple[float, dict[str, Any]]] = field(default_factory=dict, repr=False, compare=False)
    """what the Hub said about the token and when: it limits how often that may be asked"""

    @cached_property
    def options(self) -> Options:
        """The plugin's own settings."""
        return self.context.options(Options)

    @cached_property
    def retries(self) -> Retries:
        """What failed so far and was tried again."""
        from spacefactory_huggingface.retries import Retries

        return Retries(self.context.emit)

    @property
    def endpoint(self) -> str:
        """Address of the Hub, without a slash at its end."""
        return (self.options.endpoint or os.environ.get("HF_ENDPOINT") or PUBLIC_HUB).rstrip("/")

    @property
    def api(self) -> HfApi:
        """A client that sends the user's token, or none: never one that it finds by itself."""
        os.environ.setdefault("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
        os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
        os.environ.setdefault("HF_XET_CLIENT_RETRY_MAX_ATTEMPTS", XET_TRIES)
        from huggingface_hub import HfApi

        _bound_requests()
        return HfApi(endpoint=self.endpoint, token=self.context.hub_token() or False)

    @property
    def signed_in(self) -> bool:
        """Whether there is a token."""
        return bool(self.context.hub_token())

    def token(self) -> str:
        """The user's token, for a call that cannot be made without.

        Raises:
            BlockedError: nobody is signed in (not_signed_in).
        """
        if token := self.context.hub_token():
            return token
        raise BlockedError(
            "not_signed_in", "nobody is signed in to the Hub", "run: hf auth login, or set HF_TOKEN, then try again"
        )


def _bound_requests() -> None:
    """Give the library's shared client time limits; it has none of its own."""
    import httpx2
    from huggingface_hub import set_client_factory
    from huggingface_hub.utils._http import default_client_factory

    def bounded() -> httpx2.Client:
        client = default_client_factory()
        client.timeout = httpx2.Timeout(CONNECT_S, read=READ_S)
        client.event_hooks = {
            "request": client.event_hooks["request"],
            "response": [*client.event_hooks.get("response", []), _no_endless_conflict],
        }
        return client

    with _bounded:
        if not getattr(_bound_requests, "done", False):
            set_client_factory(bounded)
            _bound_requests.done = True  # type: ignore[attr-defined]


def _no_endless_conflict(response: httpx2.Response) -> None:
    """The library repeats a create call on one kind of 409 at once and without end: slow it down, then stop it."""
    import httpx2

    if response.status_code != 409 or not str(response.request.url.path).endswith("/api/repos/create"):
        _busy.tries = 0
        return
    response.read()
    if "another conflicting operation is in progress" not in response.text:
        return
    _busy.tries = getattr(_busy, "tries", 0) + 1
    if _busy.tries >= CONFLICT_TRIES:
        _busy.tries = 0
        raise httpx2.ReadTimeout("the Hub is busy with another operation of this account", request=response.request)
    time.sleep(CONFLICT_WAIT_S)


def status_of(error: BaseException) -> int | None:
    """The HTTP status behind an error of the client library, None when there was no answer."""
    response: Any = getattr(error, "response", None)
    return int(response.status_code) if response is not None else None


def message_of(error: BaseException) -> str:
    """The server's own words, else the library's first line."""
    said = getattr(error, "server_message", None) or str(error).strip().split("\n")[0]
    return " ".join(str(said).split())[:500]
