"""Memory that inference needs, and the smallest hardware that has it.

    weights = parameters x bytes per parameter            (or the size of the files that a loader would take)
    memory  = weights x OVERHEAD                          activations, caches, fragmentation

Bytes per parameter: 4 for float32, 2 for float16 and bfloat16, 1 for 8 bits, 0.55 for 4 bits with their scales. Where
the card names no type, language and diffusion models above a billion parameters are taken as 16 bits, others as 32.
The process itself (0.3 to 1 GiB with torch) is not counted.
"""

from __future__ import annotations

from dataclasses import dataclass

OVERHEAD = 1.2
CPU_GIB = 2.0
"""Up to here a model answers on a CPU in seconds, if it is called once per answer."""
CPU_STEPS_GIB = 1.2
"""The same for models that are called once per token or frame."""
STEPS = frozenset(
    {"text-generation", "text-to-speech", "text-to-audio", "automatic-speech-recognition", "image-text-to-text"}
)
LARGE_GIB = 42.0
"""Packed weights that ZeroGPU's `large` takes before it becomes `xlarge` (spaces, ZeroGPU configuration)."""
XLARGE_GIB = 90.0
"""`xlarge` has 96 GB."""
MULTI_GPU_GB = 80.0
"""Weights in 10^9 bytes beyond which no common single GPU is enough."""
BYTES = {"float64": 8.0, "float32": 4.0, "float16": 2.0, "bfloat16": 2.0, "float8": 1.0, "int8": 1.0, "int4": 0.55}
REPEATED = frozenset({"diffusers"})
"""Libraries that call the model many times per answer."""
HEAVY = frozenset({"text-to-video", "image-to-video", "text-to-image", "image-to-image", "text-to-3d", "image-to-3d"})


@dataclass(frozen=True)
class Estimate:
    """Memory and its arithmetic."""

    weights_gib: float
    memory_gib: float
    arithmetic: str


def bytes_per_parameter(parameters: int, dtype: str | None, bits: int | None, task: str | None) -> float:
    """By the quantisation, else the dtype, else what is usual."""
    if bits in (4, 8):
        return 0.55 if bits == 4 else 1.0
    if dtype is not None:
        return BYTES.get(dtype, 2.0)
    return 2.0 if parameters > 1_000_000_000 or task in HEAVY else 4.0


def estimate(parameters: int | None, size: int | None, each: float) -> Estimate | None:
    """Memory from the files' size in bytes where it is known, else from the number of parameters."""
    if size:
        weights = size / 2**30
        said = f"files of {weights:.2f} GiB"
    elif parameters:
        weights = parameters * each / 2**30
        said = f"{parameters / 1e9:.3g} billion parameters x {each:g} bytes = {weights:.2f} GiB"
    else:
        return None
    return Estimate(weights, round(weights * OVERHEAD, 4), f"{said} x {OVERHEAD} for activations and caches")


def hardware(weights_gib: float | None, task: str | None, library: str | None, parameters: int | None) -> str | None:
    """The smallest class that has the memory, with the smallest loading option of the card; None when it is unknown."""
    if weights_gib is None:
        return None
    weights, memory_gib = weights_gib, weights_gib * OVERHEAD
    if weights * 2**30 / 1e9 > MULTI_GPU_GB:
        return "multi-gpu"
    if library == "vllm":
        return "fixed-gpu"  # starts its own processes, which ZeroGPU does not allow
    small = (
        memory_gib <= (CPU_STEPS_GIB if task in STEPS else CPU_GIB) and task not in HEAVY and library not in REPEATED
    )
    if small or (parameters is not None and parameters < 50_000_000):
        return "cpu"
    return "zerogpu-large" if weights <= LARGE_GIB else "zerogpu-xlarge" if weights <= XLARGE_GIB else "multi-gpu"
