"""The model that an adapter or a converted model was made from: named by its card, read by the same source."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

from pydantic import JsonValue

from spacefactory.errors import BlockedError, SpacefactoryError
from spacefactory.schema.card import ModelCard, ModelLocation
from spacefactory.schema.status import BlockerReason

NAME = re.compile(r"(?=[\w.-]*\w)[\w.-]{1,96}(?:/(?=[\w.-]*\w)[\w.-]{1,96})?", re.ASCII)
"""owner/name or name, as the Hub allows them: no address, no path that leads up or begins at the root."""
ON_THE_HUB = "https://huggingface.co/"


def with_base(card: ModelCard, fetch: Callable[[str], ModelCard]) -> ModelCard:
    """The card with that of its base model, where its own source can `fetch` one; one step, no further.

    A model of the Hub has its base model there; one in a folder has it in a folder inside or beside it that bears its
    name. Nothing else is read. A base model that cannot be read is a sentence in `problems`.
    """
    base = base_name(card)
    if base is None or base == card.model:
        return card
    for reference in _references(card, base):
        try:
            return card.model_copy(update={"base": fetch(reference)})
        except BlockedError as error:
            if error.reason == BlockerReason.GATED:
                return card.model_copy(update={"base": _kept_back(base, card.source)})
            return _unread(card, base, error)
        except SpacefactoryError as error:
            return _unread(card, base, error)
    return card


def _unread(card: ModelCard, base: str, error: SpacefactoryError) -> ModelCard:
    return card.model_copy(update={"problems": (*card.problems, f"base model {base} was not read: {error}")})


def _kept_back(base: str, source: str) -> ModelCard:
    """A gated model of which this account may not even see the card."""
    location = ModelLocation(model=base, revision="unknown")
    return ModelCard(location=location, source=source, text="", gated=True, accessible=False)


def base_name(card: ModelCard) -> str | None:
    """Id of the base model, where the card names one and the repository cannot be loaded or understood without it.

    `base_model_name_or_path` of PEFT's adapter_config.json, else `base_model` of the front matter for repositories
    without a config of transformers or diffusers; a merge of several models has no single one.
    """
    adapter = card.configs.get("adapter_config.json")
    if isinstance(adapter, dict) and (name := _name(adapter.get("base_model_name_or_path"))):
        return name
    whole = card.configs.keys() & {"config.json", "model_index.json"}
    written = card.front_matter.get("base_model")
    listed = written if isinstance(written, list) else [written]
    return _name(listed[0]) if len(listed) == 1 and not whole else None


def _name(written: JsonValue) -> str | None:
    text = written.strip().removeprefix(ON_THE_HUB).rstrip("/") if isinstance(written, str) else ""
    return text if NAME.fullmatch(text) else None


def _references(card: ModelCard, base: str) -> Iterator[str]:
    folder = card.location.path
    if folder is None:
        yield base
        return
    names = (base, base.replace("/", "__"), base.split("/")[-1])
    for place in (folder / base, *(folder.parent / name for name in names)):
        if _is_model(place, folder):
            yield str(place)


def _is_model(place: Path, folder: Path) -> bool:
    """Whether it is a folder with a card, beside or below the model's own and no other name of it."""
    with suppress(OSError, ValueError, RuntimeError):
        real = place.resolve()
        return real.is_relative_to(folder.parent) and real != folder and (real / "README.md").is_file()
    return False
