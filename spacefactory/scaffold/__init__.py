"""Writes a complete, working plugin project that its author then changes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from spacefactory.errors import UsageError

TEMPLATES = Path(__file__).resolve().parent / "templates"
NAME = re.compile(r"[a-z][a-z0-9]*(?:_[a-z0-9]+)*\Z")
KINDS = {
    "agent": ("spacefactory_agents", "spacefactory build MODEL --agent {plugin}"),
    "analyzer": (
        "spacefactory_analyzers",
        'SPACEFACTORY_PLATFORMS__LOCAL__ANALYZERS=\'["model_card", "{plugin}"]\' spacefactory plan MODEL',
    ),
    "failures": ("spacefactory_failures", "spacefactory build MODEL"),
    "hardware": ("spacefactory_hardware", "spacefactory build MODEL --hardware {plugin}"),
    "lint_rule": ("spacefactory_lint_rules", "spacefactory lint FOLDER"),
    "observer": ("spacefactory_observers", "spacefactory build MODEL"),
    "source": (
        "spacefactory_sources",
        'SPACEFACTORY_PLATFORMS__LOCAL__SOURCES=\'["{plugin}", "folder"]\' spacefactory plan {plugin}:FOLDER',
    ),
    "validator": ("spacefactory_validators", "spacefactory judge FILE.{plugin} --expect {plugin}"),
}
"""Kinds of plugins that there is a project for: the hook, and a command that uses the plugin."""
PLACES = {
    "pyproject.toml.j2": "pyproject.toml",
    "README.md.j2": "README.md",
    "init.py.j2": "{package}/__init__.py",
    "typed.j2": "{package}/py.typed",
}


@dataclass(frozen=True)
class Written:
    """What was written."""

    plugin: str
    folder: Path
    files: tuple[str, ...]


def write(name: str, kind: str, folder: Path | None = None) -> Written:
    """Write the project of a plugin that offers one provider of a kind.

    Args:
        name: the plugin's and its provider's name: lower case, words joined by `_` or `-`.
        kind: one of `KINDS`.
        folder: where to write; `spacefactory-<name>` in the current folder when left out. It must not hold anything.

    Raises:
        UsageError: the name or kind cannot be used, or the folder is in use.
    """
    plugin = name.replace("-", "_")
    if not NAME.match(plugin):
        raise UsageError(f"{name!r} cannot name a plugin", "use lower case letters, digits and _, such as model3d")
    if kind not in KINDS:
        raise UsageError(f"there is no kind {kind!r}", f"choose one of: {', '.join(KINDS)}")
    facts = _facts(plugin, kind)
    target = folder or Path(facts["distribution"])
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise UsageError(f"{target} is in use", "name an empty or new folder with --folder")
    places = PLACES | {f"{kind}.py.j2": "{package}/provider.py", f"test_{kind}.py.j2": "tests/test_{plugin}.py"}
    return Written(plugin, target, tuple(_write(target, places, facts)))


def _facts(plugin: str, kind: str) -> dict[str, str]:
    hook, use = KINDS[kind]
    return {
        "plugin": plugin,
        "package": f"spacefactory_{plugin}",
        "distribution": f"spacefactory-{plugin.replace('_', '-')}",
        "thing": "".join(word.capitalize() for word in plugin.split("_")),
        "kind": kind.replace("_", " "),
        "hook": hook,
        "use": use.format(plugin=plugin),
    }


def _write(target: Path, places: dict[str, str], facts: dict[str, str]) -> list[str]:
    from jinja2 import Environment, FileSystemLoader, StrictUndefined

    templates = Environment(  # noqa: S701 - Python and TOML, not HTML
        loader=FileSystemLoader(TEMPLATES), undefined=StrictUndefined, keep_trailing_newline=True
    )
    written = []
    for template, place in places.items():
        path = place.format(**facts)
        (target / path).parent.mkdir(parents=True, exist_ok=True)
        (target / path).write_text(templates.get_template(template).render(facts), encoding="utf-8")
        written.append(path)
    return sorted(written)
