"""An emulated Hugging Face Hub for tests: the real client talks to it over HTTP."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from spacefactory.testing.hub.faults import Cut as Cut
    from spacefactory.testing.hub.faults import Drip as Drip
    from spacefactory.testing.hub.faults import Fault as Fault
    from spacefactory.testing.hub.faults import Refuse as Refuse
    from spacefactory.testing.hub.faults import Reset as Reset
    from spacefactory.testing.hub.faults import Slow as Slow
    from spacefactory.testing.hub.faults import Truncate as Truncate
    from spacefactory.testing.hub.faults import Twice as Twice
    from spacefactory.testing.hub.faults import rate_limited as rate_limited
    from spacefactory.testing.hub.hosted_runner import HostedRunner as HostedRunner
    from spacefactory.testing.hub.hub import EmulatedHub as EmulatedHub
    from spacefactory.testing.hub.jobs import JobPlan as JobPlan
    from spacefactory.testing.hub.policy import Knobs as Knobs
    from spacefactory.testing.hub.space_runner import ProcessRunner as ProcessRunner
    from spacefactory.testing.hub.spaces import SpaceOutcome as SpaceOutcome

_FAULTS = ("Cut", "Drip", "Fault", "Refuse", "Reset", "Slow", "Truncate", "Twice", "rate_limited")
_HOME = dict.fromkeys(_FAULTS, "faults") | {
    "EmulatedHub": "hub",
    "HostedRunner": "hosted_runner",
    "JobPlan": "jobs",
    "Knobs": "policy",
    "ProcessRunner": "space_runner",
    "SpaceOutcome": "spaces",
}


def __getattr__(name: str) -> Any:
    """Import what is asked for: the fixtures in this package are loaded with every run of pytest."""
    if name not in _HOME:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOME[name]}"), name)
