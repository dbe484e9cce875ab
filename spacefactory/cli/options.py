"""Arguments and options that several commands share, and how they become settings."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from spacefactory.cli import complete

if TYPE_CHECKING:
    from spacefactory.plugins import Plugins
    from spacefactory.settings import Settings

SETTINGS = "Settings (see: spacefactory config show)"

Model = Annotated[
    str,
    typer.Argument(metavar="MODEL", help="A folder with a README.md, or a model id that the platform's sources read."),
]
Json = Annotated[bool, typer.Option("--json", help="Print exactly one JSON document on stdout, also on failure.")]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress on stderr.")]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask.")]
Detach = Annotated[
    bool, typer.Option("--detach", help="Hand the work to the platform's job runner and return at once.")
]
Platform = Annotated[
    str | None,
    typer.Option(
        "--platform",
        metavar="NAME",
        help="Where Spaces run and records are kept, such as local.",
        rich_help_panel=SETTINGS,
        autocompletion=complete.platforms,
    ),
]
Agent = Annotated[
    str | None,
    typer.Option(
        "--agent",
        metavar="NAME",
        help="Who writes the app, such as template.",
        rich_help_panel=SETTINGS,
        autocompletion=complete.agents,
    ),
]
CodingModel = Annotated[
    str | None,
    typer.Option(
        "--coding-model", metavar="ID", help="Model that a coding agent thinks with.", rich_help_panel=SETTINGS
    ),
]
BaseUrl = Annotated[
    str | None,
    typer.Option(
        "--base-url", metavar="URL", help="OpenAI-compatible endpoint of that model.", rich_help_panel=SETTINGS
    ),
]
Hardware = Annotated[
    str | None,
    typer.Option(
        "--hardware",
        metavar="A,B",
        help="Hardware strategies in order, where a platform assigns hardware: zerogpu,fixedgpu.",
        rich_help_panel=SETTINGS,
    ),
]
BudgetUsd = Annotated[
    float | None,
    typer.Option("--budget-usd", metavar="X", min=0, help="Most that the run may cost, USD.", rich_help_panel=SETTINGS),
]
Minutes = Annotated[
    float | None,
    typer.Option("--minutes", metavar="N", min=0.01, help="Most that the run may take.", rich_help_panel=SETTINGS),
]
RepairRounds = Annotated[
    int | None,
    typer.Option(
        "--repair-rounds", metavar="N", min=0, help="How often a failure may be mended.", rich_help_panel=SETTINGS
    ),
]
Unsafe = Annotated[
    bool,
    typer.Option(
        "--unsafe-no-sandbox",
        help="Run untrusted code unconfined where this machine cannot confine it; kept in the record.",
        rich_help_panel=SETTINGS,
    ),
]
SpaceName = Annotated[str | None, typer.Option("--space-name", metavar="N", help="Name of the Space to make.")]
RunId = Annotated[
    str,
    typer.Argument(metavar="RUN", help="A run's id, or the beginning of one.", autocompletion=complete.runs),
]
RunIds = Annotated[
    list[str],
    typer.Argument(metavar="RUN...", help="Ids of runs, or beginnings of them.", autocompletion=complete.runs),
]
SpaceId = Annotated[
    str, typer.Argument(metavar="NAME", help="A Space of this platform.", autocompletion=complete.spaces)
]
Expect = Annotated[
    str | None,
    typer.Option(
        "--expect",
        metavar="TYPE",
        help="Output type that must come back: image, audio, text, video, json, or one that a plugin brings.",
    ),
]
CasesFile = Annotated[
    Path | None, typer.Option("--cases", metavar="FILE", help="YAML file with inputs and expectations.")
]


def settings(**options: Any) -> Settings:
    """The effective settings with these options on top; None and False leave an option open.

    Raises:
        SettingsError: a value cannot be used.
    """
    from spacefactory.api import settings as effective

    options["hardware"] = names(options.get("hardware"))
    return effective(**{key: value for key, value in options.items() if value is not None and value is not False})


def names(listed: str | None) -> tuple[str, ...] | None:
    """Names that were given with commas between them."""
    return None if listed is None else tuple(name.strip() for name in listed.split(",") if name.strip())


def light(platform: str | None = None) -> Settings:
    """Effective settings for commands that only look, without importing what a run needs.

    Raises:
        SettingsError: a value cannot be used.
    """
    from spacefactory.settings import load

    return load({"platform": platform} if platform else None).settings


def plugins(settings: Settings) -> Plugins:
    """The plugins of a command that works outside a run, with this machine's credentials."""
    from spacefactory.credentials import context_of, from_machine
    from spacefactory.plugins import Plugins

    return Plugins(context_of(settings, from_machine(settings)), settings.plugins.disabled)


def confirm(question: str, *, yes: bool, as_json: bool) -> None:
    """Ask before something is lost; goes on only after a yes.

    Raises:
        UsageError: nobody can be asked.
        Exit: the answer is no.
    """
    from spacefactory.errors import UsageError

    if yes:
        return
    if as_json or not sys.stdin.isatty():
        raise UsageError("this cannot be undone and there is nobody to ask", "say --yes")
    if not typer.confirm(question, err=True):
        raise typer.Exit(1)
