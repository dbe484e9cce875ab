"""An orchestrator of a test's own, in a process of its own, and people who visit it."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any
from urllib.parse import urljoin, urlsplit

import httpx

from spacefactory.testing.require import absent, needs

START_S = 120.0
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@dataclass(frozen=True)
class Served:
    """Where it is, and its data folder."""

    url: str
    home: Path
    log: Path


@contextmanager
def served(home: Path, extra: Mapping[str, str] | None = None, *options: str) -> Iterator[Served]:
    """`spacefactory ui` on a free port until the context ends."""
    home.mkdir(parents=True, exist_ok=True)
    variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("SPACEFACTORY_", "HF_", "OAUTH_"))
    }
    variables |= {"SPACEFACTORY_HOME": str(home), "HF_HOME": str(home / "hf"), "PYTHONUNBUFFERED": "1", **(extra or {})}
    log = home / "ui.log"
    command = [sys.executable, "-m", "spacefactory", "ui", "--port", str(_free_port()), *options]
    with log.open("wb") as out:
        process = subprocess.Popen(command, env=variables, stdout=out, stderr=out, stdin=subprocess.DEVNULL)
        try:
            yield Served(_address(process, log), home, log)
        finally:
            process.terminate()
            process.wait(20)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        for line in log.read_text().splitlines():
            if " is at http" in line:
                return line.rpartition(" ")[2].rstrip("/")
        time.sleep(0.2)
    raise AssertionError(f"the orchestrator does not start: {log.read_text()}")


def _free_port() -> int:
    import socket

    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


@dataclass
class Person:
    """A browser without a screen: keeps the session's cookie, which is marked Secure, and sends it as Chromium does."""

    url: str
    cookies: dict[str, str] = field(default_factory=dict)

    def ask(self, method: str, path: str, *, page: bool = True, **more: Any) -> httpx.Response:
        """One request; `page` sends what the page's own script sends."""
        headers = dict(more.pop("headers", {}))
        if page:
            headers = {"Origin": self.url, "X-Spacefactory": "page"} | headers
        if self.cookies:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        address = urljoin(f"{self.url}/", path)
        answer = httpx.request(method, address, headers=headers, timeout=60, verify=_trust(), **more)
        for name, morsel in SimpleCookie(answer.headers.get("set-cookie", "")).items():
            self.cookies[name] = morsel.value
        return answer

    def sign_in(self) -> httpx.Response:
        """Go to the provider and come back."""
        asked = self.ask("GET", "login/huggingface", page=False)
        consent = httpx.get(asked.headers["location"])
        back = urlsplit(consent.headers["location"])
        return self.ask("GET", f"{back.path}?{back.query}", page=False)


@cache
def _trust() -> ssl.SSLContext:
    """Once: to read all certificates takes longer than most of the requests."""
    return httpx.create_ssl_context()


@contextmanager
def browser() -> Iterator[Any]:
    """A real browser, or a skip that says what is missing."""
    needs("playwright")
    if not CHROMIUM.exists():
        absent(f"there is no browser at {CHROMIUM}")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=str(CHROMIUM), args=list(FLAGS))
        try:
            yield found
        finally:
            found.close()
