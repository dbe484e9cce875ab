"""deploy: the orchestrator as a Space."""

from __future__ import annotations

from typing import Annotated

import typer

from spacefactory.cli import options, output


def deploy(
    to: Annotated[str, typer.Option("--to", metavar="OWNER/NAME", help="The Space to create or update.")],
    as_json: options.Json = False,
) -> None:
    """Put the orchestrator into a Space of the Hub, or bring it up to date there.

    The Space installs exactly what is installed here, plugins included, pinned by revision. It is public, because its
    build reads the wheels without a token; whoever opens it signs in and sees only their own runs. A free account
    cannot host it on its own hardware: there, run `spacefactory ui`.
    """
    from spacefactory.credentials import from_machine
    from spacefactory.ui.deploy import deploy as put

    settings = options.light()
    plugins = options.plugins(settings)
    output.note("packing what is installed ...")
    made = put(to, from_machine(settings).hub_token, {"spacefactory", *(one.distribution for one in plugins.facts())})
    if as_json:
        output.document(made.as_json())
    else:
        output.say(f"{'created' if made.created else 'updated'} {made.url}")
        output.say(f"watch its build there; what it may do is set in {made.settings_url}")
