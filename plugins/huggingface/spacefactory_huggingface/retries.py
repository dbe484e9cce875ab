"""What is tried again is told, counted and bounded: an event per retry, a budget, a pause after failures in a row."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spacefactory.errors import PlatformError
from spacefactory_huggingface.client import status_of

if TYPE_CHECKING:
    from tenacity import RetryCallState

BUDGET = 60
"""Retries of one run's store, host or source altogether."""
BREAKER = 5
"""After so many failures in a row a call is not made for a while."""
PAUSE_S = 30.0

Emit = Callable[[str, dict[str, Any]], None]


@dataclass
class Retries:
    """What went wrong so far, by call; threads take turns."""

    emit: Emit
    left: int = BUDGET
    _failed: dict[str, int] = field(default_factory=dict)
    _until: dict[str, float] = field(default_factory=dict)
    _turn: threading.Lock = field(default_factory=threading.Lock)

    def admit(self, what: str) -> None:
        """Let a call be made.

        Raises:
            PlatformError: it failed several times in a row, a moment ago.
        """
        with self._turn:
            until = self._until.get(what, 0.0)
        if (rest := until - time.monotonic()) > 0:
            raise PlatformError(
                f"{what} failed {BREAKER} times in a row, so it is not tried for {rest:.0f} s", "try again later"
            )

    def failed(self, what: str) -> None:
        """A try ended in an error that may pass."""
        with self._turn:
            count = self._failed[what] = self._failed.get(what, 0) + 1
            if count >= BREAKER:
                self._until[what] = time.monotonic() + PAUSE_S

    def answered(self, what: str) -> None:
        """A try had an answer, be it a refusal: the call works."""
        with self._turn:
            self._failed.pop(what, None)
            self._until.pop(what, None)

    def spent(self, what: str) -> bool:
        """Whether no further try is made."""
        with self._turn:
            return self.left <= 0 or self._failed.get(what, 0) >= BREAKER

    def again(self, what: str, state: RetryCallState) -> None:
        """Tell of a retry that comes after a wait."""
        with self._turn:
            self.left -= 1
        error = state.outcome.exception() if state.outcome else None
        facts = {
            "call": what,
            "status": status_of(error) if error else None,
            "error": type(error).__name__,
            "attempt": state.attempt_number,
            "wait_s": round(state.upcoming_sleep, 3),
        }
        self.emit("retry", facts)
