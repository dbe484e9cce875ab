"""Makes calls to the Hub: what may pass is tried again, what will not is an error with a next step."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from spacefactory.errors import BlockedError, PlatformError, SpacefactoryError
from spacefactory_huggingface.client import message_of, status_of

if TYPE_CHECKING:
    from tenacity import RetryCallState

Answer = TypeVar("Answer")
LATER = frozenset({408, 429, 500, 502, 503, 504})
TRIES = 6
LONGEST_WAIT_S = 120.0
GIVE_UP_S = 600.0


def network_errors() -> tuple[type[BaseException], ...]:
    """What the library raises when there was no answer: its own client's errors, and the builtin one of transfers."""
    import httpx2

    return (httpx2.HTTPError, ConnectionError, TimeoutError)


def may_pass(error: BaseException) -> bool:
    """Whether the same call may succeed later."""
    status = status_of(error)
    return status in LATER if status is not None else isinstance(error, network_errors())


def read(what: str, call: Callable[[], Answer]) -> Answer:
    """Make a call that changes nothing, or that may be repeated: tried again while that may help.

    Args:
        what: what is done, for a sentence: "reading the Space".
        call: the call.

    Raises:
        PlatformError: the Hub does not answer, or answers with an error of its own.
        BlockedError: the token is not accepted, or may not do it.
    """
    from tenacity import Retrying, retry_if_exception, stop_after_attempt, stop_after_delay

    tries = Retrying(
        retry=retry_if_exception(may_pass),
        stop=stop_after_attempt(TRIES) | stop_after_delay(GIVE_UP_S),
        wait=wait,
        reraise=True,
    )
    try:
        return tries(call)
    except SpacefactoryError:
        raise
    except Exception as error:
        if status_of(error) is None and not isinstance(error, network_errors()):
            raise
        raise explained(what, error) from error


def wait(state: RetryCallState) -> float:
    """As long as the Hub says, else with full jitter; longer than `LONGEST_WAIT_S` never."""
    from tenacity import wait_random_exponential

    error = state.outcome.exception() if state.outcome else None
    said = retry_after(error)
    return min(LONGEST_WAIT_S, said if said is not None else wait_random_exponential(multiplier=0.5, max=30)(state))


def retry_after(error: BaseException | None) -> float | None:
    """Seconds that an answer asks to wait, from Retry-After or the Hub's RateLimit header."""
    from spacefactory.broker.retrying import wait_of

    response = getattr(error, "response", None)
    if response is None:
        return None
    if said := response.headers.get("retry-after"):
        return wait_of(said, 0)
    limit = dict(part.strip().partition("=")[::2] for part in response.headers.get("ratelimit", "").split(";"))
    return float(limit["t"]) if limit.get("t", "").isdigit() and limit.get("r") == "0" else None


def explained(what: str, error: BaseException) -> SpacefactoryError:
    """An error of the client library as one sentence with a next step."""
    status, said = status_of(error), message_of(error)
    if status == 401:
        return BlockedError(
            "not_signed_in", f"{what} was refused: the token is not accepted ({said})", "sign in again: hf auth login"
        )
    if status == 402:
        return BlockedError("plan_required", f"{what} was refused: {said}", "add credits or a plan to the account")
    if status == 403:
        return BlockedError(
            "not_permitted",
            f"{what} was refused: {said}",
            "use a token with the right scopes, see: spacefactory doctor",
        )
    if status == 429:
        return PlatformError(f"{what} failed: the Hub asks to slow down ({said})", "try again in a few minutes")
    if status is None:
        return PlatformError(f"{what} failed: the Hub did not answer ({said})", "check the network and try again")
    return PlatformError(f"{what} failed: the Hub answered {status} ({said})", "try again later")
