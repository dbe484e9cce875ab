"""Rules for generated Spaces, and the gate that everything published goes through."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spacefactory.hookspecs import hookimpl

if TYPE_CHECKING:
    from spacefactory.providers import LintRule


@hookimpl
def spacefactory_lint_rules() -> Iterable[LintRule]:
    """Offer the shipped rules."""
    from spacefactory.lint.rules import RULES

    return RULES
