"""What the Hub tells about weights in safetensors format: parameters by type."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

MAX_HEADER = 25_000_000


def header(path: Path) -> dict[str, Any] | None:
    """The header of a safetensors file; None when it is none."""
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        if not 0 < size <= MAX_HEADER:
            return None
        try:
            found = json.loads(file.read(size))
        except ValueError:
            return None
    return found if isinstance(found, dict) else None


def facts(paths: Iterable[Path]) -> dict[str, Any] | None:
    """`{"parameters": {dtype: n}, "total": n}` over files; None where none of them can be read."""
    counts: Counter[str] = Counter()
    for found in filter(None, map(header, paths)):
        for name, tensor in found.items():
            if name != "__metadata__":
                counts[tensor["dtype"]] += math.prod(tensor["shape"])
    return {"parameters": dict(counts), "total": counts.total()} if counts else None
