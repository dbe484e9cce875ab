"""Makes calls to the Hub: what may pass is tried again, what will not is an error with a next step.

The Hub's answers and what is made of them follow its documented statuses: 402 is about plan or money, 403 about rights,
404 about what is not there (yet), 409 about names, 413 about size; 408, 429 and 5xx may pass.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from spacefactory.errors import BlockedError, PlatformError, SpacefactoryError
from spacefactory_huggingface.client import Hub, message_of, status_of

if TYPE_CHECKING:
    from tenacity import RetryCallState

Answer = TypeVar("Answer")
LATER = frozenset({408, 429, 500, 502, 503, 504})
TRIES = 6
AGAIN = 2
"""Tries of a call that the library repeats itself, for up to 23 seconds."""
LONGEST_WAIT_S = 120.0
"""An answer that asks to wait longer is not obeyed but told to the user."""
GIVE_UP_S = 600.0
NEW_S = 30.0
"""How long what was just made may still answer 404."""


def network_errors() -> tuple[type[BaseException], ...]:
    """What the library raises when there was no answer: its own client's errors, and the builtin ones of transfers."""
    import httpx2

    return (httpx2.HTTPError, ConnectionError, TimeoutError)


def transfer_errors() -> tuple[type[BaseException], ...]:
    """What uploads and downloads of content raise for themselves; none of it has a status."""
    from hf_xet import XetAuthenticationError, XetObjectNotFoundError  # type: ignore[import-untyped]
    from huggingface_hub.errors import XetDownloadError

    return (XetAuthenticationError, XetObjectNotFoundError, XetDownloadError, RuntimeError)


def may_pass(error: BaseException) -> bool:
    """Whether the same call may succeed later."""
    from huggingface_hub.errors import BucketBatchError, OfflineModeIsEnabled

    if isinstance(error, OfflineModeIsEnabled) or (retry_after(error) or 0.0) > LONGEST_WAIT_S:
        return False
    status = status_of(error)
    if status is not None:
        return status in LATER or isinstance(error, BucketBatchError)
    return isinstance(error, network_errors())


def read(hub: Hub, what: str, call: Callable[[], Answer], *, new: bool = False, tries: int = TRIES) -> Answer:
    """Make a call that changes nothing, or that may be repeated: tried again while that may help.

    Args:
        hub: counts and tells the retries.
        what: what is done, for a sentence: "reading the Space".
        call: the call.
        new: it is about something that was just made, which the Hub may not know for up to `NEW_S` seconds.
        tries: how often it is made at most.

    Raises:
        PlatformError: the Hub does not answer, or answers with an error of its own.
        BlockedError: the token is not accepted, or may not do it.
    """
    begun = time.monotonic()
    while True:
        try:
            return _explained(hub, what, call, tries)
        except SpacefactoryError as error:
            unknown = status_of(error.__cause__ or error) == 404
            if not (new and unknown and time.monotonic() - begun < NEW_S):
                raise
        time.sleep(1.0)


def _explained(hub: Hub, what: str, call: Callable[[], Answer], most: int) -> Answer:
    try:
        return tried(hub, what, call, tries=most)
    except SpacefactoryError:
        raise
    except Exception as error:
        if status_of(error) is None and not isinstance(error, (*network_errors(), *transfer_errors())):
            raise
        raise explained(what, error) from error


def tried(
    hub: Hub,
    what: str,
    call: Callable[[], Answer],
    *,
    tries: int,
    before: Callable[[RetryCallState], None] | None = None,
) -> Answer:
    """Make a call, again while its error may pass; each retry is an event of the run.

    `before` is called before each try with its number: what creates something looks there whether it exists by now.

    Raises:
        PlatformError: it failed so often that it is not tried for a while.
        Exception: what the last try raised, as it was.
    """
    from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_after_delay

    known = hub.retries
    known.admit(what)

    def again(error: BaseException) -> bool:
        passing = may_pass(error)
        (known.failed if passing else known.answered)(what)
        return passing

    limit = stop_after_attempt(tries) | stop_after_delay(GIVE_UP_S)
    answer = Retrying(
        retry=retry_if_exception(again),
        stop=lambda state: limit(state) or known.spent(what),
        wait=wait,
        before=before or _nothing,
        before_sleep=lambda state: known.again(what, state),
        reraise=True,
    )(call)
    known.answered(what)
    return answer


def _nothing(_state: RetryCallState) -> None:
    """Nothing to look for before a call that may be repeated."""


def wait(state: RetryCallState) -> float:
    """As long as the Hub says, else with full jitter."""
    from tenacity import wait_random_exponential

    said = retry_after(state.outcome.exception() if state.outcome else None)
    return said if said is not None else wait_random_exponential(multiplier=0.5, max=30)(state)


def retry_after(error: BaseException | None) -> float | None:
    """Seconds that an answer asks to wait, from Retry-After (seconds or a date) or the Hub's RateLimit header."""
    from spacefactory.broker.retrying import wait_of

    response = getattr(error, "response", None)
    if response is None:
        return None
    if said := response.headers.get("retry-after"):
        return wait_of(said, 0)
    limit = dict(part.strip().partition("=")[::2] for part in response.headers.get("ratelimit", "").split(";"))
    return float(limit["t"]) if limit.get("t", "").isdigit() and limit.get("r") == "0" else None


BLOCKED = {
    401: ("not_signed_in", "was refused: the token is not accepted", "sign in again: hf auth login"),
    402: ("plan_required", "was refused", "add credits or a plan to the account"),
    403: ("not_permitted", "was refused", "use a token with the right scopes, see: spacefactory doctor"),
}
FAILED = {
    404: ("failed: the Hub does not know it", "check that it still exists and that this account may see it"),
    409: ("failed: it is in conflict with what exists", "choose another name, or try again later"),
    413: ("failed: it is too large for the Hub", "make it smaller"),
}


def explained(what: str, error: BaseException) -> SpacefactoryError:
    """An error of the client library as one sentence with a next step."""
    status, said = status_of(error), message_of(error)
    if status in BLOCKED:
        reason, words, action = BLOCKED[status]
        return BlockedError(reason, f"{what} {words} ({said})", action)
    if status in FAILED:
        words, action = FAILED[status]
        return PlatformError(f"{what} {words} ({said})", action)
    if status == 429:
        pause = retry_after(error)
        when = f"in {pause / 60:.0f} minutes" if pause is not None and pause > LONGEST_WAIT_S else "in a few minutes"
        return PlatformError(f"{what} failed: the Hub asks to slow down ({said})", f"try again {when}")
    if status is None:
        return _unanswered(what, error, said)
    if 400 <= status < 500:
        return PlatformError(f"{what} was refused: the Hub answered {status} ({said})", "see what it says")
    return PlatformError(f"{what} failed: the Hub answered {status} ({said})", "try again later")


def _unanswered(what: str, error: BaseException, said: str) -> PlatformError:
    from huggingface_hub.errors import OfflineModeIsEnabled

    if isinstance(error, OfflineModeIsEnabled):
        return PlatformError(f"{what} failed: the Hub's library is told to stay offline", "unset HF_HUB_OFFLINE")
    if isinstance(error, transfer_errors()):
        return PlatformError(f"{what} failed: its content could not be moved ({said})", "try again later")
    return PlatformError(f"{what} failed: the Hub did not answer ({said})", "check the network and try again")
