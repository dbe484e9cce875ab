"""The entry inside a job: `python -m spacefactory.worker RUN_ID --folder PATH` works on a run that is already made."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from spacefactory.errors import SpacefactoryError, UsageError
from spacefactory.record.journal import LOG, read_events
from spacefactory.runs import Terminated, execute, settings_of
from spacefactory.schema.event import EventType
from spacefactory.schema.run import RunSpec
from spacefactory.settings import load

TERMINATED = 143
"""128 + SIGTERM: the run can be resumed."""


def main(argv: Sequence[str] | None = None) -> int:
    """Execute the run; the exit status is that of its status."""
    parser = argparse.ArgumentParser(prog="python -m spacefactory.worker", description=__doc__)
    parser.add_argument("run_id")
    parser.add_argument("--folder", type=Path, required=True, help="the run's record")
    options = parser.parse_args(argv)
    try:
        spec = _spec(options.folder, options.run_id)
        return execute(spec, settings_of(spec, load().settings), options.folder).status.exit_code
    except SpacefactoryError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the job's own output
        return error.exit_code
    except Terminated:
        return TERMINATED


def _spec(folder: Path, run_id: str) -> RunSpec:
    events = read_events(folder / LOG)
    if not events or events[0].type != EventType.RUN_CREATED or events[0].run_id != run_id:
        raise UsageError(f"{folder} is not the record of run {run_id}")
    return RunSpec.model_validate(events[0].facts["spec"])


if __name__ == "__main__":
    sys.exit(main())
