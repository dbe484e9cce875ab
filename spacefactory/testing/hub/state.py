"""Everything that an emulated Hub knows."""

from __future__ import annotations

import threading
from collections import Counter, defaultdict, deque
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from spacefactory.testing.hub.accounts import Account, Caller, Token
from spacefactory.testing.hub.answers import HubError, MovedError
from spacefactory.testing.hub.blobs import Blobs
from spacefactory.testing.hub.buckets import Bucket
from spacefactory.testing.hub.cas import Cas
from spacefactory.testing.hub.clock import Clock
from spacefactory.testing.hub.faults import Faults
from spacefactory.testing.hub.log import RequestLog
from spacefactory.testing.hub.policy import Knobs
from spacefactory.testing.hub.repos import Repo, RepoKind, check_read, not_found
from spacefactory.testing.hub.space_runner import SpaceRunner
from spacefactory.testing.scripted_model import Script

if TYPE_CHECKING:
    from spacefactory.testing.hub.jobs import Job, JobPlan
    from spacefactory.testing.hub.spaces import SpaceOutcome, SpaceState
    from spacefactory.testing.serving import Servers

WINDOW_S = 300


@dataclass
class World:
    """The state of one Hub. Whoever reads or changes it from outside the server holds `lock`."""

    folder: Path
    servers: Servers
    space_runner: SpaceRunner
    clock: Clock = field(default_factory=Clock)
    knobs: Knobs = field(default_factory=Knobs)
    log: RequestLog = field(default_factory=RequestLog)
    faults: Faults = field(default_factory=Faults)
    lock: threading.RLock = field(default_factory=threading.RLock)
    accounts: dict[str, Account] = field(default_factory=dict)
    tokens: dict[str, Token] = field(default_factory=dict)
    repos: dict[tuple[RepoKind, str], Repo] = field(default_factory=dict)
    moved: dict[tuple[RepoKind, str], str] = field(default_factory=dict)
    spaces: dict[str, SpaceState] = field(default_factory=dict)
    space_outcomes: deque[SpaceOutcome] = field(default_factory=deque)
    """What becomes of the next deployments, in order; when it is empty they really run."""
    jobs: dict[str, Job] = field(default_factory=dict)
    job_plans: deque[JobPlan] = field(default_factory=deque)
    """What becomes of the next jobs, in order; when it is empty they really run."""
    buckets: dict[str, Bucket] = field(default_factory=dict)
    models: dict[str, Script] = field(default_factory=dict)
    """Models of the inference router, each with its script."""
    model_calls: Counter[str] = field(default_factory=Counter)
    job_environment: dict[str, str] = field(default_factory=dict)
    """What every job's machine has in its environment."""
    lfs_uploads: set[str] = field(default_factory=set)
    calls: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))
    endpoint: str = ""
    files_endpoint: str = ""
    ending: list[threading.Thread] = field(default_factory=list)
    """Apps that are about to end."""
    errors: list[str] = field(default_factory=list)
    """Faults of the emulator itself; a test that finds one here has found a bug of ours."""

    def __post_init__(self) -> None:
        self.blobs = Blobs(self.folder / "blobs")
        self.cas = Cas()

    def owner(self, name: str) -> Account:
        """An account by name.

        Raises:
            HubError: 404, there is none.
        """
        if (found := self.accounts.get(name)) is None:
            raise HubError(404, f"Namespace {name} does not exist")
        return found

    def repo(self, caller: Caller, kind: RepoKind, repo_id: str) -> Repo:
        """A repository that the caller may know of.

        Raises:
            MovedError: it has another name now.
            HubError: 401 or 404, there is none for this caller.
        """
        if new := self.moved.get((kind, repo_id)):
            raise MovedError(repo_id, new)
        if (repo := self.repos.get((kind, repo_id))) is None:
            raise not_found(caller)
        check_read(caller, repo, self.accounts.get(repo.owner))
        return repo

    def count_call(self, caller: Caller) -> None:
        """Count a request against its token's window.

        Raises:
            HubError: 429.
        """
        limit = self.knobs.calls_per_window
        if limit is None or caller.token is None:
            return
        now, calls = self.clock.time(), self.calls[caller.token.value]
        while calls and calls[0] <= now - WINDOW_S:
            calls.popleft()
        if len(calls) >= limit:
            wait = int(calls[0] + WINDOW_S - now) + 1
            headers = {"RateLimit": f'"api";r=0;t={wait}', "RateLimit-Policy": f'"fixed window";"api";q={limit};w=300'}
            raise HubError(429, f"We had to rate limit you, you hit the quota of {limit} requests.", headers=headers)
        calls.append(now)
