"""Which builds of torch an environment gets on a machine without CUDA.

The index's own builds of torch carry CUDA: some gigabytes that such a machine cannot use. Where a folder of wheels
holds a CPU build, every request for torch is constrained to it; otherwise uv takes CPU builds from where the authors of
torch keep them. The rule changes what is installed here and never the app's requirements.txt, because other platforms
refuse such pins.
"""

from __future__ import annotations

import platform
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import InvalidWheelFilename, canonicalize_name, parse_wheel_filename
from packaging.version import Version

from spacefactory.errors import BlockedError

TORCH = "torch"
COMPANIONS = ("torchvision", "torchaudio")
"""Built against one torch each: beside another build they install and fail to import."""


@dataclass(frozen=True)
class Wheel:
    """A CPU build that a folder of wheels holds."""

    name: str
    version: Version


@dataclass(frozen=True)
class TorchChoice:
    """What uv is told about torch."""

    constraints: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    """names of requirements that are left out"""
    notes: tuple[str, ...] = ()


def cuda_device() -> str | None:
    """The name of this machine's first CUDA device; None when there is none."""
    for path in sorted(Path("/proc/driver/nvidia/gpus").glob("*/information")):
        for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "Model" and value.strip():
                return value.strip()
    return "CUDA device" if Path("/dev/nvidiactl").exists() and Path("/dev/nvidia0").exists() else None


def cpu_wheels(folders: Iterable[Path], python: tuple[int, int]) -> tuple[Wheel, ...]:
    """CPU builds of torch and its companions that fit this machine and Python, newest first."""
    found = []
    for folder in folders:
        for path in folder.glob("torch*.whl") if folder.is_dir() else ():
            try:
                name, version, _, tags = parse_wheel_filename(path.name)
            except InvalidWheelFilename:
                continue
            fits = any(_fits(tag.interpreter, tag.platform, python) for tag in tags)
            if fits and (version.local or "").startswith("cpu") and name in (TORCH, *COMPANIONS):
                found.append(Wheel(str(name), version))
    return tuple(sorted(found, key=lambda wheel: wheel.version, reverse=True))


def _fits(interpreter: str, where: str, python: tuple[int, int]) -> bool:
    return interpreter in (f"cp{python[0]}{python[1]}", "py3") and (
        where == "any" or where.endswith(platform.machine())
    )


def choose(
    requirements: Sequence[Requirement], imported: frozenset[str], wheels: Sequence[Wheel], *, cuda: bool
) -> TorchChoice:
    """Apply the rule to an app's requirements.

    Args:
        requirements: what the app asks for itself.
        imported: modules that the app's files import.
        wheels: CPU builds at hand, newest first.
        cuda: whether builds for CUDA are wanted.

    Raises:
        BlockedError: the app imports a companion of torch of which there is no build for this torch (dependency).
    """
    if cuda:
        return TorchChoice(notes=("torch: the index's own builds, with CUDA",) if _asked(requirements, TORCH) else ())
    torch = _allowed(requirements, TORCH, wheels)
    if torch is None:
        note = ("torch: CPU builds, from where torch's authors keep them",) if _asked(requirements, TORCH) else ()
        return TorchChoice(arguments=("--torch-backend", "cpu"), notes=note)
    return _beside(torch, requirements, imported, wheels)


def _beside(
    torch: Wheel, requirements: Sequence[Requirement], imported: frozenset[str], wheels: Sequence[Wheel]
) -> TorchChoice:
    pins, dropped, notes = [f"{TORCH}=={torch.version}"], [], []
    if _asked(requirements, TORCH):
        notes.append(f"torch: this machine has no CUDA, so torch {torch.version} is installed")
    for name in COMPANIONS:
        if (companion := _allowed(requirements, name, wheels)) is not None:
            pins.append(f"{name}=={companion.version}")
        elif _asked(requirements, name) and name in imported:
            raise BlockedError(
                "dependency",
                f"the app imports {name}, and there is no build of it for torch {torch.version} without CUDA here",
                f"put a matching wheel of {name} beside torch's, or set [plugin.local] torch = 'cuda'",
            )
        elif _asked(requirements, name):
            dropped.append(name)
            notes.append(f"{name}: left out, because no file imports it and no build of it fits torch {torch.version}")
    return TorchChoice(constraints=tuple(pins), dropped=tuple(dropped), notes=tuple(notes))


def _asked(requirements: Sequence[Requirement], name: str) -> bool:
    return any(canonicalize_name(one.name) == name for one in requirements)


def _allowed(requirements: Sequence[Requirement], name: str, wheels: Sequence[Wheel]) -> Wheel | None:
    """The newest build that every request for it allows."""
    specifiers = [one.specifier for one in requirements if canonicalize_name(one.name) == name]
    fitting = (wheel for wheel in wheels if wheel.name == name)
    return next((w for w in fitting if all(s.contains(w.version, prereleases=True) for s in specifiers)), None)
