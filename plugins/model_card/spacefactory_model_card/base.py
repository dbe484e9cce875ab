"""What the base model's card says about a model that was made from it."""

from __future__ import annotations

from collections.abc import Iterator

from spacefactory.repository.plain import inert
from spacefactory.schema.card import ModelCard
from spacefactory.schema.profile import Claim, ModelProfile
from spacefactory_model_card.material import claim

READER = "base_model"
TRUST = {"task": 0.7, "parameters": 0.85, "dtype": 0.5}
"""Fields that adapters, quantised and converted models share with their base, and how far that goes; a base that is
itself used for something else than what its descendant does is outweighed by what the descendant's own card says."""


def claims(base: ModelProfile) -> Iterator[Claim]:
    """Its fields, as far as it is sure of them, with its own words."""
    for field, trust in TRUST.items():
        sure = base.confidence.get(field, 0.0)
        if (value := getattr(base, field)) is not None and sure > 0:
            yield claim(field, value, READER, trust * sure, f"{base.model}: {_quote(base, field)}")


def gate(card: ModelCard | None) -> str:
    """Why an adapter cannot be loaded: its base is gated, and this account was not given access. Empty else."""
    if card is None or card.location.path is not None or not card.gated or card.accessible:
        return ""
    return f"its base model {inert(card.model, 120)} is gated"


def _quote(base: ModelProfile, field: str) -> str:
    said = [one for one in base.evidence if one.field == field and one.value == getattr(base, field)]
    return max(said, key=lambda one: one.weight).quote if said else field
