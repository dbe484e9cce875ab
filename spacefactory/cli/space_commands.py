"""spaces list, logs, open, stop, delete."""

from __future__ import annotations

import os
import sys
import time
from typing import TYPE_CHECKING, Annotated

import typer

from spacefactory.cli import inert, options, output

if TYPE_CHECKING:
    from spacefactory.providers import SpaceHost
    from spacefactory.schema.space import Space

POLL_S = 0.5
Names = Annotated[
    list[str] | None,
    typer.Argument(metavar="NAME...", help="Spaces of this platform.", autocompletion=options.complete.spaces),
]


def list_spaces(platform: options.Platform = None, as_json: options.Json = False) -> None:
    """List the Spaces that were made here, with what they are doing."""
    host = _host(platform)
    found = [(space, host.runtime(space.id)) for space in host.list()]
    if as_json:
        documents = [space.as_json() | {"runtime": runtime.as_json()} for space, runtime in found]
        output.document({"schema_version": 1, "spaces": documents})
    elif not found:
        output.note("no Spaces; make one with: spacefactory build MODEL")
    else:
        rows = [(inert.line(s.id, 80), inert.line(r.stage, 30), inert.line(s.url), s.run_id or "") for s, r in found]
        output.columns(("SPACE", "STAGE", "ADDRESS", "RUN"), rows)


def logs(
    name: options.SpaceId,
    build: Annotated[bool, typer.Option("--build", help="The log of the build instead of that of the app.")] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until Ctrl-C.")] = False,
    platform: options.Platform = None,
    as_json: options.Json = False,
) -> None:
    """Print the end of a Space's log."""
    from spacefactory.errors import UsageError

    if as_json and follow:
        raise UsageError("--json prints one document and --follow never ends", "give one of them")
    host = _host(platform)
    space, kind = _known(host, name), "build" if build else "run"
    seen = host.logs(space.id, kind)
    if as_json:
        output.document({"schema_version": 1, "space": space.id, "kind": kind, "log": seen})
        return
    _write(seen)
    while follow:
        time.sleep(POLL_S)
        now = host.logs(space.id, kind)
        _write(news(seen, now))
        seen = now


def news(before: str, now: str) -> str:
    """What `now` has after `before`, where both are the end of one growing text, cut at its beginning."""
    if now.startswith(before):
        return now[len(before) :]
    longest = min(len(before), len(now))
    overlap = next((size for size in range(longest, 0, -1) if before.endswith(now[:size])), 0)
    return now[overlap:]


def _write(text: str) -> None:
    output.channel().stream.write(inert.block(text))
    output.channel().stream.flush()


def open_space(name: options.SpaceId, platform: options.Platform = None, as_json: options.Json = False) -> None:
    """Print a Space's address, and open it in a browser where there is a display."""
    from spacefactory.errors import UsageError

    space = _known(_host(platform), name)
    if not space.url:
        raise UsageError(f"the Space {name} is not up", f"run it again with: spacefactory validate {name}")
    if as_json:
        output.document({"schema_version": 1, "space": space.id, "url": space.url})
        return
    output.say(inert.line(space.url))
    if _has_display():
        typer.launch(space.url)


def _has_display() -> bool:
    seen = sys.platform == "darwin" or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
    return seen and sys.stdout.isatty()


def stop(
    names: Names = None,
    everything: Annotated[bool, typer.Option("--all", help="Every Space of this platform.")] = False,
    platform: options.Platform = None,
    as_json: options.Json = False,
) -> None:
    """Stop Spaces with all that they started; their content stays."""
    host = _host(platform)
    stopped = _named(host, names, everything=everything)
    for space in stopped:
        host.stop(space.id)
        if not as_json:
            output.say(f"stopped {inert.line(space.id)}")
    if as_json:
        output.document({"schema_version": 1, "stopped": [space.id for space in stopped]})


def delete(
    names: Annotated[
        list[str],
        typer.Argument(metavar="NAME...", help="Spaces of this platform.", autocompletion=options.complete.spaces),
    ],
    yes: options.Yes = False,
    platform: options.Platform = None,
    as_json: options.Json = False,
) -> None:
    """Stop Spaces and remove their content; the records of their runs stay."""
    host = _host(platform)
    spaces = _named(host, names, everything=False)
    options.confirm(f"Delete {', '.join(space.id for space in spaces)}?", yes=yes, as_json=as_json)
    for space in spaces:
        host.delete(space.id)
        if not as_json:
            output.say(f"deleted {inert.line(space.id)}")
    if as_json:
        output.document({"schema_version": 1, "deleted": [space.id for space in spaces]})


def _named(host: SpaceHost, names: list[str] | None, *, everything: bool) -> tuple[Space, ...]:
    from spacefactory.errors import UsageError

    if bool(names) == everything:
        raise UsageError("no Space is named" if not names else "names and --all exclude each other", "give either")
    return host.list() if everything else tuple(_known(host, name) for name in names or ())


def _known(host: SpaceHost, name: str) -> Space:
    from spacefactory.errors import NotFoundError

    if (space := host.find(name)) is None:
        raise NotFoundError(f"there is no Space {name!r}", "see: spacefactory spaces list")
    return space


def _host(platform: str | None) -> SpaceHost:
    settings = options.light(platform)
    return options.plugins(settings).host(settings.providers().host)
