"""The user's own cases: a YAML list of inputs and of what is expected back."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, JsonValue, ValidationError, field_validator

from spacefactory.errors import NotFoundError, UsageError
from spacefactory.probe.fill import Filled, required, takes, wrapped
from spacefactory.probe.kinds import MEDIA
from spacefactory.probe.values import clean
from spacefactory.schema.base import Fact
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.verdict import Case, Endpoint

PURPOSE = "your case"
"""Purpose of a case that a user wrote; its `expected` is an `Expectation`."""
LARGEST = 1 << 20
MOST = 50


def _listed(given: Any) -> Any:
    return [given] if isinstance(given, str) else given


class Expectation(Fact):
    """What the answer to a case must be like; whatever is left out is not checked."""

    type: str | None = None
    contains: Annotated[tuple[str, ...], BeforeValidator(_listed)] = ()
    regex: str | None = None
    equals: JsonValue = None
    label: str | None = None

    @field_validator("regex")
    @classmethod
    def _compiles(cls, pattern: str | None) -> str | None:
        try:
            re.compile(pattern or "")
        except re.error as error:
            raise ValueError(f"is not a regular expression: {error}") from None
        return pattern


class UserCase(Fact):
    """One case of the file."""

    inputs: dict[str, JsonValue] = {}
    expect: Expectation | None = None


def read_cases(path: Path, endpoint: Endpoint, profile: ModelProfile | None, folder: Path) -> tuple[Case, ...]:
    """The cases of a file, ready to be called; paths in it are relative to the file.

    Raises:
        NotFoundError: the file, or a file that it names, does not exist.
        UsageError: it is no list of cases, or names an input that the endpoint does not have.
    """
    return tuple(_case(at, one, path, endpoint, profile, folder) for at, one in enumerate(_parsed(path), 1))


def _parsed(path: Path) -> list[UserCase]:
    document = _document(path)
    listed = document.get("cases") if isinstance(document, dict) else document
    if not isinstance(listed, list) or not 0 < len(listed) <= MOST:
        raise UsageError(f"{path.name} holds no list of 1 to {MOST} cases", "write a list of items with: inputs, expect")
    found = []
    for at, one in enumerate(listed, 1):
        try:
            found.append(UserCase.model_validate(one))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(map(str, first["loc"])) or "the item"
            raise UsageError(f"case {at} of {path.name}: {where}: {first['msg']}", "mend the file") from None
    return found


def _document(path: Path) -> Any:
    import yaml

    try:
        if path.stat().st_size > LARGEST:
            raise UsageError(f"{path.name} is larger than {LARGEST >> 20} MiB", "split it")
        document = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise NotFoundError(f"{path} cannot be read: {error.strerror}", "give a YAML file with --cases") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError, ValueError) as error:
        line = " ".join(str(error).split())
        raise UsageError(f"{path.name} cannot be read as YAML: {line}", "mend the file") from None
    return document


def _case(
    at: int, one: UserCase, path: Path, endpoint: Endpoint, profile: ModelProfile | None, folder: Path
) -> Case:
    parameters = {parameter.name: parameter for parameter in endpoint.parameters}
    filled = Filled()
    for name, given in one.inputs.items():
        if name not in parameters:
            known = ", ".join(parameters) or "none"
            raise UsageError(f"case {at} of {path.name}: {endpoint.name} has no input {name!r}; it has: {known}")
        kind = takes(parameters[name], profile)
        if isinstance(given, str) and kind in (*MEDIA, "file"):
            filled = Filled({name: wrapped(parameters[name], str(_file(at, given, path)))}, frozenset([name])).over(filled)
        else:
            plain = wrapped(parameters[name], given) if isinstance(given, str) else given
            filled = Filled({name: clean(plain)}).over(filled)
    filled = filled.over(required(endpoint, profile, folder))
    expected = one.expect.model_dump(mode="json", exclude_defaults=True) if one.expect else None
    return Case(
        id=f"case-{at}",
        inputs=filled.inputs,
        files=tuple(sorted(filled.files)),
        expected=expected,
        purpose=PURPOSE,
        varies="input" if at > 1 else "",
    )


def _file(at: int, given: str, path: Path) -> Path:
    found = (path.parent / given).resolve()
    if not found.is_file():
        raise NotFoundError(f"case {at} of {path.name}: there is no file {given}", "paths are relative to that file")
    return found
