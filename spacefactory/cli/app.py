"""The whole command tree on one page: every command with its panel and an example."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer

from spacefactory.cli import (
    batch,
    bench,
    build,
    checks,
    config,
    doctor_command,
    plan,
    plugin_commands,
    run_commands,
    space_commands,
)

Command = Callable[..., None]

MAKE, LOOK, KEEP, HOUSE = "Build and prove", "Check", "Runs and Spaces", "This installation"

COMMANDS: tuple[tuple[str, Command, str], ...] = (
    (MAKE, build.demo, "spacefactory demo"),
    (MAKE, build.build, "spacefactory build examples/digits --json"),
    (MAKE, build.validate, "spacefactory validate http://127.0.0.1:7860 --expect image --calls 3"),
    (MAKE, batch.batch, "spacefactory batch models.txt --parallel 2"),
    (LOOK, plan.plan, "spacefactory plan examples/digits"),
    (LOOK, checks.lint, "spacefactory lint my_space --json"),
    (LOOK, checks.judge, "spacefactory judge out.wav --expect audio"),
    (LOOK, bench.bench, "spacefactory bench --agent template"),
    (LOOK, doctor_command.doctor, "spacefactory doctor"),
)

GROUPS: tuple[tuple[str, str, str, tuple[tuple[str, Command, str], ...]], ...] = (
    (
        KEEP,
        "runs",
        "Look at runs, take them up again, stop and delete them.",
        (
            ("list", run_commands.list_runs, "spacefactory runs list --status candidate --limit 5"),
            ("show", run_commands.show, "spacefactory runs show 01K7"),
            ("events", run_commands.events, "spacefactory runs events 01K7 --follow"),
            ("report", run_commands.report, "spacefactory runs report 01K7 > report.md"),
            ("resume", run_commands.resume, "spacefactory runs resume 01K7"),
            ("cancel", run_commands.cancel, "spacefactory runs cancel 01K7"),
            ("delete", run_commands.delete, "spacefactory runs delete 01K7 --yes"),
        ),
    ),
    (
        KEEP,
        "spaces",
        "Look at the Spaces that were made here, open, stop and delete them.",
        (
            ("list", space_commands.list_spaces, "spacefactory spaces list --json"),
            ("logs", space_commands.logs, "spacefactory spaces logs sf-digits-1a2b3c4d --follow"),
            ("open", space_commands.open_space, "spacefactory spaces open sf-digits-1a2b3c4d"),
            ("stop", space_commands.stop, "spacefactory spaces stop --all"),
            ("delete", space_commands.delete, "spacefactory spaces delete sf-digits-1a2b3c4d --yes"),
        ),
    ),
    (
        HOUSE,
        "plugins",
        "Look at the installed plugins, check them, begin a new one.",
        (
            ("list", plugin_commands.list_plugins, "spacefactory plugins list"),
            ("check", plugin_commands.check, "spacefactory plugins check validators"),
            ("new", plugin_commands.new, "spacefactory plugins new model3d --kind validator"),
        ),
    ),
    (
        HOUSE,
        "config",
        "Look at the configuration.",
        (("show", config.show, "spacefactory config show --json"),),
    ),
)


def application() -> typer.Typer:
    """The command line as a Typer application."""
    app = _typer("Paste a model id; get a private, working, proven Gradio Space, or an honest reason why not.")
    app.callback(help=_paragraphs(_root), epilog="Example: spacefactory demo")(_root)
    for panel, function, example in COMMANDS:
        _add(app, function.__name__, function, panel, example)
    for panel, name, help_text, commands in GROUPS:
        group = _typer(help_text)
        group.callback(epilog=f"Example: {commands[0][2]}")(_nothing)
        for command, function, example in commands:
            _add(group, command, function, None, example)
        app.add_typer(group, name=name, help=help_text, rich_help_panel=panel)
    return app


def _typer(help_text: str) -> typer.Typer:
    return typer.Typer(
        help=help_text,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        context_settings={"help_option_names": ["-h", "--help"]},
    )


def _add(app: typer.Typer, name: str, function: Command, panel: str | None, example: str) -> None:
    extra: dict[str, Any] = {"rich_help_panel": panel} if panel else {}
    app.command(name, help=_paragraphs(function), epilog=f"Example: {example}", **extra)(function)


def _paragraphs(function: Command) -> str:
    """A docstring with one line per paragraph, to be wrapped where the terminal ends."""
    paragraphs = inspect.cleandoc(function.__doc__ or "").split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _nothing() -> None:
    pass


def _version(asked: bool) -> None:
    if asked:
        from spacefactory import __version__

        sys.stdout.write(f"spacefactory {__version__}\n")
        raise typer.Exit


def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
) -> None:
    """Paste a model id; get a private, working, proven Gradio Space, or an honest reason why not.

    Documents go to stdout, progress to stderr. Exit status: 0 success, 2 the command cannot be used like this, 3
    candidate, 4 hardware must be set by hand, 5 technical blocker, 1 failed, 130 stopped by Ctrl-C.
    """
