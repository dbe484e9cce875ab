"""Storage buckets: files by path, with their contents in the content store; no append, the last writer wins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spacefactory.testing.hub.accounts import Caller
from spacefactory.testing.hub.answers import HubError
from spacefactory.testing.hub.scopes import Ability

if TYPE_CHECKING:
    from spacefactory.testing.hub.state import World


@dataclass(frozen=True)
class BucketFile:
    """A file; its size is what the content store says."""

    path: str
    xet_hash: str
    size: int
    mtime: str
    uploaded_at: str

    def entry(self) -> dict[str, Any]:
        """The file as listings show it."""
        return {"type": "file", "path": self.path, "size": self.size, "xetHash": self.xet_hash, "mtime": self.mtime,
                "uploadedAt": self.uploaded_at}  # fmt: skip


@dataclass
class Bucket:
    """A bucket."""

    id: str
    created_at: str
    private: bool = False
    app: str | None = None
    files: dict[str, BucketFile] = field(default_factory=dict)
    listed: Mapping[str, BucketFile] | None = None
    """What listings show while they lag behind, for `lag` more of them."""
    lag: int = 0

    @property
    def owner(self) -> str:
        """The namespace."""
        return self.id.partition("/")[0]

    def info(self) -> dict[str, Any]:
        """The bucket as the Hub shows it."""
        size = sum(file.size for file in self.files.values())
        return {"id": self.id, "private": self.private, "createdAt": self.created_at, "size": size,
                "totalFiles": len(self.files)}  # fmt: skip

    def visible(self) -> Mapping[str, BucketFile]:
        """The files that a listing shows now."""
        if self.listed is not None and self.lag > 0:
            self.lag -= 1
            return self.listed
        return self.files


def readable(world: World, caller: Caller, bucket_id: str) -> Bucket:
    """A bucket that the caller may read.

    Raises:
        HubError: 401 or 404.
    """
    bucket = world.buckets.get(bucket_id)
    if bucket is None or (bucket.private and not _may_read(world, caller, bucket)):
        raise HubError(401 if caller.account is None else 404, "Bucket not found", "RepoNotFound")
    return bucket


def check_bucket_write(world: World, caller: Caller, bucket: Bucket) -> None:
    """Make sure that the caller may change a bucket.

    Raises:
        HubError: 401 or 403.
    """
    caller.known()
    if world.knobs.buckets_refused or caller.role_in(world.owner(bucket.owner)) not in ("admin", "write"):
        raise HubError(403, f"You don't have write access to bucket {bucket.id}.")
    if not (caller.can(Ability.WRITE) or (caller.can(Ability.OWN) and _own(caller, bucket))):
        raise HubError(403, f"Forbidden: your token does not have the permission to {Ability.WRITE}")


def put_bytes(world: World, bucket: Bucket, path: str, data: bytes) -> None:
    """Write a file from inside the Hub, as a job's mount does."""
    put_hash(world, bucket, path, world.cas.put_bytes(data))


def put_hash(world: World, bucket: Bucket, path: str, xet_hash: str, mtime: str | None = None) -> None:
    """Write a file whose content the store has.

    Raises:
        HubError: 400, the store does not have it.
    """
    if xet_hash not in world.cas.files:
        raise HubError(400, f"Unknown xet hash for {path}")
    now = world.clock.iso()
    bucket.files[path] = BucketFile(path, xet_hash, world.cas.size(xet_hash), mtime or now, now)


def _may_read(world: World, caller: Caller, bucket: Bucket) -> bool:
    if caller.role_in(world.owner(bucket.owner)) is None:
        return False
    return caller.can(Ability.READ) or (caller.can(Ability.OWN) and _own(caller, bucket))


def _own(caller: Caller, bucket: Bucket) -> bool:
    return caller.token is not None and caller.token.app is not None and bucket.app == caller.token.app
