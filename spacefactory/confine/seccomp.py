"""The seccomp filter: closes what Landlock does not govern.

Answers are EPERM, so that a program sees an ordinary refusal; ENOSYS where a library then takes an older way that the
filter can read. Numbers are from the kernel's headers seccomp.h, bpf_common.h and filter.h.
"""

from __future__ import annotations

import ctypes
import os
import socket
import struct

from spacefactory.confine.kernel import PR_SET_NO_NEW_PRIVS, Refused, libc, must, prctl, syscall
from spacefactory.confine.syscalls import ARCHITECTURES, DENIED, Architecture

LOAD, EQUAL, AT_LEAST, ANY_BIT, AND, RETURN = 0x20, 0x15, 0x35, 0x45, 0x54, 0x06
ALLOW, EPERM, ENOSYS, KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
NUMBER, ARCH = 0, 4
FIRST, SECOND, THIRD, FOURTH = 16, 24, 32, 40
"""Offsets of the arguments; the filter reads their low halves, which is all the kernel uses of these arguments."""

PR_SET_SECCOMP, FILTER_MODE = 22, 2
SECCOMP, GET_ACTION_AVAIL = 317, 2
NAMESPACES = 0x7E020000
MSG_FASTOPEN = 0x20000000
SET_USER_OR_GROUP_ID = 0o6000
TCP_ULP = 31
SOCKET_TYPE = 0xF

Instruction = tuple[int, int, int, int]
"""Code, jump if true, jump if false, operand."""


def available() -> bool:
    """Whether this kernel takes filters that answer with an error."""
    return syscall(SECCOMP, GET_ACTION_AVAIL, 0, struct.pack("I", 0x00050000)) == 0


def architecture(machine: str) -> Architecture:
    """The table of a machine.

    Raises:
        Refused: there is none.
    """
    if machine not in ARCHITECTURES:
        raise Refused(f"there is no table of system calls for {machine}, only for {', '.join(ARCHITECTURES)}")
    return ARCHITECTURES[machine]


def program(table: Architecture, listen: bool, datagrams: bool = False) -> bytes:
    """The filter as the kernel reads it.

    Args:
        table: numbers of the machine.
        listen: whether the command may open a listening socket.
        datagrams: whether it may open datagram sockets of IPv4 and IPv6.
    """
    code: list[Instruction] = [
        (LOAD, 0, 0, ARCH),
        (EQUAL, 1, 0, table.audit),
        (RETURN, 0, 0, KILL),
        (LOAD, 0, 0, NUMBER),
        (AT_LEAST, 0, 1, table.foreign_from),
        (RETURN, 0, 0, EPERM),
        (AT_LEAST, 0, 1, table.newest + 1),
        (RETURN, 0, 0, ENOSYS),
    ]
    for name in DENIED:
        code += _when(table.numbers[name], [(RETURN, 0, 0, EPERM)])
    for name, body in _conditional(listen, datagrams).items():
        code += _when(table.numbers[name], body)
    code.append((RETURN, 0, 0, ALLOW))
    return b"".join(struct.pack("HBBI", *instruction) for instruction in code)


def install(listen: bool, datagrams: bool = False) -> None:
    """Put the calling thread and its future children under the filter, for good.

    Raises:
        Refused: there is no table for this machine, or the kernel did not take the filter.
    """
    code = program(architecture(os.uname().machine), listen, datagrams)
    must(prctl(PR_SET_NO_NEW_PRIVS, 1), "no_new_privs")
    buffer = ctypes.create_string_buffer(code, len(code))
    header = struct.pack("HxxxxxxQ", len(code) // 8, ctypes.addressof(buffer))
    must(libc.prctl(PR_SET_SECCOMP, FILTER_MODE, header), "installing the seccomp filter")


def _conditional(listen: bool, datagrams: bool) -> dict[str, list[Instruction]]:
    """Calls that depend on their arguments."""
    return {
        "socket": _plain_sockets(datagrams),
        "socketpair": _connected_pair(),
        # Landlock asks at bind(), and listen() on a fresh socket binds to a free port without asking
        "listen": [(RETURN, 0, 0, ALLOW if listen else EPERM)],
        "setsockopt": _no_protocol_change(),
        # fast open connects without connect()
        "sendto": _deny_bits(FOURTH, MSG_FASTOPEN),
        "sendmsg": _deny_bits(THIRD, MSG_FASTOPEN),
        "sendmmsg": _deny_bits(FOURTH, MSG_FASTOPEN),
        "clone": _deny_bits(FIRST, NAMESPACES),
        # its flags are in memory, where a filter cannot look; libc then calls clone
        "clone3": [(RETURN, 0, 0, ENOSYS)],
        # limits of other processes of the same user: a way to kill them
        "prlimit64": [(LOAD, 0, 0, FIRST), (EQUAL, 1, 0, 0), (RETURN, 0, 0, EPERM), (RETURN, 0, 0, ALLOW)],
        # Landlock does not govern modes: without this, root without capabilities could make any program setuid
        "chmod": _deny_bits(SECOND, SET_USER_OR_GROUP_ID),
        "fchmod": _deny_bits(SECOND, SET_USER_OR_GROUP_ID),
        "fchmodat": _deny_bits(THIRD, SET_USER_OR_GROUP_ID),
        "fchmodat2": _deny_bits(THIRD, SET_USER_OR_GROUP_ID),
    }


def _when(number: int, body: list[Instruction]) -> list[Instruction]:
    """Run the body, which returns on every path, for one system call."""
    return [(EQUAL, 0, len(body), number), *body]


def _deny_bits(argument: int, bits: int) -> list[Instruction]:
    return [(LOAD, 0, 0, argument), (ANY_BIT, 0, 1, bits), (RETURN, 0, 0, EPERM), (RETURN, 0, 0, ALLOW)]


def _plain_sockets(datagrams: bool) -> list[Instruction]:
    """Only TCP, and UDP where asked: no raw, netlink, vsock or Unix sockets, no MPTCP or SCTP."""
    return [
        (LOAD, 0, 0, FIRST),
        (EQUAL, 2, 0, socket.AF_INET),
        (EQUAL, 1, 0, socket.AF_INET6),
        (RETURN, 0, 0, EPERM),
        (LOAD, 0, 0, SECOND),
        (AND, 0, 0, SOCKET_TYPE),
        *_of_kind(socket.SOCK_STREAM, socket.IPPROTO_TCP),
        *(_of_kind(socket.SOCK_DGRAM, socket.IPPROTO_UDP) if datagrams else []),
        (RETURN, 0, 0, EPERM),
    ]


def _of_kind(kind: int, protocol: int) -> list[Instruction]:
    """Decide on a socket of one type by its protocol; go on for other types."""
    return [
        (EQUAL, 0, 5, kind),
        (LOAD, 0, 0, THIRD),
        (EQUAL, 2, 0, 0),
        (EQUAL, 1, 0, protocol),
        (RETURN, 0, 0, EPERM),
        (RETURN, 0, 0, ALLOW),
    ]


def _connected_pair() -> list[Instruction]:
    """No datagram pair: each end could be pointed at any Unix socket of the machine by its path."""
    return [
        (LOAD, 0, 0, SECOND),
        (AND, 0, 0, SOCKET_TYPE),
        (EQUAL, 2, 0, socket.SOCK_STREAM),
        (EQUAL, 1, 0, socket.SOCK_SEQPACKET),
        (RETURN, 0, 0, EPERM),
        (RETURN, 0, 0, ALLOW),
    ]


def _no_protocol_change() -> list[Instruction]:
    """A TCP socket stays one: an upper-layer protocol could turn it into a kind that no rule governs."""
    return [
        (LOAD, 0, 0, SECOND),
        (EQUAL, 0, 3, socket.IPPROTO_TCP),
        (LOAD, 0, 0, THIRD),
        (EQUAL, 0, 1, TCP_ULP),
        (RETURN, 0, 0, EPERM),
        (RETURN, 0, 0, ALLOW),
    ]
