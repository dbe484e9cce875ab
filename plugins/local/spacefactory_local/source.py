"""The source `folder`: a model is a folder on this machine that holds a README.md."""

from __future__ import annotations

import os
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from spacefactory.errors import UsageError
from spacefactory.schema.card import ModelCard, ModelLocation
from spacefactory_local.walk import Walk, walk

README = "README.md"


@dataclass(frozen=True)
class FolderSource:
    """Reads models from folders; the revision is a digest of what they hold."""

    name: str = "folder"

    def accepts(self, reference: str) -> bool:
        """Whether this is a path: written as one, or the name of something that is there."""
        return _written_as_path(reference) or _is_there(reference)

    def fetch(self, reference: str) -> ModelCard:
        """Read the card of the model in a folder.

        Raises:
            UsageError: there is no such folder, or it holds no README.md.
            BlockedError: the card is empty.
        """
        from spacefactory.repository import read_card

        folder = _folder(reference)
        if not os.path.lexists(folder / README):
            raise _cardless(folder)  # before a walk that may go through a whole disk
        walked = walk(folder)
        _check_readme(folder, walked)
        location = ModelLocation(model=folder.name or "model", revision=walked.digest, path=folder)
        card = read_card(location, self.name, walked.files, walked.read)
        return card.model_copy(update={"problems": (*card.problems, *walked.problems)})


def _written_as_path(reference: str) -> bool:
    if "://" in reference or not reference.strip():
        return False
    return reference.startswith(("/", "~", ".")) or reference.endswith(("/", f"/{README}")) or reference.count("/") > 1


def _is_there(reference: str) -> bool:
    path = _path(reference) if reference.strip() else None
    return path is not None and path.exists()


def _path(reference: str) -> Path | None:
    """The path that a reference names, without its README.md; None when no path can have that name."""
    with suppress(OSError, ValueError, RuntimeError):
        path = Path(reference).expanduser()
        path.exists()
        return path.parent if path.name == README and not path.is_dir() else path
    return None


def _folder(reference: str) -> Path:
    path = _path(reference)
    if path is None or not path.exists():
        raise UsageError(f"there is no folder {reference!r}", "give the folder that holds the model's README.md")
    if not path.is_dir():
        raise UsageError(f"{reference!r} is a file, not a folder", "give the folder that holds the model's README.md")
    return path.resolve()


def _check_readme(folder: Path, walked: Walk) -> None:
    if any(file.path == README for file in walked.files):
        return
    if (folder / README).is_symlink():
        raise UsageError(
            f"README.md of {folder} is a link out of that folder",
            f"copy the model with its files: cp -rL {folder} COPY",
        )
    raise _cardless(folder)


def _cardless(folder: Path) -> UsageError:
    return UsageError(f"{folder} holds no README.md", "add the model's card as README.md")
