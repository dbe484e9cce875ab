"""How lists name a run.

A plain dataclass, so that a list of runs needs no pydantic, which takes longer to import than a list to read.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

ULID_PATTERN = r"^[0-9A-HJKMNP-TV-Z]{26}\Z"
"""What the id of a run looks like."""


@dataclass(frozen=True)
class RunSummary:
    """One line of `runs list`."""

    __pydantic_config__: ClassVar[dict[str, str]] = {"extra": "forbid"}  # for its published JSON Schema

    run_id: str
    kind: str
    reference: str
    status: str
    level: str
    created: str
    updated: str = ""
    space: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The plain data that `--json` holds."""
        return dict(vars(self))
