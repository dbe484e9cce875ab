"""preflight: can this agent, account and machine do it? Answered before anything is spent."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator

from spacefactory.engine import Step
from spacefactory.errors import BlockedError
from spacefactory.providers import Agent, SpaceHost
from spacefactory.run import Run
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.space import Account
from spacefactory.schema.status import Blocker, BlockerReason
from spacefactory.schema.steps import Preflighted
from spacefactory.schema.verdict import Check
from spacefactory.settings import Settings
from spacefactory.steps import coding_model, documents
from spacefactory.steps.account import as_checks, examined, stops

DISK_FLOOR_GIB = 1.0
"""What an environment for a small app takes, from measurements: 0.3 GiB with onnxruntime, 1.6 GiB with torch."""


def blockers(profile: ModelProfile, agent: Agent, account: Account) -> tuple[Blocker, ...]:
    """Everything that stands in the way of a build, the analysis' own findings first."""
    found = [blocker for blocker in profile.blockers if not _already_here(profile, blocker)]
    if profile.facts.get("weights") == "absent" and not any(b.reason == BlockerReason.NO_WEIGHTS for b in found):
        found.append(_no_weights(profile))
    if not found and (why := agent.supports(profile)):
        found.append(
            Blocker(
                reason=BlockerReason.UNSUPPORTED_TASK,
                detail=why,
                next_action="choose an agent that writes such apps with --agent, see: spacefactory plugins list",
            )
        )
    if too_large := _too_large(profile, account):
        found.append(too_large)
    return tuple(found)


def checks(profile: ModelProfile, agent: Agent, host: SpaceHost, settings: Settings) -> tuple[Check, ...]:
    """Preflight as a list of named checks, for `plan` and the record."""
    account = host.account()
    return (
        *(
            Check(name=f"preflight.{b.reason}", passed=False, detail=b.detail)
            for b in blockers(profile, agent, account)
        ),
        *_passed(profile, agent, account),
        *_disk(settings),
    )


def _passed(profile: ModelProfile, agent: Agent, account: Account) -> Iterator[Check]:
    if agent.supports(profile) is None:
        yield Check(
            name="preflight.agent", passed=True, detail=f"agent {agent.name} can write an app for {profile.task}"
        )
    where = account.hardware or "hardware that is asked for at creation"
    yield Check(name="preflight.account", passed=True, detail=f"Spaces of {account.name} run on {where}")


def _disk(settings: Settings) -> Iterator[Check]:
    folder = next(path for path in (settings.home, *settings.home.parents) if path.exists())
    free = shutil.disk_usage(folder).free / 2**30
    yield Check(
        name="preflight.disk",
        passed=free >= DISK_FLOOR_GIB,
        detail=f"{free:.1f} GiB free for environments, at least {DISK_FLOOR_GIB:g} needed",
        measured=round(free, 2),
        threshold=DISK_FLOOR_GIB,
    )


def _already_here(profile: ModelProfile, blocker: Blocker) -> bool:
    """Terms that gate a download stop neither an account that accepted them nor weights on this machine."""
    here = profile.location.path is not None and profile.facts.get("weights") == "present"
    return blocker.reason == BlockerReason.GATED and (here or profile.facts.get("access") == "granted")


def _no_weights(profile: ModelProfile) -> Blocker:
    return Blocker(
        reason=BlockerReason.NO_WEIGHTS,
        detail=f"{profile.model} holds a card but no weights that could be loaded",
        next_action="give the folder that also holds the model's files",
    )


def _too_large(profile: ModelProfile, account: Account) -> Blocker | None:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    if account.assigns_hardware or profile.memory_gib is None or profile.memory_gib <= memory:
        return None
    return Blocker(
        reason=BlockerReason.TOO_LARGE,
        detail=f"the model needs about {profile.memory_gib:.0f} GiB and this machine has {memory:.0f}",
        next_action="build it on a platform with larger hardware: --platform huggingface",
    )


def effect(run: Run) -> Preflighted:
    """Stop at the first blocker."""
    profile, account = documents.profile(run), run.host.account()
    agent = run.plugins.agent(run.spec.providers.agent)
    no_model = coding_model.missing(agent, run.settings, run.credentials)
    known = examined(run.plugins, run.spec.providers, run.spec.budget, profile, account)
    if found := (*blockers(profile, agent, account), *([no_model] if no_model else []), *stops(known)):
        raise BlockedError(found[0].reason, found[0].detail, found[0].next_action)
    done = checks(profile, agent, run.host, run.settings)
    if missing := [check for check in done if check.passed is False]:
        raise BlockedError("too_large", missing[0].detail, "free some space, or set SPACEFACTORY_HOME to another disk")
    return Preflighted(checks=(*done, *as_checks(known)))


STEP = Step("preflight", Preflighted, effect)
