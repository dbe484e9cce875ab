"""What was looked at before a run or by `doctor`: one question each, with its answer and the fix."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spacefactory.schema.base import Fact
from spacefactory.schema.status import BlockerReason


class Need(Fact):
    """What a run would ask of a provider."""

    minutes: float = Field(description="the longest that it may take")
    flavor: str | None = Field(default=None, description="hardware that it would ask for first; None when not known")


class Examined(Fact):
    """One thing that was looked at."""

    name: str
    state: Literal["pass", "fail", "unknown"]
    detail: str = Field(description="one sentence with the figure")
    fix: str = Field(default="", description="what to do about it")
    needed: bool = Field(default=True, description="False where everything works without it, only less well")
    reason: BlockerReason = Field(
        default=BlockerReason.NOT_PERMITTED, description="the blocker of a run that needs it and does not have it"
    )
