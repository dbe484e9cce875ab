"""The few calls to the kernel that Python's standard library lacks."""

from __future__ import annotations

import ctypes
import os
import signal

PR_SET_DUMPABLE = 4
PR_SET_PDEATHSIG, PR_CAPBSET_READ, PR_CAPBSET_DROP = 1, 23, 24
PR_SET_CHILD_SUBREAPER, PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT = 36, 38, 47

libc = ctypes.CDLL(None, use_errno=True)


class Refused(Exception):  # noqa: N818 - what the launcher answers
    """A layer could not be applied, so the command must not run; one sentence."""


def must(result: int, what: str) -> int:
    """The result of a call.

    Raises:
        Refused: it failed.
    """
    if result < 0:
        raise Refused(f"{what} failed: {os.strerror(ctypes.get_errno())}")
    return result


def syscall(number: int, *arguments: int | bytes | None) -> int:
    """Call the kernel by number; -1 on failure, with errno set."""
    return int(libc.syscall(ctypes.c_long(number), *map(_word, arguments)))


def prctl(option: int, second: int = 0, third: int = 0) -> int:
    """Set or read an attribute of the calling thread; -1 on failure, with errno set."""
    words = (ctypes.c_ulong(word) for word in (second, third, 0, 0))
    return int(libc.prctl(ctypes.c_int(option), *words))


def die_with_parent(parent: int, number: signal.Signals) -> None:
    """Ask for a signal when the parent ends. A change of user clears this, so it has to come after.

    Raises:
        Refused: the parent has ended already.
    """
    must(prctl(PR_SET_PDEATHSIG, number), "asking for the parent-death signal")
    if os.getppid() != parent:
        raise Refused("the supervisor ended before the command began")


def become_subreaper() -> None:
    """Inherit every orphan below this process, whatever session it moved to."""
    must(prctl(PR_SET_CHILD_SUBREAPER, 1), "becoming the subreaper")


def no_new_privileges() -> None:
    """Make setuid programs and file capabilities powerless from here on."""
    must(prctl(PR_SET_NO_NEW_PRIVS, 1), "no_new_privs")


def _word(argument: int | bytes | None) -> object:
    return ctypes.c_long(argument) if isinstance(argument, int) else argument
