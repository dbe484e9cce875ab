"""Where things are kept on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_config_path, user_data_path

from spacefactory.errors import SettingsError


def default_home() -> Path:
    """The data folder: SPACEFACTORY_HOME, else the user's data folder.

    Raises:
        SettingsError: it is to lie in the home of a user that this machine does not have.
    """
    named = os.environ.get("SPACEFACTORY_HOME")
    return data_folder(Path(named)) if named else user_data_path("spacefactory", appauthor=False)


def data_folder(named: Path) -> Path:
    """Where a data folder is that is named as a person writes it.

    Raises:
        SettingsError: it is to lie in the home of a user that this machine does not have.
    """
    try:
        return named.expanduser().absolute()
    except RuntimeError:
        raise SettingsError(
            f"the data folder {str(named)!r} is in the home of a user whom this machine does not have",
            "set SPACEFACTORY_HOME to a folder that can be written",
        ) from None


def expanded(named: str) -> Path:
    """The path that a person means by `~/...`; one below the home of an unknown user is taken as it is written."""
    try:
        return Path(named).expanduser()
    except RuntimeError:
        return Path(named)


def user_file() -> Path:
    """The user's own configuration file; XDG rules on Linux."""
    return user_config_path("spacefactory", appauthor=False) / "config.toml"
