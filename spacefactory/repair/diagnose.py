"""What a failure means: a typed reason, the words that show it, and what to do next."""

from __future__ import annotations

from collections.abc import Iterable

from spacefactory.repair.classify import Match, find, last_line
from spacefactory.repair.logs import clean
from spacefactory.schema.status import Blocker, BlockerReason, Level
from spacefactory.schema.work import Failure, FailureRule

MAX_QUOTE = 240
_BY_STEP = {
    "generate": (BlockerReason.UNSUPPORTED_TASK, "choose another agent with --agent"),
    "lint": (BlockerReason.LINT, "see tests/lint.json of the run, or run: spacefactory lint FOLDER"),
    "publish": (BlockerReason.APP_CRASHED, "try again with: spacefactory runs resume RUN_ID"),
    "boot": (BlockerReason.APP_CRASHED, "read its log with: spacefactory spaces logs NAME"),
    "health": (BlockerReason.APP_UNRESPONSIVE, "read its log with: spacefactory spaces logs NAME"),
    "validate": (BlockerReason.CALL_FAILED, "read report.md of the run for every call and check"),
}
_ANY_STEP = (BlockerReason.APP_CRASHED, "read report.md of the run for what was tried")


def diagnose(failure: Failure, rules: Iterable[FailureRule]) -> Blocker:
    """The reason of a failure, from the known failures, else from the step and place that it was seen in."""
    found = find(failure.text, failure.place, rules) if failure.text.strip() else None
    return _known(failure, found) if found else _unknown(failure)


def _known(failure: Failure, found: Match) -> Blocker:
    reason = BlockerReason(found.rule.reason)
    if reason is BlockerReason.APP_CRASHED and failure.place == "client":
        reason = BlockerReason.CALL_FAILED  # the app lives: only the call ended in an error
    hint = found.rule.fix.partition(": ")[2] or found.rule.fix
    return Blocker(reason=reason, detail=f"{found.rule.cause}: {_quote(found.line)}", next_action=hint)


def _unknown(failure: Failure) -> Blocker:
    """Nothing known fits: the step says what kind of failure it is, the text's last words say more."""
    reason, action = _BY_STEP.get(failure.step, _ANY_STEP)
    if failure.place == "build_log":
        reason, action = BlockerReason.DEPENDENCY, "read the build log with: spacefactory spaces logs NAME --build"
    elif failure.step == "validate" and failure.checks:
        reason = _by_checks(failure)
    words = _quote(last_line(clean(failure.text)))
    detail = f"{failure.summary}: {words}" if words and words not in failure.summary else failure.summary
    return Blocker(reason=reason, detail=detail or f"the step {failure.step} failed", next_action=action)


def _by_checks(failure: Failure) -> BlockerReason:
    """Which kind of proof failed: an output that never changes is a stand-in, any other is a wrong one."""
    levels = {check.level for check in failure.checks if check.passed is False}
    if levels == {Level.RESPONSIVE}:
        return BlockerReason.PLACEHOLDER
    return BlockerReason.WRONG_OUTPUT if levels - {None} else BlockerReason.CALL_FAILED


def _quote(line: str) -> str:
    line = " ".join(line.split())
    return line if len(line) <= MAX_QUOTE else line[: MAX_QUOTE - 3] + "..."
