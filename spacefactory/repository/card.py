"""One function for every source: files of a repository -> ModelCard."""

from __future__ import annotations

from collections.abc import Sequence

from spacefactory.errors import BlockedError, UsageError
from spacefactory.repository import readme
from spacefactory.repository.configs import read_configs
from spacefactory.repository.weights import Found, read_weights
from spacefactory.repository.window import Read
from spacefactory.schema.card import ModelCard, ModelLocation, RepoFile

README = "README.md"


def read_card(
    location: ModelLocation,
    source: str,
    files: Sequence[RepoFile] | None,
    read: Read,
    *,
    gated: bool | None = None,
    private: bool | None = None,
) -> ModelCard:
    """Read card, configs and weight headers of one model; what is broken in them ends in `problems`.

    Args:
        location: where the model is.
        source: name of the provider that reads it.
        files: every file of the repository; None when the source cannot list them.
        read: gives at most `length` bytes from `offset` of a file.
        gated: whether terms must be accepted first, when the source knows.
        private: whether others can see the repository, when the source knows.

    Raises:
        UsageError: there is no README.md, or it cannot be opened.
        BlockedError: README.md holds no word.
    """
    card = readme.parse(_readme(location, files, read))
    _check_words(card, location)
    configs, problems = read_configs(read, files)
    weights = Found() if files is None else read_weights(read, files, configs)
    return ModelCard(
        location=location,
        source=source,
        text=card.text,
        front_matter=card.front,
        body=card.body,
        files=None if files is None else tuple(files),
        configs={**configs, **weights.about},
        weights=weights.facts,
        damaged=tuple(weights.damaged),
        gated=gated,
        private=private,
        problems=(*card.problems, *problems, *weights.problems),
    )


def _check_words(card: readme.Readme, location: ModelLocation) -> None:
    if not any(character.isalnum() for character in card.text):
        raise BlockedError(
            "unreadable_card",
            f"README.md of {location.model} is empty or holds no word",
            "write what the model does into it, at least its pipeline_tag and library_name",
        )


def _readme(location: ModelLocation, files: Sequence[RepoFile] | None, read: Read) -> bytes:
    """The first bytes of README.md, whatever the case of its name where files can be listed."""
    names = [file.path for file in files or () if file.path.lower() == README.lower()]
    path = README if files is None or README in names else next(iter(names), None)
    try:
        if path is None:
            raise FileNotFoundError
        return read(path, 0, readme.LARGEST + 1)
    except FileNotFoundError:
        raise UsageError(
            f"{location.model} has no README.md", "give a model repository or folder that holds its model card"
        ) from None
    except OSError as error:
        raise UsageError(
            f"README.md of {location.model} cannot be read: {error.strerror or type(error).__name__}",
            "mend the file's type or permissions",
        ) from None
