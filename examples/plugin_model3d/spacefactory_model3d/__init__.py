"""Judges 3D models: glTF 2.0, binary (.glb) and JSON (.gltf)."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spacefactory.hookspecs import hookimpl

if TYPE_CHECKING:
    from spacefactory.providers import OutputValidator


@hookimpl
def spacefactory_validators() -> Iterable[OutputValidator]:
    """Offer the judge of 3D models."""
    from spacefactory_model3d.validator import Model3dValidator

    return (Model3dValidator(),)
