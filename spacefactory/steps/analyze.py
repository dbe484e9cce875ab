"""analyze: ModelCard -> ModelProfile."""

from __future__ import annotations

from pydantic import JsonValue

from spacefactory.engine import Step
from spacefactory.plugins import Plugins
from spacefactory.run import Run
from spacefactory.schema.card import ModelCard
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.steps import Analyzed
from spacefactory.steps import documents


def make_profile(plugins: Plugins, analyzers: tuple[str, ...], card: ModelCard) -> ModelProfile:
    """Run the analyzers in order, each on what the ones before it found."""
    profile = ModelProfile(location=card.location, gated=card.gated)
    for name in analyzers:
        profile = plugins.analyzer(name).analyze(card, profile)
    return profile.model_copy(update={"facts": {**profile.facts, **_access(card)}})


def _access(card: ModelCard) -> dict[str, JsonValue]:
    """Whether this account may have the files: what a gate on a model means for this run."""
    return {} if card.accessible is None else {"access": "granted" if card.accessible else "denied"}


def effect(run: Run) -> Analyzed:
    """Make the profile and keep it."""
    profile = make_profile(run.plugins, run.spec.providers.analyzers, documents.card(run))
    run.tell(f"{profile.task or 'unknown task'}, {profile.library or 'unknown library'}")
    digest = documents.keep(run, documents.PROFILE, profile)
    return Analyzed(task=profile.task, document=documents.PROFILE, digest=digest)


STEP = Step("analyze", Analyzed, effect)
