"""Judging files alone, without an app."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from pydantic import JsonValue

from spacefactory.errors import NotFoundError, UsageError
from spacefactory.probe.decoders import Decoders, Place
from spacefactory.probe.inspect import Batch, inspect, judging
from spacefactory.probe.likeness import ONLY_COMPARED
from spacefactory.providers import OutputValidator
from spacefactory.schema.run import JudgedFile
from spacefactory.schema.verdict import Inspection, Output


def judge_files(
    paths: Sequence[Path],
    expect: str,
    validators: Iterable[OutputValidator],
    *,
    confined: bool,
    disabled_plugins: tuple[str, ...] = (),
) -> tuple[JudgedFile, ...]:
    """Decode and judge files as outputs of one type, in a confined child.

    Args:
        paths: the files.
        expect: an output type that one of the validators judges.
        validators: who judges.
        confined: False only where the user chose to do without a sandbox.
        disabled_plugins: plugins that may not judge.

    Raises:
        NotFoundError: a file does not exist.
        UsageError: no validator judges that type.
        BlockedError: this machine cannot confine the child (sandbox_unavailable).
    """
    known = tuple(validators)
    require_judge(expect, known)
    for path in paths:
        if not path.exists():
            raise NotFoundError(f"there is no file {path}", "give files that exist")
    outputs = tuple(Output(output_type=expect, path=path.absolute()) for path in paths)
    with Decoders(known, Place(confined, tuple(disabled_plugins))) as decoders:
        found = inspect(Batch(outputs), decoders)
    return tuple(
        JudgedFile(path=str(path), output_type=expect, level=one.reached(), checks=one.checks, measures=_figures(one))
        for path, one in zip(paths, found.inspections, strict=True)
    )


def _figures(inspection: Inspection) -> dict[str, JsonValue]:
    """What was measured, without the numbers that only say how like another file it is."""
    return {name: figure for name, figure in inspection.measures.items() if name not in ONLY_COMPARED}


def require_judge(expect: str, validators: Sequence[OutputValidator]) -> None:
    """Raises UsageError unless an installed validator judges an output type."""
    if not judging(expect, validators):
        types = ", ".join(sorted({kind for one in validators for kind in one.output_types})) or "none"
        raise UsageError(
            f"no installed validator judges {expect!r}; there are: {types}", "choose one of them with --expect"
        )
