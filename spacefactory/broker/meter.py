"""What a run has spent on its coding model, and whether it may spend more."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

MILLION = 1_000_000


@dataclass(frozen=True)
class Prices:
    """US dollars per million tokens."""

    input: float
    output: float


@dataclass(frozen=True)
class Ceiling:
    """What a run may spend; reaching one of these ends it."""

    usd: float
    tokens: int = 20_000_000
    requests: int = 400
    seconds: float = 3600


@dataclass
class Meter:
    """Counts the answers of one endpoint."""

    prices: Prices
    ceiling: Ceiling
    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    usd: float = 0.0
    started: float = field(default_factory=time.monotonic)

    def exhausted(self) -> str:
        """Why there is no next request, empty when there may be one."""
        limits = (
            (self.usd >= self.ceiling.usd, f"{self.ceiling.usd:.2f} USD"),
            (self.tokens_in + self.tokens_out >= self.ceiling.tokens, f"{self.ceiling.tokens} tokens"),
            (self.requests >= self.ceiling.requests, f"{self.ceiling.requests} requests"),
            (time.monotonic() - self.started >= self.ceiling.seconds, f"{self.ceiling.seconds:.0f} seconds"),
        )
        return next((f"the run's budget of {what} is used up" for over, what in limits if over), "")

    def add(self, tokens_in: int, tokens_out: int, stated_usd: float | None = None) -> float:
        """Count one answer; the endpoint's own price wins over the catalogue's. Returns the US dollars of it."""
        counted = (tokens_in * self.prices.input + tokens_out * self.prices.output) / MILLION
        usd = counted if stated_usd is None else stated_usd
        self.requests += 1
        self.tokens_in += tokens_in
        self.tokens_out += tokens_out
        self.usd += usd
        return usd
