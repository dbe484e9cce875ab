"""Runs a workflow for the user at the terminal: progress while it works, the document or summary at its end."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import typer

from spacefactory import runs, watch
from spacefactory.cli import inert, output, progress, summary
from spacefactory.cli.guard import StoppedError, TerminatedError
from spacefactory.interrupts import Terminated
from spacefactory.schema.run import RunResult, RunSpec
from spacefactory.settings import Settings


@dataclass(frozen=True)
class How:
    """How a command speaks."""

    as_json: bool = False
    quiet: bool = False


def start(
    kind: Literal["build", "validate"], reference: str, settings: Settings, asked: Mapping[str, Any], how: How
) -> RunResult:
    """Make a run and work on it until it ends.

    Raises:
        UsageError: the reference or an option cannot be used.
        TerminatedError: the process was told to end.
    """
    spec, folder = runs.create(kind, reference, settings, asked)
    return carry_on(spec, settings, folder, how)


def carry_on(spec: RunSpec, settings: Settings, folder: Path, how: How) -> RunResult:
    """Work on a run that is made already."""
    if not how.quiet:
        output.note(f"run {spec.run_id}: {spec.kind} {inert.line(spec.reference)}")
    try:
        with progress.shown(watch.events(folder), quiet=how.quiet) as listener:
            return runs.work(spec, settings, folder, listener)
    except Terminated:
        raise TerminatedError(spec.run_id) from None
    except KeyboardInterrupt:  # before its work began, or again while it was being settled
        return _settle(spec, settings)


def _settle(spec: RunSpec, settings: Settings) -> RunResult:
    try:
        if (result := runs.cancel(spec.run_id, settings)) is not None:
            return result
    except (KeyboardInterrupt, Terminated):
        pass
    raise StoppedError(
        f"run {spec.run_id} is not settled yet", f"settle it with: spacefactory runs cancel {spec.run_id}"
    )


def finish(result: RunResult, how: How) -> None:
    """Print how it ended, and end the command with the exit status of the run's status."""
    if how.as_json:
        output.document(result.as_json())
    else:
        summary.show(result)
    if code := result.status.exit_code:
        raise typer.Exit(code)


def hand_over(
    kind: Literal["build", "validate"], reference: str, settings: Settings, asked: Mapping[str, Any], how: How
) -> None:
    """Make a run, have the platform's job runner work on it, and say how to watch it."""
    from spacefactory.api import detach

    job = detach(kind, reference, asked, settings)
    if how.as_json:
        output.document({"schema_version": 1, "run_id": job.run_id, "status": "running", "job": job.as_json()})
        return
    output.say(f"run {job.run_id} goes on as job {inert.line(job.id)} of {job.runner}")
    output.say(f"watch it:  spacefactory runs events {job.run_id} --follow")
    output.say(f"stop it:   spacefactory runs cancel {job.run_id}")
