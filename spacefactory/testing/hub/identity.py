"""Who am I, and what is left of my quota."""

from __future__ import annotations

from typing import Any

from spacefactory.testing.hub.accounts import INVALID, ZERO_GPU_SECONDS, Account, Caller, Token
from spacefactory.testing.hub.answers import Answer, HubError, json_answer
from spacefactory.testing.hub.repos import KINDS, check_files, check_write
from spacefactory.testing.hub.routing import Call, Route
from spacefactory.testing.hub.scopes import Ability
from spacefactory.testing.hub.state import World

DAY_S = 24 * 3600


def whoami(world: World, call: Call) -> Answer:
    """`GET /api/whoami-v2`."""
    account, token = call.caller.account, call.caller.token
    if account is None or token is None:
        raise HubError(401, INVALID)
    orgs = [one for one in world.accounts.values() if one.kind == "org" and call.caller.role_in(one)]
    found: dict[str, Any] = {
        "type": "user",
        "id": account.id,
        "name": account.name,
        "fullname": account.name.capitalize(),
        "email": f"{account.name}@example.org" if call.caller.can(Ability.EMAIL) else None,
        "emailVerified": account.email_verified,
        "isPro": account.plan == "pro",
        "periodEnd": None,
        "avatarUrl": f"/avatars/{account.id}.svg",
        "orgs": [_org(call.caller, one) for one in orgs],
        "auth": _auth(world, token),
    }
    if token.kind != "oauth" or call.caller.can(Ability.BILLING):
        found["canPay"] = account.can_pay
    return json_answer(found)


def quota(world: World, call: Call) -> Answer:
    """`GET /api/spaces/zero-gpu/quota`, in seconds."""
    call.caller.need(Ability.BILLING)
    account = call.caller.known()
    base = ZERO_GPU_SECONDS[account.plan]
    used = account.quota_s is not None
    resets = world.clock.iso(after_s=DAY_S) if used else None
    return json_answer({"base": base, "current": account.quota_s if used else base, "resetsAt": resets})


def auth_check(world: World, call: Call) -> Answer:
    """`GET /api/{type}s/{id}/auth-check`: whether the caller may read the files."""
    repo = world.repo(call.caller, KINDS[call.param("kind")], call.param("repo"))
    check_files(call.caller, repo, world.accounts.get(repo.owner))
    return json_answer({})


def auth_check_write(world: World, call: Call) -> Answer:
    """`GET /api/{type}s/{id}/auth-check/write`: whether the caller may write."""
    repo = world.repo(call.caller, KINDS[call.param("kind")], call.param("repo"))
    check_write(call.caller, repo, world.owner(repo.owner))
    return json_answer({})


def _org(caller: Caller, org: Account) -> dict[str, Any]:
    return {
        "type": "org",
        "id": org.id,
        "name": org.name,
        "fullname": org.name.capitalize(),
        "email": None,
        "canPay": org.can_pay,
        "periodEnd": None,
        "avatarUrl": f"/avatars/{org.id}.svg",
        "roleInOrg": caller.role_in(org),
        "isEnterprise": org.plan == "enterprise",
        "plan": org.plan,
    }


def _auth(world: World, token: Token) -> dict[str, Any]:
    expires = world.clock.iso(token.expires_at) if token.expires_at else None
    if token.kind == "oauth":
        found: dict[str, Any] = {"type": "oauth", "resource": {"sub": world.accounts[token.account].id}}
        return found | ({"expiresAt": expires} if expires else {})
    shown: dict[str, Any] = {"displayName": "test", "role": token.role, "createdAt": world.clock.iso()}
    if token.role == "fineGrained":
        shown["fineGrained"] = _fine_grained(world.accounts[token.account], token)
    return {"type": "access_token", "accessToken": shown} | ({"expiresAt": expires} if expires else {})


def _fine_grained(account: Account, token: Token) -> dict[str, Any]:
    entity = {"_id": account.id, "type": "user", "name": account.name}
    gated = "repo.access.read" in token.scopes
    return {
        "canReadGatedRepos": gated,
        "global": [],
        "scoped": [{"entity": entity, "permissions": list(token.scopes)}],
    }


ROUTES = (
    Route("GET", "/api/whoami-v2", whoami),
    Route("GET", "/api/spaces/zero-gpu/quota", quota),
    Route("GET", "/api/{kind}/{repo}/auth-check", auth_check),
    Route("GET", "/api/{kind}/{repo}/auth-check/write", auth_check_write),
)
