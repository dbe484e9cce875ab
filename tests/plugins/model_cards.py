"""Small cards, read and analysed as a source and a run do it."""

from __future__ import annotations

import json
from collections.abc import Mapping

from spacefactory_model_card.analyzer import ModelCardAnalyzer

from spacefactory.repository import read_card
from spacefactory.schema.card import ModelCard, ModelLocation, RepoFile
from spacefactory.schema.profile import ModelProfile


def read(
    readme: str | bytes, files: Mapping[str, bytes | object] | None = None, model: str = "owner/model"
) -> ModelCard:
    """The card of a repository that holds a README.md and these files; what is no bytes is written as JSON."""
    held = {"README.md": readme.encode() if isinstance(readme, str) else readme}
    for path, content in (files or {}).items():
        held[path] = content if isinstance(content, bytes) else json.dumps(content).encode()

    def some(path: str, offset: int, length: int) -> bytes:
        if path not in held:
            raise FileNotFoundError(path)
        return held[path][offset : offset + length]

    listed = [RepoFile(path=path, size=len(data)) for path, data in held.items()]
    return read_card(ModelLocation(model=model, revision="0" * 40), "test", listed, some)


def analyse(card: ModelCard) -> ModelProfile:
    """The profile of a card."""
    return ModelCardAnalyzer().analyze(card, ModelProfile(location=card.location, gated=card.gated))


def profile(
    readme: str | bytes, files: Mapping[str, bytes | object] | None = None, model: str = "owner/model"
) -> ModelProfile:
    """The profile of a repository that holds a README.md and these files."""
    return analyse(read(readme, files, model))


def card(front: str = "", body: str = "# A model\n") -> str:
    """A README with front matter."""
    return f"---\n{front.strip()}\n---\n{body}"
