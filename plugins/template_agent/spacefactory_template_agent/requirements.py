"""What an app needs beyond the builder's own list."""

from __future__ import annotations

from pathlib import PurePosixPath

from spacefactory.schema.card import ModelCard
from spacefactory_template_agent.recipes import Recipe

SENTENCEPIECE = ("sentencepiece", "protobuf")
"""What transformers needs to read a sentencepiece vocabulary that has no tokenizer.json beside it."""


def requirements(recipe: Recipe, card: ModelCard) -> tuple[str, ...]:
    """Lines of requirements.txt: the recipe's own, and what this model's tokenizer files need."""
    if "torch" not in recipe.requirements or not _needs_sentencepiece(card):
        return recipe.requirements
    return (*recipe.requirements, *SENTENCEPIECE)


def _needs_sentencepiece(card: ModelCard) -> bool:
    """Whether some folder holds a sentencepiece vocabulary and no tokenizer.json; True when the files are unknown."""
    if card.files is None:
        return True
    paths = [PurePosixPath(file.path) for file in card.files]
    fast = {path.parent for path in paths if path.name == "tokenizer.json"}
    return any(path.suffix == ".model" and path.parent not in fast for path in paths)
