"""What each layer of the configuration says, before anything of it is checked.

Apart from the settings, so that a command that finds nothing to check need not import what checks it.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from spacefactory.errors import SettingsError
from spacefactory.paths import user_file

PROJECT_FILE = "spacefactory.toml"
PREFIX = "SPACEFACTORY_"
Layer = tuple[str, dict[str, Any]]


def files() -> list[Layer]:
    """The user's file and the project's file, with their names for people.

    Raises:
        SettingsError: a file cannot be read.
    """
    return [_file("user file", user_file()), _file("project file", Path(PROJECT_FILE))]


def variables() -> set[str]:
    """Names that SPACEFACTORY_ variables have, in lower case and without what stands behind `__`."""
    return {name.upper().removeprefix(PREFIX).partition("__")[0].lower() for name in os.environ if _ours(name)}


def home() -> dict[str, Any]:
    """What SPACEFACTORY_HOME says."""
    named = os.environ.get(f"{PREFIX}HOME")
    return {"home": named} if named else {}


def merge(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Tables are merged key by key; anything else in `above` wins."""
    both = {
        key: merge(below[key], above[key])
        for key in below.keys() & above.keys()
        if isinstance(below[key], Mapping) and isinstance(above[key], Mapping)
    }
    return {**below, **above, **both}


def flatten(values: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Dotted key and value of every leaf."""
    for key, value in values.items():
        if isinstance(value, Mapping) and value:
            yield from flatten(value, f"{prefix}{key}.")
        else:
            yield f"{prefix}{key}", value


def _file(layer: str, path: Path) -> Layer:
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return layer, {}
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, error) from None
    return f"{layer} {path.name}", _toml(path, text)


def _toml(path: Path, text: str) -> dict[str, Any]:
    import tomllib

    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _unreadable(path, error) from None


def _unreadable(path: Path, error: Exception) -> SettingsError:
    return SettingsError(f"{path} cannot be read as TOML: {error}", "mend or remove that file")


def _ours(name: str) -> bool:
    return name.upper().startswith(PREFIX)
