"""The user's own cases: a YAML list of inputs and of what is expected back."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from pydantic import Field, JsonValue, ValidationError

from spacefactory.errors import NotFoundError, UsageError
from spacefactory.probe.evidence import is_path
from spacefactory.probe.expectation import PURPOSE, Expectation
from spacefactory.probe.fill import Filled, required, wrapped
from spacefactory.probe.kinds import input_kind
from spacefactory.probe.values import clean
from spacefactory.schema.base import Fact
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.verdict import Case, Endpoint, Parameter

LARGEST = 1 << 20
MOST = 50


class UserCase(Fact):
    """One case of the file."""

    inputs: dict[str, JsonValue] = Field(default_factory=dict)
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
        raise UsageError(
            f"{path.name} holds no list of 1 to {MOST} cases", "write a list of items with: inputs, expect"
        )
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


FILES = ("image", "editor", "gallery", "audio", "video", "file", "3d")
"""Kinds of inputs whose value is a file."""


def _case(at: int, one: UserCase, path: Path, endpoint: Endpoint, profile: ModelProfile | None, folder: Path) -> Case:
    parameters = {parameter.name: parameter for parameter in endpoint.parameters}
    filled = Filled()
    for name, given in one.inputs.items():
        if name not in parameters:
            known = ", ".join(parameters) or "none"
            raise UsageError(f"case {at} of {path.name}: {endpoint.name} has no input {name!r}; it has: {known}")
        filled = _input(at, given, parameters[name], path).over(filled)
    filled = filled.over(required(endpoint, profile, folder))
    return Case(
        id=f"case-{at}",
        inputs=filled.inputs,
        files=tuple(sorted(filled.files)),
        expected=_expected(at, one, path),
        purpose=PURPOSE,
        varies="input" if at > 1 else "",
    )


def _input(at: int, given: JsonValue, parameter: Parameter, path: Path) -> Filled:
    """A value of the file as the parameter's component takes it; for a file, its path relative to the cases file."""
    name = parameter.name
    if input_kind(parameter) not in FILES:
        return Filled({name: clean(wrapped(parameter, given) if isinstance(given, str) else given)})
    if isinstance(given, str):
        return Filled({name: wrapped(parameter, str(_file(at, given, path)))}, frozenset([name]))
    if isinstance(given, list) and all(isinstance(one, str) for one in given):
        found = [str(_file(at, str(one), path)) for one in given]
        several = [{"image": one, "caption": None} for one in found] if input_kind(parameter) == "gallery" else found
        return Filled({name: clean(several)}, frozenset([name]))
    return Filled({name: given})


def _expected(at: int, one: UserCase, path: Path) -> JsonValue:
    if one.expect is None:
        return None
    expected = one.expect.model_dump(mode="json", exclude_defaults=True)
    if one.expect.similar is not None:
        expected["similar"] = str(_file(at, one.expect.similar, path))
    return dict(expected)


def _file(at: int, given: str, path: Path) -> Path:
    found = (path.parent / given).resolve()
    if not is_path(str(found)):
        raise NotFoundError(f"case {at} of {path.name}: there is no file {given}", "paths are relative to that file")
    return found
