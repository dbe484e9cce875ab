"""Writes docs/reference and docs/schemas from the code; `--check` only says what differs and exits 1.

Each page is a function that returns Markdown. Nothing here knows more than the code says.
"""

from __future__ import annotations

import inspect
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from types import UnionType
from typing import Any, get_args, get_origin

from pydantic import BaseModel, TypeAdapter
from pydantic.fields import FieldInfo

DOCS = Path(__file__).parent
NOTE = "<!-- Written by docs/generate.py from the code; change the code, then run: make docs -->"
HOOKS_INTRO = """\
A plugin is a module that an entry point of group `spacefactory` names. It implements any of these hooks and
returns the providers that it offers, each as it is or as a [`Later`](#later): `Offer[RunStore]` is a `RunStore` or
a `Later[RunStore]`. What each provider must do stands in [providers](providers.md)."""
SETTINGS_INTRO = """\
Layers, each wins over the one before: defaults, the user's file (`config.toml` in the user's configuration folder
of `spacefactory`), `spacefactory.toml` in the working folder, `SPACEFACTORY_*` variables (two underscores before a
table's key: `SPACEFACTORY_BUDGET__USD=2`), options. `spacefactory config show` prints every value with where it came
from."""
EVENTS_INTRO = """\
`events.jsonl` holds one event a line, `{"c": "<crc32>", "e": <event>}`; it is the truth of a run, and `state.json`
is a fold of it. Plugins add kinds of their own under `agent.` and `plugin.`."""
LINT_INTRO = """\
`spacefactory lint FOLDER` applies them. An error stops publishing, a warning goes to the report; level `zerogpu` is
an error when ZeroGPU is one of the hardware strategies, else a warning."""
FAILURES_INTRO = """\
What a log or an error message is taken for, and what mends it. A plugin adds its own with the hook
`spacefactory_failures`."""


def main(argv: list[str]) -> int:
    """Write every page, or with `--check` list those that differ."""
    differing = [name for name, text in pages() if _read(name) != text]
    if "--check" in argv:
        sys.stderr.writelines(f"{name} is not what the code says; run: make docs\n" for name in differing)
        return 1 if differing else 0
    for name, text in pages():
        path = DOCS / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return 0


def pages() -> Iterator[tuple[str, str]]:
    """Path below docs/ and text of every generated page."""
    makers: dict[str, Callable[[], str]] = {
        "reference/hooks.md": hooks,
        "reference/providers.md": providers,
        "reference/settings.md": settings,
        "reference/statuses.md": statuses,
        "reference/events.md": events,
        "reference/lint-rules.md": lint_rules,
        "reference/failures.md": failures,
        "reference/commands.md": commands,
    }
    for name, make in makers.items():
        yield name, f"{NOTE}\n\n{make().strip()}\n"
    yield from schemas()


def hooks() -> str:
    """Every hook with its exact signature."""
    from spacefactory import hookspecs
    from spacefactory.plugins import HOOKS

    parts = [
        "# Hooks",
        HOOKS_INTRO,
    ]
    for name in HOOKS:
        hook = getattr(hookspecs, name)
        parts += [f"## {name}", f"```python\ndef {name}{_signature(hook)}\n```", str(inspect.getdoc(hook))]
    for one in (hookspecs.PluginContext, hookspecs.Later):
        parts += [f"## {one.__name__}", str(inspect.getdoc(one)), _members(one)]
    return "\n\n".join(parts)


def providers() -> str:
    """Every provider protocol with its methods."""
    from spacefactory import providers as module

    parts = ["# Providers", str(inspect.getdoc(module))]
    for name, protocol in vars(module).items():
        if inspect.isclass(protocol) and protocol.__module__ == module.__name__:
            parts += [f"## {name}", str(inspect.getdoc(protocol)), _methods(protocol)]
    return "\n\n".join(parts)


def _methods(protocol: type) -> str:
    parts = []
    for name, member in vars(protocol).items():
        function = member.fget if isinstance(member, property) else member
        if name.startswith("_") or not inspect.isfunction(function):
            continue
        kind = "property" if isinstance(member, property) else "method"
        text = f"{name}{_signature(function)}"
        parts.append(f"`{text}` ({kind})\n\n{inspect.getdoc(function)}")
    return "\n\n".join(parts)


def _signature(function: Callable[..., Any]) -> str:
    """As it stands in the source."""
    return str(inspect.signature(function)).replace("'", "")


def _members(cls: type) -> str:
    """Fields of a dataclass with the text below each."""
    documented = _texts_below(cls)
    return "\n".join(f"- `{name}`: {documented.get(name, '')}" for name in cls.__dataclass_fields__)  # type: ignore[attr-defined]


def _texts_below(cls: type) -> dict[str, str]:
    """The string that stands below each assignment in a class's source."""
    import ast
    import textwrap

    body = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    statements = body.body if isinstance(body, ast.ClassDef) else []
    found: dict[str, str] = {}
    for before, after in pairwise(statements):
        if not (isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)):
            continue
        target = before.target if isinstance(before, ast.AnnAssign) else None
        if isinstance(before, ast.Assign):
            target = before.targets[0] if isinstance(before.targets[0], ast.Name) else None
        if isinstance(target, ast.Name):
            found[target.id] = " ".join(str(after.value.value).split())
    return found


def settings() -> str:
    """Every setting with its type, default and meaning."""
    from spacefactory.settings import Settings

    rows = [row for row in _fields(Settings) if not row[0].startswith("platforms.")]
    return "\n\n".join(
        [
            "# Settings",
            SETTINGS_INTRO,
            _table(("setting", "type", "default", "meaning"), rows),
            "A platform is a set of provider names; `[platforms.NAME]` changes or adds one:",
            _table(("setting", "type", "default", "meaning"), _platform_rows()),
        ]
    )


def _platform_rows() -> Iterator[tuple[str, ...]]:
    from spacefactory.settings import Platform

    yield from _fields(Platform, "platforms.NAME.")


def _fields(model: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, ...]]:
    for name, field in model.model_fields.items():
        inner = field.annotation
        if inspect.isclass(inner) and issubclass(inner, BaseModel):
            yield from _fields(inner, f"{prefix}{name}.")
        else:
            yield f"`{prefix}{name}`", f"`{_type(inner)}`", _default(field), field.description or ""


def _type(annotation: Any) -> str:
    if isinstance(annotation, UnionType):
        return " | ".join("None" if one is type(None) else _type(one) for one in get_args(annotation))
    if get_origin(annotation) is None:
        return getattr(annotation, "__name__", str(annotation))
    arguments = ", ".join(_type(one) for one in get_args(annotation) if one is not Ellipsis)
    return f"{getattr(get_origin(annotation), '__name__', str(get_origin(annotation)))}[{arguments}]"


def _default(field: FieldInfo) -> str:
    if field.is_required():
        return "required"
    if field.default_factory is not None:
        return "the user's data folder" if field.default_factory is not dict else "`{}`"
    value = field.default
    if isinstance(value, dict):
        return ", ".join(f"`{key}`" for key in value)
    return f"`{json.dumps(list(value) if isinstance(value, tuple) else value)}`"


def statuses() -> str:
    """Statuses with exit codes, levels, blocker reasons, hardware results."""
    from spacefactory.schema.space import HardwareResult
    from spacefactory.schema.status import EXIT_CODES, BlockerReason, Level, Status

    codes = {status: str(code) for status, code in EXIT_CODES.items()}
    status_texts, level_texts = _texts_below(Status), _texts_below(Level)
    return "\n\n".join(
        [
            "# Statuses, levels, reasons",
            "## Statuses",
            _table(
                ("status", "exit code", "when"),
                ((f"`{one}`", codes[one], status_texts[one.name]) for one in Status),
            ),
            "A usage error exits 2, a command that was told to end by SIGTERM 143.",
            "## Levels",
            "Each needs the ones before it.",
            _table(("level", "means"), ((f"`{one}`", level_texts[one.name]) for one in Level)),
            "## Reasons of a technical blocker",
            _named(BlockerReason, "reason"),
            "## What became of a request for hardware",
            _named(HardwareResult, "result"),
        ]
    )


def _named(enum: type[StrEnum], head: str) -> str:
    texts = _texts_below(enum)
    return _table((head, "means"), ((f"`{one}`", texts[one.name]) for one in enum))


def events() -> str:
    """Kinds of events."""
    from spacefactory.schema.event import Event, EventType

    rows = ((f"`{name}`", field.description or "") for name, field in Event.model_fields.items())
    return "\n\n".join(
        [
            "# Events",
            EVENTS_INTRO,
            _table(("field", "meaning"), rows),
            _named(EventType, "type"),
        ]
    )


def lint_rules() -> str:
    """The shipped rules for generated Spaces."""
    from spacefactory.lint.rules import RULES

    rows = ((f"`{rule.name}`", rule.level, rule.file, rule.what, rule.why, rule.mend) for rule in RULES)
    return "\n\n".join(
        [
            "# Lint rules",
            LINT_INTRO,
            _table(("rule", "level", "file", "the Space is right when", "because", "to mend it"), rows),
        ]
    )


def failures() -> str:
    """The table of known failures."""
    from spacefactory.repair.table import Shipped

    rows = (
        (f"`{rule.id}`", ", ".join(rule.seen), f"`{rule.reason}`", rule.cause, rule.fix) for rule in Shipped().rules
    )
    return "\n\n".join(
        [
            "# Known failures",
            FAILURES_INTRO,
            _table(("id", "seen in", "reason", "cause", "fix"), rows),
        ]
    )


def commands() -> str:
    """The command line, from its own help."""
    from spacefactory.cli.app import application

    parts = ["# Commands", "Documents go to stdout, progress to stderr; `--json` prints exactly one JSON document."]
    for path, command in _commands(application(), "spacefactory"):
        parts += [f"## {path}", "\n\n".join(_sentences(command.help or ""))]
        rows = [(f"`{_names(one)}`", " ".join(str(getattr(one, "help", None) or "").split())) for one in command.params]
        parts.append(_table(("argument", "meaning"), rows))
    return "\n\n".join(parts)


def _commands(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    """Every command that does something, below a group in its own order."""
    import click

    if not hasattr(command, "list_commands"):
        yield path, command
        return
    context = click.Context(command, info_name=path)
    for name in command.list_commands(context):
        yield from _commands(command.get_command(context, name), f"{path} {name}")


def _sentences(text: str) -> list[str]:
    """Paragraphs of a help text, without the layout of a terminal."""
    plain = text.replace("\b", "").replace("\f", "")
    return [" ".join(part.split()) for part in plain.split("\n\n") if part.strip()]


def _names(parameter: Any) -> str:
    """An option as it is written, or an argument's word."""
    flags = [name for name in parameter.opts if name.startswith("-")]
    word = (parameter.metavar or parameter.name or "").upper()
    if not flags:
        return word
    return ", ".join(flags) if getattr(parameter, "is_flag", False) else f"{', '.join(flags)} {word}"


def schemas() -> Iterator[tuple[str, str]]:
    """JSON Schemas of every document that the record and `--json` hold."""
    from spacefactory.schema.card import ModelCard
    from spacefactory.schema.event import Event
    from spacefactory.schema.profile import ModelProfile
    from spacefactory.schema.run import JudgeResult, PlanResult, RunResult, RunSpec, RunState, RunSummary

    for model in (Event, JudgeResult, ModelCard, ModelProfile, PlanResult, RunResult, RunSpec, RunState, RunSummary):
        schema = TypeAdapter(model).json_schema(mode="serialization")
        yield f"schemas/{model.__name__}.json", json.dumps(schema, indent=1) + "\n"


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    cells = ([cell.replace("|", "\\|").replace("\n", " ") for cell in row] for row in rows)
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in cells)])


def _read(name: str) -> str:
    path = DOCS / name
    return path.read_text(encoding="utf-8") if path.is_file() else ""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
