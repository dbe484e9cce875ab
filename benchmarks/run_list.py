"""Listing 10,000 runs against listing 100, per run.

    python -m benchmarks.run_list

Aim (DESIGN section 11): linear or better, at most 1 s.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from spacefactory_local.store import FolderStore
from ulid import ULID

from spacefactory.record.files import write_json
from spacefactory.schema.run import RunState


def make(root: Path, count: int) -> FolderStore:
    """A store with so many runs that have ended."""
    store = FolderStore(root)
    for _ in range(count):
        run_id = str(ULID())
        state = RunState(
            run_id=run_id,
            kind="build",
            reference="examples/digits",
            created="2026-01-01T00:00:00+00:00",
            updated="2026-01-01T00:01:00+00:00",
            events=30,
        )
        folder = store.create(run_id)
        (folder / "events.jsonl").write_bytes(b"")
        write_json(folder / "state.json", state.as_json() | {"status": "candidate"})
    return store


def seconds(store: FolderStore, wanted: int) -> float:
    """The best of three complete listings."""
    best = float("inf")
    for _ in range(3):
        begun = time.perf_counter()
        found = sum(1 for _ in store.list())
        best = min(best, time.perf_counter() - begun)
        if found != wanted:
            raise RuntimeError(f"{found} runs were listed, {wanted} are there")
    return best


def main() -> int:
    """Print the table."""
    with tempfile.TemporaryDirectory() as folder:
        few, many = (seconds(make(Path(folder) / str(count), count), count) for count in (100, 10_000))
    print(f"{'100 runs':16}{few:8.3f} s  {few * 1e4:8.1f} us a run")
    print(
        f"{'10,000 runs':16}{many:8.3f} s  {many * 1e2:8.1f} us a run   {many / few / 100:.2f}x (aim <= 1x and <= 1 s)"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
