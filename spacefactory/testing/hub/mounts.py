"""Volumes of a job: folders that hold a bucket's or a repository's files, copied back to the bucket as the job writes.

A process here has no file system of its own, so a mount path such as `/runs` is a folder elsewhere. Wherever the path
stands in the job's command, arguments or environment, the folder's is put in its place.
"""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from spacefactory.testing.hub.answers import HubError
from spacefactory.testing.hub.buckets import Bucket, check_bucket_write, put_bytes, readable

if TYPE_CHECKING:
    from spacefactory.testing.hub.accounts import Caller
    from spacefactory.testing.hub.state import World

Signature = tuple[int, int]


@dataclass
class Mount:
    """One volume in place."""

    path: str
    folder: Path
    bucket: Bucket | None = None
    prefix: str = ""
    seen: dict[str, Signature] = field(default_factory=dict)


def check(world: World, caller: Caller, volumes: Iterable[Mapping[str, Any]]) -> None:
    """Make sure that the caller may mount these volumes.

    Raises:
        HubError: as for any access to the bucket or repository.
    """
    for volume in volumes:
        if volume["type"] != "bucket":
            world.repo(caller, volume["type"], volume["source"])
        elif volume["readOnly"]:
            readable(world, caller, volume["source"])
        else:
            check_bucket_write(world, caller, readable(world, caller, volume["source"]))


def mount(world: World, volumes: Iterable[Mapping[str, Any]], folder: Path) -> tuple[Mount, ...]:
    """Put the volumes in place below a folder. The caller holds the lock."""
    found = []
    for number, volume in enumerate(volumes):
        place = folder / f"mount-{number}"
        place.mkdir(parents=True)
        found.append(_bucket(world, volume, place) if volume["type"] == "bucket" else _repo(world, volume, place))
    return tuple(found)


def _bucket(world: World, volume: Mapping[str, Any], place: Path) -> Mount:
    bucket = world.buckets.get(volume["source"])
    if bucket is None:
        raise HubError(404, f"Bucket {volume['source']} does not exist")
    path = str(volume.get("path") or "").strip("/")
    prefix = f"{path}/" if path else ""
    for name, file in bucket.files.items():
        if name.startswith(prefix):
            _write(place / name[len(prefix) :], world.cas.read(file.xet_hash))
    made = Mount(volume["mountPath"], place, None if volume["readOnly"] else bucket, prefix)
    made.seen = _signatures(place)
    return made


def _repo(world: World, volume: Mapping[str, Any], place: Path) -> Mount:
    repo = world.repos[volume["type"], volume["source"]]
    for name, file in repo.at(volume.get("revision") or "main").files.items():
        _write(place / name, world.blobs.read(file.blob))
    return Mount(volume["mountPath"], place)


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)


def sync(world: World, mounts: Iterable[Mount]) -> None:
    """Copy what changed back to the buckets; files that are gone are deleted there."""
    for one in mounts:
        if one.bucket is not None:
            _sync(world, one, one.bucket)


def _sync(world: World, one: Mount, bucket: Bucket) -> None:
    now = _signatures(one.folder)
    changed = [name for name, signature in now.items() if one.seen.get(name) != signature]
    contents = {name: data for name in changed if (data := _read(one.folder / name)) is not None}
    with world.lock:
        for name, data in contents.items():
            put_bytes(world, bucket, one.prefix + name, data)
        for name in one.seen.keys() - now.keys():
            bucket.files.pop(one.prefix + name, None)
    one.seen = now


def _signatures(folder: Path) -> dict[str, Signature]:
    found = {}
    for path in folder.rglob("*"):
        try:
            facts = path.lstat()
        except OSError:  # it went away while we looked
            continue
        if stat.S_ISREG(facts.st_mode):
            found[path.relative_to(folder).as_posix()] = (facts.st_mtime_ns, facts.st_size)
    return found


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except OSError:  # it went away since we looked
        return None


def in_place(text: str, mounts: Iterable[Mount]) -> str:
    """The text with mount paths replaced by the folders that stand for them."""
    for one in mounts:
        pieces = re.split(rf"(?<![\w./-]){re.escape(one.path.rstrip('/'))}(?![\w.-])", text)
        text = str(one.folder).join(pieces)
    return text
