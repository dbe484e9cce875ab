"""Launch a command confined to a workspace, and reap all of it.

Four layers: a user without privileges, Landlock, a seccomp filter, resource limits. A layer that is missing means
that nothing is executed (`SandboxUnavailable`). Each command has a supervisor, a small process of its own, that
outlasts every process the command starts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacefactory.confine.conversation import Conversation, converse
    from spacefactory.confine.detached import alive, exit_code, start, stop
    from spacefactory.confine.machine import available
    from spacefactory.confine.selftest import Probe, Report, self_test
    from spacefactory.confine.spec import AlreadyRunning, Completed, Confinement, Limits, SandboxUnavailable
    from spacefactory.confine.waited import run

_HOMES = {
    "Conversation": "conversation",
    "converse": "conversation",
    "available": "machine",
    "alive": "detached",
    "exit_code": "detached",
    "start": "detached",
    "stop": "detached",
    "Probe": "selftest",
    "Report": "selftest",
    "self_test": "selftest",
    "AlreadyRunning": "spec",
    "Completed": "spec",
    "Confinement": "spec",
    "Limits": "spec",
    "SandboxUnavailable": "spec",
    "run": "waited",
}

__all__ = [
    "AlreadyRunning",
    "Completed",
    "Confinement",
    "Conversation",
    "Limits",
    "Probe",
    "Report",
    "SandboxUnavailable",
    "alive",
    "available",
    "converse",
    "exit_code",
    "run",
    "self_test",
    "start",
    "stop",
]


def __getattr__(name: str) -> Any:
    """The public names, imported when they are first used: the supervisor needs few of them and must start fast."""
    if name not in _HOMES:
        raise AttributeError(f"module 'spacefactory.confine' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"spacefactory.confine.{_HOMES[name]}"), name)
