"""Who the token belongs to, and what may be asked for in that name."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from spacefactory.errors import SpacefactoryError
from spacefactory.schema.space import Account, Flavor
from spacefactory_huggingface.calls import read
from spacefactory_huggingface.client import Hub

if TYPE_CHECKING:
    from huggingface_hub._jobs_api import JobHardwareInfo

FRESH_S = 60.0
"""How long an answer about the token is good for; the Hub has a strict limit of its own for that question."""
UNITS_PER_HOUR = {"minute": 60, "hour": 1, "second": 3600}


def who(hub: Hub) -> dict[str, Any]:
    """The Hub's own answer about the token.

    Raises:
        BlockedError: nobody is signed in, or the token is not accepted.
    """
    hub.token()
    at, answer = hub.known.get("who", (-FRESH_S, {}))
    if time.monotonic() - at >= FRESH_S:
        api = hub.api
        answer = dict(read(hub, "asking who is signed in", lambda: api.whoami()))
        hub.known["who"] = (time.monotonic(), answer)
    return answer


def namespace(hub: Hub, answer: dict[str, Any] | None = None) -> str:
    """User or organisation that owns what is made."""
    return hub.options.namespace or str((answer or who(hub))["name"])


def account(hub: Hub) -> Account:
    """The account with its plan and today's priced flavors."""
    answer = who(hub)
    owner = namespace(hub, answer)
    return Account(
        name=owner,
        plan=plan_of(answer, owner),
        assigns_hardware=True,
        flavors=flavors(hub),
        details={key: value for key, value in _details(answer).items() if value},
    )


def plan_of(answer: dict[str, Any], owner: str) -> str:
    """Free or pro for a user; an organisation's own plan, where the Hub tells it."""
    for organisation in answer.get("orgs") or ():
        if organisation.get("name") == owner:
            return str(organisation.get("plan") or "organisation")
    return "pro" if answer.get("isPro") else "free"


def _details(answer: dict[str, Any]) -> dict[str, str]:
    auth = answer.get("auth") or {}
    token = auth.get("accessToken") or {}
    return {
        "user": str(answer.get("name", "")),
        "token": str(auth.get("type", "")),
        "role": str(token.get("role", "")),
        "expires": str(auth.get("expiresAt") or ""),
        "can_pay": "" if answer.get("canPay") is None else ("yes" if answer["canPay"] else "no"),
    }


def seconds_left(answer: dict[str, Any]) -> float | None:
    """Seconds until the token expires; None when it does not, or nothing is said."""
    stated = (answer.get("auth") or {}).get("expiresAt")
    if not isinstance(stated, str):
        return None
    try:
        until = datetime.fromisoformat(stated)
    except ValueError:
        return None
    aware = until if until.tzinfo else until.replace(tzinfo=UTC)
    return (aware - datetime.now(UTC)).total_seconds()


def flavors(hub: Hub) -> tuple[Flavor, ...]:
    """Hardware for Spaces with today's prices; nothing when the Hub gives no list."""
    api = hub.api
    try:
        listed = read(hub, "reading the list of hardware", lambda: api.list_spaces_hardware())
    except SpacefactoryError:
        return ()
    return tuple(flavor(one) for one in listed)


def flavor(one: JobHardwareInfo) -> Flavor:
    """One entry of the Hub's list."""
    gpu = one.accelerator
    return Flavor(
        name=str(one.name),
        usd_per_hour=round(float(one.unit_cost_usd or 0) * UNITS_PER_HOUR.get(one.unit_label, 60), 6),
        gpus=int(_number(gpu.quantity)) if gpu else 0,
        gpu_memory_gib=_number(gpu.vram) if gpu else 0.0,
    )


def _number(text: str | int | None) -> float:
    """`24 GB` as a number; GB of the list are GiB of the device, as makers of GPUs count."""
    digits = "".join(sign for sign in str(text or "") if sign.isdigit() or sign == ".")
    return float(digits) if digits else 0.0
