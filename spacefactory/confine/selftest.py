"""Prove the confinement of this machine before something relies on it."""

from __future__ import annotations

import json
import os
import socket
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from spacefactory.confine import landlock
from spacefactory.confine.order import Targets, absolute
from spacefactory.confine.spec import Confinement, SandboxUnavailable
from spacefactory.confine.waited import Job, carry_out

TIMEOUT_S = 20.0
ALWAYS = ("user", "no_new_privs", "rlimits", "environment", "descriptors")
UNLESS_UNSAFE = ("landlock", "seccomp")


@dataclass(frozen=True)
class Probe:
    """One thing that was tried inside the confinement.

    Args:
        name: what was tried.
        wanted: "allowed" or "denied"; "open" for the known gap, which is shown and not counted.
        got: "allowed", or "denied" and the reason.
    """

    name: str
    wanted: str
    got: str

    @property
    def held(self) -> bool:
        """Whether the answer is the wanted one."""
        return self.wanted == "open" or self.got.startswith(self.wanted)


@dataclass(frozen=True)
class Report:
    """How a command is confined on this machine.

    Args:
        layers: what was applied.
        landlock_abi: version of Landlock; 0 where it was left away.
        uid: user that the probes ran as.
        uid_mode: "changed" (root became another user), "root_without_capabilities" or "ordinary" (the caller's user).
        probes: what was tried.
    """

    layers: tuple[str, ...]
    landlock_abi: int
    uid: int
    uid_mode: str
    probes: tuple[Probe, ...]

    @property
    def ok(self) -> bool:
        """Whether every probe got the wanted answer."""
        return all(probe.held for probe in self.probes)


def self_test(confined: bool = True, *, readable: tuple[Path, ...] | None = None, uid: int | None = None) -> Report:
    """Try some twenty things inside the confinement that a command gets; takes less than a second.

    Args:
        confined: False leaves Landlock and seccomp away, as `--unsafe-no-sandbox` does; the report then is not ok.
        readable: see `Confinement.readable`, which has a say in the user; None stands for this Python's own folders.
        uid: see `Confinement.uid`.

    Raises:
        SandboxUnavailable: this machine cannot confine.
    """
    python = (Path(sys.prefix), Path(sys.base_prefix))
    with _targets() as (workspace, port, targets):
        place = Confinement(
            workspace=workspace,
            readable=python if readable is None else readable,
            connect_ports=(port,),
            uid=uid,
            enforced=confined,
        )
        outcome = carry_out(Job((), absolute(place), TIMEOUT_S, targets=targets))
    if outcome.facts["returncode"] != 0:
        raise SandboxUnavailable(f"the self-test of the confinement ended with {outcome.facts['returncode']}")
    return Report(
        layers=ALWAYS + (UNLESS_UNSAFE if confined else ()),
        landlock_abi=landlock.abi() if confined else 0,
        uid=outcome.facts["uid"],
        uid_mode=outcome.facts["uid_mode"],
        probes=tuple(Probe(*each) for each in json.loads(bytes(outcome.stdout.kept))),
    )


@contextmanager
def _targets() -> Iterator[tuple[Path, int, Targets]]:
    """A workspace, a port that is allowed, and things that exist and must be out of reach."""
    with (
        tempfile.TemporaryDirectory(prefix="spacefactory-self-test-") as folder,
        socket.create_server(("127.0.0.1", 0)) as other,
        socket.create_server(("0.0.0.0", 0)) as allowed,  # noqa: S104 - for the probe of the known gap; closed at once
    ):
        box = Path(folder)
        box.chmod(0o755)
        (box / "workspace").mkdir()
        outside = box / "outside.txt"
        outside.write_text("not for the command")
        outside.chmod(0o644)
        targets = Targets(port=other.getsockname()[1], outside=str(outside), launcher=os.getpid())
        yield box / "workspace", allowed.getsockname()[1], targets
