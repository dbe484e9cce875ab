"""Strokes on plain ground: what an edge filter leaves of a quiet picture, a drawing of thin lines, handwriting.

Most pixels are ground, so that few neighbours say anything; but a pixel of a stroke has the next one beside it, also
where the picture is made smaller, and one of sparse noise has that by chance only.
"""

from __future__ import annotations

import numpy as np

from spacefactory_validators.likeness import Likeness

FAR = 40
"""levels of 255 from the ground that belong to a stroke; encoders blur less than that"""
FEWEST, MOST = 200, 0.15
"""pixels of strokes, and the largest share of a picture that they may have"""
SCALES = (1, 2, 4, 8)
"""times that the picture is made smaller: dots of some pixels a side are no strokes, and alone where it is small"""
TOLD = 3
"""scales that must tell something"""
CROWDED = 0.35
"""share of a smaller picture from which neighbours say nothing"""
JOINED = 0.88
"""how far all pixels of strokes have another one beside them, beyond chance: lines that edge filters left have 0.9 to
0.99, dots by lot of up to three pixels a side up to 0.81, the highest tenth of blurred noise up to 0.79"""
WORDS = "pixels of strokes have another one beside them in shares of"
Mask = np.ndarray[tuple[int, ...], np.dtype[np.bool_]]


def strokes(pixels: np.ndarray[tuple[int, ...], np.dtype[np.uint8]]) -> Likeness | None:
    """How well the strokes of a picture hold together; None where it is not strokes on plain ground."""
    ground = int(np.bincount(pixels.ravel(), minlength=256).argmax())
    lit = np.abs(pixels.astype(np.int16) - ground) > FAR
    if not FEWEST <= int(lit.sum()) <= MOST * lit.size:
        return None
    smaller = [_smaller(lit, scale) for scale in SCALES]
    told = [one for one in smaller if float(one.mean()) <= CROWDED]
    if len(told) < TOLD:
        return None
    return Likeness(min(map(_joined, told)), JOINED, WORDS)


def _smaller(lit: Mask, scale: int) -> Mask:
    """Squares of so many pixels a side that hold any of a stroke."""
    rows, columns = lit.shape[0] // scale, lit.shape[1] // scale
    squares = lit[: rows * scale, : columns * scale].reshape(rows, scale, columns, scale)
    return np.asarray(squares.any((1, 3)))


def _joined(lit: Mask) -> float:
    """The share with one of the eight neighbours lit, less what chance gives, as a share of what chance leaves."""
    padded = np.pad(lit, 1)
    beside = np.zeros_like(lit)
    for down in range(3):
        for across in range(3):
            if (down, across) != (1, 1):
                beside |= padded[down : down + lit.shape[0], across : across + lit.shape[1]]
    chance = 1 - (1 - float(lit.mean())) ** 8
    return (float(beside[lit].mean()) - chance) / (1 - chance)
