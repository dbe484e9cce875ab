"""What the account, its token and its limits allow, told before anything is spent; nothing here changes anything.

The Hub does not list the scopes of a sign-in token, so those are found by asking for what needs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any, Literal

from spacefactory.errors import BlockedError, SpacefactoryError
from spacefactory.schema.preflight import Examined, Need
from spacefactory.schema.status import BlockerReason
from spacefactory_huggingface.account import namespace, plan_of, seconds_left, who
from spacefactory_huggingface.calls import read
from spacefactory_huggingface.client import Hub, status_of

ZERO_GPU = "zero-a10g"
ZERO_GPU_SLOTS = {"free": 2, "pro": 10, "team": 50, "enterprise": 50}
"""How many ZeroGPU Spaces an account may host, by plan: the Hub's documentation of August 2026."""
LOOKS = 2
"""Tries of a look: what the Hub does not tell now is `unknown`. Lists are tried once, the library repeats them."""
SIGN_IN = "sign in: hf auth login, or set HF_TOKEN"
SCOPES = "sign in again and grant it, or use a token with the role write"


def of_account(hub: Hub, need: Need) -> tuple[Examined, ...]:
    """Identity, token, its end, the namespace, plan and payment, ZeroGPU quota and slots."""
    try:
        answer = who(hub)
    except BlockedError as error:
        return (failed("identity", error.message, SIGN_IN, BlockerReason.NOT_SIGNED_IN),)
    owner = namespace(hub, answer)
    return (
        Examined(name="identity", state="pass", detail=f"signed in as {answer['name']}"),
        *_token(answer),
        expiry(answer, need.minutes),
        *_namespace(answer, owner),
        _plan(answer, owner),
        *_zero_gpu(hub, answer, owner, need),
    )


def failed(
    name: str,
    detail: str,
    fix: str,
    reason: BlockerReason = BlockerReason.NOT_PERMITTED,
    *,
    needed: bool = True,
) -> Examined:
    """A check that failed."""
    return Examined(name=name, state="fail", detail=detail, fix=fix, reason=reason, needed=needed)


def _token(answer: dict[str, Any]) -> Iterator[Examined]:
    """A classic token has a role, a fine-grained one permissions; a sign-in token keeps its scopes to itself."""
    auth = answer.get("auth") or {}
    token = auth.get("accessToken") or {}
    role = str(token.get("role") or "")
    if auth.get("type") == "oauth":
        yield Examined(name="token", state="pass", detail="a sign-in token; its scopes show in what it may do")
    elif role == "read":
        yield failed("token", "the token may only read", "use a token with the role write")
    elif role == "fineGrained":
        yield _fine_grained(token.get("fineGrained") or {})
    else:
        yield Examined(name="token", state="pass", detail=f"an access token with the role {role or 'unknown'}")


def _fine_grained(facts: dict[str, Any]) -> Examined:
    granted = {permission for scope in facts.get("scoped") or () for permission in scope.get("permissions") or ()}
    granted |= set(facts.get("global") or ())
    if "repo.write" not in granted:
        return failed("token", "the fine-grained token lacks the permission repo.write", "add it, or use a write token")
    return Examined(name="token", state="pass", detail=f"a fine-grained token: {', '.join(sorted(granted))}")


def expiry(answer: dict[str, Any], minutes: float) -> Examined:
    """Whether the sign-in outlasts a run of that many minutes."""
    left = seconds_left(answer)
    if left is None:
        return Examined(name="token expiry", state="pass", detail="the token does not expire")
    detail = f"the sign-in ends in {max(left, 0) / 60:.0f} minutes, a run may take {minutes:g}"
    if left >= minutes * 60:
        return Examined(name="token expiry", state="pass", detail=detail)
    fix = "sign in again, or allow less time with SPACEFACTORY_BUDGET__MINUTES"
    return failed("token expiry", detail, fix, BlockerReason.NOT_SIGNED_IN)


def _namespace(answer: dict[str, Any], owner: str) -> Iterator[Examined]:
    """An organisation must have been granted to the token, with a role that may write."""
    if owner == answer.get("name"):
        return
    found = next((one for one in answer.get("orgs") or () if one.get("name") == owner), None)
    role = str((found or {}).get("roleInOrg") or "")
    if found is None:
        fix = "sign in again and grant that organisation, or choose another [plugin.huggingface] namespace"
        yield failed("organisation", f"this token gives no access to {owner}", fix)
    elif role == "read":
        yield failed("organisation", f"the role in {owner} is read", "ask an admin of it for the role contributor")
    else:
        yield Examined(name="organisation", state="pass", detail=f"{role or 'a member'} of {owner}")


def _plan(answer: dict[str, Any], owner: str) -> Examined:
    """What the account pays for; a free one may host ZeroGPU Spaces and nothing else."""
    plan, can_pay = plan_of(answer, owner), answer.get("canPay")
    pays = {True: "a payment method is set", False: "no payment method", None: "payment is not told to this token"}
    detail = f"plan {plan}, {pays[can_pay]}"
    state: Literal["pass", "unknown"] = "unknown" if plan == "free" and not can_pay else "pass"
    fix = "paid hardware and jobs need credit or a payment method" if state == "unknown" else ""
    return Examined(name="plan", state=state, detail=detail, fix=fix, needed=False)


def _zero_gpu(hub: Hub, answer: dict[str, Any], owner: str, need: Need) -> Iterator[Examined]:
    if need.flavor in (None, ZERO_GPU):
        wanted = need.flavor == ZERO_GPU
        yield _quota(hub, wanted=wanted)
        yield _slots(hub, owner, plan_of(answer, owner), wanted=wanted)


def _quota(hub: Hub, *, wanted: bool) -> Examined:
    """Calls of a validation are the user's own, so they need some of the user's daily quota."""
    api = hub.api
    try:
        quota = read(hub, "reading the ZeroGPU quota", lambda: api.get_zero_gpu_quota(), tries=LOOKS)
    except SpacefactoryError as error:
        fix = "the scope read-billing shows it" if status_of(error.__cause__ or error) == 403 else ""
        return Examined(name="zerogpu quota", state="unknown", detail=error.message, fix=fix, needed=False)
    detail = f"{quota.remaining} of {quota.base} seconds are left today"
    if quota.remaining > 0:
        return Examined(name="zerogpu quota", state="pass", detail=detail)
    renewed = getattr(quota, "resets_at", None)
    when = f" at {renewed:%Y-%m-%d %H:%M} UTC" if isinstance(renewed, datetime) else ""
    fix = f"wait until it is renewed{when}, then start the build again"
    return failed("zerogpu quota", detail, fix, BlockerReason.QUOTA_EXHAUSTED, needed=wanted)


def _slots(hub: Hub, owner: str, plan: str, *, wanted: bool) -> Examined:
    """A free account with all slots taken can have no Space at all; others get one without ZeroGPU."""
    api, most = hub.api, ZERO_GPU_SLOTS.get(plan)
    try:
        found = read(hub, "counting Spaces", lambda: list(api.list_spaces(author=owner, expand=["runtime"])), tries=1)
    except SpacefactoryError as error:
        return Examined(name="zerogpu slots", state="unknown", detail=error.message, needed=False)
    used = sum(_on_zero_gpu(getattr(one, "runtime", None)) for one in found)
    if most is None:
        return Examined(name="zerogpu slots", state="unknown", detail=f"{used} ZeroGPU Spaces exist", needed=False)
    detail = f"{used} of {most} ZeroGPU Spaces are used by {owner}"
    if used < most:
        return Examined(name="zerogpu slots", state="pass", detail=detail)
    fix = "pause or delete one of them, or choose other hardware"
    return failed("zerogpu slots", detail, fix, BlockerReason.PLAN_REQUIRED, needed=wanted and plan == "free")


def _on_zero_gpu(runtime: Any) -> bool:
    return ZERO_GPU in (getattr(runtime, "requested_hardware", None), getattr(runtime, "hardware", None))


def of_bucket(hub: Hub, bucket: str) -> tuple[Examined, ...]:
    """Whether the bucket of the records is there and private. That it may be made shows only when it is made."""
    api = hub.api
    try:
        private = read(hub, f"reading the bucket {bucket}", lambda: api.bucket_info(bucket), tries=LOOKS).private
    except SpacefactoryError as error:
        return (_no_bucket(bucket, error),)
    if private is not True:
        fix = "make it private, or name another with SPACEFACTORY_PLUGIN__huggingface__BUCKET"
        return (failed("bucket", f"{bucket} is public, and run records are private", fix),)
    return (Examined(name="bucket", state="pass", detail=f"{bucket} is there and private"),)


def _no_bucket(bucket: str, error: SpacefactoryError) -> Examined:
    status = status_of(error.__cause__ or error)
    if status == 404:
        detail = f"{bucket} is made, private, when the first run is"
        return Examined(name="bucket", state="unknown", detail=detail, needed=False)
    if status in (401, 403):
        return failed("bucket", error.message, SCOPES)
    return Examined(name="bucket", state="unknown", detail=error.message, needed=False)


def of_jobs(hub: Hub, minutes: float) -> tuple[Examined, ...]:
    """Whether the token may run jobs in the namespace and outlasts one of that many minutes."""
    answer = who(hub)
    owner = namespace(hub, answer)
    return (_jobs(hub, lambda: next(iter(hub.api.list_jobs(namespace=owner)), None)), _lasts(answer, minutes))


def _lasts(answer: dict[str, Any], minutes: float) -> Examined:
    return expiry(answer, minutes).model_copy(update={"name": "token expiry of a job"})


def _jobs(hub: Hub, ask: Callable[[], object]) -> Examined:
    try:
        read(hub, "looking for jobs", ask, tries=1)
    except BlockedError as error:
        return failed("jobs", error.message, "sign in again and grant the scope jobs, or use a write token")
    except SpacefactoryError as error:
        return Examined(name="jobs", state="unknown", detail=error.message, needed=False)
    return Examined(name="jobs", state="pass", detail="this token may use jobs")
