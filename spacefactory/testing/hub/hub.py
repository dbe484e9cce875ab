"""The emulated Hub as a Python object: start it, seed it, look into it, break it."""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Literal

from spacefactory.testing.hub import job_routes
from spacefactory.testing.hub.accounts import Account, OrgRole, Plan, Role, Token, TokenKind
from spacefactory.testing.hub.app import hub_app
from spacefactory.testing.hub.buckets import Bucket, put_bytes
from spacefactory.testing.hub.contents import Content, stored_files
from spacefactory.testing.hub.faults import Fault, Faults
from spacefactory.testing.hub.jobs import Job, JobPlan
from spacefactory.testing.hub.log import RequestLog
from spacefactory.testing.hub.policy import Knobs
from spacefactory.testing.hub.repo_admin import rename
from spacefactory.testing.hub.repos import Commit, Repo, RepoKind
from spacefactory.testing.hub.scopes import DEFAULT_OAUTH, abilities
from spacefactory.testing.hub.space_runner import ProcessRunner, SpaceRunner
from spacefactory.testing.hub.space_stages import deploy, stop
from spacefactory.testing.hub.spaces import SpaceOutcome, SpaceState, add_space
from spacefactory.testing.hub.state import World
from spacefactory.testing.scripted_model import Script
from spacefactory.testing.serving import HOST, Servers


class EmulatedHub:
    """A Hub on a loopback port, with everything that belongs to it; ends all it started when it is closed.

    Args:
        port: 0 chooses a free one.
        folder: where contents are kept; by default a temporary folder that is removed.
        space_runner: what runs Spaces.
        job_environment: variables of every job's machine, such as where packages come from.
    """

    def __init__(
        self, port: int = 0, folder: Path | None = None, space_runner: SpaceRunner | None = None,
        job_environment: Mapping[str, str] | None = None,
    ) -> None:  # fmt: skip
        self._temporary = folder is None
        self.folder = folder or Path(tempfile.mkdtemp(prefix="emulated-hub-"))
        self._servers = Servers()
        self.world = World(self.folder, self._servers, space_runner or ProcessRunner())
        self.world.job_environment |= dict(job_environment or {})
        try:
            self.world.endpoint = self._servers.open(hub_app(self.world), port).url
        except OSError:
            self.close()
            raise
        self.world.files_endpoint = self.world.endpoint.replace(HOST, "localhost")

    def __enter__(self) -> EmulatedHub:
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End every Space and job, then the servers."""
        with self.world.lock:
            for state in self.world.spaces.values():
                stop(self.world, state, "STOPPED")
            for job in self.world.jobs.values():
                job.cancel_asked = True
        self.world.knobs.job_grace_s = 0.0
        self.wait(lambda: all(job.ended for job in self.world.jobs.values()), "jobs to end")
        for ending in self.world.ending:
            ending.join()
        self._servers.close()
        if self._temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    @property
    def endpoint(self) -> str:
        """What HF_ENDPOINT is set to."""
        return self.world.endpoint

    @property
    def knobs(self) -> Knobs:
        """How the Hub behaves."""
        return self.world.knobs

    @property
    def log(self) -> RequestLog:
        """Every request."""
        return self.world.log

    @property
    def faults(self) -> Faults:
        """What goes wrong on the way."""
        return self.world.faults

    def fail(self, *faults: Fault) -> None:
        """Put faults into force."""
        self.world.faults.add(*faults)

    def environment(self, home: Path) -> dict[str, str]:
        """What a client process needs in its environment to talk to this Hub and to nothing else."""
        return {
            "HF_ENDPOINT": self.endpoint,
            "HF_HOME": str(home),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_DISABLE_IMPLICIT_TOKEN": "1",
            "HF_XET_CLIENT_RETRY_MAX_ATTEMPTS": "1",
        }

    def add_user(self, name: str, plan: Plan = "pro", *, credits_usd: float = 10.0, can_pay: bool = True) -> Account:
        """A user; further facts can be set on the account."""
        return self._account(Account(name, "user", plan, can_pay, credits_usd))

    def add_org(
        self, name: str, members: Mapping[str, OrgRole], plan: Plan = "team", *, credits_usd: float = 10.0
    ) -> Account:
        """An organisation with its members' roles."""
        return self._account(Account(name, "org", plan, True, credits_usd, members=dict(members)))

    def _account(self, account: Account) -> Account:
        with self.world.lock:
            self.world.accounts[account.name] = account
        return account

    def add_token(
        self, account: str, kind: TokenKind = "oauth", *, role: Role = "write", scopes: tuple[str, ...] = DEFAULT_OAUTH,
        orgs: tuple[str, ...] = (), lifetime_s: float | None = 28800, value: str | None = None,
    ) -> str:  # fmt: skip
        """A token of an account; returns its value. `lifetime_s` is that of sign-in tokens only.

        Raises:
            ValueError: a scope that does not exist.
        """
        abilities(kind, role, scopes)
        prefix = "hf_oauth_" if kind == "oauth" else "hf_"
        value = value or f"{prefix}{account}{len(self.world.tokens):04d}test"
        expires = self.world.clock.now() + timedelta(seconds=lifetime_s) if kind == "oauth" and lifetime_s else None
        token = Token(value, account, kind, role, scopes, orgs, expires)
        self.world.tokens[value] = token
        return value

    def token(self, value: str) -> Token:
        """A token, to change its scopes or its end."""
        return self.world.tokens[value]

    def add_model(
        self, repo_id: str, content: Content, *, private: bool = False,
        gated: Literal[False, "auto", "manual"] = False, provider_mapping: Mapping[str, Any] | None = None,
    ) -> Repo:  # fmt: skip
        """A model with its files; further facts can be set on the repository."""
        repo = self._repo("model", repo_id, content, private=private)
        repo.gated, repo.provider_mapping = gated, dict(provider_mapping or {})
        return repo

    def add_space(
        self, repo_id: str, content: Content, *, private: bool = False, sdk: str = "gradio",
        hardware: str | None = None, outcome: SpaceOutcome | None = None,
    ) -> SpaceState:  # fmt: skip
        """A Space that somebody made before; it comes up at once."""
        repo = self._repo("space", repo_id, content, private=private, sdk=sdk)
        with self.world.lock:
            if outcome is not None:
                self.world.space_outcomes.appendleft(outcome)
            state = add_space(self.world, repo, hardware, None)
            deploy(self.world, state)
        return state

    def _repo(self, kind: RepoKind, repo_id: str, content: Content, *, private: bool, sdk: str | None = None) -> Repo:
        with self.world.lock:
            owner = repo_id.rpartition("/")[0]
            if owner and owner not in self.world.accounts:
                self._account(Account(owner, "user"))
            repo = Repo(kind, repo_id, self.world.clock.now(), private=private, sdk=sdk)
            repo.commit(
                stored_files(self.world.blobs, content), "Upload", owner or "huggingface", self.world.clock.now()
            )
            self.world.repos[kind, repo_id] = repo
        return repo

    def commit(self, kind: RepoKind, repo_id: str, content: Content, title: str = "Update") -> str:
        """Change files as the owner would on the web; a Space rebuilds. Returns the commit."""
        with self.world.lock:
            made = self._commit(self.world.repos[kind, repo_id], content, title)
            if kind == "space":
                deploy(self.world, self.world.spaces[repo_id])
        return made.oid

    def _commit(self, repo: Repo, content: Content, title: str) -> Commit:
        before = repo.commits[-1].files if repo.commits else {}
        files = {**before, **stored_files(self.world.blobs, content)}
        return repo.commit(files, title, repo.owner or "huggingface", self.world.clock.now())

    def rename(self, kind: RepoKind, old: str, new: str) -> None:
        """Give a repository another id; the old one redirects."""
        with self.world.lock:
            rename(self.world, self.world.repos[kind, old], new)

    def add_bucket(self, bucket_id: str, files: Mapping[str, bytes] | None = None, *, private: bool = True) -> Bucket:
        """A bucket with files."""
        with self.world.lock:
            bucket = self.world.buckets[bucket_id] = Bucket(bucket_id, self.world.clock.iso(), private)
            for path, data in (files or {}).items():
                put_bytes(self.world, bucket, path, data)
        return bucket

    def bucket_files(self, bucket_id: str) -> dict[str, bytes]:
        """What a bucket holds."""
        with self.world.lock:
            files = dict(self.world.buckets[bucket_id].files)
            return {path: self.world.cas.read(file.xet_hash) for path, file in files.items()}

    def repo_files(self, kind: RepoKind, repo_id: str) -> dict[str, bytes]:
        """What a repository holds."""
        with self.world.lock:
            files = self.world.repos[kind, repo_id].head.files
            return {path: self.world.blobs.read(file.blob) for path, file in files.items()}

    def repo(self, kind: RepoKind, repo_id: str) -> Repo:
        """A repository, to look at or to change."""
        return self.world.repos[kind, repo_id]

    def space(self, repo_id: str) -> SpaceState:
        """A Space, to look at or to change."""
        return self.world.spaces[repo_id]

    def stop_space(self, repo_id: str, stage: Literal["PAUSED", "SLEEPING", "STOPPED"] = "PAUSED") -> None:
        """Have a Space sleep or be paused, as its owner or the Hub may do at any time."""
        with self.world.lock:
            stop(self.world, self.world.spaces[repo_id], stage)

    def job(self, job_id: str) -> Job:
        """A job, to look at."""
        return self.world.jobs[job_id]

    def jobs(self, **labels: str) -> tuple[Job, ...]:
        """Jobs with these labels, oldest first."""
        with self.world.lock:
            found = tuple(self.world.jobs.values())
        return tuple(job for job in found if labels.items() <= job.labels.items())

    def plan_jobs(self, *plans: JobPlan) -> None:
        """What becomes of the next jobs."""
        with self.world.lock:
            self.world.job_plans.extend(plans)

    def plan_spaces(self, *outcomes: SpaceOutcome) -> None:
        """What becomes of the next deployments of Spaces."""
        with self.world.lock:
            self.world.space_outcomes.extend(outcomes)

    def cancel_job(self, job_id: str) -> None:
        """Cancel a job as its owner would on the web."""
        self.world.jobs[job_id].cancel_asked = True

    def kill_job(self, job_id: str, number: int = 9) -> None:
        """Send a signal to a job's first process.

        Raises:
            ProcessLookupError: it has none (any more).
        """
        job_routes.kill(self.world.jobs[job_id], number)

    def add_chat_model(self, model_id: str, script: Script) -> None:
        """A model of the inference router."""
        with self.world.lock:
            self.world.models[model_id] = script

    def wait(self, condition: Callable[[], bool], what: str, timeout_s: float = 120.0) -> None:
        """Wait until something has come about.

        Raises:
            TimeoutError: it has not.
        """
        deadline = time.monotonic() + timeout_s
        while not condition():
            if time.monotonic() > deadline:
                raise TimeoutError(f"waited {timeout_s:.0f} s for {what}")
            time.sleep(0.02)

    def wait_for_stage(self, repo_id: str, *stages: str, timeout_s: float = 60.0) -> str:
        """Wait until a Space is in one of these stages; returns it.

        Raises:
            TimeoutError: it has not; the text holds its logs.
        """
        state = self.world.spaces[repo_id]
        try:
            self.wait(lambda: state.stage in stages, f"{repo_id} to be {' or '.join(stages)}", timeout_s)
        except TimeoutError as error:
            logs = state.build_log.text() + state.run_log.text()
            raise TimeoutError(f"{error}; it is {state.stage}: {logs}") from error
        return state.stage
