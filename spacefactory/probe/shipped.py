"""Whether an answer is a file that the app came with."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from spacefactory.probe.evidence import Evidence, digest, main_outputs
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Check

NAME = "alive.not_shipped"
LARGEST, MOST = 64 << 20, 5000


def shipped_files(folder: Path) -> dict[str, str]:
    """sha256 -> path inside the folder of every file there; empty when there is no such folder."""
    if not folder.is_dir():
        return {}
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and not path.is_symlink()]
    return {
        digest(path): path.relative_to(folder).as_posix() for path in files[:MOST] if path.stat().st_size <= LARGEST
    }


def shipped_check(evidence: Evidence) -> Check | None:
    """Whether every answer is such a file; None when the app's files are not known or answers are no files."""
    answers = [_names(evidence, at, evidence.shipped) for at in evidence.answered]
    answers = [one for one in answers if one]
    if not evidence.shipped or not answers:
        return None
    canned = [next(name for name in one if name) for one in answers if all(one)]
    if not canned:
        return Check(name=NAME, passed=True, detail="no answer is a file of the app", level=Level.ALIVE)
    passed = False if len(canned) == len(answers) else None
    detail = f"{len(canned)} of {len(answers)} answers are files that the app came with, such as {canned[0]}"
    return Check(name=NAME, passed=passed, detail=detail, level=Level.ALIVE)


def _names(evidence: Evidence, at: int, known: Mapping[str, str]) -> list[str | None]:
    call = evidence.calls[at]
    paths = [call.outputs[one].path for one in main_outputs(call, evidence.expected)]
    return [known.get(digest(path)) for path in paths if path is not None]
