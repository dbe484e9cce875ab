"""resolve: model reference -> ModelCard."""

from __future__ import annotations

from spacefactory.engine import Step
from spacefactory.errors import UsageError
from spacefactory.plugins import Plugins
from spacefactory.repository.lineage import with_base
from spacefactory.run import Run
from spacefactory.schema.card import ModelCard
from spacefactory.schema.steps import Resolved
from spacefactory.steps import documents


def read_model(plugins: Plugins, sources: tuple[str, ...], reference: str) -> ModelCard:
    """Ask the first source that accepts the reference.

    Raises:
        UsageError: no source of this configuration reads such a reference.
    """
    for name in sources:
        if (source := plugins.source(name)).accepts(reference):
            return with_base(source.fetch(reference), source.fetch)
    raise UsageError(
        f"{reference!r} names no model that this platform can read",
        f"give a folder that holds a README.md, or choose another --platform (sources here: {', '.join(sources)})",
    )


def effect(run: Run) -> Resolved:
    """Read the card and keep it."""
    card = read_model(run.plugins, run.spec.providers.sources, run.spec.reference)
    run.tell(f"{card.model} at {card.location.revision[:12]}")
    digest = documents.keep(run, documents.CARD, card)
    return Resolved(model=card.model, revision=card.location.revision, document=documents.CARD, digest=digest)


STEP = Step("resolve", Resolved, effect)
