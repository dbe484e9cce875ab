"""A GPU by the hour: asked for only when the user allowed it, the cheapest one that fits."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spacefactory.hookspecs import hookimpl

if TYPE_CHECKING:
    from spacefactory.providers import HardwareStrategy


@hookimpl
def spacefactory_hardware() -> Iterable[HardwareStrategy]:
    """Offer the strategy `fixedgpu`."""
    from spacefactory_hardware_fixedgpu.strategy import FixedGpu

    return (FixedGpu(),)
