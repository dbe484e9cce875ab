"""The judge of 3D models."""

from __future__ import annotations

from dataclasses import dataclass

from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Check, Inspection, Output

from spacefactory_model3d.container import BrokenError, UnreadableError, read
from spacefactory_model3d.geometry import Geometry, geometry
from spacefactory_model3d.measure import NEAR, Measures, apart, measure

TYPE = "model3d"
FEWEST = 4
"""Distinct points of the smallest model; three are a single triangle."""
DEGENERATE = 0.5
"""Share of triangles without an area from which a mesh is a collapsed one; exporters leave a few per cent."""
OTHER = 0.01
"""Share of points without a counterpart from which two models are different."""


@dataclass(frozen=True)
class Model3dValidator:
    """Judges glTF 2.0 files."""

    name: str = TYPE
    output_types: tuple[str, ...] = (TYPE,)
    suffixes: tuple[str, ...] = (".glb", ".gltf")

    def inspect(self, output: Output) -> Inspection:
        """Decode every accessor of every mesh, and ask whether there is something to see."""
        found = _decoded(output)
        if isinstance(found, Check):
            return Inspection(output_type=TYPE, checks=(found,))
        measures = measure(found)
        decodes = _check("decodes", True, f"{measures.points} points decode, with every number in bounds", Level.TYPED)
        return Inspection(output_type=TYPE, checks=(decodes, *_alive(measures)), measures=vars(measures))

    def differ(self, first: Output, second: Output) -> Check:
        """Whether points of one model are missing from the other."""
        one, two = _decoded(first), _decoded(second)
        if isinstance(one, Check) or isinstance(two, Check):
            why = "; ".join(found.detail for found in (one, two) if isinstance(found, Check))
            return _check("differs", None, f"the models cannot be compared: {why}")
        if not len(one.points) or not len(two.points):
            return _check("differs", None, "the models cannot be compared: one shows nothing")
        share = apart(one, two)
        words = f"{share:.1%} of the points have no counterpart within {NEAR:g} of the size"
        return _check("differs", share > OTHER, words, measured=share, threshold=OTHER)


def _decoded(output: Output) -> Geometry | Check:
    """The geometry, or the check that failed."""
    if output.path is None:
        return _check("decodes", False, "a 3D model is a file, and the output is none", Level.TYPED)
    try:
        return geometry(read(output.path))
    except BrokenError as error:
        return _check("decodes", False, str(error), Level.TYPED)
    except UnreadableError as error:
        return _check("decodes", None, str(error), Level.TYPED)
    except OSError as error:
        return _check("decodes", False, f"the file cannot be read: {error.strerror}", Level.TYPED)


def _alive(found: Measures) -> tuple[Check, ...]:
    shown = found.triangles or found.points
    kind = "triangles" if found.triangles else "points"
    checks = [
        _check("not_empty", shown > 0, f"the scene shows {shown} {kind}", Level.ALIVE, shown, 1),
        _check(
            "shape", found.distinct >= FEWEST, f"{found.distinct} distinct points", Level.ALIVE, found.distinct, FEWEST
        ),
        _check("size", found.size > 0, f"the model is {found.size:.3g} across", Level.ALIVE, found.size, 0),
    ]
    if found.triangles:
        lost = 1 - found.visible / found.triangles
        words = f"{found.visible} of {found.triangles} triangles have an area, {found.area:.3g} together"
        checks.append(_check("surface", lost < DEGENERATE, words, Level.ALIVE, lost, DEGENERATE))
    return tuple(checks)


def _check(
    name: str,
    passed: bool | None,
    detail: str,
    level: Level | None = None,
    measured: float | None = None,
    threshold: float | None = None,
) -> Check:
    return Check(
        name=f"{TYPE}.{name}", passed=passed, detail=detail, level=level, measured=measured, threshold=threshold
    )
