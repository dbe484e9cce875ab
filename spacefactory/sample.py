"""The model that the demo builds: part of the installed package, and of a checkout."""

from __future__ import annotations

from pathlib import Path

from spacefactory.errors import NotFoundError

HERE = Path(__file__).resolve().parent
PLACES = (HERE / "samples" / "digits", HERE.parent / "examples" / "digits")
"""In a wheel, and in a checkout that is installed as editable."""


def digits() -> Path:
    """The folder of the sample model.

    Raises:
        NotFoundError: this installation came without it.
    """
    for folder in PLACES:
        if (folder / "README.md").is_file():
            return folder
    raise NotFoundError("this installation has no sample model", "install spacefactory again, or build your own MODEL")
