"""Landlock: files by path, TCP by port, signals and abstract sockets by scope.

Everything is denied but what a rule adds. Numbers are from the kernel's header linux/landlock.h.
"""

from __future__ import annotations

import os
import stat
import struct
from collections.abc import Iterable
from pathlib import Path

from spacefactory.confine.kernel import Refused, must, no_new_privileges, syscall
from spacefactory.confine.spec import Confinement

MIN_ABI = 4
"""The first version that governs TCP (Linux 6.7)."""
DEVICE_ABI = 5
SCOPE_ABI = 6

CREATE_RULESET, ADD_RULE, RESTRICT_SELF = 444, 445, 446
GET_VERSION = 1
RULE_PATH, RULE_PORT = 1, 2

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = (1 << bit for bit in range(4))
REMOVE_FILE, MAKE_CHAR, MAKE_REG, MAKE_SOCK, MAKE_BLOCK = 1 << 5, 1 << 6, 1 << 8, 1 << 9, 1 << 11
TRUNCATE, IOCTL_DEV = 1 << 14, 1 << 15
UP_TO_TRUNCATE = (1 << 15) - 1
OF_A_FILE = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV
READ = EXECUTE | READ_FILE | READ_DIR
BIND_TCP, CONNECT_TCP = 1, 2
SCOPES = 1 | 2
DOWNLOAD_PORTS = (443, 53)
"""HTTPS, and names over TCP, which a resolver needs for long answers."""

PROGRAMS = ("/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin")
SETTINGS = tuple(
    f"/etc/{name}" for name in ("ld.so.cache", "passwd", "group", "nsswitch.conf", "hosts", "localtime", "alternatives")
)
NAMES = ("/etc/resolv.conf", "/etc/host.conf", "/etc/gai.conf")
"""Where names are resolved; holds no secret, so it is readable with and without network."""
CERTIFICATES = (
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/ssl/cert.pem",
    "/etc/pki/tls/certs",
    "/etc/pki/ca-trust",
)
"""Not all of /etc/ssl: its folder of private keys is open to root, also to root without capabilities."""
MIME_TYPES = "/etc/mime.types"
"""Read by Python's mimetypes, which gradio imports."""
MACHINE = ("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/sys/devices/system/cpu")
"""Without the processor, torch takes its kernels without AVX: elementwise work at half the speed (measured, 2.13);
without the memory and the load, psutil and what plans by it fail. None of them says anything about a process."""
SHARED_MEMORY = "/dev/shm"  # noqa: S108 - fixed by the C library
DEVICES = ("/dev/null", "/dev/zero", "/dev/urandom", "/dev/random")


def abi() -> int:
    """Version of Landlock in this kernel; 0 when there is none."""
    return max(syscall(CREATE_RULESET, None, 0, GET_VERSION), 0)


def sufficient(version: int) -> int:
    """The version, when it is enough.

    Raises:
        Refused: there is no Landlock, or one without rules for TCP.
    """
    if version < 1:
        raise Refused("this kernel has no Landlock, or it is switched off")
    if version < MIN_ABI:
        raise Refused(f"this kernel's Landlock is version {version} and has no rules for TCP, version {MIN_ABI} has")
    return version


def ruleset(confinement: Confinement) -> int:
    """Open the rules, while the caller may still reach every path; returns a descriptor.

    Raises:
        Refused: Landlock is missing or a path cannot be opened.
    """
    version = sufficient(abi())
    every = UP_TO_TRUNCATE | (IOCTL_DEV if version >= DEVICE_ABI else 0)
    rules = _create(every, SCOPES if version >= SCOPE_ABI else 0)
    for path in filter(os.path.exists, (*PROGRAMS, *SETTINGS, *NAMES, *CERTIFICATES, MIME_TYPES, *MACHINE)):
        _allow_path(rules, path, READ)
    for path in map(str, confinement.readable):
        _allow_path(rules, path, READ)
    for path in filter(os.path.exists, DEVICES):
        _allow_path(rules, path, READ_FILE | (WRITE_FILE if path == "/dev/null" else 0))
    if confinement.shared_memory and Path(SHARED_MEMORY).is_dir():
        _allow_path(rules, SHARED_MEMORY, READ_FILE | WRITE_FILE | READ_DIR | TRUNCATE | MAKE_REG | REMOVE_FILE)
    _allow_path(rules, confinement.workspace, every & ~(MAKE_CHAR | MAKE_BLOCK | MAKE_SOCK))
    _allow_ports(rules, BIND_TCP, confinement.bind_ports)
    _allow_ports(rules, CONNECT_TCP, (*confinement.connect_ports, *(DOWNLOAD_PORTS if confinement.network else ())))
    return rules


def restrict(rules: int) -> None:
    """Put the calling thread and its future children under the rules, for good.

    Raises:
        Refused: the kernel did not take them.
    """
    no_new_privileges()
    must(syscall(RESTRICT_SELF, rules, 0), "landlock_restrict_self")
    os.close(rules)


def _create(files: int, scopes: int) -> int:
    attributes = struct.pack("QQQ", files, BIND_TCP | CONNECT_TCP, scopes)
    size = len(attributes) if scopes else len(attributes) - 8
    return must(syscall(CREATE_RULESET, attributes, size, 0), "landlock_create_ruleset")


def _allow_path(rules: int, path: str | Path, access: int) -> None:
    try:
        handle = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError as error:
        raise Refused(f"{path} cannot be opened for the command: {error.strerror}") from error
    try:
        if not stat.S_ISDIR(os.fstat(handle).st_mode):
            access &= OF_A_FILE
        rule = struct.pack("<Qi", access, handle)
        must(syscall(ADD_RULE, rules, RULE_PATH, rule, 0), f"landlock_add_rule for {path}")
    finally:
        os.close(handle)


def _allow_ports(rules: int, access: int, ports: Iterable[int]) -> None:
    for port in ports:
        rule = struct.pack("<QQ", access, port)
        must(syscall(ADD_RULE, rules, RULE_PORT, rule, 0), f"landlock_add_rule for port {port}")
