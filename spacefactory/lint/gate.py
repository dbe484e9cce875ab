"""The publish gate: what leaves an agent's workspace, and in which form.

It runs in our own process after the agent has ended, is deterministic, and fails closed. What it returns lies in a
folder that no agent could reach.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from spacefactory.errors import BlockedError
from spacefactory.lint.copyout import Copied, copy_out, refuse
from spacefactory.lint.digest import digest_of
from spacefactory.lint.inventory import inventory
from spacefactory.lint.leaks import leaks
from spacefactory.lint.requirement_lines import read_requirements
from spacefactory.lint.space_readme import space_front_matter, with_front_matter

__all__ = ["MARKER", "Published", "publish", "space_front_matter"]

MARKER = ".spacefactory.json"
"""The file that says which run made a Space."""


@dataclass(frozen=True)
class Published:
    """A tree that may be published."""

    digest: str
    """SHA-256 over names and contents; `digest.tree_digest` gives the same for the folder"""
    files: tuple[str, ...]
    """paths with `/` between their parts, sorted"""
    report: dict[str, JsonValue]
    """what a reader should know: left-out names, what the code reaches for, unusual requirements"""


def publish(
    workspace: Path,
    destination: Path,
    *,
    front_matter: Mapping[str, Any],
    secrets: Sequence[str],
    run_id: str = "",
) -> Published:
    """Copy a workspace to a new folder in the form in which it may be published.

    Raises:
        BlockedError: something in the workspace may not be published.
        OSError: a file cannot be read or written.
    """
    copied = copy_out(workspace, destination)
    _refuse_twins(copied)
    _write_readme(destination, copied, front_matter)
    _refuse_requirements(destination)
    _write(destination, copied, MARKER, json.dumps({"format": "spacefactory-space/1", "run_id": run_id}) + "\n")
    _refuse_secrets(destination, copied, secrets)
    files = tuple(sorted(copied.hashes))
    return Published(digest_of(copied.hashes), files, _report(destination, copied, files))


def _refuse_twins(copied: Copied) -> None:
    """A second README in other letters would stand beside ours, or take its place."""
    for path in copied.hashes:
        if path.lower() == "readme.md" and path != "README.md":
            raise refuse(path, "it differs from README.md in upper and lower case only")


def _write_readme(destination: Path, copied: Copied, front_matter: Mapping[str, Any]) -> None:
    path = destination / "README.md"
    text = path.read_text(encoding="utf-8", errors="replace") if "README.md" in copied.hashes else ""
    _write(destination, copied, "README.md", with_front_matter(text, front_matter))


def _write(destination: Path, copied: Copied, name: str, text: str) -> None:
    data = text.encode()
    (destination / name).write_bytes(data)
    copied.hashes[name] = hashlib.sha256(data).hexdigest()


def _refuse_requirements(destination: Path) -> None:
    for name in ("requirements.txt", "pre-requirements.txt"):
        for line in read_requirements(destination / name):
            if line.problem:
                raise BlockedError(
                    "lint",
                    f"{name}:{line.number} cannot be published: {line.problem}",
                    "name packages and versions only, one per line",
                )


def _refuse_secrets(destination: Path, copied: Copied, secrets: Sequence[str]) -> None:
    for name in sorted(copied.hashes):
        if leaks(name.encode() + b"\n" + (destination / name).read_bytes(), secrets):
            raise BlockedError(
                "lint",
                "a file that the agent wrote holds one of this run's own secrets",
                "replace that secret, for it has been read, then look at the model's card and the agent's trace",
            )


def _report(destination: Path, copied: Copied, files: tuple[str, ...]) -> dict[str, JsonValue]:
    from spacefactory.lint.packages_known import USUAL

    lines = read_requirements(destination / "requirements.txt")
    return {
        "left_out": [*copied.left_out],
        "bytes": copied.size,
        "unusual_requirements": [*sorted({line.name for line in lines if line.name and line.name not in USUAL})],
        **inventory(destination, files),
    }
