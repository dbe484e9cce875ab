"""Start of the command line against `hf --help`, a command of the same size in the same environment.

    python -m benchmarks.startup [--rounds N]

The list is asked for in a home without runs and in one with a hundred. Runs are interleaved, so that a busy moment hits
all of them; each runs once before, so that all modules are compiled. `hf` may not look for updates of itself meanwhile:
that would measure a network.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from benchmarks.run_list import make

AIM = 0.4
BASE = "hf --help"
BARE = "python -c pass"
RUNS = 100
COMMANDS = {
    BASE: (("hf", "--help"), 0),
    "spacefactory --help": (("spacefactory", "--help"), 0),
    "spacefactory runs list": (("spacefactory", "runs", "list"), 0),
    f"the same, of {RUNS} runs": (("spacefactory", "runs", "list"), RUNS),
    BARE: ((sys.executable, "-c", "pass"), 0),
}
"""Words of each command, and how many runs are in its home."""


def measure(rounds: int) -> dict[str, float]:
    """Median wall time of each command, seconds."""
    with tempfile.TemporaryDirectory() as folder:
        homes = {count: _home(Path(folder), count) for count in (0, RUNS)}
        taken: dict[str, list[float]] = {name: [] for name in COMMANDS}
        for turn in range(rounds + 1):
            for name, (words, runs) in COMMANDS.items():
                seconds = _once(words, homes[runs])
                if turn:
                    taken[name].append(seconds)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}


def _home(folder: Path, runs: int) -> str:
    home = folder / str(runs)
    home.mkdir()
    if runs:
        make(home / "runs", runs)
    return str(home)


def _once(words: tuple[str, ...], home: str) -> float:
    program = Path(sysconfig.get_path("scripts")) / words[0]
    kept = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    env = kept | {"SPACEFACTORY_HOME": home, "HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_UPDATE_CHECK": "1"}
    begun = time.perf_counter()
    subprocess.run([program, *words[1:]], env=env, cwd=home, capture_output=True, check=True)
    return time.perf_counter() - begun


def main() -> int:
    """Print the table; exit status 1 when an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    medians = measure(parser.parse_args().rounds)
    print(f"{'command':26}{'median':>10}{'ratio':>8}   aim")
    missed = False
    for name, seconds in medians.items():
        ratio = seconds / medians[BASE]
        ours = name not in (BASE, BARE)
        missed = missed or (ours and ratio > AIM)
        aim = f"<= {AIM}  {'met' if ratio <= AIM else 'MISSED'}" if ours else ""
        print(f"{name:26}{seconds * 1000:>7.0f} ms{ratio:>8.2f}   {aim}".rstrip())
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
