"""Every rule of ours, one module per part of a Space."""

from __future__ import annotations

from spacefactory.lint import readme
from spacefactory.lint.rule import Rule

RULES: tuple[Rule, ...] = (*readme.RULES,)
