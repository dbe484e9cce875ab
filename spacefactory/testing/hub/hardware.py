"""Hardware of Spaces and jobs with its price.

Prices in USD per hour, memory in GB: the Hub's documentation of August 2026. Clients must ask for the list at run time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

ZERO_GPU = "zero-a10g"
CPU_BASIC = "cpu-basic"


@dataclass(frozen=True)
class Flavor:
    """A kind of machine."""

    name: str
    pretty: str
    cpus: int
    ram_gb: int
    space_usd: float | None
    """Price per hour as a Space; None where Spaces cannot have it."""
    job_usd: float | None = None
    gpu: str = ""
    gpus: int = 0
    vram_gb: int = 0
    """Of all GPUs together."""
    disk_gb: int = 100


FLAVORS = (
    Flavor(CPU_BASIC, "CPU Basic", 2, 16, 0.0, 0.01, disk_gb=50),
    Flavor("cpu-upgrade", "CPU Upgrade", 8, 32, 0.03, 0.03, disk_gb=50),
    Flavor("cpu-xl", "CPU XL", 16, 124, None, 1.0),
    Flavor("cpu-performance", "CPU Performance", 32, 256, None, 1.9),
    Flavor(ZERO_GPU, "ZeroGPU", 4, 32, 0.0, None, "RTX PRO 6000", 1, 48),
    Flavor("t4-small", "Nvidia T4 - small", 4, 15, 0.40, 0.40, "T4", 1, 16),
    Flavor("t4-medium", "Nvidia T4 - medium", 8, 30, 0.60, 0.60, "T4", 1, 16),
    Flavor("l4x1", "1x Nvidia L4", 8, 30, 0.80, 0.80, "L4", 1, 24),
    Flavor("l4x4", "4x Nvidia L4", 48, 186, 3.80, 3.80, "L4", 4, 96),
    Flavor("a10g-small", "Nvidia A10G - small", 4, 15, 1.00, 1.00, "A10G", 1, 24),
    Flavor("a10g-large", "Nvidia A10G - large", 12, 46, 1.50, 1.50, "A10G", 1, 24),
    Flavor("a10g-largex2", "2x Nvidia A10G - large", 24, 92, 3.0, 3.0, "A10G", 2, 48),
    Flavor("a10g-largex4", "4x Nvidia A10G - large", 48, 184, 5.0, 5.0, "A10G", 4, 96),
    Flavor("l40sx1", "1x Nvidia L40S", 8, 62, 1.80, 1.80, "L40S", 1, 48),
    Flavor("l40sx4", "4x Nvidia L40S", 48, 382, 8.30, 8.30, "L40S", 4, 192),
    Flavor("l40sx8", "8x Nvidia L40S", 192, 1534, 23.50, 23.50, "L40S", 8, 384),
    Flavor("a100-large", "Nvidia A100 - large", 12, 142, 2.50, 2.50, "A100", 1, 80),
    Flavor("a100x4", "4x Nvidia A100", 48, 568, 10.0, 10.0, "A100", 4, 320),
    Flavor("a100x8", "8x Nvidia A100", 96, 1136, 20.0, 20.0, "A100", 8, 640),
    Flavor("h200", "Nvidia H200", 23, 256, None, 5.0, "H200", 1, 141),
    Flavor("h200x2", "2x Nvidia H200", 46, 512, None, 10.0, "H200", 2, 282),
    Flavor("h200x4", "4x Nvidia H200", 92, 1024, None, 20.0, "H200", 4, 564),
    Flavor("h200x8", "8x Nvidia H200", 184, 2048, None, 40.0, "H200", 8, 1128),
    Flavor("rtx-pro-6000", "Nvidia RTX PRO 6000", 24, 124, None, 2.75, "RTX PRO 6000", 1, 96),
    Flavor("rtx-pro-6000x2", "2x Nvidia RTX PRO 6000", 48, 248, None, 5.5, "RTX PRO 6000", 2, 192),
)


def space_flavor(name: str) -> Flavor | None:
    """A flavor that Spaces can have."""
    return next((one for one in FLAVORS if one.name == name and one.space_usd is not None), None)


def job_flavor(name: str) -> Flavor | None:
    """A flavor that jobs can have."""
    return next((one for one in FLAVORS if one.name == name and one.job_usd is not None), None)


def listing(for_jobs: bool) -> list[dict[str, Any]]:
    """The list of hardware as the Hub gives it."""
    prices = ((one, one.job_usd if for_jobs else one.space_usd) for one in FLAVORS)
    return [_entry(one, usd, for_jobs) for one, usd in prices if usd is not None]


def _entry(flavor: Flavor, usd: float, for_jobs: bool) -> dict[str, Any]:
    per_minute = usd / 60
    found: dict[str, Any] = {
        "name": flavor.name,
        "prettyName": flavor.pretty,
        "cpu": f"{flavor.cpus} vCPU",
        "ram": f"{flavor.ram_gb} GB",
        "accelerator": _accelerator(flavor),
        "unitCostMicroUSD": round(per_minute * 1e6),
        "unitCostUSD": round(per_minute, 6),
        "unitLabel": "minute",
    }
    return found | ({"ephemeralStorage": f"{flavor.disk_gb} GB"} if for_jobs else {})


def _accelerator(flavor: Flavor) -> dict[str, str] | None:
    if not flavor.gpus:
        return None
    vram = f"{flavor.vram_gb} GB"
    return {"type": "gpu", "model": flavor.gpu, "quantity": str(flavor.gpus), "vram": vram, "manufacturer": "Nvidia"}
