"""Makes a folder the content of a Space: one commit, none when nothing differs, and only into a private Space."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

from spacefactory.errors import BlockedError, PlatformError
from spacefactory_huggingface import spaces
from spacefactory_huggingface.calls import explained, read, tried
from spacefactory_huggingface.client import Hub

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

TRIES = 5
KEPT = frozenset({".gitattributes"})
"""Files that the Hub puts into a new repository by itself."""


def upload(hub: Hub, space_id: str, folder: Path) -> str:
    """Commit the folder's files, and drop files that it does not hold.

    Returns:
        The id of the commit that holds exactly this content.

    Raises:
        BlockedError: the Space is not private.
        PlatformError: the Hub fails.
    """
    what = f"uploading to {space_id}"
    try:
        return tried(hub, what, lambda: _commit(hub, space_id, folder), tries=TRIES)
    except (BlockedError, PlatformError):
        raise
    except Exception as error:
        raise explained(what, error) from error


def _commit(hub: Hub, space_id: str, folder: Path) -> str:
    """Looks before each attempt, so that a commit whose answer was lost is not made twice."""
    head = _private_head(hub, space_id)
    operations = _differences(hub, space_id, head, folder)
    if not operations:
        return head
    done = hub.api.create_commit(
        space_id,
        operations,
        commit_message="Publish the generated app",
        repo_type="space",
        parent_commit=head,
    )
    return str(done.oid)


def _private_head(hub: Hub, space_id: str) -> str:
    info = spaces.info(hub, space_id, new=True)
    if info is None:
        raise PlatformError(f"the Space {space_id} is not there any more", "start the build again")
    if info.private is not True:
        raise BlockedError(
            "not_permitted",
            f"{space_id} is public, and a generated app is published into private Spaces only",
            f"make it private: {spaces.settings_url(hub.endpoint, space_id)}",
        )
    return str(info.sha)


def _differences(hub: Hub, space_id: str, head: str, folder: Path) -> list[CommitOperationAdd | CommitOperationDelete]:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete
    from huggingface_hub.hf_api import RepoFile

    api = hub.api
    tree = read(
        hub,
        f"listing {space_id}",
        lambda: list(api.list_repo_tree(space_id, repo_type="space", revision=head, recursive=True)),
        new=True,
    )
    there = {one.path: (one.blob_id, one.lfs.sha256 if one.lfs else None) for one in tree if isinstance(one, RepoFile)}
    here = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    changed = (name for name, path in here.items() if not _same(path.read_bytes(), there.get(name)))
    gone = (name for name in sorted(there) if name not in here and name not in KEPT)
    return [
        *(CommitOperationAdd(name, str(here[name])) for name in changed),
        *(CommitOperationDelete(name) for name in gone),
    ]


def _same(data: bytes, there: tuple[str, str | None] | None) -> bool:
    """By the object id that git or LFS gives to content."""
    if there is None:
        return False
    blob, sha256 = there
    if sha256:
        return hashlib.sha256(data).hexdigest() == sha256
    return hashlib.sha1(b"blob %d\0" % len(data) + data, usedforsecurity=False).hexdigest() == blob
