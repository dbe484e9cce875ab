"""Doors to private Spaces that stay open between calls."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass, field

from spacefactory.broker.space import open_space


@dataclass
class Doors:
    """One door per address, opened when it is first asked for."""

    _stack: ExitStack = field(default_factory=ExitStack)
    _open: dict[str, str] = field(default_factory=dict)

    def open(self, address: str, token: str) -> str:
        """The loopback address behind which that Space is."""
        if address not in self._open:
            self._open[address] = self._stack.enter_context(open_space(address, token))
        return self._open[address]

    def close(self) -> None:
        """Shut all of them."""
        self._open.clear()
        self._stack.close()
