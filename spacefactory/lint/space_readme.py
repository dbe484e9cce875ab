"""The README of a generated Space: front matter from our own values, the body as the agent wrote it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from spacefactory.lint.vocabulary import ALLOWED_KEYS, LICENSES
from spacefactory.repository.front_matter import split
from spacefactory.schema.profile import ModelProfile

SDK_VERSION = "6.31.0"
MAX_DESCRIPTION = 60
MAX_TITLE = 80
MAX_BODY = 64 * 1024
LARGE_WEIGHTS = 10_000_000_000
"""Bytes above which the Hub's default start time is too short."""
_HUB_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,95}/[A-Za-z0-9_.-]{1,96}\Z")
_BYTES = {"float64": 8, "float32": 4, "float16": 2, "bfloat16": 2, "int8": 1, "uint8": 1}
_BYTES |= {"F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I8": 1, "U8": 1}


def space_front_matter(profile: ModelProfile, sdk_version: str = SDK_VERSION) -> dict[str, Any]:
    """The front matter for a model's Space; every value is ours or checked, none is copied from the card as it is."""
    found: dict[str, Any] = {
        "title": _line(f"{_short(profile.model)} demo", MAX_TITLE),
        "emoji": "\N{ROCKET}",
        "colorFrom": "indigo",
        "colorTo": "blue",
        "sdk": "gradio",
        "sdk_version": sdk_version,
        "python_version": "3.12",
        "app_file": "app.py",
        "short_description": _description(profile),
    }
    if isinstance(profile.license, str) and profile.license in LICENSES:
        found["license"] = profile.license
    if _HUB_ID.match(profile.model) and profile.location.path is None:
        found["models"] = [profile.model]
    if _weight_bytes(profile) > LARGE_WEIGHTS:
        found["startup_duration_timeout"] = "1h"
    return found


def with_front_matter(text: str, front_matter: Mapping[str, Any]) -> str:
    """The README with its own front matter replaced; keys that a generated Space may not have are dropped."""
    import yaml

    kept = {key: value for key, value in front_matter.items() if key in ALLOWED_KEYS}
    block = yaml.safe_dump(kept, sort_keys=False, allow_unicode=False, width=1000)
    body = _clean(split(text)[1]).strip() or f"# {kept.get('title', 'Demo')}"
    return f"---\n{block}---\n\n{body[:MAX_BODY]}\n"


def _weight_bytes(profile: ModelProfile) -> float:
    if profile.parameters and profile.dtype in _BYTES:
        return profile.parameters * _BYTES[profile.dtype]
    return (profile.memory_gib or 0) * 2**30


def _description(profile: ModelProfile) -> str:
    task = _line((profile.task or "").replace("-", " "), 40).capitalize() or "Demo"
    names = (profile.model, _short(profile.model))
    fitting = (f"{task} with {_line(name, MAX_DESCRIPTION)}" for name in names)
    return next((text for text in fitting if len(text) <= MAX_DESCRIPTION), f"{task} demo")


def _short(model: str) -> str:
    return model.rsplit("/", 1)[-1]


def _line(text: str, limit: int) -> str:
    """Text on one line, without control and formatting characters."""
    return " ".join(_clean(text).split())[:limit].strip()


def _clean(text: str) -> str:
    """Text without control, bidirectional and tag characters, except the ends of lines and tabs."""
    return "".join(one for one in text if one in "\n\t" or unicodedata.category(one) not in ("Cc", "Cf", "Cs", "Co"))
