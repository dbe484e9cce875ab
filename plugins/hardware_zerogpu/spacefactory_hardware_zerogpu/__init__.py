"""ZeroGPU: shared GPUs of the Hub, asked for when the Space is created."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spacefactory.hookspecs import hookimpl

if TYPE_CHECKING:
    from spacefactory.providers import HardwareStrategy


@hookimpl
def spacefactory_hardware() -> Iterable[HardwareStrategy]:
    """Offer the strategy `zerogpu`."""
    from spacefactory_hardware_zerogpu.strategy import ZeroGpu

    return (ZeroGpu(),)
