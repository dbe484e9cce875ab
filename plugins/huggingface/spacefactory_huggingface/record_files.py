"""A run's record in a bucket: which files belong to it, what changed, in which order it travels.

Content goes first, then the log that names it, then state.json: whoever sees an event can read the files that it names.
There is one writer (`lease.py`), so a file is simply replaced.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from spacefactory.record.files import write_json
from spacefactory.record.journal import LOG
from spacefactory_huggingface.calls import AGAIN, read
from spacefactory_huggingface.client import Hub

if TYPE_CHECKING:
    from huggingface_hub import BucketFile

ROOT = "runs"
STATE = "state.json"
CONTROL = "control"
LEASE = "lease.json"
MANIFEST = ".bucket.json"
LEFT_OUT = frozenset({"generated.new", CONTROL, LEASE})
"""What is no part of the record: a tree that is being checked, and what comes the other way."""
LAST = (LOG, STATE)
LARGEST_WORK = 10 << 20
"""The agent's workspace travels, so that another job can go on with it; a file of it larger than that does not."""


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
        elif entry.is_file() and not _too_large(before, entry):
            yield f"{before}{entry.name}"


def _too_large(before: str, entry: Path) -> bool:
    return before.startswith("workspace/") and entry.stat().st_size > LARGEST_WORK


def ship(hub: Hub, bucket: str, run_id: str, folder: Path) -> int:
    """Upload what changed since the last time and drop what is gone; returns how many files that were.

    Raises:
        SpacefactoryError: the Hub refuses or does not answer.
        OSError: a file cannot be read.
    """
    known, here = _manifest(folder), list(own_files(folder))
    changed = dict(_changed(folder, here, known))
    for batch in (_part(changed, last=False), _part(changed, last=True)):
        if batch:
            put(hub, bucket, {f"{prefix(run_id)}{path}": data for path, data in batch.items()})
    gone = sorted(path for path in known.keys() - set(here) if _own(path))
    if gone:
        drop(hub, bucket, [f"{prefix(run_id)}{path}" for path in gone])
    if changed or gone:
        kept = {path: facts for path, facts in known.items() if path not in gone}
        _keep(folder, kept | {path: {"sha256": digest} for path, (digest, _) in changed.items()})
    return len(changed) + len(gone)


def _changed(
    folder: Path, paths: Iterable[str], known: dict[str, dict[str, str]]
) -> Iterator[tuple[str, tuple[str, bytes]]]:
    for path in paths:
        try:
            data = (folder / path).read_bytes()
        except FileNotFoundError:  # the run goes on meanwhile
            continue
        digest = hashlib.sha256(data).hexdigest()
        if known.get(path, {}).get("sha256") != digest:
            yield path, (digest, data)


def _own(path: str) -> bool:
    return path.partition("/")[0] not in LEFT_OUT


def _part(changed: dict[str, tuple[str, bytes]], *, last: bool) -> dict[str, bytes]:
    return {path: data for path, (_, data) in changed.items() if (path in LAST) is last}


def put(hub: Hub, bucket: str, files: dict[str, bytes]) -> None:
    """Write files into the bucket.

    Raises:
        SpacefactoryError: the Hub refuses or does not answer.
    """
    api = hub.api
    read(
        hub,
        "writing the run's record",
        lambda: api.batch_bucket_files(bucket, add=[(data, path) for path, data in files.items()]),
        tries=AGAIN,
    )


def drop(hub: Hub, bucket: str, paths: list[str]) -> None:
    """Remove files of the bucket.

    Raises:
        SpacefactoryError: the Hub refuses or does not answer.
    """
    api = hub.api
    read(hub, "removing from the run's record", lambda: api.batch_bucket_files(bucket, delete=paths), tries=AGAIN)


def forget_requests(hub: Hub, bucket: str, run_id: str) -> None:
    """Remove requests to a run that nobody works on: who has it taken up again does not want them any more."""
    below = f"{prefix(run_id)}{CONTROL}/"
    if left := sorted(listed(hub, bucket, below)):
        drop(hub, bucket, left)


def listed(hub: Hub, bucket: str, below: str) -> dict[str, BucketFile]:
    """Files whose path begins with a folder's; nothing when the bucket does not exist."""
    from huggingface_hub import BucketFile
    from huggingface_hub.errors import BucketNotFoundError

    api = hub.api
    try:
        found = read(
            hub,
            "reading the run's record",
            lambda: list(api.list_bucket_tree(bucket, below, recursive=True)),
            tries=AGAIN,
        )
    except Exception as error:
        if isinstance(error.__cause__ or error, BucketNotFoundError):
            return {}
        raise
    return {one.path: one for one in found if isinstance(one, BucketFile) and one.path.startswith(below)}


def fetch(hub: Hub, bucket: str, run_id: str, folder: Path) -> bool:
    """Bring the local copy up to date; False when the bucket holds nothing of this run.

    Where the log is longer here than there, or being written, what is here is newer: nothing of it is touched.

    Raises:
        SpacefactoryError: the Hub refuses or does not answer.
    """
    there = listed(hub, bucket, prefix(run_id))
    if not there:
        return False
    folder.mkdir(parents=True, exist_ok=True)
    remote = {path.removeprefix(prefix(run_id)): one for path, one in there.items()}
    if not _ahead(folder, remote) and not _written_here(folder):
        _take(hub, bucket, folder, {path: one for path, one in remote.items() if _safe(path) and _own(path)})
    return True


def _take(hub: Hub, bucket: str, folder: Path, there: dict[str, BucketFile]) -> None:
    """Make the copy here what is there."""
    known = _manifest(folder)
    wanted = _ordered(path for path, one in there.items() if not _same(folder, path, one, known))
    _download(hub, bucket, [(there[path], folder / path) for path in wanted])
    for path in wanted:
        digest = hashlib.sha256((folder / path).read_bytes()).hexdigest()
        known[path] = {"sha256": digest, "xet": there[path].xet_hash}
    gone = [path for path in known if path not in there]
    for path in gone:
        (folder / path).unlink(missing_ok=True)
        del known[path]
    if wanted or gone:
        _keep(folder, known)


def _same(folder: Path, path: str, one: BucketFile, known: dict[str, dict[str, str]]) -> bool:
    return known.get(path, {}).get("xet") == one.xet_hash and (folder / path).is_file()


def _ahead(folder: Path, remote: dict[str, BucketFile]) -> bool:
    """Whether this machine wrote more of the run than has arrived in the bucket."""
    log = folder / LOG
    return log.is_file() and (LOG not in remote or log.stat().st_size > remote[LOG].size)


def _ordered(paths: Iterable[str]) -> list[str]:
    return sorted(paths, key=lambda path: (path in LAST, LAST.index(path) if path in LAST else 0, path))


def _written_here(folder: Path) -> bool:
    """Whether a process of this machine is at work on the run: then the copy here is the newest there is."""
    try:
        with (folder / LOG).open("rb") as log:
            fcntl.flock(log, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _safe(path: str) -> bool:
    """No path of the bucket leads out of the record's folder."""
    parts = path.split("/")
    return all(part not in ("", ".", "..") for part in parts) and not path.startswith((".", "/"))


def _download(hub: Hub, bucket: str, files: list[tuple[BucketFile, Path]]) -> None:
    api = hub.api
    for _, target in files:
        target.parent.mkdir(parents=True, exist_ok=True)
    if files:
        read(
            hub, "reading the run's record", lambda: api.download_bucket_files(bucket, [(one, to) for one, to in files])
        )


def _manifest(folder: Path) -> dict[str, dict[str, str]]:
    """What was last seen in the bucket, by path; nothing when that is not known."""
    try:
        found = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _keep(folder: Path, known: dict[str, dict[str, str]]) -> None:
    write_json(folder / MANIFEST, known)
