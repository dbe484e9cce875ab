"""Root's privileges: read them, give them up. Numbers are from the kernel's header linux/capability.h."""

from __future__ import annotations

import struct
from pathlib import Path

from spacefactory.confine.kernel import PR_CAP_AMBIENT, PR_CAPBSET_DROP, PR_CAPBSET_READ, Refused, libc, must, prctl

CHOWN, DAC_OVERRIDE, KILL, SETGID, SETUID, SETPCAP, SYS_ADMIN = 0, 1, 5, 6, 7, 8, 21
VERSION_3 = 0x20080522
CLEAR_ALL = 4
LAST_POSSIBLE = 63


def effective() -> int:
    """Effective capabilities of this process, one bit each."""
    return _held()["CapEff"]


def holds(*wanted: int) -> bool:
    """Whether this process has all of these."""
    held = effective()
    return all(held >> number & 1 for number in wanted)


def drop_bounding() -> None:
    """Make capabilities unobtainable for this process and its children, whatever they execute.

    Raises:
        Refused: one is left.
    """
    for number in range(LAST_POSSIBLE + 1):
        present = prctl(PR_CAPBSET_READ, number)
        if present < 0:
            return
        if present:
            must(prctl(PR_CAPBSET_DROP, number), f"dropping capability {number}")


def drop_held() -> None:
    """Give up everything this process has.

    Raises:
        Refused: the kernel did not take it.
    """
    must(prctl(PR_CAP_AMBIENT, CLEAR_ALL), "clearing the ambient capabilities")
    must(libc.capset(struct.pack("Ii", VERSION_3, 0), bytes(24)), "dropping the capabilities")


def assert_none() -> None:
    """Check that nothing is held.

    Raises:
        Refused: something is.
    """
    left = [name for name, value in _held().items() if value and name != "CapBnd"]
    if left:
        raise Refused(f"capabilities are left after dropping all of them: {', '.join(left)}")


def _held() -> dict[str, int]:
    lines = Path("/proc/self/status").read_text().splitlines()
    return {line[:6]: int(line.split()[1], 16) for line in lines if line.startswith("Cap")}
