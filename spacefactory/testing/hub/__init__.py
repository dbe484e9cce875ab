"""An emulated Hugging Face Hub for tests: the real client talks to it over HTTP."""

from spacefactory.testing.hub.faults import (
    Cut,
    Drip,
    Fault,
    Refuse,
    Reset,
    Slow,
    Truncate,
    Twice,
    rate_limited,
)
from spacefactory.testing.hub.hosted_runner import HostedRunner
from spacefactory.testing.hub.hub import EmulatedHub
from spacefactory.testing.hub.jobs import JobPlan
from spacefactory.testing.hub.policy import Knobs
from spacefactory.testing.hub.space_runner import ProcessRunner
from spacefactory.testing.hub.spaces import SpaceOutcome

__all__ = (
    "Cut",
    "Drip",
    "EmulatedHub",
    "Fault",
    "HostedRunner",
    "JobPlan",
    "Knobs",
    "ProcessRunner",
    "Refuse",
    "Reset",
    "Slow",
    "SpaceOutcome",
    "Truncate",
    "Twice",
    "rate_limited",
)
