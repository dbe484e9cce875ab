"""What a sign-in asks for, and why. The names are the Hub's own."""

from __future__ import annotations

from collections.abc import Iterable

WANTED = {
    "contribute-repos": "makes your private Spaces and the bucket of your runs; reaches only what this app made",
    "jobs": "runs the work as a job of yours",
    "inference-api": "lets the coding model think, paid by your account within the budget of the run",
    "gated-repos": "reads models whose terms you have accepted",
    "read-billing": "tells before a run whether your account can pay for it",
}
"""Each scope that is asked for and what it is good for, in the order in which they are explained."""
NEEDED = ("contribute-repos", "jobs", "inference-api")
"""Without these no run can begin; without the others something smaller is missing."""
STRONGER = {"contribute-repos": ("manage-repos",)}
"""Scopes that include another one."""


def without(granted: str) -> tuple[str, ...]:
    """The needed scopes that a grant, as the provider spells it, does not hold."""
    return tuple(name for name in NEEDED if not _holds(granted.split(), name))


def _holds(granted: Iterable[str], name: str) -> bool:
    return bool({name, *STRONGER.get(name, ())} & set(granted))
