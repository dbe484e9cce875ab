"""The process that calls an app: `python -m spacefactory.probe.caller`, one JSON request a line, one answer a line.

It exists so that the client library's threads, its words on standard error and its memory are not ours: a call that
never ends is ended with this process. Its environment holds nothing of the user's, in particular no token.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from concurrent.futures import CancelledError
from contextlib import suppress
from pathlib import Path
from typing import Any

MEMORY = 2 << 30
"""Bytes of data that this process may hold; an answer that needs more is an error of the call."""


class ForeignAddressError(Exception):
    """The app named an address that is not its own."""


def main() -> None:
    """Answer requests until there are none."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints is not an answer
    client: Any = None
    sys.modules["httpx._main"] = None  # type: ignore[assignment]  # its command line, a quarter of what is imported
    with suppress(ImportError):  # it takes longest, and nobody waits yet; what is missing is told by the first call
        import gradio_client  # type: ignore[import-untyped]  # noqa: F401
    for line in sys.stdin:
        request = json.loads(line)
        try:
            if client is None:
                only_to(request["url"])
                client = connect(request["url"], request["timeout"])
            answer = call(client, request)
        except (Exception, CancelledError) as error:  # every failure of a call is an answer
            answer = {"error": described(error, request["timeout"]), "seconds": 0.0}
        answers.write(json.dumps(answer, default=str) + "\n")
        answers.flush()
    os._exit(0)  # threads of a call that never ended must not keep this process


def connect(url: str, timeout: float) -> Any:
    """A client that sends no token, reports nothing and downloads nothing."""
    import httpx
    from gradio_client import Client

    return Client(
        url,
        token=False,  # None would take a token that the user saved
        verbose=False,
        ssl_verify=httpx.create_ssl_context(trust_env=False),  # else each request reads all certificates anew
        download_files=False,
        analytics_enabled=False,
        httpx_kwargs={"timeout": max(timeout, 30.0), "trust_env": False},
    )


def only_to(url: str) -> None:
    """Refuse every request of this process that does not go to the app's own address.

    The app is not trusted: its configuration, its answers and its redirects may name any address, and the client
    library follows them. All its requests pass through the transports of httpx.
    """
    import httpx

    own = httpx.URL(url)
    for transport, method in (
        (httpx.HTTPTransport, "handle_request"),
        (httpx.AsyncHTTPTransport, "handle_async_request"),
    ):
        setattr(transport, method, _guarded(getattr(transport, method), own))


def _guarded(handle: Callable[..., Any], own: Any) -> Callable[..., Any]:
    def guarded(transport: Any, request: Any) -> Any:
        there = request.url
        if (there.scheme, there.host, there.port) != (own.scheme, own.host, own.port):
            raise ForeignAddressError(f"the app sends its callers to another address: {there.scheme}://{there.host}")
        return handle(transport, request)

    return guarded


def call(client: Any, request: dict[str, Any]) -> dict[str, Any]:
    """Make one call; the seconds count from sending the inputs to the last answer."""
    names = set(request["files"])
    inputs = {name: with_files(one) if name in names else one for name, one in request["inputs"].items()}
    begin_session(client)
    started = time.monotonic()
    job = client.submit(api_name=request["endpoint"], **inputs)
    try:
        value, error = job.result(timeout=request["timeout"]), ""
    except (Exception, CancelledError) as failure:
        value, error = None, described(failure, request["timeout"])
        _cancel(job)
    return {"value": value, "error": error, "seconds": time.monotonic() - started}


def begin_session(client: Any) -> None:
    """A session of its own, so that no call sees what another one left in the app's state.

    The stream of messages of the session before may still be open: its end comes after the answer. Gradio's client
    would wait there for the next answer, which never comes, and cancel the call.
    """
    with client.pending_lock:
        client.stream_open = False
    client.reset_session()


def with_files(value: Any) -> Any:
    """The same value, with every path of a file on this machine as an upload."""
    from gradio_client import handle_file

    if isinstance(value, dict):
        return {key: with_files(one) for key, one in value.items()}
    if isinstance(value, list):
        return [with_files(one) for one in value]
    return handle_file(value) if isinstance(value, str) and Path(value).is_file() else value


def described(error: BaseException, timeout: float) -> str:
    """An error in the form that the table of known failures reads: class, title and message with bars between."""
    kind = type(error)
    message = str(error) or (f"no answer within {timeout:g} s" if isinstance(error, TimeoutError) else "")
    return f"{kind.__module__}.{kind.__qualname__} | {getattr(error, 'title', '') or ''} | {message}"[:16_384]


def _cancel(job: Any) -> None:
    """Tell the app that nobody waits any more; it may be gone, which is as good."""
    try:
        job.cancel()
    except Exception as error:
        sys.stderr.write(f"cancel: {error}\n")


if __name__ == "__main__":
    main()
