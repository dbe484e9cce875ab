"""What a host's answer to a request for hardware means; the same reading for every strategy."""

from __future__ import annotations

from spacefactory.schema.space import HardwareAnswer, HardwareOutcome, HardwareProposal, HardwareResult

CREDIT_WORDS = ("credit", "payment method", "billing")
SLOT_WORDS = ("maximum", "limit", "quota of", "too many", "already host")
QUOTA_WORDS = ("daily quota", "quota exceeded", "exceeded your")

NEXT = {
    HardwareResult.PLAN_REQUIRED: "use an account whose plan has it, or set other hardware in the Space's settings",
    HardwareResult.NO_CREDITS: "add credit or a payment method, then set the hardware in the Space's settings",
    HardwareResult.NOT_PERMITTED: "use a token that may do it, or set the hardware in the Space's settings",
    HardwareResult.OAUTH_LIMIT: "set the hardware in the Space's settings: the Hub refuses this to sign-in tokens",
    HardwareResult.QUOTA_EXHAUSTED: "wait until the quota is renewed, then resume the run",
    HardwareResult.SLOTS_FULL: "pause or delete another Space on this hardware, then set it in this Space's settings",
    HardwareResult.UNAVAILABLE: "try again later, or set other hardware in the Space's settings",
    HardwareResult.SILENTLY_DOWNGRADED: "set the hardware in the Space's settings",
}
"""What to do where a Space was made without the hardware."""
WITHOUT_SPACE = {
    HardwareResult.PLAN_REQUIRED: "use an account whose plan has it",
    HardwareResult.NO_CREDITS: "add credit or a payment method, then start the build again",
    HardwareResult.NOT_PERMITTED: "use a token that may create Spaces, see: spacefactory doctor",
    HardwareResult.OAUTH_LIMIT: "sign in again, or use a token that may create Spaces",
    HardwareResult.QUOTA_EXHAUSTED: "wait until the quota is renewed, then start the build again",
    HardwareResult.SLOTS_FULL: "pause or delete another Space on this hardware, then start the build again",
    HardwareResult.UNAVAILABLE: "try again later",
}
"""What to do where the account may not have a Space without it either."""


def read_answer(proposal: HardwareProposal, answer: HardwareAnswer) -> HardwareOutcome:
    """The typed outcome of one request.

    The Hub answers 402 for plan and money, 403 for rights and slots, 401 for hardware calls with a sign-in token; its
    words tell those apart that share a status. A Space that was accepted and shows other hardware was downgraded.
    """
    result = _accepted(answer) if answer.accepted else _refused(answer)
    if result in (HardwareResult.GRANTED, HardwareResult.NOT_NEEDED):
        return HardwareOutcome(
            strategy=proposal.strategy,
            result=result,
            flavor=answer.requested or proposal.flavor,
            usd_per_hour=proposal.usd_per_hour,
        )
    return HardwareOutcome(
        strategy=proposal.strategy,
        result=result,
        flavor=answer.current,
        detail=_detail(proposal, answer, result),
        next_action=NEXT[result],
    )


def _accepted(answer: HardwareAnswer) -> HardwareResult:
    if answer.current in (None, answer.requested):
        return HardwareResult.GRANTED
    return HardwareResult.SILENTLY_DOWNGRADED


def _refused(answer: HardwareAnswer) -> HardwareResult:
    words = answer.message.lower()
    if any(word in words for word in QUOTA_WORDS):
        return HardwareResult.QUOTA_EXHAUSTED
    match answer.status:
        case 401:
            return HardwareResult.OAUTH_LIMIT
        case 402:
            return HardwareResult.NO_CREDITS if _has(words, CREDIT_WORDS) else HardwareResult.PLAN_REQUIRED
        case 403:
            if _has(words, CREDIT_WORDS):
                return HardwareResult.NO_CREDITS
            return HardwareResult.SLOTS_FULL if _has(words, SLOT_WORDS) else HardwareResult.NOT_PERMITTED
        case _:
            return HardwareResult.SLOTS_FULL if _has(words, SLOT_WORDS) else HardwareResult.UNAVAILABLE


def _has(words: str, wanted: tuple[str, ...]) -> bool:
    return any(word in words for word in wanted)


def _detail(proposal: HardwareProposal, answer: HardwareAnswer, result: HardwareResult) -> str:
    if result is HardwareResult.SILENTLY_DOWNGRADED:
        return f"{proposal.flavor} was asked for, the Space has {answer.current}"
    said = f": {' '.join(answer.message.split())[:300]}" if answer.message else ""
    status = f" ({answer.status})" if answer.status else ""
    return f"{proposal.flavor} was refused{status}{said}"
