"""The analyzer `model_card`: what a model does, needs and is loaded with, from its card and the files beside it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from spacefactory.hookspecs import hookimpl

if TYPE_CHECKING:
    from spacefactory.providers import Analyzer


@hookimpl
def spacefactory_analyzers() -> Iterable[Analyzer]:
    """Offer the analyzer of model cards; its readers are imported when the first card is read."""
    from spacefactory_model_card.analyzer import ModelCardAnalyzer

    return (ModelCardAnalyzer(),)
