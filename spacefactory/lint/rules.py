"""Every rule of ours, one module per part of a Space."""

from __future__ import annotations

from spacefactory.lint import (
    endpoints,
    environment,
    gradio6,
    model_use,
    outputs,
    package_rules,
    readme,
    requirement_rules,
    resolve,
    start,
    state,
    zerogpu,
)
from spacefactory.lint.rule import Rule

RULES: tuple[Rule, ...] = (
    *readme.RULES,
    *requirement_rules.RULES,
    *resolve.RULES,
    *package_rules.RULES,
    *start.RULES,
    *zerogpu.RULES,
    *model_use.RULES,
    *endpoints.RULES,
    *outputs.RULES,
    *state.RULES,
    *gradio6.RULES,
    *environment.RULES,
)
