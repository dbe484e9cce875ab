"""The command tree, built where it is needed: a command's module is imported, and its options are read, when it is
called or when its own help is asked for. Help is plain text under headings, which appears five times as fast as boxes.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, MutableMapping
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup


@dataclass(frozen=True)
class Leaf:
    """One command: the function that does it, and an example of its use."""

    panel: str
    name: str
    where: str
    example: str

    @property
    def function(self) -> Callable[..., None]:
        """The function, imported now."""
        module, _, name = self.where.partition(":")
        return getattr(import_module(f"spacefactory.cli.{module}"), name)  # type: ignore[no-any-return]

    @property
    def text(self) -> str:
        """Its help."""
        return paragraphs(self.function)

    def build(self) -> Any:
        """The command with its options."""
        app = _typer()
        app.command(self.name, cls=Command, help=self.text, epilog=f"Example: {self.example}")(self.function)
        return typer.main.get_command(app)


@dataclass(frozen=True)
class Branch:
    """A group of commands."""

    panel: str
    name: str
    text: str
    leaves: tuple[Leaf, ...]

    def build(self) -> Any:
        """The group; its commands are built when they are asked for."""
        return group(self.leaves, lambda: None, self.text, self.leaves[0].example)


def group(nodes: tuple[Leaf | Branch, ...], root: Callable[..., None], text: str, example: str, **extra: Any) -> Any:
    """A group whose commands are built when they are asked for."""
    app = _typer(cls=Group, no_args_is_help=True, **extra)
    app.callback(help=text, epilog=f"Example: {example}")(root)
    made = typer.main.get_command(app)
    made.commands = Commands(nodes)  # type: ignore[attr-defined]
    return made


def paragraphs(function: Callable[..., Any]) -> str:
    """A docstring with one line per paragraph, to be wrapped where the terminal ends."""
    parts = inspect.cleandoc(function.__doc__ or "").split("\n\n")
    return "\n\n".join(" ".join(part.split()) for part in parts)


def _typer(**extra: Any) -> typer.Typer:
    settings = {"add_completion": False, "rich_markup_mode": None, "pretty_exceptions_enable": False} | extra
    return typer.Typer(context_settings={"help_option_names": ["-h", "--help"]}, **settings)


class Commands(MutableMapping[str, Any]):
    """Commands by name; one is built when it is looked up."""

    def __init__(self, nodes: tuple[Leaf | Branch, ...]) -> None:
        self.nodes = {node.name: node for node in nodes}
        self._built: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:
        if name not in self._built:
            self._built[name] = self.nodes[name].build()
        return self._built[name]

    def __setitem__(self, name: str, command: Any) -> None:
        self._built[name] = command

    def __delitem__(self, name: str) -> None:
        del self.nodes[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.nodes)

    def __len__(self) -> int:
        return len(self.nodes)


class Group(TyperGroup):
    """Lists its commands under the headings of their panels, without building them."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its options, with the one for help."""
        return _converting_what_is_given(super().get_params(ctx))

    def list_commands(self, ctx: Any) -> list[str]:  # noqa: ARG002 - the interface's argument
        """Names in their order."""
        return list(self.commands)

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Commands first: they are what one looks for here."""
        self.format_commands(ctx, formatter)
        _sections(self, ctx, formatter)

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ARG002 - the interface's argument
        """One section per panel."""
        nodes = self.commands.nodes.values() if isinstance(self.commands, Commands) else ()
        for panel in dict.fromkeys(node.panel for node in nodes):
            with formatter.section(panel):
                formatter.write_dl([(node.name, _first(node.text)) for node in nodes if node.panel == panel])


class Command(TyperCommand):
    """Lists its options under the headings of their panels."""

    def get_params(self, ctx: Any) -> list[Any]:
        """Its arguments and options, with the one for help."""
        return _converting_what_is_given(super().get_params(ctx))

    def format_options(self, ctx: Any, formatter: Any) -> None:
        """Arguments, then one section per panel."""
        _sections(self, ctx, formatter)


def _sections(command: Any, ctx: Any, formatter: Any) -> None:
    sections: dict[str, list[tuple[str, str]]] = {}
    for parameter in command.get_params(ctx):
        record = parameter.get_help_record(ctx)
        is_argument = parameter.param_type_name == "argument"
        panel = getattr(parameter, "rich_help_panel", None) or ("Arguments" if is_argument else "Options")
        if record is not None:
            sections.setdefault(panel, []).append(record)
    for panel, records in sections.items():
        with formatter.section(panel):
            formatter.write_dl(records)


def _converting_what_is_given(parameters: list[Any]) -> list[Any]:
    """Parameters that build no type adapter when they were not given: that takes longer than a command that looks."""
    for parameter in parameters:
        vars(parameter).setdefault("process_value", partial(_processed, parameter, parameter.process_value))
    return parameters


def _processed(parameter: Any, process: Callable[..., Any], ctx: Any, value: Any) -> Any:
    if value is not None or parameter.required:
        return process(ctx, value)
    return parameter.callback(ctx, parameter, None) if parameter.callback else None


def _first(text: str) -> str:
    """The first sentence, without its stop."""
    return text.partition("\n")[0].rstrip(".")
