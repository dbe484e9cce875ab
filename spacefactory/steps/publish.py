"""publish: a private Space with the run's marker and its hardware, then the files."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from spacefactory.engine import Step
from spacefactory.errors import BlockedError, NameTakenError
from spacefactory.hardware import NEXT, WITHOUT_SPACE
from spacefactory.providers import HardwareStrategy
from spacefactory.run import Run
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.space import (
    Account,
    Created,
    HardwareAnswer,
    HardwareOutcome,
    HardwareProposal,
    HardwareResult,
    HardwareSkip,
    Space,
    SpaceRequest,
)
from spacefactory.schema.steps import Linted, Published
from spacefactory.steps import documents
from spacefactory.steps.proposals import proposals

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
        return there, _adopted(run, there, profile)
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
    space: Space | None = None
    worst, skipped = _none(()), list[str]()
    for strategy, proposal in _proposals(run, profile, account):
        if not isinstance(proposal, HardwareProposal):
            run.tell(f"{strategy.name}: {proposal.reason}")
            skipped.append(f"{strategy.name}: {proposal.reason}")
            continue
        if space is not None:
            run.host.delete(space.id)
        created = run.host.create(request.model_copy(update={"hardware": proposal}))
        space, outcome = created.space, strategy.conclude(proposal, created.hardware)
        run.tell(f"{strategy.name}: {outcome.result} {outcome.detail}".rstrip())
        if space is not None and outcome.result is HardwareResult.GRANTED:
            return space, outcome
        worst = outcome if worst.strategy == "" else worst
    if space is not None:
        return space, worst
    worst = worst if worst.strategy else _none(skipped)
    created = run.host.create(request)
    return _made(created, worst), worst.model_copy(update={"flavor": created.hardware.current})


def _none(skipped: Iterable[str]) -> HardwareOutcome:
    """No strategy asked for anything."""
    detail = "no strategy had hardware to ask for" + "".join(f"; {reason}" for reason in skipped)
    return HardwareOutcome(
        strategy="",
        result=HardwareResult.UNAVAILABLE,
        detail=detail,
        next_action="set the hardware in the Space's settings",
    )


def _proposals(
    run: Run, profile: ModelProfile, account: Account
) -> Iterator[tuple[HardwareStrategy, HardwareProposal | HardwareSkip]]:
    return proposals(run.plugins, run.spec.providers.hardware, run.spec.budget, profile, account)


def _made(created: Created, refused: HardwareOutcome | None) -> Space:
    """The Space of a create call without hardware.

    Raises:
        BlockedError: the account may not even have that.
    """
    if created.space is not None:
        return created.space
    said = created.hardware.message or "the host made no Space"
    before = f"{refused.detail}; " if refused and refused.detail else ""
    action = WITHOUT_SPACE.get(refused.result, "") if refused else ""
    reason = REFUSALS.get(created.hardware.status or 0, "plan_required")
    raise BlockedError(reason, f"{before}{said}", action or "use an account that may create Spaces")


def _adopted(run: Run, space: Space, profile: ModelProfile) -> HardwareOutcome:
    """An interrupted attempt made it: which strategy asked for what it has, if any did."""
    runtime, account = run.host.runtime(space.id), run.host.account()
    if not account.assigns_hardware:
        return HardwareOutcome(strategy="", result=HardwareResult.NOT_NEEDED, flavor=runtime.hardware)
    has, asked = runtime.hardware or runtime.requested_hardware, runtime.requested_hardware or runtime.hardware
    for strategy, proposal in _proposals(run, profile, account):
        if isinstance(proposal, HardwareProposal) and proposal.flavor == asked:
            answer = HardwareAnswer(accepted=True, requested=proposal.flavor, current=has)
            return strategy.conclude(proposal, answer)
    return HardwareOutcome(
        strategy="",
        result=HardwareResult.UNAVAILABLE,
        flavor=has,
        detail="the Space was made without hardware",
        next_action=NEXT[HardwareResult.UNAVAILABLE],
    )


def made(run: Run) -> Published | None:
    """The Space of this run, whatever it holds: what an interrupted attempt leaves to be settled."""
    profile = documents.profile(run)
    space = run.host.find(space_name(run, profile.model))
    if space is None or space.run_id != run.spec.run_id:
        return None
    return Published(space_id=space.id, url=space.url, settings_url=space.settings_url)


def reconcile(run: Run) -> Published | None:
    """The effect is there when our Space already holds exactly this tree."""
    linted, profile = run.result("lint", Linted), documents.profile(run)
    name = space_name(run, profile.model)
    space = run.host.find(name)
    if space is None or space.run_id != run.spec.run_id:
        return None
    if run.host.runtime(space.id).revision != linted.digest:
        return None
    return Published(
        space_id=space.id,
        revision=linted.digest,
        hardware=_adopted(run, space, profile),
        url=space.url,
        settings_url=space.settings_url,
    )


STEP = Step("publish", Published, effect, reconcile)
