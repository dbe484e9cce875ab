"""A bare HTTP request, for what the real client hides: status, headers, redirects that are not followed."""

from __future__ import annotations

import http.client
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.message import Message
from pathlib import Path
from urllib.parse import urlsplit

from huggingface_hub.errors import HfHubHTTPError

from spacefactory.testing.hub import EmulatedHub


@dataclass(frozen=True)
class Plain:
    """An answer."""

    status: int
    headers: Message
    body: bytes


def fetch(url: str, token: str | None = None, method: str = "GET", headers: Mapping[str, str] | None = None) -> Plain:
    """Ask once, follow nothing."""
    target = urlsplit(url)
    link = http.client.HTTPConnection(target.hostname or "", target.port, timeout=20)
    signed = {"Authorization": f"Bearer {token}"} if token else {}
    try:
        link.request(method, f"{target.path}?{target.query}" if target.query else target.path or "/",
                     headers=signed | dict(headers or {}))  # fmt: skip
        answer = link.getresponse()
        return Plain(answer.status, answer.headers, answer.read())
    finally:
        link.close()


def status_of(call: Callable[[], object]) -> int:
    """The HTTP status with which a call of the client ends; 200 when it succeeds."""
    try:
        call()
    except HfHubHTTPError as error:
        return error.response.status_code
    return 200


def client_process(hub: EmulatedHub, home: Path, script: str) -> str:
    """What a client in a process of its own prints, with the endpoint from its environment."""
    environment = {"PATH": os.environ["PATH"], **hub.environment(home / "hf")}
    done = subprocess.run([sys.executable, "-c", script], env=environment, capture_output=True, text=True, timeout=120,
                          check=False)  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout
