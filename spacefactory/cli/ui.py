"""ui: the orchestrator on this machine."""

from __future__ import annotations

from typing import Annotated

import typer

from spacefactory.cli import options, output


def ui(
    host: Annotated[
        str, typer.Option("--host", metavar="ADDRESS", help="Where to listen; others than this machine need a secret.")
    ] = "127.0.0.1",
    port: Annotated[
        int | None, typer.Option("--port", metavar="N", min=1, max=65535, help="A free one from 7860 if left out.")
    ] = None,
    platform: options.Platform = None,
) -> None:
    """Serve the orchestrator: build, watch and validate in a browser, without any account.

    Runs are worked on by processes of their own: closing the page or ending this command loses nothing. To be reached
    from other machines, a secret must be set in SPACEFACTORY_UI_SECRET. Ctrl-C ends it.
    """
    from spacefactory.ui import serve

    where = serve.serving(host, port)
    output.note("starting the orchestrator ...")
    settings = options.light(platform)
    serve.announce(settings, where, _say)


def _say(text: str) -> None:
    """At once, also into a pipe: whoever started this waits for the address."""
    output.say(text)
    output.channel().stream.flush()
