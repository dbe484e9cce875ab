"""What a caller says about a command, and what comes back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

MAX_PORT = 65535


class SandboxUnavailable(RuntimeError):  # noqa: N818 - the name is a status of the product, see BlockerReason
    """The command was not run, because it cannot be confined as asked; one sentence and what to do next."""


class AlreadyRunning(RuntimeError):  # noqa: N818 - a state, not a fault
    """The folder belongs to a command that is still alive."""


@dataclass(frozen=True)
class Limits:
    """Resource limits of the command and of each process it starts; None leaves the caller's own limit.

    Args:
        processes: tasks (threads count) of the user; the command's own share when it keeps a uid that others use too.
        file_bytes: size of one file.
        open_files: descriptors of one process.
        cpu_seconds: processor time of one process; SIGXCPU at the limit, SIGKILL one second later.
        memory_bytes: private writable memory of one process; further allocations fail.
        workspace_bytes: disk space of the whole workspace; looked at every 2 s, the command is killed above it.
        total_memory_bytes: resident memory of all its processes together; looked at every 2 s, killed above it.
        log_bytes: size of the log of a detached command; head and tail are kept.
    """

    processes: int | None = 256
    file_bytes: int | None = 512 << 20
    open_files: int | None = 1024
    cpu_seconds: int | None = None
    memory_bytes: int | None = None
    workspace_bytes: int | None = None
    total_memory_bytes: int | None = None
    log_bytes: int = 8 << 20


@dataclass(frozen=True)
class Confinement:
    """What a command may touch; everything that is not named here is out of its reach.

    Args:
        workspace: the only writable tree besides /dev/null; HOME, TMPDIR and the working directory are in it.
        readable: more trees or files to read and execute, beyond the system's programs and libraries.
        connect_ports: TCP ports it may connect to. A rule names a port, not an address.
        bind_ports: TCP ports it may listen on; with none, it cannot listen at all.
        environment: variables beyond PATH, HOME, TMPDIR and LANG; nothing is inherited.
        limits: resource limits.
        network: also allow what a download needs: datagram sockets of IPv4 and IPv6 (names are resolved over UDP, and
            no rule governs its ports) and TCP connections to ports 443 and 53. Nothing changes for files.
        shared_memory: also allow /dev/shm, where semaphores with a name live: `multiprocessing.Lock`, which
            `gradio.Interface` makes, fails without it. Private to the command where root may mount; elsewhere
            shared with what else its user has there.
        uid: user to become, used by nothing else; only root can ask. None lets `users.choose` decide: an ordinary user
            stays; root becomes a user that nothing else has, if that one can reach the command and what it reads, else
            stays root without capabilities.
        enforced: False leaves Landlock and seccomp away, which only `--unsafe-no-sandbox` may ask for.

    Raises:
        ValueError: a port, the uid or a variable's name cannot be.
    """

    workspace: Path
    readable: tuple[Path, ...] = ()
    connect_ports: tuple[int, ...] = ()
    bind_ports: tuple[int, ...] = ()
    environment: Mapping[str, str] = field(default_factory=dict)
    limits: Limits = Limits()
    network: bool = False
    shared_memory: bool = False
    uid: int | None = None
    enforced: bool = True

    def __post_init__(self) -> None:
        for port in (*self.connect_ports, *self.bind_ports):
            if not 0 < port <= MAX_PORT:
                raise ValueError(f"{port} is not a TCP port; name one from 1 to {MAX_PORT}")
        if self.uid is not None and self.uid < 1:
            raise ValueError(f"{self.uid} is no uid to become; name one above 0, or None to keep the user")
        for name, value in self.environment.items():
            if not name or "=" in name or "\0" in name + value:
                raise ValueError(f"{name!r} cannot be passed as an environment variable")


@dataclass(frozen=True)
class Completed:
    """A command that has ended, and every process it had started too.

    Args:
        returncode: exit status, or minus the number of the signal that ended it.
        stdout: its output, cut at the output limit.
        stderr: its error output, cut at the output limit.
        timed_out: whether it was killed for its time.
        truncated: whether output was cut.
        exceeded: the cap that it was killed for, as a sentence; empty when there was none.
    """

    returncode: int
    stdout: bytes
    stderr: bytes
    timed_out: bool = False
    truncated: bool = False
    exceeded: str = ""
