"""A run's record in a bucket: which files belong to it, what changed, in which order it travels.

Content goes first, then the log that names it, then state.json: whoever sees an event can read the files that it names.
There is one writer (`lease.py`), so a file is simply replaced.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from spacefactory.record.files import write_json
from spacefactory.record.journal import LOG
from spacefactory_huggingface.calls import read
from spacefactory_huggingface.client import Hub

if TYPE_CHECKING:
    from huggingface_hub import BucketFile

ROOT = "runs"
STATE = "state.json"
CONTROL = "control"
MANIFEST = ".bucket.json"
LEFT_OUT = frozenset({"workspace", "generated.new", CONTROL})
"""Folders that are no part of the record: the agent's workspace, and requests, which come the other way."""
LAST = (LOG, STATE)


def prefix(run_id: str) -> str:
    """Where a run's files lie in the bucket."""
    return f"{ROOT}/{run_id}/"


def own_files(folder: Path) -> Iterator[str]:
    """Paths of the record's files, content first and what names it last."""
    found = sorted(_walk(folder, ""))
    yield from (path for path in found if path not in LAST)
    yield from (path for path in LAST if path in found)


def _walk(folder: Path, before: str) -> Iterator[str]:
    for entry in folder.iterdir():
        if entry.name.startswith(".") or entry.is_symlink() or (not before and entry.name in LEFT_OUT):
            continue
        if entry.is_dir():
            yield from _walk(entry, f"{before}{entry.name}/")
        elif entry.is_file():
            yield f"{before}{entry.name}"


def ship(hub: Hub, bucket: str, run_id: str, folder: Path) -> int:
    """Upload what changed since the last time; returns how many files that were.

    Raises:
        SpacefactoryError: the Hub refuses or does not answer.
        OSError: a file cannot be read.
    """
    known = _manifest(folder)
    changed: dict[str, tuple[str, bytes]] = {}
    for path in own_files(folder):
        data = (folder / path).read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if known.get(path, {}).get("sha256") != digest:
            changed[path] = (digest, data)
    for batch in (_part(changed, last=False), _part(changed, last=True)):
        if batch:
            put(hub, bucket, {f"{prefix(run_id)}{path}": data for path, data in batch.items()})
    if changed:
        _keep(folder, known | {path: {"sha256": digest} for path, (digest, _) in changed.items()})
    return len(changed)


def _part(changed: dict[str, tuple[str, bytes]], *, last: bool) -> dict[str, bytes]:
    return {path: data for path, (_, data) in changed.items() if (path in LAST) is last}


def put(hub: Hub, bucket: str, files: dict[str, bytes]) -> None:
    """Write files into the bucket.

    Raises:
        SpacefactoryError: the Hub refuses or does not answer.
    """
    api = hub.api
    read(
        "writing the run's record",
        lambda: api.batch_bucket_files(bucket, add=[(data, path) for path, data in files.items()]),
    )


def listed(hub: Hub, bucket: str, below: str) -> dict[str, BucketFile]:
    """Files whose path begins with a folder's; nothing when the bucket does not exist."""
    from huggingface_hub import BucketFile
    from huggingface_hub.errors import BucketNotFoundError

    api = hub.api
    try:
        found = read("reading the run's record", lambda: list(api.list_bucket_tree(bucket, below, recursive=True)))
    except Exception as error:
        if isinstance(error.__cause__ or error, BucketNotFoundError):
            return {}
        raise
    return {one.path: one for one in found if isinstance(one, BucketFile) and one.path.startswith(below)}


def fetch(hub: Hub, bucket: str, run_id: str, folder: Path) -> bool:
    """Bring the local copy up to date; False when the bucket holds nothing of this run.

    A log that is longer here than there was written here and is on its way: it stays.

    Raises:
        SpacefactoryError: the Hub refuses or does not answer.
    """
    there = listed(hub, bucket, prefix(run_id))
    if not there:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    known = _manifest(folder)
    local = {path.removeprefix(prefix(run_id)): one for path, one in there.items()}
    wanted = [path for path, one in local.items() if _differs(folder, path, one, known) and _safe(path)]
    _download(hub, bucket, [(local[path], folder / path) for path in _ordered(wanted)])
    for path in wanted:
        data = (folder / path).read_bytes()
        known[path] = {"sha256": hashlib.sha256(data).hexdigest(), "xet": local[path].xet_hash}
    if wanted:
        _keep(folder, known)
    return True


def _ordered(paths: Iterable[str]) -> list[str]:
    return sorted(paths, key=lambda path: (path in LAST, LAST.index(path) if path in LAST else 0, path))


def _differs(folder: Path, path: str, one: BucketFile, known: dict[str, dict[str, str]]) -> bool:
    if path == LOG and (folder / LOG).is_file() and (folder / LOG).stat().st_size > one.size:
        return False
    return known.get(path, {}).get("xet") != one.xet_hash or not (folder / path).is_file()


def _safe(path: str) -> bool:
    """No path of the bucket leads out of the record's folder."""
    parts = path.split("/")
    return all(part not in ("", ".", "..") for part in parts) and not path.startswith((".", "/"))


def _download(hub: Hub, bucket: str, files: list[tuple[BucketFile, Path]]) -> None:
    api = hub.api
    for _, target in files:
        target.parent.mkdir(parents=True, exist_ok=True)
    if files:
        read("reading the run's record", lambda: api.download_bucket_files(bucket, [(one, to) for one, to in files]))


def _manifest(folder: Path) -> dict[str, dict[str, str]]:
    """What was last seen in the bucket, by path; nothing when that is not known."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _keep(folder: Path, known: dict[str, dict[str, str]]) -> None:
    write_json(folder / MANIFEST, known)
