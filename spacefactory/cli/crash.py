"""An unexpected error: its traceback goes to a file, the user hears where."""

from __future__ import annotations

import os
import platform
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path


def keep(error: BaseException, argv: Sequence[str]) -> Path | None:
    """Write the traceback, secrets taken out, into the data folder, else the temporary one; None if neither works."""
    from spacefactory.paths import default_home

    text = _clean(_text(error, argv))
    name = f"{datetime.now(UTC):%Y%m%dT%H%M%S%f}Z-{os.getpid()}.txt"
    for folder in (default_home() / "crash", Path(tempfile.gettempdir()) / f"spacefactory-crash-{os.getuid()}"):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            fd = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
            with os.fdopen(fd, "w", encoding="utf-8", errors="backslashreplace") as file:
                file.write(text)
            return folder / name
        except OSError:
            continue
    return None


def _text(error: BaseException, argv: Sequence[str]) -> str:
    from spacefactory import __version__

    head = f"spacefactory {__version__}, Python {platform.python_version()}, {platform.platform()}\n"
    return head + f"command: {' '.join(argv)}\n\n" + "".join(traceback.format_exception(error))


def _clean(text: str) -> str:
    """Without secrets, also when the settings that name them cannot be read."""
    from spacefactory.credentials import from_machine
    from spacefactory.errors import SpacefactoryError
    from spacefactory.record.redaction import redactor
    from spacefactory.settings import Settings, load

    try:
        settings = load().settings
    except SpacefactoryError:
        settings = Settings.model_construct()
    return str(redactor(from_machine(settings).secrets())(text))
