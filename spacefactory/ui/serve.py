"""Serves the app: on this machine for its user, or in a Space for whoever signs in."""

from __future__ import annotations

import io
import os
import socket
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from spacefactory import lean_gradio
from spacefactory.errors import PlatformError, UsageError
from spacefactory.settings import Settings, load

SECRET = "SPACEFACTORY_UI_SECRET"  # noqa: S105 - the name of the variable
SHORTEST_SECRET = 16
HERE = Path(__file__).parent
LOOPBACK = ("127.0.0.1", "localhost", "::1")
QUEUE = 64
PORT = 7860


@dataclass(frozen=True)
class Serving:
    """Where and how to serve."""

    host: str = "127.0.0.1"
    port: int | None = None
    secret: str = ""

    @property
    def local(self) -> bool:
        """Whether only this machine can reach it."""
        return self.host in LOOPBACK


def serving(host: str, port: int | None) -> Serving:
    """Where to serve, if that is safe.

    Raises:
        UsageError: others could reach it and there is no secret, or the secret is too short.
    """
    secret = os.environ.get(SECRET, "").strip()
    if secret and len(secret) < SHORTEST_SECRET:
        raise UsageError(f"the secret in {SECRET} is too short", f"give it at least {SHORTEST_SECRET} characters")
    if host not in LOOPBACK and not secret:
        raise UsageError(
            f"on {host} others could reach this page and work in your name",
            f"stay on 127.0.0.1, or set a secret in {SECRET}",
        )
    return Serving(host, port, secret)


def announce(settings: Settings, where: Serving, say: Callable[[str], None]) -> None:
    """Serve until Ctrl-C, and say where once it answers.

    Raises:
        PlatformError: the port is taken.
    """
    import threading

    address = launch(settings, where)
    say(f"spacefactory is at {address}")
    try:
        threading.Event().wait()
    except KeyboardInterrupt:
        say("ended; runs that are at work go on by themselves")


def launch(settings: Settings, where: Serving) -> str:
    """Start serving in the background; returns the address.

    Raises:
        PlatformError: the port is taken.
    """
    lean_gradio.make_lean()  # before Gradio is imported
    from spacefactory.runs import plugins_of
    from spacefactory.ui.blocks import blocks
    from spacefactory.ui.routes import Site
    from spacefactory.ui.visitors import signs_in

    _quiet()
    site = Site(settings, where.secret)
    app = blocks(site, plugins_of(settings))
    app.queue(max_size=QUEUE, default_concurrency_limit=4)
    framed = signs_in()
    local = where.local and not os.environ.get("SPACE_HOST")
    with redirect_stdout(io.StringIO()):  # Gradio tells of its MCP server there
        _, address, _ = app.launch(
            server_name=where.host,
            server_port=where.port or _free(where.host, PORT),
            prevent_thread_lock=True,
            quiet=True,
            share=False,
            run_history=False,
            ssr_mode=False,
            pwa=False,
            footer_links=["api"],
            mcp_server=speaks_mcp(),
            max_file_size="1mb",
            allowed_paths=[],
            theme=theme(),
            css_paths=[HERE / "static" / "ui.css"],
            head='<script type="module" src="sf/static/ui.js"></script><meta name="referrer" content="same-origin">',
            app_kwargs=app_options(site, local=local, framed=framed),
        )
    return address


def app_options(site: Any, *, local: bool, framed: bool) -> dict[str, Any]:
    """Our own addresses, and the guard before everything."""
    from starlette.middleware import Middleware

    from spacefactory.ui.guard import Guard

    guard = Middleware(Guard, local=local, secret=site.secret, framed=framed)
    return {"routes": site.routes(), "middleware": [guard]}


def speaks_mcp() -> bool:
    """Whether the package `mcp` is installed in a version that Gradio knows; without it there are no MCP tools."""
    try:
        return version("mcp").partition(".")[0] == "1"
    except PackageNotFoundError:
        return False


def theme() -> Any:
    """Calm, with the system's own fonts: no request leaves for them."""
    import gradio as gr

    return gr.themes.Base(
        primary_hue="indigo",
        neutral_hue="slate",
        font=["system-ui", "sans-serif"],
        font_mono=["ui-monospace", "monospace"],
        radius_size="md",
    ).set(
        button_primary_background_fill="#3451b2",
        button_primary_background_fill_dark="#4a67cf",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#ffffff",
        body_background_fill="*neutral_50",
        block_shadow="none",
        block_shadow_dark="none",
    )


def main() -> None:
    """What the app.py of a Space calls."""
    os.environ.setdefault("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    from spacefactory.ui.visitors import signs_in

    if not signs_in():
        raise UsageError("this Space has no sign-in", "put hf_oauth: true into the front matter of its README.md")
    settings = load({"platform": "huggingface"}).settings
    announce(settings, Serving("0.0.0.0", PORT), print)  # noqa: S104 - a Space's own router stands before it


def _quiet() -> None:
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    os.environ.setdefault("HF_HUB_DISABLE_IMPLICIT_TOKEN", "1")
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
    os.environ.setdefault("GRADIO_RUN_HISTORY", "False")


def _free(host: str, first: int) -> int:
    """The first port from there on that nobody uses.

    Raises:
        PlatformError: all are in use.
    """
    for port in range(first, first + 40):
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as trial:
            trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                trial.bind((host, port))
            except OSError:
                continue
            return port
    raise PlatformError(f"the ports {first} to {first + 39} are in use", "name another with --port")
