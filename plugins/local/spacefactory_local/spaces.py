"""Spaces as folders: made, filled, listed and removed in single steps, so that no half of one is taken for whole."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from spacefactory.errors import NameTakenError
from spacefactory.schema.space import SpaceRequest
from spacefactory_local.disk import aside, remove, sweep
from spacefactory_local.files import copy_tree
from spacefactory_local.locks import locked
from spacefactory_local.records import NAME, Marker, Place, place, write_marker

ABANDONED_S = 3600
"""After this time nobody is still making the Space that lies aside."""


def make(spaces: Path, request: SpaceRequest) -> Place:
    """A Space of that name for that run, made now or by an earlier attempt of the run.

    Raises:
        NameTakenError: the name belongs to another run, or to something that is no Space.
        UsageError: no Space can have that name.
    """
    new = place(spaces, request.name)
    spaces.mkdir(parents=True, exist_ok=True)
    folder = aside(spaces, "new")
    folder.mkdir(mode=0o755)
    try:
        created = datetime.now(UTC).isoformat(timespec="seconds")
        write_marker(folder, Marker(name=request.name, run_id=request.run_id, model=request.model, created=created))
        _take_name(folder, new, request.run_id)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    return new


def _take_name(folder: Path, new: Place, run_id: str) -> None:
    """Renaming onto a folder that holds something fails, and every Space holds its marker: one of two wins."""
    try:
        folder.rename(new.root)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOTDIR):
            raise
        marker = new.marker()
        if marker is None or marker.run_id != run_id:
            raise NameTakenError(new.name) from None


def fill(space: Place, folder: Path, left_out: frozenset[str] = frozenset()) -> str:
    """Make a folder's files the content of the Space; the app that runs keeps the content it was started with."""
    with locked(space.lock("change")):
        space.contents.mkdir(exist_ok=True)
        sweep(space.contents, "new")
        new = aside(space.contents, "new")
        try:
            digest = copy_tree(folder, new, left_out)
            if not (space.contents / digest).is_dir():
                new.rename(space.contents / digest)
            _point(space, digest)
        finally:
            shutil.rmtree(new, ignore_errors=True)
        _forget(space, digest)
    return digest


def _point(space: Place, digest: str) -> None:
    link = aside(space.root, "app")
    link.symlink_to(Path(space.contents.name, digest))
    link.replace(space.app)


def _forget(space: Place, digest: str) -> None:
    """Remove content that is neither in force nor running."""
    launch = space.state().launch
    kept = {digest, launch.revision if launch else ""}
    for old in space.contents.iterdir():
        if old.name not in kept:
            shutil.rmtree(old, ignore_errors=True)


def every(spaces: Path) -> Iterator[Place]:
    """Each Space, in order of name."""
    names = sorted(os.listdir(spaces)) if spaces.is_dir() else []  # noqa: PTH208 - names alone
    for name in names:
        if NAME.match(name) and (spaces / name).is_dir():
            yield Place(spaces / name)


def forget(space: Place) -> None:
    """Remove a Space whose app has been stopped."""
    remove(space.root)
    sweep(space.root.parent, "removed")
    sweep(space.root.parent, "new", age_s=ABANDONED_S)
