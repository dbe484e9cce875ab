"""The order that a caller hands to the supervisor: one line of JSON through a pipe, never through argv."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from spacefactory.confine.spec import Confinement, Limits

NONCE = "SPACEFACTORY_CONFINED"
"""Environment variable that marks every process of one order."""
PATH = "/usr/local/bin:/usr/bin:/bin"
TEMPORARY = ".tmp"


@dataclass(frozen=True)
class Streams:
    """Descriptors that become standard input, output and error of the command."""

    stdin: int
    stdout: int
    stderr: int


@dataclass(frozen=True)
class Targets:
    """What the probes of a self-test aim at: things that exist and must be out of reach."""

    port: int
    outside: str
    launcher: int


@dataclass(frozen=True)
class Order:
    """One command to run.

    Args:
        argv: the command; empty when the probes run in its place.
        confinement: what it may touch, all paths absolute.
        nonce: mark of this order.
        timeout: seconds until it is killed; None for a command without an end.
        folder: where a detached command is recorded; None when the caller waits for it.
        log: where the output of a detached command goes.
        streams: descriptors of a command that is waited for.
        targets: set for a self-test.
    """

    argv: tuple[str, ...]
    confinement: Confinement
    nonce: str
    timeout: float | None = None
    folder: str | None = None
    log: str | None = None
    streams: Streams | None = None
    targets: Targets | None = None


def absolute(confinement: Confinement) -> Confinement:
    """The same with real, absolute paths.

    Raises:
        FileNotFoundError: the workspace does not exist.
    """
    facts = {**_fields(confinement), "workspace": confinement.workspace.resolve(strict=True)}
    facts["readable"] = tuple(Path(path).absolute() for path in confinement.readable)
    return Confinement(**facts)


def environment(confinement: Confinement, nonce: str) -> dict[str, str]:
    """The whole environment of the command."""
    workspace = confinement.workspace
    clean = {"PATH": PATH, "HOME": str(workspace), "TMPDIR": str(workspace / TEMPORARY), "LANG": "C.UTF-8"}
    return clean | dict(confinement.environment) | {NONCE: nonce}


def checked(argv: Sequence[str]) -> tuple[str, ...]:
    """The command as a tuple.

    Raises:
        ValueError: there is no command, or a word holds a NUL.
    """
    if isinstance(argv, str) or not argv or not argv[0]:
        raise ValueError("there is no command to run; give a list of words")
    if any("\0" in word for word in argv):
        raise ValueError("a word of the command holds a NUL, which no system passes on")
    return tuple(argv)


def encode(order: Order) -> bytes:
    """One line of JSON."""
    facts = asdict(order) | {"confinement": _fields(order.confinement)}
    return json.dumps(facts, default=_plain).encode() + b"\n"


def decode(line: bytes) -> Order:
    """Read what `encode` wrote."""
    facts: dict[str, Any] = json.loads(line)
    return Order(
        argv=tuple(facts["argv"]),
        confinement=_confinement(facts["confinement"]),
        nonce=facts["nonce"],
        timeout=facts["timeout"],
        folder=facts["folder"],
        log=facts["log"],
        streams=Streams(**facts["streams"]) if facts["streams"] else None,
        targets=Targets(**facts["targets"]) if facts["targets"] else None,
    )


def _confinement(facts: Mapping[str, Any]) -> Confinement:
    return Confinement(
        workspace=Path(facts["workspace"]),
        readable=tuple(map(Path, facts["readable"])),
        connect_ports=tuple(facts["connect_ports"]),
        bind_ports=tuple(facts["bind_ports"]),
        environment=facts["environment"],
        limits=Limits(**facts["limits"]),
        network=facts["network"],
        shared_memory=facts["shared_memory"],
        uid=facts["uid"],
        enforced=facts["enforced"],
    )


def _fields(confinement: Confinement) -> dict[str, Any]:
    return {name: getattr(confinement, name) for name in Confinement.__dataclass_fields__}


def _plain(value: object) -> object:
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, Limits):
        return asdict(value)
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Iterable):
        return list(value)
    raise TypeError(f"{value!r} cannot be handed to the supervisor")
