"""The whole command tree on one page: every command with its panel and an example."""

from __future__ import annotations

import sys
from typing import Annotated, Any

import typer

from spacefactory.cli.tree import Branch, Leaf, group, paragraphs

MAKE, LOOK, KEEP, HOUSE, ALL = "Build and prove", "Check", "Runs and Spaces", "This installation", "Commands"

TREE = (
    Leaf(MAKE, "demo", "build:demo", "spacefactory demo"),
    Leaf(MAKE, "build", "build:build", "spacefactory build examples/digits --json"),
    Leaf(MAKE, "validate", "build:validate", "spacefactory validate http://127.0.0.1:7860 --expect image --calls 3"),
    Leaf(MAKE, "batch", "batch:batch", "spacefactory batch models.txt --parallel 2"),
    Leaf(MAKE, "ui", "ui:ui", "spacefactory ui --port 7860"),
    Leaf(LOOK, "plan", "plan:plan", "spacefactory plan examples/digits"),
    Leaf(LOOK, "lint", "checks:lint", "spacefactory lint my_space --json"),
    Leaf(LOOK, "judge", "checks:judge", "spacefactory judge out.wav --expect audio"),
    Leaf(LOOK, "bench", "bench:bench", "spacefactory bench --agent template"),
    Leaf(LOOK, "doctor", "doctor_command:doctor", "spacefactory doctor"),
    Branch(
        KEEP,
        "runs",
        "Look at runs, take them up again, stop and delete them.",
        (
            Leaf(ALL, "list", "run_commands:list_runs", "spacefactory runs list --status candidate --limit 5"),
            Leaf(ALL, "show", "run_commands:show", "spacefactory runs show 01K7"),
            Leaf(ALL, "events", "run_commands:events", "spacefactory runs events 01K7 --follow"),
            Leaf(ALL, "report", "run_commands:report", "spacefactory runs report 01K7 > report.md"),
            Leaf(ALL, "resume", "run_commands:resume", "spacefactory runs resume 01K7"),
            Leaf(ALL, "cancel", "run_commands:cancel", "spacefactory runs cancel 01K7"),
            Leaf(ALL, "delete", "run_commands:delete", "spacefactory runs delete 01K7 --yes"),
        ),
    ),
    Branch(
        KEEP,
        "spaces",
        "Look at the Spaces that were made here, open, stop and delete them.",
        (
            Leaf(ALL, "list", "space_commands:list_spaces", "spacefactory spaces list --json"),
            Leaf(ALL, "logs", "space_commands:logs", "spacefactory spaces logs sf-digits-1a2b3c4d --follow"),
            Leaf(ALL, "open", "space_commands:open_space", "spacefactory spaces open sf-digits-1a2b3c4d"),
            Leaf(ALL, "stop", "space_commands:stop", "spacefactory spaces stop --all"),
            Leaf(ALL, "delete", "space_commands:delete", "spacefactory spaces delete sf-digits-1a2b3c4d --yes"),
        ),
    ),
    Leaf(HOUSE, "deploy", "ui_deploy:deploy", "spacefactory deploy --to ada/spacefactory"),
    Branch(
        HOUSE,
        "plugins",
        "Look at the installed plugins, check them, begin a new one.",
        (
            Leaf(ALL, "list", "plugin_commands:list_plugins", "spacefactory plugins list"),
            Leaf(ALL, "check", "plugin_commands:check", "spacefactory plugins check validators"),
            Leaf(ALL, "new", "plugin_commands:new", "spacefactory plugins new model3d --kind validator"),
        ),
    ),
    Branch(
        HOUSE,
        "config",
        "Look at the configuration.",
        (Leaf(ALL, "show", "config:show", "spacefactory config show --json"),),
    ),
)


def application() -> Any:
    """The command line: call it with the words, `prog_name` and `standalone_mode=False`."""
    return group(TREE, _root, paragraphs(_root), "spacefactory demo", add_completion=True)


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
