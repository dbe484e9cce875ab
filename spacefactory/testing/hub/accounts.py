"""Users, organisations and their tokens."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from spacefactory.testing.hub.answers import HubError
from spacefactory.testing.hub.clock import Clock
from spacefactory.testing.hub.scopes import Ability, abilities

Plan = Literal["free", "pro", "team", "enterprise"]
Kind = Literal["user", "org"]
OrgRole = Literal["admin", "write", "contributor", "read"]
TokenKind = Literal["oauth", "access_token"]
Role = Literal["read", "write", "fineGrained"]

ZERO_GPU_SECONDS: Mapping[str, int] = {"free": 300, "pro": 2400, "team": 2400, "enterprise": 3600}
"""Daily ZeroGPU quota of a caller by plan: the Hub's documentation of August 2026."""
ZERO_GPU_SLOTS: Mapping[str, int] = {"free": 2, "pro": 10, "team": 50, "enterprise": 50}
"""How many ZeroGPU Spaces an account may host: same source."""
INVALID = "Invalid username or password."
BAD_HEADER = "Invalid credentials in Authorization header"


def hex_id(text: str) -> str:
    """An id of 24 hex digits that is the same in every run."""
    return hashlib.sha256(text.encode()).hexdigest()[:24]


@dataclass
class Account:
    """A user or an organisation. Every field may be changed while the Hub runs."""

    name: str
    kind: Kind = "user"
    plan: Plan = "free"
    can_pay: bool = False
    credits_usd: float = 0.0
    email_verified: bool = True
    age_days: int = 400
    members: dict[str, OrgRole] = field(default_factory=dict)
    quota_s: int | None = None
    """ZeroGPU seconds that are left today; None: none was used."""
    slots: int | None = None
    """ZeroGPU Spaces that may be hosted; None: what the plan says."""

    @property
    def id(self) -> str:
        """The Hub's id of it."""
        return hex_id(f"account {self.name}")

    @property
    def paid_plan(self) -> bool:
        """Whether it has any paid plan."""
        return self.plan != "free"

    @property
    def good_standing(self) -> bool:
        """What a free account needs to host ZeroGPU Spaces: verified e-mail, older than 30 days."""
        return self.email_verified and self.age_days > 30

    @property
    def zero_gpu_slots(self) -> int:
        """How many ZeroGPU Spaces it may host."""
        return ZERO_GPU_SLOTS[self.plan] if self.slots is None else self.slots


@dataclass
class Token:
    """A token; `expires_at` and `calls_left` may be changed while the Hub runs."""

    value: str
    account: str
    kind: TokenKind = "access_token"
    role: Role = "write"
    scopes: tuple[str, ...] = ()
    orgs: tuple[str, ...] = ()
    """Organisations granted to a sign-in token."""
    expires_at: datetime | None = None
    calls_left: int | None = None
    """How many more requests it is good for; None: no limit."""
    revoked: bool = False

    @property
    def abilities(self) -> frozenset[Ability]:
        """What it is good for."""
        return abilities(self.kind, self.role, self.scopes)

    @property
    def app(self) -> str | None:
        """The app that a sign-in token belongs to."""
        return "spacefactory" if self.kind == "oauth" else None


@dataclass(frozen=True)
class Caller:
    """Who sent a request: nobody, or an account with a token."""

    account: Account | None = None
    token: Token | None = None

    def can(self, ability: Ability) -> bool:
        """Whether the token has this ability."""
        return self.token is not None and ability in self.token.abilities

    def known(self) -> Account:
        """The account.

        Raises:
            HubError: 401, nobody signed the request.
        """
        if self.account is None:
            raise HubError(401, INVALID)
        return self.account

    def need(self, *any_of: Ability) -> None:
        """Make sure that the token has one of these abilities.

        Raises:
            HubError: 401 without a token, 403 when it has none of them.
        """
        self.known()
        if not any(self.can(ability) for ability in any_of):
            wanted = " or ".join(any_of)
            raise HubError(403, f"Forbidden: your token does not have the permission to {wanted}")

    def role_in(self, owner: Account) -> OrgRole | None:
        """The role in an account's namespace; None for a stranger and for an organisation that was not granted."""
        if self.account is None or self.token is None:
            return None
        if owner.name == self.account.name:
            return "admin"
        granted = self.token.kind != "oauth" or owner.name in self.token.orgs
        return owner.members.get(self.account.name) if granted else None


def authenticate(
    accounts: Mapping[str, Account], tokens: Mapping[str, Token], header: str | None, clock: Clock
) -> Caller:
    """Who signs a request with this Authorization header.

    Raises:
        HubError: 401, the token is unknown, revoked, expired or used up.
    """
    if not header:
        return Caller()
    scheme, _, value = header.partition(" ")
    token = tokens.get(value.strip()) if scheme.lower() == "bearer" else None
    if token is None or not _alive(token, clock):
        raise HubError(401, INVALID, headers={"X-Error-Message": BAD_HEADER})
    if token.calls_left is not None:
        token.calls_left -= 1
    return Caller(accounts[token.account], token)


def _alive(token: Token, clock: Clock) -> bool:
    expired = token.expires_at is not None and token.expires_at <= clock.now()
    return not (token.revoked or expired or token.calls_left == 0)
