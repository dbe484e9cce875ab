"""The entry inside a job: `python -m spacefactory.worker RUN_ID` works on a run that is already made.

A job gets its secrets in variables. Popping a variable does not take it out of the process's first environment, which
others of the same user can read; so the process starts itself anew without them and gets them through a pipe.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from spacefactory.confine.kernel import PR_SET_DUMPABLE, prctl
from spacefactory.credentials import Credentials, from_machine, from_pipe, to_pipe, without_secrets
from spacefactory.errors import SpacefactoryError, UsageError
from spacefactory.interrupts import Terminated
from spacefactory.record.journal import LOG, read_events
from spacefactory.runs import execute, open_run, settings_of
from spacefactory.schema.event import EventType
from spacefactory.schema.run import RunSpec
from spacefactory.settings import load

TERMINATED = 143
"""128 + SIGTERM: the run can be resumed."""


def main(argv: Sequence[str] | None = None) -> int:
    """Execute the run; the exit status is that of its status."""
    words = list(sys.argv[1:] if argv is None else argv)
    options = _options(words)
    try:
        if options.secrets is None:
            _start_anew(words)
        prctl(PR_SET_DUMPABLE, 0)
        return _work(options.run_id, options.folder, from_pipe(options.secrets))
    except SpacefactoryError as error:
        print(error, file=sys.stderr)  # noqa: T201 - the job's own output
        return error.exit_code
    except Terminated:
        return TERMINATED


def _options(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m spacefactory.worker", description=__doc__)
    parser.add_argument("run_id")
    parser.add_argument("--folder", type=Path, help="the run's record; the configured store is asked when left out")
    parser.add_argument("--secrets", type=int, help=argparse.SUPPRESS)
    return parser.parse_args(words)


def _start_anew(words: list[str]) -> None:
    """Replace this process by one whose environment never held a secret; does not return."""
    settings = load().settings
    pipe = to_pipe(from_machine(settings))
    command = [sys.executable, "-m", "spacefactory.worker", *words, "--secrets", str(pipe)]
    sys.stdout.flush()
    os.execve(sys.executable, command, without_secrets(os.environ, settings))  # noqa: S606 - our own interpreter


def _work(run_id: str, folder: Path | None, credentials: Credentials) -> int:
    settings = load().settings
    if folder is None:
        spec, folder = open_run(run_id, settings, credentials)
    else:
        spec = _spec(folder, run_id)
    return execute(spec, settings_of(spec, settings), folder, credentials=credentials).status.exit_code


def _spec(folder: Path, run_id: str) -> RunSpec:
    events = read_events(folder / LOG)
    if not events or events[0].type != EventType.RUN_CREATED or events[0].run_id != run_id:
        raise UsageError(f"{folder} is not the record of run {run_id}")
    return RunSpec.model_validate(events[0].facts["spec"])


if __name__ == "__main__":
    sys.exit(main())
