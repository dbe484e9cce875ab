"""The confined processes in which outputs are decoded: how one comes up, what it may read, what it answers."""

from __future__ import annotations

import json
import os
import sys
import sysconfig
import tempfile
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from spacefactory.errors import BlockedError
from spacefactory.providers import OutputValidator

if TYPE_CHECKING:
    from spacefactory.confine import Conversation

FILE_S = 20.0
"""Seconds of processor time for one output."""
PATIENCE = 6
"""Times as many seconds may go by on the clock, for a busy machine."""
START_S = 60.0
"""Seconds for a process to come up on a busy machine."""
MEMORY = 1 << 30
"""Bytes that a process may hold."""
ANSWER = 16 << 20
COMMAND = ("-P", "-s", "-m", "spacefactory.probe.child")


@dataclass(frozen=True)
class Place:
    """How the processes may run."""

    confined: bool = True
    disabled_plugins: tuple[str, ...] = ()


@dataclass(frozen=True)
class Ended:
    """What a process said before it ended."""

    code: int
    said: bytes
    errors: bytes
    early: bool
    """whether it had come up before there was anything to do"""


@dataclass
class Decoders:
    """Has outputs looked at by one process after another; use it as a context manager.

    The first process can come up while the outputs are still being made: Python and the decoders take longer to start
    than a few small outputs to decode.
    """

    validators: Sequence[OutputValidator]
    place: Place = Place()
    _early: _Process | None = field(default=None, init=False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._let_go()

    def come_up(self, output_type: str, folders: Sequence[Path]) -> None:
        """Start a process now.

        Args:
            output_type: whose decoders it gets ready.
            folders: where the files will be that it looks at; they are made when they are not there yet.

        Raises:
            BlockedError: this machine cannot confine it (sandbox_unavailable).
            OSError: a folder cannot be made.
        """
        for folder in folders:
            folder.mkdir(parents=True, exist_ok=True)
        self._early = _Process(self.validators, self.place, [one.resolve() for one in folders], output_type)

    def work(self, job: dict[str, Any], files: Sequence[Path]) -> Ended:
        """Have one process do a job, and end it.

        Args:
            job: `outputs`, `pairs` and `tasks`, see `child`.
            files: all that it must read.

        Raises:
            BlockedError: this machine cannot confine it (sandbox_unavailable).
        """
        known = [path.resolve() for path in files]
        seconds = START_S + (FILE_S * PATIENCE + 1) * len(job["tasks"])
        if self._early is not None and self._early.reads(known):
            process, self._early = self._early, None
            return process.work(job, seconds, early=True)
        self._let_go()
        return _Process(self.validators, self.place, known).work(job, seconds)

    def _let_go(self) -> None:
        process, self._early = self._early, None
        if process is not None:
            process.end(0)


class _Process:
    """One confined process; it does one job."""

    def __init__(
        self, validators: Sequence[OutputValidator], place: Place, readable: Sequence[Path], output_type: str = ""
    ) -> None:
        self._readable = readable
        self._workspace = tempfile.TemporaryDirectory(prefix="spacefactory-inspect-")
        try:
            self._talk = _begin(validators, place, readable, Path(self._workspace.name).resolve())
        except BaseException:  # also an interrupt must leave no folder behind; it goes on
            self._workspace.cleanup()
            raise
        self._tell(_setting(validators, place, output_type))

    def reads(self, files: Iterable[Path]) -> bool:
        """Whether it can read files that came after it had started: as ours, or as those that anybody can reach."""
        from spacefactory.confine.users import reachable

        inside = all(any(path.is_relative_to(one) for one in self._readable) for path in files)
        ours = os.geteuid() != 0 or not all(map(reachable, self._readable))
        return inside and (ours or all(map(reachable, files)))

    def work(self, job: dict[str, Any], seconds: float, *, early: bool = False) -> Ended:
        """Do a job, then end; what it writes beyond the limit is dropped."""
        until = time.monotonic() + seconds
        said = bytearray()
        try:
            self._tell(job)
            while some := self._talk.receive(max(0.0, until - time.monotonic())):
                said += some[: ANSWER - len(said)]
            late = some is None
        except BaseException:  # also an interrupt must leave no process behind; it goes on
            self.end(0)
            raise
        code, errors = self.end(0 if late else 5)
        return Ended(code, bytes(said), errors, early)

    def end(self, grace: float) -> tuple[int, bytes]:
        """Its exit status and its last words; it is killed after so many seconds."""
        try:
            done = self._talk.close(grace)
        finally:
            self._workspace.cleanup()
        return done.returncode, done.stderr

    def _tell(self, what: dict[str, Any]) -> None:
        with suppress(BrokenPipeError):  # what it has said tells why it ended
            self._talk.send(json.dumps(what).encode() + b"\n")


def _begin(
    validators: Sequence[OutputValidator], place: Place, readable: Sequence[Path], workspace: Path
) -> Conversation:
    from spacefactory import confine

    confinement = confine.Confinement(
        workspace=workspace,
        readable=(*_code(validators), *readable),
        environment=_environment(workspace, validators),
        limits=confine.Limits(memory_bytes=MEMORY),
        enforced=place.confined,
    )
    try:
        return confine.converse([sys.executable, *COMMAND], confinement)
    except confine.SandboxUnavailable as error:
        raise BlockedError("sandbox_unavailable", str(error)) from None


def _setting(validators: Sequence[OutputValidator], place: Place, output_type: str) -> dict[str, Any]:
    """What a process must know before it gets a job."""
    kinds = {kind for one in validators for kind in one.output_types}
    return {
        "validators": {kind: [one.name for one in validators if kind in one.output_types] for kind in sorted(kinds)},
        "packages": sorted({type(one).__module__.partition(".")[0] for one in validators}),
        "disabled": place.disabled_plugins,
        "seconds": FILE_S,
        "patience": PATIENCE,
        "ready_for": output_type,
    }


def _roots(validators: Iterable[OutputValidator]) -> list[Path]:
    """Folders that Python must search for the core and for the validators' packages, in the order of its own path."""
    packages = {"spacefactory", *(type(one).__module__.partition(".")[0] for one in validators)}
    modules = [sys.modules[name] for name in sorted(packages) if name in sys.modules]
    homes = {Path(module.__file__).resolve().parent for module in modules if module.__file__}
    return sorted({home.parent if (home / "__init__.py").is_file() else home for home in homes})


def _code(validators: Iterable[OutputValidator]) -> tuple[Path, ...]:
    """What a Python that judges must read: the interpreter, its libraries, the core and the validators' packages."""
    installed = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    prefixes = [sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parent.parent)]
    wanted = {Path(name).resolve() for name in (*installed, *prefixes)} | {*_roots(validators), Path(sys.prefix)}
    return tuple(sorted(path for path in wanted if path.exists()))


def _environment(workspace: Path, validators: Iterable[OutputValidator]) -> Mapping[str, str]:
    return {
        "HOME": str(workspace),
        "TMPDIR": str(workspace),
        "PATH": os.defpath,
        "LANG": "C.UTF-8",
        "PYTHONPATH": os.pathsep.join(map(str, _roots(validators))),
        "PYTHONDONTWRITEBYTECODE": "1",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }
