"""The Hub's clock, which need not agree with that of its users."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime


@dataclass
class Clock:
    """Real time plus a skew in seconds, which tests may change at any moment."""

    skew_s: float = 0.0

    def time(self) -> float:
        """Seconds since 1970 as this Hub believes."""
        return time.time() + self.skew_s

    def now(self) -> datetime:
        """The time with its zone."""
        return datetime.fromtimestamp(self.time(), UTC)

    def date(self) -> str:
        """Value of the Date header."""
        return format_datetime(self.now().replace(microsecond=0), usegmt=True)

    def iso(self, moment: datetime | None = None, after_s: float = 0.0) -> str:
        """A timestamp as the Hub's JSON has it: UTC, milliseconds, Z."""
        found = (moment or self.now()) + timedelta(seconds=after_s)
        return found.isoformat(timespec="milliseconds").replace("+00:00", "Z")
