"""Repositories: commits, files, visibility, gating; and who may see or change them."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from spacefactory.testing.hub.accounts import INVALID, Account, Caller, hex_id
from spacefactory.testing.hub.answers import HubError
from spacefactory.testing.hub.blobs import Blob
from spacefactory.testing.hub.scopes import Ability

RepoKind = Literal["model", "dataset", "space"]
KINDS: Mapping[str, RepoKind] = {"models": "model", "datasets": "dataset", "spaces": "space"}
PREFIXES: Mapping[str, RepoKind] = {"": "model", "datasets/": "dataset", "spaces/": "space"}
GATED_MESSAGE = "Access to {kind} {id} is restricted and you are not in the authorized list. Visit the page to ask."


@dataclass(frozen=True)
class StoredFile:
    """A file of a commit. Large ones are kept outside git, which holds a pointer."""

    path: str
    blob: Blob
    lfs: bool = False
    xet_hash: str | None = None

    @property
    def oid(self) -> str:
        """The id of what git holds."""
        from spacefactory.testing.hub.blobs import git_oid

        return git_oid(self.blob.pointer) if self.lfs else self.blob.oid

    @property
    def etag(self) -> str:
        """The identity of the content as downloads show it."""
        return self.blob.sha256 if self.lfs else self.blob.oid


@dataclass(frozen=True)
class Commit:
    """A state of the files."""

    oid: str
    title: str
    author: str
    date: datetime
    files: Mapping[str, StoredFile]
    app: str | None = None


@dataclass
class Repo:
    """A repository with its commits, oldest first."""

    kind: RepoKind
    id: str
    created_at: datetime
    private: bool = False
    gated: Literal[False, "auto", "manual"] = False
    granted: set[str] = field(default_factory=set)
    """Accounts that may read it although it is gated."""
    app: str | None = None
    """The app whose sign-in token created it."""
    sdk: str | None = None
    disabled: bool = False
    downloads: int = 0
    likes: int = 0
    provider_mapping: dict[str, Any] = field(default_factory=dict)
    commits: list[Commit] = field(default_factory=list)
    hidden_reads: int = 0
    """How many more reads answer 404, as on a Hub whose reads lag behind."""

    @property
    def owner(self) -> str:
        """The namespace; empty for models without one."""
        return self.id.rpartition("/")[0]

    @property
    def head(self) -> Commit:
        """The newest commit."""
        return self.commits[-1]

    def at(self, revision: str) -> Commit:
        """A commit by branch name or id.

        Raises:
            HubError: 404, there is none.
        """
        if revision in ("main", "HEAD", "refs/heads/main"):
            return self.head
        found = [commit for commit in self.commits if len(revision) >= 7 and commit.oid.startswith(revision)]
        if not found:
            raise HubError(404, f"Invalid rev id: {revision}", "RevisionNotFound")
        return found[-1]

    def file(self, revision: str, path: str) -> tuple[Commit, StoredFile]:
        """A file at a revision.

        Raises:
            HubError: 404, with the commit that was looked at.
        """
        commit = self.at(revision)
        if (found := commit.files.get(path)) is None:
            raise HubError(404, "Entry not found", "EntryNotFound", headers={"X-Repo-Commit": commit.oid})
        return commit, found

    def commit(
        self, files: Mapping[str, StoredFile], title: str, author: str, date: datetime, app: str | None = None
    ) -> Commit:
        """Add a commit with these files."""
        parent = self.commits[-1].oid if self.commits else ""
        facts = [parent, title, author, date.isoformat(), *(f"{path}:{one.oid}" for path, one in sorted(files.items()))]
        oid = hashlib.sha1("\n".join(facts).encode(), usedforsecurity=False).hexdigest()
        self.commits.append(Commit(oid, title, author, date, dict(files), app))
        return self.commits[-1]

    @property
    def hub_id(self) -> str:
        """The Hub's id of it."""
        return hex_id(f"{self.kind} {self.id}")


def check_read(caller: Caller, repo: Repo, owner: Account | None) -> None:
    """Make sure that the caller may know of a repository.

    Raises:
        HubError: what one that does not exist answers.
    """
    if repo.disabled:
        raise HubError(403, "Access to this resource is disabled.")
    if repo.hidden_reads > 0:
        repo.hidden_reads -= 1
        raise not_found(caller)
    if repo.private and not (owner and can_read_private(caller, repo, owner)):
        raise not_found(caller)


def not_found(caller: Caller) -> HubError:
    """The answer for a repository that is not there, or not for this caller."""
    if caller.account is None:
        return HubError(401, INVALID, "RepoNotFound")
    return HubError(404, "Repository not found", "RepoNotFound")


def can_read_private(caller: Caller, repo: Repo, owner: Account) -> bool:
    """Whether a private repository is open to the caller."""
    if caller.role_in(owner) is None:
        return False
    return caller.can(Ability.READ) or (caller.can(Ability.OWN) and _made_by(caller, repo))


def check_write(caller: Caller, repo: Repo, owner: Account) -> None:
    """Make sure that the caller may change a repository's content or settings.

    Raises:
        HubError: 401 or 403.
    """
    caller.known()
    role = caller.role_in(owner)
    if role not in ("admin", "write") and not (role == "contributor" and _made_by(caller, repo)):
        raise HubError(403, f"You don't have write access to {repo.id}.")
    if not (caller.can(Ability.WRITE) or (caller.can(Ability.OWN) and _made_by(caller, repo))):
        raise HubError(403, f"Forbidden: your token does not have the permission to {Ability.WRITE}")


def check_files(caller: Caller, repo: Repo, owner: Account | None) -> None:
    """Make sure that the caller may read the files of a repository it may know of.

    Raises:
        HubError: 401 or 403 of a gated repository.
    """
    if not repo.gated or (owner is not None and caller.role_in(owner)):
        return
    text = GATED_MESSAGE.format(kind=repo.kind, id=repo.id)
    if caller.account is None:
        raise HubError(401, text, "GatedRepo")
    if caller.account.name not in repo.granted or not caller.can(Ability.GATED):
        raise HubError(403, text, "GatedRepo")


def _made_by(caller: Caller, repo: Repo) -> bool:
    return caller.token is not None and caller.token.app is not None and repo.app == caller.token.app
