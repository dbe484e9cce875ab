"""How far a run got and how it ended, and what stood in its way."""

from __future__ import annotations

from pydantic import Field

from spacefactory.schema.base import Fact
from spacefactory.schema.outcome import EXIT_CODES as EXIT_CODES
from spacefactory.schema.outcome import BlockerReason as BlockerReason
from spacefactory.schema.outcome import Level as Level
from spacefactory.schema.outcome import Status as Status


class Blocker(Fact):
    """A typed reason and what to do about it."""

    reason: BlockerReason
    detail: str = Field(description="one sentence: what stands in the way")
    next_action: str = Field(default="", description="one sentence: what the user can do")
