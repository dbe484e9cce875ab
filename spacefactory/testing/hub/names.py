"""Names that the Hub accepts. A lenient emulator would let code pass that fails on the Hub."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from spacefactory.testing.hub.answers import HubError

_REPO = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9_])?\Z")
_SPACE_KEY = re.compile(r"[a-zA-Z][_a-zA-Z0-9]*\Z")
_JOB_KEY = re.compile(r"[a-zA-Z][_a-zA-Z0-9]+\Z")
_LABEL = re.compile(r"[a-zA-Z0-9._-]{1,100}\Z")
_BUCKET = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9_.-]{0,94}[A-Za-z0-9])?\Z")
_FORBIDDEN_PARTS = frozenset({"", ".", "..", ".git"})


def repo_name(name: Any) -> str:
    """The name part of a repository id.

    Raises:
        HubError: 400.
    """
    bad = not isinstance(name, str) or not _REPO.match(name) or "--" in name or ".." in name or name.endswith(".git")
    if bad:
        raise HubError(400, f"Invalid repo name: {name}")
    return str(name)


def bucket_name(name: str) -> str:
    """The name part of a bucket id.

    Raises:
        HubError: 400.
    """
    if not _BUCKET.match(name) or "--" in name or ".." in name:
        raise HubError(400, f"Invalid bucket name: {name}")
    return name


def space_key(key: Any) -> str:
    """The name of a Space's secret or variable.

    Raises:
        HubError: 400.
    """
    if not isinstance(key, str) or not _SPACE_KEY.match(key):
        raise HubError(400, f"Invalid key {key!r}: must match ^[a-zA-Z][_a-zA-Z0-9]*$")
    return key


def environment(values: Any, what: str) -> dict[str, str]:
    """A job's environment or secrets.

    Raises:
        HubError: 400.
    """
    if not isinstance(values, Mapping):
        raise HubError(400, f"{what} must be an object")
    for key, value in values.items():
        if not isinstance(key, str) or not _JOB_KEY.match(key):
            raise HubError(400, f"Invalid key {key!r} in {what}: must match ^[a-zA-Z][_a-zA-Z0-9]+$")
        if not isinstance(value, str):
            raise HubError(400, f"The value of {key} in {what} must be a string")
    return dict(values)


def labels(values: Any) -> dict[str, str]:
    """A job's labels.

    Raises:
        HubError: 400.
    """
    if not isinstance(values, Mapping):
        raise HubError(400, "labels must be an object")
    for part in (*values.keys(), *values.values()):
        if not isinstance(part, str) or not _LABEL.match(part):
            raise HubError(400, f"Invalid label {part!r}: at most 100 characters of a-z A-Z 0-9 . _ -")
    return dict(values)


def path_in_repo(path: Any) -> str:
    """The path of a file in a repository or bucket.

    Raises:
        HubError: 400.
    """
    if not isinstance(path, str) or any(part in _FORBIDDEN_PARTS for part in path.split("/")):
        raise HubError(400, f"Invalid path: {path}")
    return path


def volumes(values: Any) -> list[dict[str, Any]]:
    """Volumes of a Space or a job.

    Raises:
        HubError: 400.
    """
    found = values if isinstance(values, list) else []
    if not found or not all(_is_volume(value) for value in found):
        raise HubError(400, "volumes: each needs a type (bucket, model, dataset, space), a source and a mountPath")
    if len({value["mountPath"] for value in found}) != len(found):
        raise HubError(400, "volumes: two have the same mountPath")
    return [dict(value) | {"readOnly": value["type"] != "bucket" or bool(value.get("readOnly"))} for value in found]


def _is_volume(value: Any) -> bool:
    if not isinstance(value, Mapping) or value.get("type") not in ("bucket", "model", "dataset", "space"):
        return False
    source, mount = value.get("source"), value.get("mountPath")
    return isinstance(source, str) and source.count("/") <= 1 and isinstance(mount, str) and mount.startswith("/")


def pairs(values: Iterable[Any]) -> Iterable[tuple[str, str, str | None]]:
    """Key, value and description of each secret or variable in a create call.

    Raises:
        HubError: 400.
    """
    for value in values:
        if not isinstance(value, Mapping) or not isinstance(value.get("value"), str):
            raise HubError(400, "secrets and variables: each needs a key and a value")
        yield space_key(value.get("key")), value["value"], value.get("description")
