"""From evidence to status. A false success is the worst defect there is, a false failure the second worst."""

from __future__ import annotations

from spacefactory.schema.base import Fact
from spacefactory.schema.status import Blocker, BlockerReason, Level, Status
from spacefactory.schema.verdict import Check, Judgement


class Verdict(Fact):
    """How a run ends, as far as the calls tell."""

    status: Status
    level: Level
    blocker: Blocker | None = None


def decide(judgement: Judgement) -> Verdict:
    """The status that the evidence allows, never a better one.

    Noise proves nothing and disproves nothing: such an app stays a candidate, which is the honest end of a model with
    random weights. A check that could not be made is treated the same way.
    """
    level = judgement.level
    if judgement.contradicted:
        return _blocked(level, BlockerReason.WRONG_OUTPUT, _first_failed(judgement, None))
    if level.rank >= Level.RESPONSIVE.rank:
        return Verdict(status=Status.FULL_INFERENCE_SUCCESS, level=level)
    wanted = _next_level(level)
    failed = _first_failed(judgement, wanted)
    if judgement.noise or failed is None:
        return Verdict(status=Status.CANDIDATE, level=level)
    if failed.name == ANSWERED and level.rank >= Level.TYPED.rank:
        return _blocked(level, BlockerReason.CALL_FAILED, failed)
    stand_in = wanted is Level.RESPONSIVE or failed.name in STAND_IN_CHECKS
    return _blocked(level, BlockerReason.PLACEHOLDER if stand_in else BlockerReason.WRONG_OUTPUT, failed)


STAND_IN_CHECKS = frozenset({"alive.not_echo", "alive.not_shipped", "alive.not_rearranged"})
"""Checks that fail when the input or a file of the app is handed back: nothing was computed at all."""

ANSWERED = "calls.answered"
"""The check that fails when some calls were answered, and others ended with an error of the app."""


def _next_level(level: Level) -> Level:
    order = list(Level)
    return order[max(order.index(level), order.index(Level.RUNNING)) + 1]


def _first_failed(judgement: Judgement, level: Level | None) -> Check | None:
    failed = [check for check in judgement.checks if check.passed is False and not check.noise]
    return next((check for check in failed if level is None or check.level == level), failed[0] if failed else None)


def _blocked(level: Level, reason: BlockerReason, failed: Check | None) -> Verdict:
    detail = f"{failed.name}: {failed.detail}" if failed else "the evidence contradicts the named model"
    action = "read report.md of the run for every call and check"
    return Verdict(
        status=Status.TECHNICAL_BLOCKER,
        level=level,
        blocker=Blocker(reason=reason, detail=detail, next_action=action),
    )
