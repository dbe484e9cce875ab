"""What every fact has in common."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, StringConstraints

from spacefactory.schema.summary import ULID_PATTERN

SCHEMA_VERSION = 1
"""Version of every document this package writes; readers refuse a higher one."""

RunId = Annotated[str, StringConstraints(pattern=re.compile(ULID_PATTERN))]
"""A ULID: 26 characters of Crockford's alphabet, sortable by time."""


class Fact(BaseModel):
    """A frozen record; unknown keys are refused so that a misspelt one is heard."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)

    def as_json(self) -> dict[str, Any]:
        """The plain data that `--json` and the record hold."""
        return self.model_dump(mode="json")
