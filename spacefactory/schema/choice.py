"""What the settings of a run choose; apart from the larger facts, so that commands that only look are fast."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from spacefactory.schema.base import Fact


class PluginFact(Fact):
    """One plugin as it was installed when the run was made."""

    name: str
    distribution: str
    version: str
    value: str = Field(description="the entry point's value")


class Providers(Fact):
    """Who does the work of a run: names of providers, chosen by settings."""

    sources: tuple[str, ...]
    analyzers: tuple[str, ...]
    agent: str
    hardware: tuple[str, ...]
    host: str
    store: str
    runner: str
    runs_in: Literal["caller", "job"] = "caller"


class Budget(Fact):
    """Ceilings of one run."""

    usd: float = Field(default=1.0, ge=0, description="money for coding model and hardware, US dollars")
    minutes: float = Field(default=45, gt=0, description="time of one run, from its start or resumption")
    repair_rounds: int = Field(default=3, ge=0, description="attempts to mend an app that fails")
    fixed_gpu: bool = Field(default=False, description="paid hardware only when asked for")
