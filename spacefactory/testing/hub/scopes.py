"""What a token may do: the Hub's own names of scopes and permissions, as a table of abilities.

OAuth scopes and their meaning: the Hub's documentation of August 2026. That storage buckets go with repositories, and
that fine-grained tokens name jobs `job.write`, could not be checked against the live Hub.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum


class Ability(StrEnum):
    """One thing that a token can be good for."""

    READ = "read private repositories"
    WRITE = "write to repositories"
    CREATE = "create repositories"
    OWN = "use the repositories that this app created"
    MANAGE = "delete and change the settings of repositories"
    GATED = "read gated repositories"
    JOBS = "jobs"
    INFERENCE = "inference providers"
    BILLING = "read billing"
    EMAIL = "read the e-mail address"


ALL = frozenset(Ability)
OAUTH: Mapping[str, frozenset[Ability]] = {
    "openid": frozenset(),
    "profile": frozenset(),
    "email": frozenset({Ability.EMAIL}),
    "read-billing": frozenset({Ability.BILLING}),
    "read-repos": frozenset({Ability.READ}),
    "gated-repos": frozenset({Ability.GATED}),
    "contribute-repos": frozenset({Ability.CREATE, Ability.OWN}),
    "write-repos": frozenset({Ability.READ, Ability.WRITE}),
    "manage-repos": frozenset({Ability.READ, Ability.WRITE, Ability.CREATE, Ability.MANAGE}),
    "inference-api": frozenset({Ability.INFERENCE}),
    "jobs": frozenset({Ability.JOBS}),
}
ROLES: Mapping[str, frozenset[Ability]] = {
    "read": frozenset({Ability.READ, Ability.GATED, Ability.INFERENCE, Ability.BILLING, Ability.EMAIL}),
    "write": ALL,
}
FINE_GRAINED: Mapping[str, frozenset[Ability]] = {
    "repo.content.read": frozenset({Ability.READ}),
    "repo.access.read": frozenset({Ability.GATED}),
    "repo.write": frozenset({Ability.READ, Ability.WRITE, Ability.CREATE, Ability.MANAGE}),
    "inference.serverless.write": frozenset({Ability.INFERENCE}),
    "job.write": frozenset({Ability.JOBS}),
    "user.billing.read": frozenset({Ability.BILLING}),
}
DEFAULT_OAUTH = ("openid", "profile", "read-billing", "gated-repos", "manage-repos", "inference-api", "jobs")


def abilities(kind: str, role: str, scopes: Iterable[str]) -> frozenset[Ability]:
    """What a token of this kind, role and scopes can do.

    Raises:
        ValueError: a scope, permission or role that does not exist.
    """
    if kind == "access_token" and role != "fineGrained":
        table, names = ROLES, [role]
    else:
        table, names = (OAUTH if kind == "oauth" else FINE_GRAINED), list(scopes)
    if unknown := [name for name in names if name not in table]:
        raise ValueError(f"unknown scope {unknown[0]!r}; known: {', '.join(table)}")
    return frozenset().union(*(table[name] for name in names))
