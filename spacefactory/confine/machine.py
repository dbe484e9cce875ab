"""Whether this machine can confine at all."""

from __future__ import annotations

import os
import sys

from spacefactory.confine import landlock, seccomp
from spacefactory.confine.kernel import Refused


def available() -> str | None:
    """None when this machine can confine a command, else one sentence why not; starts no process."""
    if sys.platform != "linux":
        return f"commands are confined on Linux only, and this is {sys.platform}"
    try:
        landlock.sufficient(landlock.abi())
        seccomp.architecture(os.uname().machine)
    except Refused as refusal:
        return str(refusal)
    return None if seccomp.available() else "this kernel takes no seccomp filters"
