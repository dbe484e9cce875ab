"""System-call numbers per architecture. An architecture without a table here is refused, never guessed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

DENIED = (
    # other processes of the same user
    "ptrace", "process_vm_readv", "process_vm_writev", "process_madvise", "process_mrelease", "pidfd_getfd", "kcmp",
    "move_pages", "migrate_pages", "perf_event_open",
    # System V and POSIX message objects live outside the file tree, so Landlock does not see them
    "shmget", "shmat", "shmctl", "semget", "semop", "semtimedop", "semctl", "msgget", "msgsnd", "msgrcv", "msgctl",
    "mq_open", "mq_unlink",
    # ways around the filter itself
    "io_uring_setup", "io_uring_enter", "io_uring_register", "userfaultfd", "bpf",
    # keys, namespaces, mounts
    "add_key", "request_key", "keyctl", "unshare", "setns", "chroot", "pivot_root", "mount", "umount2", "open_tree",
    "open_tree_attr", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "name_to_handle_at",
    "open_by_handle_at",
    # the machine
    "init_module", "finit_module", "delete_module", "kexec_load", "kexec_file_load", "reboot", "vhangup", "syslog",
    "acct", "swapon", "swapoff", "quotactl", "quotactl_fd", "fanotify_init", "settimeofday", "clock_settime",
    "adjtimex", "clock_adjtime", "sethostname", "setdomainname",
)  # fmt: skip
"""Refused with EPERM, whatever their arguments."""


@dataclass(frozen=True)
class Architecture:
    """What a filter needs to know.

    Args:
        audit: the value of AUDIT_ARCH that the kernel reports.
        foreign_from: numbers from here on belong to another calling convention.
        newest: the last number that was looked at when the table was made (Linux 6.18).
        numbers: number by name.
    """

    audit: int
    foreign_from: int
    newest: int
    numbers: Mapping[str, int]


_X86_64 = {
    "socket": 41, "sendto": 44, "sendmsg": 46, "listen": 50, "socketpair": 53, "setsockopt": 54, "clone": 56,
    "shmget": 29, "shmat": 30, "shmctl": 31, "semget": 64, "semop": 65, "semctl": 66, "msgget": 68, "msgsnd": 69,
    "msgrcv": 70, "msgctl": 71, "chmod": 90, "fchmod": 91, "ptrace": 101, "syslog": 103, "vhangup": 153,
    "pivot_root": 155, "adjtimex": 159, "chroot": 161, "acct": 163, "settimeofday": 164, "mount": 165, "umount2": 166,
    "swapon": 167, "swapoff": 168, "reboot": 169, "sethostname": 170, "setdomainname": 171, "init_module": 175,
    "delete_module": 176, "quotactl": 179, "semtimedop": 220, "clock_settime": 227, "mq_open": 240, "mq_unlink": 241,
    "kexec_load": 246, "add_key": 248, "request_key": 249, "keyctl": 250, "migrate_pages": 256, "fchmodat": 268,
    "unshare": 272, "move_pages": 279, "perf_event_open": 298, "fanotify_init": 300, "prlimit64": 302,
    "name_to_handle_at": 303, "open_by_handle_at": 304, "clock_adjtime": 305, "sendmmsg": 307, "setns": 308,
    "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "finit_module": 313, "kexec_file_load": 320,
    "bpf": 321, "userfaultfd": 323, "io_uring_setup": 425, "io_uring_enter": 426, "io_uring_register": 427,
    "open_tree": 428, "move_mount": 429, "fsopen": 430, "fsconfig": 431, "fsmount": 432, "fspick": 433, "clone3": 435,
    "pidfd_getfd": 438, "process_madvise": 440, "mount_setattr": 442, "quotactl_fd": 443, "process_mrelease": 448,
    "fchmodat2": 452, "open_tree_attr": 467,
}  # fmt: skip

ARCHITECTURES: Mapping[str, Architecture] = MappingProxyType(
    {"x86_64": Architecture(audit=0xC000003E, foreign_from=0x40000000, newest=469, numbers=MappingProxyType(_X86_64))}
)
"""By the name that `os.uname().machine` gives."""
