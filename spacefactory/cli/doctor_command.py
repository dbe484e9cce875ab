"""doctor: what this machine can do, and how to mend what it cannot."""

from __future__ import annotations

from typing import TYPE_CHECKING

import typer

from spacefactory.cli import inert, options, output

if TYPE_CHECKING:
    from spacefactory.doctor import Examined


def doctor(platform: options.Platform = None, as_json: options.Json = False) -> None:
    """Look at this machine: Python, uv, confinement, disk, memory, GPU, plugins, settings.

    Exit status 1 when something that a build needs failed; `unknown` and what a build can do without do not count.
    """
    found = _examined(platform, tell=not as_json)
    broken = [one for one in found if one.state == "fail" and one.needed]
    if as_json:
        checks = [one.as_json() for one in found]
        output.document({"schema_version": 1, "ok": not broken, "checks": checks})
    else:
        output.say()
        output.say(f"{len(broken)} of what a build needs failed" if broken else "ready to build")
    if broken:
        raise typer.Exit(1)


def _examined(platform: str | None, *, tell: bool) -> list[Examined]:
    from spacefactory import doctor as checks
    from spacefactory.errors import PluginError, SettingsError

    found: list[Examined] = []

    def add(one: Examined) -> None:
        found.append(one)
        if tell:
            _print(one)

    try:
        settings = options.light(platform)
        settings.providers()
        for one in checks.examine(settings, options.plugins(settings)):
            add(one)
    except (PluginError, SettingsError) as error:
        name = "plugins" if isinstance(error, PluginError) else "settings"
        add(checks.Examined(name=name, state="fail", detail=error.message, fix=error.next_step))
    return found


def _print(one: Examined) -> None:
    word = {"pass": "pass", "fail": "FAIL" if one.needed else "warn", "unknown": "unknown"}[one.state]
    output.say(f"{word:9}{inert.line(one.name, 60):28}{inert.line(one.detail, 400)}")
    if one.fix:
        output.say(f"{'':37}fix: {inert.line(one.fix, 400)}")
    output.channel().stream.flush()
