"""config show: the whole effective configuration, with where each value came from."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from spacefactory.cli import inert, options, output

if TYPE_CHECKING:
    from collections.abc import Iterator

    from spacefactory.settings import Loaded

SECRET_KEY = re.compile(r"(?i)(token|secret|password|passwd|api_?key|credential)s?$")
USERINFO = re.compile(r"(?<=://)[^/@\s]+(?=@)")
MARK = "[redacted]"


def show(platform: options.Platform = None, as_json: options.Json = False) -> None:
    """Show every setting and which layer it comes from.

    Layers, the later wins: defaults, the user's config.toml, spacefactory.toml here, SPACEFACTORY_ variables, options.
    Secrets are never printed.
    """
    from spacefactory.layers import PROJECT_FILE
    from spacefactory.paths import user_file
    from spacefactory.settings import load

    loaded = load({"platform": platform} if platform else None)
    values = dict(effective(loaded))
    files = {"user file": str(user_file()), "project file": PROJECT_FILE}
    if as_json:
        output.document({"schema_version": 1, "files": files, "settings": values})
        return
    rows = [
        (key, inert.line(_shown(entry["value"]), 120), inert.line(entry["origin"])) for key, entry in values.items()
    ]
    output.columns(("SETTING", "VALUE", "FROM"), rows)
    output.note(f"user file: {files['user file']}; project file: {PROJECT_FILE} in this folder")


def effective(loaded: Loaded) -> Iterator[tuple[str, dict[str, Any]]]:
    """Dotted key of each setting, with its value and origin; secrets are masked."""
    from spacefactory.credentials import from_machine
    from spacefactory.layers import flatten
    from spacefactory.record.redaction import redactor

    clean = redactor(from_machine(loaded.settings).secrets())
    for key, value in flatten(loaded.settings.model_dump(mode="json")):
        shown = MARK if value and SECRET_KEY.search(key) and isinstance(value, str) else clean(_without_userinfo(value))
        yield key, {"value": shown, "origin": _origin(key, loaded.origins)}


def _without_userinfo(value: Any) -> Any:
    return USERINFO.sub(MARK, value) if isinstance(value, str) else value


def _origin(key: str, origins: dict[str, str]) -> str:
    """The layer that set this key, or a table around it."""
    parts = key.split(".")
    names = (".".join(parts[:end]) for end in range(len(parts), 0, -1))
    return next((origins[name] for name in names if name in origins), "default")


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)
