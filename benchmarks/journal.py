"""A durable append to a run's log against a bare write and fsync of the same bytes.

    python -m benchmarks.journal [--count N]

Aim (DESIGN section 11): at most 1.5. Appends alternate with bare writes, so that a busy disk hits both.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from spacefactory.record.journal import Journal
from spacefactory.record.redaction import redactor

RUN = "01JZZZZZZZZZZZZZZZZZZZZZZZ"
LINE = "installing the app's packages: 52 of 74"


def measure(count: int) -> tuple[float, float]:
    """Median seconds of an append, and of a bare write with fsync."""
    with tempfile.TemporaryDirectory(dir=Path.cwd()) as folder:
        bare = os.open(Path(folder) / "bare", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        ours, theirs = list[float](), list[float]()
        with Journal(Path(folder) / "log", RUN, redactor(["a-secret-of-usual-length"])) as journal:
            data = b"x" * 300
            for _ in range(count):
                begun = time.perf_counter()
                journal.append("step.progress", line=LINE)
                between = time.perf_counter()
                os.write(bare, data)
                os.fsync(bare)
                ours.append(between - begun)
                theirs.append(time.perf_counter() - between)
        os.close(bare)
    return statistics.median(ours), statistics.median(theirs)


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=2000)
    ours, theirs = measure(parser.parse_args().count)
    print(f"{'bare write + fsync':24}{theirs * 1e3:8.3f} ms")
    print(f"{'journal append':24}{ours * 1e3:8.3f} ms   {ours / theirs:.2f}x (aim <= 1.5x)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
