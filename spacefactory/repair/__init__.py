"""Known failures of generated Spaces, and what a failure means for the user and the next attempt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spacefactory.hookspecs import hookimpl

if TYPE_CHECKING:
    from spacefactory.providers import FailureTable


@hookimpl
def spacefactory_failures() -> Iterable[FailureTable]:
    """Offer the shipped table."""
    from spacefactory.repair.table import Shipped

    return (Shipped(),)
