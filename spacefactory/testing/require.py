"""Skip a test for what this machine lacks, and refuse the skip where everything must be there."""

from __future__ import annotations

import importlib.util
import os
import shutil
from collections.abc import Sequence
from typing import NoReturn

REQUIRE = "SPACEFACTORY_REQUIRE"
"""`all` turns every skip of `needs` into a failure."""


def needs(*modules: str, commands: Sequence[str] = ()) -> None:
    """Skip the running test when a module cannot be found or a command is not on PATH.

    Nothing is imported. Where SPACEFACTORY_REQUIRE=all the test fails instead, with the same words.
    """
    missing = [f"the module {name} is not installed" for name in modules if not _found(name)]
    missing += [f"the command {name} is not on PATH" for name in commands if shutil.which(name) is None]
    if missing:
        absent(", ".join(missing))


def absent(what: str) -> NoReturn:
    """Skip the running test because of `what`, or fail it where SPACEFACTORY_REQUIRE=all."""
    import pytest

    if os.environ.get(REQUIRE) == "all":
        pytest.fail(f"{what}, and {REQUIRE}=all forbids to skip", pytrace=False)
    pytest.skip(what)


def _found(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:  # a parent package is missing
        return False
