"""A bound on the number of tasks that the kernel enforces, for root.

RLIMIT_NPROC does not hold for root, and a fork bomb outruns everything that counts from outside: with two processors
it has made thousands of processes before it is seen. A control group with `pids.max` is exact. Where root may not make
one (a container whose `/sys/fs/cgroup` is read-only), `watch` counts and the supervisor is given the processor first.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

NAME = "spacefactory-"


def make(cap: int) -> Path | None:
    """A new control group, named after this process, for at most `cap` tasks; None where that cannot be."""
    for parent in _homes():
        _clear(parent)
        group = parent / f"{NAME}{os.getpid()}"
        try:
            group.mkdir()
            _write(group / "pids.max", cap)
        except OSError:
            remove(group)
            continue
        return group
    return None


def enter(group: Path) -> None:
    """Move this process, and so all that it starts, into the group.

    Raises:
        OSError: the kernel does not let it.
    """
    _write(group / "cgroup.procs", 0)


def remove(group: Path) -> None:
    """Remove a group that has no task any more; one that has stays."""
    with suppress(OSError):
        group.rmdir()


def _write(control: Path, value: int) -> None:
    """To a file that the kernel made: in a plain folder, none is made."""
    handle = os.open(control, os.O_WRONLY)
    try:
        os.write(handle, str(value).encode())
    finally:
        os.close(handle)


def _clear(parent: Path) -> None:
    """Remove what supervisors that were killed have left; also a predecessor that had the number of this process."""
    with suppress(OSError):
        for group in parent.glob(f"{NAME}[0-9]*"):
            number = group.name.removeprefix(NAME)
            if number == str(os.getpid()) or not Path("/proc", number).exists():
                remove(group)


def _homes() -> Iterator[Path]:
    """Folders of the control groups that this process is in and whose children may have a `pids.max`."""
    own = dict(_own())
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, _, after = line.partition(" - ")
        root, place = before.split()[3:5]
        kind, _, options = after.split(" ", 2)
        group = own.get("" if kind == "cgroup2" else "pids")
        counts = kind == "cgroup2" or (kind == "cgroup" and "pids" in options.split(","))
        if counts and group is not None and Path(group).is_relative_to(root):
            yield Path(place) / Path(group).relative_to(root)


def _own() -> Iterator[tuple[str, str]]:
    """Group of this process by controller; the one of version 2 has no controller's name."""
    for line in Path("/proc/self/cgroup").read_text().splitlines():
        _, controllers, group = line.split(":", 2)
        for controller in controllers.split(","):
            yield controller, group
