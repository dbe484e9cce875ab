"""A /dev/shm of the command's own, where the kernel lets us.

Semaphores and shared memory with a name are files there, at a place that the C library fixes. Root that may mount gets
a file system that only this command sees and that ends with it; elsewhere the command shares the machine's, where its
user's other files are.
"""

from __future__ import annotations

from pathlib import Path

from spacefactory.confine import capabilities
from spacefactory.confine.kernel import libc
from spacefactory.confine.landlock import SHARED_MEMORY

CLONE_NEWNS = 0x00020000
MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REC, MS_PRIVATE = 2, 4, 8, 0x4000, 0x40000


def make_private(size: int | None) -> bool:
    """Whether this process has a /dev/shm of its own now; `size` caps its bytes, None means half of the memory."""
    if not capabilities.holds(capabilities.SYS_ADMIN) or not Path(SHARED_MEMORY).is_dir():
        return False
    if libc.unshare(CLONE_NEWNS) < 0:
        return False
    if libc.mount(None, b"/", None, MS_REC | MS_PRIVATE, None) < 0:
        return False
    options = b"mode=1777" if size is None else f"mode=1777,size={size}".encode()
    return bool(libc.mount(b"shm", SHARED_MEMORY.encode(), b"tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options) == 0)
