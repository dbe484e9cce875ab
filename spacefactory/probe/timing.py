"""How long calls took, and the ZeroGPU duration that follows from it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import median

from pydantic import JsonValue

from spacefactory.schema.verdict import Call, Latency

FACTOR = 1.4
"""Room above the slowest measured call: other inputs, a busier machine (reference of generated Spaces, 13)."""
REQUESTED = 1.5
"""ZeroGPU books this multiple of the declared duration on its large GPU; twice that on xlarge."""
MEASURED = 3
"""Warm calls from which the slowest one is a fair guess."""


def latency(calls: Sequence[Call]) -> Latency:
    """Seconds of the first call, and the median of the answered calls after it."""
    answered = [call for call in calls if not call.error]
    warm = [call.seconds for call in answered if not call.cold]
    cold = next((call.seconds for call in answered if call.cold), None)
    return Latency(
        cold_s=None if cold is None else round(cold, 3),
        warm_s=round(median(warm), 3) if warm else None,
        calls=len(answered),
    )


def duration(calls: Sequence[Call], health: Mapping[str, JsonValue] | None) -> tuple[int | None, str]:
    """Whole seconds to declare with `@spaces.GPU(duration=...)`, and how they come about.

    The slowest warm call counts; without one, the first call. Time in the queue and on the network is in it, so it is
    an upper bound for the GPU's own time.
    """
    answered = [call for call in calls if not call.error]
    measured = [call.seconds for call in answered if not call.cold] or [call.seconds for call in answered]
    if not measured:
        return None, ""
    slowest = max(measured)
    recommended = max(1, math.ceil(FACTOR * slowest))
    times = ", ".join(f"{one:.2f}" for one in measured)
    device = health.get("device") if health else None
    kind = "warm" if any(not call.cold for call in answered) else "cold"
    booked = REQUESTED * recommended
    formula = f"{FACTOR:g} x the slowest of {len(measured)} {kind} calls ({times} s) = {FACTOR * slowest:.2f}"
    notes = [
        f"{formula}, rounded up to {recommended} s",
        f"ZeroGPU books {REQUESTED:g} x that, {booked:g} s of quota a call, and twice as much on xlarge",
    ]
    if len(measured) < MEASURED:
        notes.append(f"fewer than {MEASURED} warm calls were measured")
    notes.append(f"measured on {device}" if isinstance(device, str) and device else "measured where the app ran")
    return recommended, "; ".join(notes)
