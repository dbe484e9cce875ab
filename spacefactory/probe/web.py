"""Requests to a running app: bounded in bytes and time, to its own address only, with nothing of the user's in them.

The app is not trusted. Redirects are never followed, proxies and logins of the environment are never used, and no
answer is read further than its limit, whatever the app says about its length.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

if TYPE_CHECKING:
    import ssl

LARGEST_DOCUMENT = 16 << 20
"""Bytes of a JSON document; the schema of the largest Spaces is below 2 MiB."""


class WebError(Exception):
    """The app did not answer a request as an app should; the message says how."""


class TooLargeError(WebError):
    """An answer is longer than its limit."""


def address(base: str, path: str) -> str:
    """The address of a path of the app."""
    return f"{base.rstrip('/')}/{path.lstrip('/')}"


def file_path(prefix: str, path: str) -> str:
    """Where the app serves a file that it named in an answer."""
    return f"{prefix}/file={quote(path, safe='/')}"


def document(url: str, timeout: float, post: Any = None) -> Any:
    """The JSON document at an address; `post` is sent as JSON when given.

    Raises:
        WebError: no answer, another status than 200, or no JSON.
        TooLargeError: the document is larger than `LARGEST_DOCUMENT`.
    """
    data = bytearray()
    read(url, timeout, data.extend, LARGEST_DOCUMENT, post)
    try:
        return json.loads(data.decode("utf-8"))
    except (ValueError, RecursionError) as error:
        raise WebError(f"{url} does not answer with JSON: {error}") from None


def read(url: str, timeout: float, take: Callable[[bytes], object], limit: int, post: Any = None) -> None:
    """Hand the body of an answer over in pieces, at most `limit` bytes within `timeout` seconds.

    Raises:
        WebError: no answer, another status than 200, or too slow.
        TooLargeError: the body is longer than the limit.
    """
    deadline, size = time.monotonic() + timeout, 0
    with _answer(url, timeout, post) as pieces:
        for piece in pieces:
            size += len(piece)
            if size > limit:
                raise TooLargeError(f"the answer is larger than {limit >> 20} MiB")
            if time.monotonic() > deadline:
                raise WebError(f"{url} was not read to its end within {timeout:g} s")
            take(piece)


@contextmanager
def _answer(url: str, timeout: float, post: Any) -> Iterator[Iterator[bytes]]:
    import httpx

    body = {"json": post} if post is not None else {}
    try:
        with (
            httpx.Client(verify=_trust(), timeout=timeout, trust_env=False, follow_redirects=False) as client,
            client.stream("GET" if post is None else "POST", url, **body) as response,
        ):
            if response.status_code != 200:
                raise WebError(f"{url} answers with status {response.status_code}")
            yield response.iter_bytes()  # as they come: waiting for full pieces would outlast any deadline
    except (httpx.HTTPError, httpx.InvalidURL, httpx.StreamError) as error:
        raise WebError(f"{url} cannot be read: {type(error).__name__} {error}".rstrip()) from None


@cache
def _trust() -> ssl.SSLContext:
    """Once per process: to read all certificates takes longer than most of the requests."""
    import httpx

    return httpx.create_ssl_context(trust_env=False)
