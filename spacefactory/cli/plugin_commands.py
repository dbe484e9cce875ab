"""plugins list, check, new."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spacefactory.cli import inert, options, output
from spacefactory.cli.complete import plugin_names

if TYPE_CHECKING:
    from spacefactory.plugins import Plugins


FEW = 8
"""So many names are listed; more are counted."""


def list_plugins(as_json: options.Json = False) -> None:
    """List the installed plugins: where each comes from, what it offers, and whether it works."""
    found = _facts()
    if as_json:
        output.document({"schema_version": 1, "plugins": found})
        return
    rows = [
        (
            one["name"],
            f"{one['distribution']} {one['version']}",
            one["state"],
            ", ".join(_offer(hook, names) for hook, names in one["providers"].items()),
        )
        for one in found
    ]
    output.columns(
        ("PLUGIN", "FROM", "STATE", "OFFERS"), [tuple(inert.line(cell, 200) for cell in row) for row in rows]
    )
    for one in found:
        if one["error"]:
            output.note(f"{one['name']}: {inert.line(one['error'], 600)}")


def _offer(hook: str, names: list[str]) -> str:
    kind = hook.removeprefix("spacefactory_")
    return f"{kind}: {' '.join(names)}" if len(names) <= FEW else f"{len(names)} {kind}"


def _facts() -> list[dict[str, Any]]:
    from spacefactory.plugins import HOOKS, fact, installed

    settings = options.light()
    plugins = options.plugins(settings)
    owned = {hook: _owned(plugins, hook) for hook in HOOKS}
    found = []
    for name, entry in installed().items():
        offered = {hook: names for hook in HOOKS if (names := owned[hook].get(name))}
        error = plugins.failed.get(name, "")
        disabled = name not in plugins.available
        found.append(
            fact(entry).as_json()
            | {
                "hooks": [] if disabled else list(plugins.implemented(name)),
                "providers": offered,
                "state": "disabled" if disabled else "failed" if error else "works",
                "error": error,
            }
        )
    return found


def _owned(plugins: Plugins, hook: str) -> dict[str, list[str]]:
    """Names of the providers that each plugin offers through a hook."""
    owned: dict[str, list[str]] = {}
    for provider, plugin in plugins.owners(hook).items():
        owned.setdefault(plugin, []).append(provider)
    return owned


def check(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Only this plugin.", autocompletion=plugin_names)
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Load plugins and check each of their providers against what its kind has to have.

    Exit status 1 when something was found.
    """
    checked = _checked(name)
    bad = any(one["problems"] for one in checked)
    if as_json:
        output.document({"schema_version": 1, "ok": not bad, "plugins": checked})
    else:
        for one in checked:
            output.say(f"{one['name']}: {'wrong' if one['problems'] else 'right'} ({_counted(one['checked'])})")
            for problem in one["problems"]:
                output.say(f"  {inert.line(problem, 600)}")
    if bad:
        raise typer.Exit(1)


def _counted(names: list[str]) -> str:
    return ", ".join(names) if len(names) <= FEW else f"{len(names)} providers"


def _checked(only: str | None) -> list[dict[str, Any]]:
    from spacefactory.errors import PluginError

    settings = options.light()
    plugins = options.plugins(settings)
    if only is not None and only not in plugins.available:
        known = ", ".join(plugins.available)
        raise PluginError(f"there is no plugin named {only!r} that may speak", f"installed: {known}")
    found = {name: _Findings() for name in plugins.available if only in (None, name)}
    _inspect(plugins, found)
    for name, why in plugins.failed.items():
        if name in found:
            found[name].problems.append(why)
    return [{"name": name, "checked": one.checked, "problems": one.problems} for name, one in found.items()]


class _Findings:
    def __init__(self) -> None:
        self.checked: list[str] = []
        self.problems: list[str] = []


def _inspect(plugins: Plugins, found: dict[str, _Findings]) -> None:
    from spacefactory.conformity import kinds, problems

    for hook, wanted in kinds().items():
        offers = plugins.offers(hook)
        for provider, plugin in plugins.owners(hook).items():
            if plugin in found:
                label = f"{wanted.__name__} {provider}"
                found[plugin].checked.append(label)
                found[plugin].problems += [f"{label}: {what}" for what in problems(offers[provider], wanted)]


def new(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Name of the plugin, such as model3d.")],
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="What it offers: validator, agent, analyzer, ...")
    ] = "validator",
    folder: Annotated[
        Path | None, typer.Option("--folder", metavar="FOLDER", help="Where to write; spacefactory-NAME here.")
    ] = None,
    as_json: options.Json = False,
) -> None:
    """Write a complete, working plugin project: package, pyproject, README and test.

    Kinds: agent, analyzer, failures, hardware, lint_rule, observer, source, validator.
    """
    from spacefactory import scaffold

    written = scaffold.write(name, kind, folder)
    if as_json:
        output.document({"schema_version": 1, "folder": str(written.folder), "files": list(written.files)})
        return
    output.say(f"{written.folder} holds a working {kind} plugin:")
    for file in written.files:
        output.say(f"  {file}")
    output.say(f"install it with: pip install --editable {written.folder}")
    output.say(f"and check it with: spacefactory plugins check {written.plugin}")
