"""What the run's providers say about the user's account before anything is spent."""

from __future__ import annotations

from spacefactory.doctor import of_account
from spacefactory.plugins import Plugins
from spacefactory.schema.choice import Budget, Providers
from spacefactory.schema.preflight import Examined, Need
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.space import Account
from spacefactory.schema.status import Blocker
from spacefactory.schema.verdict import Check
from spacefactory.steps.proposals import first_flavor

PASSED = {"pass": True, "fail": False, "unknown": None}


def examined(
    plugins: Plugins, providers: Providers, budget: Budget, profile: ModelProfile, account: Account
) -> tuple[Examined, ...]:
    """Ask the host, the store and, where a run works in a job, the job runner."""
    flavor = first_flavor(plugins, providers.hardware, budget, profile, account)
    return tuple(of_account(plugins, providers, Need(minutes=budget.minutes, flavor=flavor)))


def stops(found: tuple[Examined, ...]) -> tuple[Blocker, ...]:
    """What of it ends a run."""
    failed = (one for one in found if one.state == "fail" and one.needed)
    return tuple(Blocker(reason=one.reason, detail=f"{one.name}: {one.detail}", next_action=one.fix) for one in failed)


def as_checks(found: tuple[Examined, ...]) -> tuple[Check, ...]:
    """All of it, for `plan` and the record."""
    return tuple(
        Check(
            name=f"preflight.{one.name.replace(' ', '_')}",
            passed=PASSED[one.state],
            detail=f"{one.detail}; {one.fix}" if one.fix else one.detail,
        )
        for one in found
    )
