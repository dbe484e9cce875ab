"""Where things are kept on this machine."""

from __future__ import annotations

import os
from pathlib import Path

from platformdirs import user_config_path, user_data_path


def default_home() -> Path:
    """The data folder: SPACEFACTORY_HOME, else the user's data folder."""
    named = os.environ.get("SPACEFACTORY_HOME")
    return Path(named).expanduser().absolute() if named else user_data_path("spacefactory", appauthor=False)


def user_file() -> Path:
    """The user's own configuration file; XDG rules on Linux."""
    return user_config_path("spacefactory", appauthor=False) / "config.toml"
