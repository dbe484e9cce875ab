"""What an agent gets to work with: a folder, confined commands, a model endpoint, a way to tell."""

from __future__ import annotations

import os
import socket
import sys
import sysconfig
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import JsonValue

import spacefactory
from spacefactory import confine
from spacefactory.errors import BlockedError
from spacefactory.providers import Emit
from spacefactory.record.files import write_atomic
from spacefactory.schema.event import EventType
from spacefactory.schema.work import Completed, ModelEndpoint

LIMITS = confine.Limits(cpu_seconds=1800, workspace_bytes=2 << 30, total_memory_bytes=6 << 30)
MOST_TRACE = 32 << 20
POLL_S = 0.5
"""How long a wait for a command may hide that the run was asked to stop."""
NEXT = "see: spacefactory doctor, or allow it with --unsafe-no-sandbox"


def _nothing(_value: object = None) -> None:
    """Nobody asks to stop."""


@dataclass
class RunWorkbench:
    """The workbench of one run; see `providers.Workbench` for what an agent may rely on.

    Args:
        workspace: the folder that commands may write.
        tell: writes an event.
        traces: folder of the record for traces.
        confined: False only when the user said --unsafe-no-sandbox.
        model_endpoint: the coding model; its port is the only one that commands reach, besides the app's own.
        readable: folders beyond Python's own that commands may read, such as the model's.
        app_port: port on which commands may start an app and call it.
        check: raises when the run has to stop.
        clean: takes secrets out of a text.
        proven: whether the confinement was tried already.
    """

    workspace: Path
    tell: Emit
    traces: Path
    confined: bool = True
    model_endpoint: ModelEndpoint | None = None
    readable: tuple[Path, ...] = ()
    app_port: int | None = None
    check: Callable[[], None] = _nothing
    clean: Callable[[str], str] = str
    proven: bool = False
    _talks: list[confine.Conversation] = field(default_factory=list, init=False)

    def __enter__(self) -> RunWorkbench:
        return self

    def __exit__(self, *_: object) -> None:
        for talk in self._talks:
            talk.close(0)

    def prove(self) -> None:
        """Try the confinement, once; what it holds is an event.

        Raises:
            BlockedError: this machine cannot confine a command (sandbox_unavailable).
        """
        if self.proven:
            return
        try:
            report = confine.self_test(self.confined, readable=self._confinement().readable)
        except confine.SandboxUnavailable as refusal:
            self.tell(EventType.SANDBOX_REPORT, {"confined": False, "refused": str(refusal)})
            raise BlockedError("sandbox_unavailable", str(refusal), NEXT) from None
        failed = [probe.name for probe in report.probes if not probe.held]
        self.tell(EventType.SANDBOX_REPORT, {"confined": self.confined, **_facts(report), "failed": [*failed]})
        if failed and self.confined:
            raise BlockedError("sandbox_unavailable", f"the confinement does not hold: {'; '.join(failed)}", NEXT)
        self.proven = True

    def run(self, argv: Sequence[str], timeout: float = 600) -> Completed:
        """Run a command confined to the workspace and reap all of it.

        Raises:
            BlockedError: this machine cannot confine it, or the run's time is used up.
        """
        self.check()
        self.prove()
        try:
            done = confine.run(list(argv), self._confinement(), timeout=timeout)
        except confine.SandboxUnavailable as refusal:
            raise BlockedError("sandbox_unavailable", str(refusal), NEXT) from None
        self.check()
        return _completed(done)

    def start(
        self, argv: Sequence[str], environment: Mapping[str, str] | None = None, readable: Sequence[Path] = ()
    ) -> RunProcess:
        """Start a command confined to the workspace and speak with it.

        Raises:
            BlockedError: this machine cannot confine it.
        """
        self.check()
        self.prove()
        try:
            talk = confine.converse(list(argv), self._confinement(environment or {}, tuple(readable)))
        except confine.SandboxUnavailable as refusal:
            raise BlockedError("sandbox_unavailable", str(refusal), NEXT) from None
        self._talks.append(talk)
        return RunProcess(talk, self.check)

    def trace(self, name: str, text: str) -> None:
        """Keep the end of a document in `traces/`, without secrets."""
        if Path(name).name != name or name.startswith("."):
            raise ValueError(f"{name!r} is no name of a file")
        write_atomic(self.traces / name, self.clean(text[-MOST_TRACE:]).encode(errors="replace"))

    def emit(self, kind: str, facts: dict[str, JsonValue]) -> None:
        """Write an event of type `agent.<kind>`."""
        self.check()
        self.tell(f"agent.{kind}", facts)

    def _confinement(
        self, environment: Mapping[str, str] | None = None, readable: tuple[Path, ...] = ()
    ) -> confine.Confinement:
        ports = {port for port in (self.app_port, _port(self.model_endpoint)) if port}
        return confine.Confinement(
            workspace=self.workspace,
            readable=tuple(sorted({*python(), *self.readable, *readable})),
            connect_ports=tuple(sorted(ports)),
            bind_ports=(self.app_port,) if self.app_port else (),
            environment={**self._variables(), **(environment or {})},
            limits=LIMITS,
            enforced=self.confined,
        )

    def _variables(self) -> dict[str, str]:
        """What every command sees; `python` and `spacefactory` are the ones that work on the run."""
        found = {
            "PATH": f"{Path(sys.prefix) / 'bin'}:/usr/local/bin:/usr/bin:/bin",
            "PYTHONPATH": str(_house()),
            "PYTHONDONTWRITEBYTECODE": "1",
            "SPACEFACTORY_HOME": str(self.workspace / ".cache" / "spacefactory"),
            "HF_HUB_OFFLINE": "1",
            "GRADIO_ANALYTICS_ENABLED": "False",
        }
        if self.app_port:
            found |= {"GRADIO_SERVER_PORT": str(self.app_port), "GRADIO_NUM_PORTS": "1"}
        if self.model_endpoint:
            found |= {"OPENAI_BASE_URL": self.model_endpoint.base_url, "OPENAI_API_KEY": self.model_endpoint.key}
        return found


@dataclass(frozen=True)
class RunProcess:
    """A command of the workbench that goes on; see `providers.Process`."""

    talk: confine.Conversation
    check: Callable[[], None]

    def send(self, data: bytes) -> None:
        """Write to its standard input."""
        self.talk.send(data)

    def receive(self, timeout: float) -> bytes | None:
        """What came from its standard output, looking now and then whether the run has to stop."""
        while timeout > POLL_S:
            self.check()
            if (found := self.talk.receive(POLL_S)) is not None:
                return found
            timeout -= POLL_S
        self.check()
        return self.talk.receive(timeout)

    def close(self, grace: float = 5) -> Completed:
        """End it and everything that it started."""
        return _completed(self.talk.close(grace))


def free_port() -> int:
    """A loopback port that nothing has now."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def python() -> tuple[Path, ...]:
    """What a Python that runs this package must read: the interpreter, its libraries, this package."""
    installed = [sysconfig.get_path(name) for name in ("stdlib", "platstdlib", "purelib", "platlib")]
    prefixes = [sys.prefix, sys.base_prefix, str(Path(sys.executable).resolve().parent.parent)]
    wanted = {Path(name).resolve() for name in (*installed, *prefixes)} | {Path(sys.prefix), _house()}
    return tuple(sorted(path for path in wanted if path.exists()))


def _house() -> Path:
    """The folder that this package is imported from."""
    return Path(spacefactory.__file__).resolve().parent.parent


def _port(endpoint: ModelEndpoint | None) -> int | None:
    return urlsplit(endpoint.base_url).port if endpoint else None


def _facts(report: confine.Report) -> dict[str, JsonValue]:
    return {
        "layers": [*report.layers],
        "landlock_abi": report.landlock_abi,
        "uid_mode": report.uid_mode,
        "probes": len(report.probes),
    }


def _completed(done: confine.Completed) -> Completed:
    stderr = done.stderr.decode(errors="replace")
    return Completed(
        returncode=done.returncode,
        stdout=done.stdout.decode(errors="replace"),
        stderr=stderr + (os.linesep + done.exceeded if done.exceeded else ""),
        timed_out=done.timed_out,
    )
