"""Files of a run record that are replaced as a whole."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

from spacefactory.errors import PlatformError

FOLDERS = ("generated", "tests", "artifacts", "traces", "control")


def write_atomic(path: Path, data: bytes) -> str:
    """Replace a file in one step and return the sha256 of its content.

    Raises:
        PlatformError: the disk is full or the folder cannot be written.
    """
    aside = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with aside.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise PlatformError(
            f"{path.name} cannot be written: {error.strerror}", "free some space or make the folder writable"
        ) from None
    return hashlib.sha256(data).hexdigest()


def write_json(path: Path, document: Any) -> str:
    """Replace a file by a JSON document; returns its sha256."""
    return write_atomic(path, json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False).encode() + b"\n")


def read_json(path: Path) -> Any:
    """A JSON document of the record."""
    return json.loads(path.read_text(encoding="utf-8"))
