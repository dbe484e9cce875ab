"""Verdicts on honest apps and on fakes, as a confusion table.

    python -m benchmarks.verdict [--only TEXT] [--json]

One process serves the apps of a gallery of `tests/` that give one kind of answer; every endpoint is judged as an app
of its own, by live calls and with its outputs decoded in the confined child. Aims: no fake is a success, at most 2 % of
the honest apps are failed. An honest app that draws its answers anew each time may end as a candidate: that is no
failure, and it is counted apart.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from spacefactory.schema.space import Connection
from spacefactory.schema.status import Status
from spacefactory.verdict import decide
from tests.probe_gallery import KINDS, ask, failures, names, served
from tests.probe_gallery_canned import canned_apps
from tests.probe_gallery_fakes import fake_apps
from tests.probe_gallery_honest import honest_apps

MOST_FAILED = 0.02
"""share of the honest apps"""
GALLERIES: dict[str, Any] = {"honest": honest_apps, "fake": fake_apps, "canned": canned_apps}
ENDS = (Status.FULL_INFERENCE_SUCCESS, Status.CANDIDATE, Status.TECHNICAL_BLOCKER)


def main() -> int:
    """Print the table; 1 when an aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="apps whose name holds this text")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        rows = [row for kind in KINDS for name in GALLERIES for row in _rows(place, name, kind, options.only)]
    wrong = _wrong(rows)
    if options.json:
        print(json.dumps({"apps": rows, "wrong": wrong}))
    else:
        _print(rows, wrong)
    return int(bool(wrong))


def _rows(place: Path, gallery: str, kind: str, only: str) -> list[dict[str, object]]:
    """The apps of a gallery that give one kind of answer, served together."""
    chosen = [name for name in names(GALLERIES[gallery](place), kind) if only in name]
    if not chosen:
        return []
    folder = place / gallery / kind
    folder.mkdir(parents=True)
    truth = "honest" if gallery == "honest" else "fake"
    with served(folder, gallery, kind) as connection:
        return [_row(connection, folder, truth, kind, name) for name in chosen]


def _row(connection: Connection, place: Path, truth: str, kind: str, name: str) -> dict[str, object]:
    started = time.monotonic()
    result = ask(connection, place / name, endpoint=name, expect=kind)
    verdict = decide(result.judgement)
    calls = json.loads((place / name / "tests" / "calls.json").read_bytes())["calls"]
    doubts = failures(result.judgement)
    print(
        f"{truth:7} {kind:6} {name:20} {verdict.status}, {verdict.level}: {doubts[0][:200]}",
        file=sys.stderr,
        flush=True,
    )
    return {
        "truth": truth,
        "type": kind,
        "app": name,
        "status": str(verdict.status),
        "level": str(verdict.level),
        "calls": len(calls),
        "calls_s": round(sum(call["seconds"] for call in calls), 2),
        "seconds": round(time.monotonic() - started, 2),
        "doubts": doubts,
    }


def _wrong(rows: list[dict[str, object]]) -> list[str]:
    """What misses an aim, in words."""
    fakes = [
        f"{row['app']} is a fake and a success" for row in rows if row["truth"] == "fake" and row["status"] == ENDS[0]
    ]
    honest = [row for row in rows if row["truth"] == "honest"]
    failed = [f"{row['app']} is honest and failed: {row['doubts']}" for row in honest if row["status"] == ENDS[2]]
    return [*fakes, *(failed if len(failed) > MOST_FAILED * len(honest) else [])]


def _print(rows: list[dict[str, object]], wrong: list[str]) -> None:
    count = Counter((row["truth"], row["type"], row["status"]) for row in rows)
    print(f"{'':16}" + "".join(f"{one:>24}" for one in ENDS))
    for truth in ("honest", "fake"):
        for kind in KINDS:
            print(f"{truth:7} {kind:8}" + "".join(f"{count[truth, kind, str(one)]:>24}" for one in ENDS))
        total = [sum(number for key, number in count.items() if key[0] == truth and key[2] == one) for one in ENDS]
        print(f"{truth:7} {'all':8}" + "".join(f"{number:>24}" for number in total))
    added = sorted(float(str(row["seconds"])) - float(str(row["calls_s"])) for row in rows)
    print(f"beyond the calls themselves: median {added[len(added) // 2]:.2f} s, most {added[-1]:.2f} s")
    for one in wrong:
        print(f"missed: {one}")


if __name__ == "__main__":
    sys.exit(main())
