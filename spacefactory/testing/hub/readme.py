"""Checks the front matter of a README as the Hub does on upload."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from spacefactory.lint.vocabulary import COLORS
from spacefactory.repository.front_matter import FrontMatterError, parse, split
from spacefactory.testing.hub.answers import Answer, json_answer
from spacefactory.testing.hub.hardware import space_flavor
from spacefactory.testing.hub.routing import Call, Route
from spacefactory.testing.hub.state import World

SDKS = ("gradio", "docker", "static", "streamlit")
MAX_SHORT_DESCRIPTION = 60
_VERSION = re.compile(r"\d+(\.\d+){0,2}((a|b|rc)\d+)?\Z")
_PYTHON = re.compile(r"3\.\d+(\.\d+)?\Z")


def validate_yaml(_world: World, call: Call) -> Answer:
    """`POST /api/validate-yaml`."""
    asked = call.json()
    errors, warnings = check(str(asked.get("content", "")), str(asked.get("repoType", "model")))
    found = {"errors": [{"message": text} for text in errors], "warnings": [{"message": text} for text in warnings]}
    return json_answer(found, 400 if errors else 200)


def check(text: str, kind: str) -> tuple[list[str], list[str]]:
    """Errors and warnings about a README's front matter."""
    block, _ = split(text)
    if block is None:
        return ([], []) if kind == "model" else ([], ["empty or missing yaml metadata in repo card"])
    try:
        card = parse(block)
    except FrontMatterError as error:
        return [f"invalid YAML metadata: {error}"], []
    return list(_space_errors(card) if kind == "space" else _model_errors(card)), []


def _model_errors(card: Mapping[str, Any]) -> Iterable[str]:
    for key in ("pipeline_tag", "library_name"):
        if key in card and not isinstance(card[key], str):
            yield f'"{key}" must be a string'
    yield from _licence_errors(card)


def _licence_errors(card: Mapping[str, Any]) -> Iterable[str]:
    if "license" in card and not isinstance(card["license"], (str, list)):
        yield '"license" must be a string or an array of strings'


def _space_errors(card: Mapping[str, Any]) -> Iterable[str]:
    for key in ("colorFrom", "colorTo"):
        if key in card and card[key] not in COLORS:
            yield f'"{key}" must be one of [{", ".join(sorted(COLORS))}]'
    if card.get("sdk") not in SDKS:
        yield f'"sdk" must be one of [{", ".join(SDKS)}]'
    yield from _text_errors(card)
    yield from _version_errors(card)
    yield from _licence_errors(card)
    hardware = card.get("suggested_hardware")
    if hardware is not None and (not isinstance(hardware, str) or space_flavor(hardware) is None):
        yield '"suggested_hardware" must be a known hardware flavor'


def _text_errors(card: Mapping[str, Any]) -> Iterable[str]:
    for key in ("title", "app_file", "emoji"):
        if key in card and not (isinstance(card[key], str) and card[key].strip()):
            yield f'"{key}" is not allowed to be empty'
    description = card.get("short_description", "")
    if not isinstance(description, str) or len(description) > MAX_SHORT_DESCRIPTION:
        yield f'"short_description" length must be less than or equal to {MAX_SHORT_DESCRIPTION} characters long'
    app_file = card.get("app_file", "")
    if isinstance(app_file, str) and (app_file.startswith("/") or ".." in app_file.split("/")):
        yield '"app_file" must be a relative path inside the repository'


def _version_errors(card: Mapping[str, Any]) -> Iterable[str]:
    for key, pattern in (("sdk_version", _VERSION), ("python_version", _PYTHON)):
        if key in card and not pattern.match(str(card[key])):
            yield f'"{key}" with value "{card[key]}" fails to match the required pattern'


ROUTES = (Route("POST", "/api/validate-yaml", validate_yaml),)
