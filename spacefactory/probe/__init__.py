"""Proving a running app: which endpoint, which inputs, what came back, what that proves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacefactory.probe.alive import config_answers, health
    from spacefactory.probe.files import judge_files
    from spacefactory.probe.readable import answers
    from spacefactory.probe.request import ProbeRequest, ProbeResult
    from spacefactory.probe.session import probe

_HOMES = {
    "ProbeRequest": "request",
    "ProbeResult": "request",
    "answers": "readable",
    "config_answers": "alive",
    "health": "alive",
    "judge_files": "files",
    "probe": "session",
}

__all__ = ["ProbeRequest", "ProbeResult", "answers", "config_answers", "health", "judge_files", "probe"]


def __getattr__(name: str) -> Any:
    """The public names, imported when they are first used: the processes that call and decode must start fast."""
    if name not in _HOMES:
        raise AttributeError(f"module 'spacefactory.probe' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"spacefactory.probe.{_HOMES[name]}"), name)
