"""Runs every benchmark, one after the other: `python -m benchmarks [NAME ...]`."""

from __future__ import annotations

import runpy
import sys

ALL = (
    "startup",
    "journal",
    "run_list",
    "broker",
    "orchestrator",
    "judging",
    "media",
    "verdict",
    "cards",
    "local_build",
)


def main(wanted: list[str]) -> int:
    """Run them; the exit status is 1 when one of them fails."""
    failed = []
    for name in wanted or ALL:
        print(f"\n== {name}", flush=True)
        sys.argv = [name]
        try:
            runpy.run_module(f"benchmarks.{name}", run_name="__main__")
        except SystemExit as end:
            if end.code not in (0, None):
                failed.append(name)
    if failed:
        print(f"\nnot measured: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
