"""What hardware that is paid by the hour costs a run."""

from __future__ import annotations

from datetime import datetime

from spacefactory.run import Run
from spacefactory.schema.event import Event, EventType
from spacefactory.schema.space import HardwareResult
from spacefactory.schema.steps import Booted, Published

PAID_STEPS = ("boot", "health", "validate")
"""While these are at work the Space is up, and paid for."""
ENDS = (EventType.STEP_DONE, EventType.STEP_FAILED)


def price(run: Run, flavor: str | None) -> float:
    """USD an hour of a flavor by the host's list; 0 where it has no price."""
    return next((one.usd_per_hour for one in run.host.account().flavors if one.name == flavor), 0.0)


def usd(run: Run) -> float:
    """The hours that the Space was up for this run, times its price, as far as the record tells."""
    booted = run.results.get("boot")
    hourly = booted.usd_per_hour if isinstance(booted, Booted) else 0.0
    return hourly * _seconds(run.journal.events) / 3600 if hourly else 0.0


def rented(run: Run) -> Published | None:
    """The Space, when this run rented its hardware: it is paused when the run ends, since it costs while it is up."""
    published = run.results.get("publish")
    if not isinstance(published, Published) or published.hardware is None:
        return None
    hardware = published.hardware
    return published if hardware.result is HardwareResult.GRANTED and hardware.usd_per_hour > 0 else None


def _seconds(events: list[Event]) -> float:
    total, begun = 0.0, dict[str, str]()
    for event in events:
        step = str(event.facts.get("step"))
        if step not in PAID_STEPS:
            continue
        if event.type == EventType.STEP_INTENT:
            begun[step] = event.at
        elif event.type in ENDS and step in begun:
            since = datetime.fromisoformat(event.at) - datetime.fromisoformat(begun.pop(step))
            total += max(0.0, since.total_seconds())
    return total
