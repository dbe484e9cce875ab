"""The child that confines itself and then becomes the command.

The order of the steps matters: what needs privileges comes first (owner of the workspace, opening the rules), the
parent-death signal after the change of user, which clears it, and the filter last.
"""

from __future__ import annotations

import fcntl
import json
import os
import resource
import signal
from collections.abc import Callable
from typing import NoReturn

from spacefactory.confine import capabilities, control_group, landlock, seccomp, signals
from spacefactory.confine.handover import prepare
from spacefactory.confine.kernel import Refused, die_with_parent, no_new_privileges
from spacefactory.confine.order import Order, Streams, Targets, environment
from spacefactory.confine.processes import tasks_of_user
from spacefactory.confine.shared_memory import make_private
from spacefactory.confine.spec import Limits
from spacefactory.confine.users import User, locate
from spacefactory.confine.watch import unbounded

REFUSED, NOT_EXECUTABLE, NOT_FOUND = 78, 126, 127
"""Exit codes: of a layer that is missing; of a command that cannot be executed, as in a shell."""
REPORT = 3
"""The only descriptor besides the standard ones that lives until exec, which closes it."""
BEHIND = 10
"""Niceness of a command whose tasks only the supervisor counts: it must get the processor before a fork bomb does."""


def launch(order: Order, user: User, streams: Streams) -> int:
    """Start the command confined; returns its pid once it executes.

    Raises:
        Refused: a layer could not be applied; nothing was executed.
    """
    reader, writer = os.pipe()
    parent = os.getpid()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _become(order, user, streams, parent, writer)
    os.close(writer)
    with os.fdopen(reader, "rb") as report:
        said = report.read()
    if said:
        os.waitpid(child, 0)
        raise Refused(str(json.loads(said)))
    return child


def _become(order: Order, user: User, streams: Streams, parent: int, report: int) -> NoReturn:
    code = REFUSED
    try:
        report = _arrange(streams, report)
        act = _probe(order.targets) if order.targets is not None else _execute
        confine(order, user, parent)
        code = act(order)
    except Exception as refusal:
        os.write(report, json.dumps(str(refusal) or type(refusal).__name__).encode())
    finally:
        os._exit(code)


def confine(order: Order, user: User, parent: int) -> None:
    """Put this process under every layer of the order, for good.

    Raises:
        Refused: one could not be applied.
    """
    confinement = order.confinement
    os.setsid()
    signals.reset()
    _bound_tasks(user)
    prepare(confinement.workspace, user.uid, user.uid if user.changed else os.getegid())
    if confinement.shared_memory:
        make_private(confinement.limits.total_memory_bytes)
    rules = landlock.ruleset(confinement) if confinement.enforced else None
    tasks = 0 if user.own is not None else tasks_of_user(user.uid)
    highest = max(int(entry.name) for entry in os.scandir("/proc/self/fd"))
    _give_up_privileges(user)
    capabilities.assert_none()
    die_with_parent(parent, signal.SIGKILL)
    _limit(confinement.limits, tasks)
    no_new_privileges()
    os.chdir(confinement.workspace)
    if rules is not None:
        landlock.restrict(rules)
        seccomp.install(listen=bool(confinement.bind_ports), datagrams=confinement.network)
    os.closerange(REPORT + 1, highest + 1)
    os.umask(0o077)


def _bound_tasks(user: User) -> None:
    if user.group is not None:
        control_group.enter(user.group)
    elif unbounded(user):
        os.nice(BEHIND)


def _arrange(streams: Streams, report: int) -> int:
    """Standard streams to 0, 1 and 2, the report to 3, closed by exec."""
    low = (streams.stdin, streams.stdout, streams.stderr, report)
    high = [fcntl.fcntl(one, fcntl.F_DUPFD, REPORT + 1) for one in low]
    for at, one in enumerate(high):
        os.dup2(one, at, inheritable=at != REPORT)
        os.close(one)
    return REPORT


def _give_up_privileges(user: User) -> None:
    if os.geteuid() == 0 and capabilities.holds(capabilities.SETPCAP):
        capabilities.drop_bounding()
    elif os.geteuid() == 0 and not user.changed:
        raise Refused("this root may not drop its capabilities for good, and no other user can run the command")
    if user.changed:
        os.setgroups([])
        os.setresgid(user.uid, user.uid, user.uid)
        os.setresuid(user.uid, user.uid, user.uid)
    capabilities.drop_held()


def _limit(limits: Limits, tasks: int) -> None:
    """Set the limits, soft and hard; a lower one of the caller stays."""
    wanted = {
        resource.RLIMIT_NPROC: None if limits.processes is None else limits.processes + tasks,
        resource.RLIMIT_FSIZE: limits.file_bytes,
        resource.RLIMIT_NOFILE: limits.open_files,
        resource.RLIMIT_DATA: limits.memory_bytes,
        resource.RLIMIT_CORE: 0,
    }
    for kind, value in wanted.items():
        if value is not None:
            _set(kind, value, value)
    if limits.cpu_seconds is not None:
        _set(resource.RLIMIT_CPU, limits.cpu_seconds, limits.cpu_seconds + 1)


def _set(kind: int, soft: int, hard: int) -> None:
    ceiling = resource.getrlimit(kind)[1]
    if ceiling != resource.RLIM_INFINITY:
        soft, hard = min(soft, ceiling), min(hard, ceiling)
    resource.setrlimit(kind, (soft, hard))


def _execute(order: Order) -> int:
    """Become the command, or say in its error output why that cannot be; the exit code is a shell's."""
    clean = environment(order.confinement, order.nonce)
    program = locate(order.argv[0], order.confinement)
    try:
        if program is None:
            raise FileNotFoundError(2, "there is no such command")
        os.execve(program, order.argv, clean)  # noqa: S606 - the launcher's purpose
    except OSError as error:
        os.write(2, f"{order.argv[0]} cannot be executed: {error.strerror}\n".encode())
        return NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE


def _probe(targets: Targets) -> Callable[[Order], int]:
    """What a self-test does instead; imported while the files of Python can still be read."""
    from spacefactory.confine.probes import answer

    return lambda order: answer(targets, order.confinement)
