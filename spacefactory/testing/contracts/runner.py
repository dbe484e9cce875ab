"""Promises of a JobRunner."""

# ruff: noqa: S101 - contracts assert

from __future__ import annotations

import time
from pathlib import Path
from typing import Any, ClassVar

import pytest

from spacefactory.providers import JobRunner
from spacefactory.schema.run import RunSpec
from spacefactory.schema.work import Job, JobStatus
from spacefactory.testing.contracts.named import NamedContract, one_sentence

LOG_LIMIT = 64 << 10
PATIENCE_S = 300.0

Made = tuple[RunSpec, Path]


class JobRunnerContract(NamedContract):
    """Override `provider` and `made`; the run must take some seconds, and end by itself."""

    protocol: ClassVar[type[Any]] = JobRunner

    @pytest.fixture
    def made(self) -> Made:
        """A run that was created and not worked on: its spec and its record's folder."""
        raise NotImplementedError("override the fixture 'made'")

    @pytest.mark.slow
    def test_a_submitted_run_ends(self, provider: JobRunner, made: Made) -> None:
        """`submit` returns at once; the job tells when it has ended and how."""
        job = provider.submit(*made)
        assert (job.runner, job.run_id) == (provider.name, made[0].run_id)
        assert Job.model_validate_json(job.model_dump_json()) == job
        ended = self.ended(provider, job)
        assert ended.exit_code is not None, ended
        assert len(provider.logs(job).encode()) <= LOG_LIMIT

    @pytest.mark.slow
    def test_a_cancelled_run_ends(self, provider: JobRunner, made: Made) -> None:
        """Nothing of it goes on; a second cancel changes nothing."""
        job = provider.submit(*made)
        provider.cancel(job)
        assert self.ended(provider, job).state == "ended"
        provider.cancel(job)
        assert provider.status(job).state == "ended"

    @staticmethod
    def ended(provider: JobRunner, job: Job) -> JobStatus:
        """Wait for the end."""
        until = time.monotonic() + PATIENCE_S
        while time.monotonic() < until:
            status = provider.status(job)
            assert not status.detail or one_sentence(status.detail)
            if status.state != "running":
                return status
            time.sleep(0.2)
        raise AssertionError(f"the job did not end within {PATIENCE_S:g} s: {provider.logs(job)}")
