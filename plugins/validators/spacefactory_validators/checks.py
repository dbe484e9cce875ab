"""Checks in few words, and the way from an output to an `Inspection` or a comparison."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import JsonValue

from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Check, Inspection, Output

Read = TypeVar("Read")
KEPT = 4
"""files of which is kept what is compared: the first answer, another one, and what went in for either"""
Look = Callable[[Output], tuple[Sequence[Check], Mapping[str, JsonValue]]]


class RejectedError(Exception):
    """Nothing more can be asked of this output; the check says why."""

    def __init__(self, check: Check) -> None:
        super().__init__(check.detail)
        self.check = check


def typed(
    name: str, passed: bool | None, detail: str, measured: float | None = None, threshold: float | None = None
) -> Check:
    """A check that the level `typed` needs."""
    return Check(
        name=name, passed=passed, detail=detail, level=Level.TYPED, measured=_tidy(measured), threshold=threshold
    )


def alive(
    name: str, passed: bool | None, detail: str, measured: float | None = None, threshold: float | None = None
) -> Check:
    """A check that the level `alive` needs."""
    return Check(
        name=name, passed=passed, detail=detail, level=Level.ALIVE, measured=_tidy(measured), threshold=threshold
    )


def proves_something(
    name: str, passed: bool, detail: str, measured: float | None = None, threshold: float | None = None
) -> Check:
    """A check of level `alive` whose failure is no fault: an output that is like noise proves nothing."""
    return alive(name, passed, detail, measured, threshold).model_copy(update={"noise": not passed})


def reject(check: Check) -> RejectedError:
    """The error that ends an inspection with this check."""
    return RejectedError(check)


def inspected(output: Output, look: Look) -> Inspection:
    """What `look` finds, or the check that stopped it."""
    try:
        checks, measures = look(output)
    except RejectedError as stop:
        checks, measures = (stop.check,), {}
    return Inspection(output_type=output.output_type, checks=tuple(checks), measures=dict(measures))


def compared(
    name: str, first: Output, second: Output, read: Callable[[Output], Read], judge: Callable[[Read, Read], Check]
) -> Check:
    """What `judge` says about the two outputs as `read` gives them; not checked when one cannot be read."""
    try:
        return judge(read(first), read(second))
    except RejectedError as stop:
        return Check(name=name, passed=None, detail=f"the outputs could not be compared: {stop}")


def remembered(read: Callable[[Output, tuple[str, ...]], Read], suffixes: tuple[str, ...]) -> Callable[[Output], Read]:
    """`read`, which is not called again for the files of the last comparisons: one answer is compared with all others.

    Args:
        read: decodes a file, and keeps little of it.
        suffixes: what it is given beside the file.
    """

    def reading(output: Output) -> Read:
        if output.path is None or not output.path.is_file():
            return read(output, suffixes)
        with output.path.open("rb") as file:
            content = hashlib.file_digest(file, "sha256").digest()
        found: Read = _read_once(read, output, suffixes, content)
        return found

    return reading


@lru_cache(maxsize=KEPT)
def _read_once(read: Callable[[Output, tuple[str, ...]], Any], output: Output, names: tuple[str, ...], _: bytes) -> Any:
    return read(output, names)


def difference(name: str, measured: float, threshold: float, what: str) -> Check:
    """The check of a comparison: passed when the figure is above what encoding alone does."""
    differ = measured > threshold
    words = "differ" if differ else "do not differ"
    return Check(
        name=name,
        passed=differ,
        detail=f"the outputs {words}: {what} {measured:.3g}, encoding alone stays below {threshold:g}",
        measured=_tidy(measured),
        threshold=threshold,
    )


def unequal(name: str, why: str) -> Check:
    """The check of a comparison that a plain fact decides, such as another size."""
    return Check(name=name, passed=True, detail=f"the outputs differ: {why}")


def _tidy(figure: float | None) -> float | None:
    """Six digits are enough for people, and infinity is no JSON."""
    return None if figure is None else float(f"{max(-1e300, min(1e300, figure)):.6g}")
