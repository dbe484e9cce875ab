"""publish: a private Space with the run's marker and its hardware, then the files."""

from __future__ import annotations

import re

from spacefactory.engine import Step
from spacefactory.errors import BlockedError, NameTakenError
from spacefactory.run import Run
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.space import (
    Account,
    Created,
    HardwareLimits,
    HardwareOutcome,
    HardwareProposal,
    HardwareResult,
    Space,
    SpaceRequest,
)
from spacefactory.schema.steps import Linted, Published
from spacefactory.steps import documents

NAME_LIMIT = 40
REFUSALS = {401: "not_signed_in", 403: "not_permitted"}
"""What a host's status means when it makes no Space at all."""


def space_name(run: Run, model: str) -> str:
    """The user's choice, else one made from the model and the run, which a restart makes again."""
    if run.spec.space_name:
        return run.spec.space_name
    slug = re.sub(r"[^a-z0-9]+", "-", model.rsplit("/", 1)[-1].lower()).strip("-")[:NAME_LIMIT].strip("-") or "model"
    return f"sf-{slug}-{run.spec.run_id[-8:].lower()}"


def effect(run: Run) -> Published:
    """Find the Space of this run or make it, then make `generated/` its content."""
    profile = documents.profile(run)
    name = space_name(run, profile.model)
    space, hardware = _find_or_create(run, name, profile)
    revision = run.host.upload(space.id, run.folder / "generated")
    run.tell(f"{space.id} holds {len(run.result('lint', Linted).files)} files")
    return Published(
        space_id=space.id, revision=revision, hardware=hardware, url=space.url, settings_url=space.settings_url
    )


def _find_or_create(run: Run, name: str, profile: ModelProfile) -> tuple[Space, HardwareOutcome]:
    if (there := run.host.find(name)) is not None:
        if there.run_id != run.spec.run_id:
            raise NameTakenError(name)
        return there, _adopted(run, there)
    request = SpaceRequest(name=name, run_id=run.spec.run_id, model=profile.location)
    account = run.host.account()
    if not account.assigns_hardware:
        outcome = HardwareOutcome(strategy="", result=HardwareResult.NOT_NEEDED, flavor=account.hardware)
        return _made(run.host.create(request), None), outcome
    return _with_hardware(run, request, profile, account)


def _with_hardware(
    run: Run, request: SpaceRequest, profile: ModelProfile, account: Account
) -> tuple[Space, HardwareOutcome]:
    """Ask each strategy in its order; when none gets hardware, the Space is made without, if the account may.

    A Space keeps the hardware that it was created with, so one that came with less makes room for the next attempt.
    """
    budget = run.spec.budget
    limits = HardwareLimits(fixed_gpu=budget.fixed_gpu, usd=budget.usd, minutes=budget.minutes)
    space: Space | None = None
    worst = HardwareOutcome(
        strategy="", result=HardwareResult.UNAVAILABLE, detail="no strategy had hardware to ask for"
    )
    for name in run.spec.providers.hardware:
        strategy = run.plugins.hardware(name)
        proposal = strategy.propose(profile, account, limits)
        if not isinstance(proposal, HardwareProposal):
            run.tell(f"{name}: {proposal.reason}")
            continue
        if space is not None:
            run.host.delete(space.id)
        created = run.host.create(request.model_copy(update={"hardware": proposal}))
        space, outcome = created.space, strategy.conclude(proposal, created.hardware)
        run.tell(f"{name}: {outcome.result} {outcome.detail}".rstrip())
        if space is not None and outcome.result is HardwareResult.GRANTED:
            return space, outcome
        worst = outcome if worst.strategy == "" else worst
    return space or _made(run.host.create(request), worst), worst


def _made(created: Created, refused: HardwareOutcome | None) -> Space:
    """The Space of a create call without hardware.

    Raises:
        BlockedError: the account may not even have that.
    """
    if created.space is not None:
        return created.space
    said = created.hardware.message or "the host made no Space"
    before = f"{refused.detail}; " if refused and refused.detail else ""
    action = refused.next_action if refused else ""
    reason = REFUSALS.get(created.hardware.status or 0, "plan_required")
    raise BlockedError(reason, f"{before}{said}", action or "use an account that may create Spaces")


def _adopted(run: Run, space: Space) -> HardwareOutcome:
    """An interrupted attempt made it: the runtime tells what hardware it has."""
    runtime = run.host.runtime(space.id)
    if not run.host.account().assigns_hardware:
        return HardwareOutcome(strategy="", result=HardwareResult.NOT_NEEDED, flavor=runtime.hardware)
    same = runtime.requested_hardware in (None, runtime.hardware)
    result = HardwareResult.GRANTED if same else HardwareResult.SILENTLY_DOWNGRADED
    return HardwareOutcome(strategy="", result=result, flavor=runtime.hardware)


def reconcile(run: Run) -> Published | None:
    """The effect is there when our Space already holds exactly this tree."""
    linted = run.result("lint", Linted)
    name = space_name(run, documents.profile(run).model)
    space = run.host.find(name)
    if space is None or space.run_id != run.spec.run_id:
        return None
    if run.host.runtime(space.id).revision != linted.digest:
        return None
    return Published(
        space_id=space.id,
        revision=linted.digest,
        hardware=_adopted(run, space),
        url=space.url,
        settings_url=space.settings_url,
    )


STEP = Step("publish", Published, effect, reconcile)
