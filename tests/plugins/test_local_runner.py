"""The process runner: detached workers, their status and their end."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from spacefactory_local.processes import alive, start_time
from spacefactory_local.runner import ProcessRunner

from spacefactory import runs
from spacefactory.record.journal import LOG, read_events
from spacefactory.schema.event import EventType
from spacefactory.schema.run import RunSpec
from spacefactory.schema.work import Job
from spacefactory.settings import Settings, load


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("SPACEFACTORY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.chdir(tmp_path)
    return load().settings


def _run(settings: Settings, reference: str) -> tuple[RunSpec, Path]:
    return runs.create("validate", reference, settings, {})


def _ended(runner: ProcessRunner, job: Job, seconds: float = 60) -> None:
    until = time.monotonic() + seconds
    while runner.status(job).state == "running":
        assert time.monotonic() < until, runner.logs(job)
        time.sleep(0.05)


def test_a_worker_concludes_its_run(settings: Settings, tmp_path: Path) -> None:
    runner = ProcessRunner(settings.home)
    spec, folder = _run(settings, "no-such-space")
    job = runner.submit(spec, folder)
    assert (job.runner, job.run_id) == ("process", spec.run_id)
    _ended(runner, job)
    status = runner.status(job)
    assert (status.state, status.exit_code, status.detail) == ("ended", 1, "failed"), runner.logs(job)
    assert read_events(folder / LOG)[-1].type == EventType.RUN_CONCLUDED
    assert Job.model_validate(job.as_json()) == job
    runner.cancel(job)


def test_a_worker_that_cannot_work_says_why(settings: Settings, tmp_path: Path) -> None:
    runner = ProcessRunner(settings.home)
    spec, folder = _run(settings, "no-such-space")
    (folder / LOG).unlink()
    (folder / LOG).touch()
    job = runner.submit(spec, folder)
    _ended(runner, job)
    assert "is not the record of run" in runner.logs(job)
    status = runner.status(job)
    assert (status.state, status.exit_code) == ("ended", None)
    assert "before the run did" in status.detail
    (folder / "state.json").unlink()
    assert runner.status(job).state == "unknown"


@pytest.fixture
def silent_app(tmp_path: Path) -> Path:
    """An app that a run waits for: it listens and never answers, so that `boot` of an address goes on to `health`."""
    path = tmp_path / "silent.py"
    path.write_text(
        "import socket, time\n"
        "s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen(50)\n"
        "print(s.getsockname()[1], flush=True)\n"
        "time.sleep(600)\n",
        encoding="utf-8",
    )
    return path


def test_a_worker_outlives_its_caller_and_can_be_cancelled(settings: Settings, silent_app: Path) -> None:
    with subprocess.Popen([sys.executable, str(silent_app)], stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout is not None
        port = app.stdout.readline().strip()
        _, folder = _run(settings, f"http://127.0.0.1:{port}")
        submit = (
            "import sys; from pathlib import Path; from spacefactory_local.runner import ProcessRunner\n"
            "from spacefactory.worker import _spec\n"
            "folder = Path(sys.argv[2])\n"
            "job = ProcessRunner(Path(sys.argv[1])).submit(_spec(folder, folder.name), folder)\n"
            "print(job.model_dump_json())\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", submit, str(settings.home), str(folder)],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        job = Job.model_validate_json(done.stdout)
        runner = ProcessRunner(settings.home)
        pid = int(str(job.details["pid"]))
        assert os.getsid(pid) == pid
        until = time.monotonic() + 60
        while EventType.STEP_INTENT not in {event.type for event in read_events(folder / LOG)}:
            assert time.monotonic() < until, runner.logs(job)
            time.sleep(0.05)
        assert runner.status(job).state == "running"
        runner.cancel(job)
        assert runner.status(job).state == "ended"
        app.kill()
    assert read_events(folder / LOG)[-1].type == EventType.RUN_CONCLUDED
    assert runner.status(job).detail == "cancelled"
    assert runner.status(job).exit_code == 130


def test_a_killed_worker_leaves_a_run_that_can_be_resumed(settings: Settings, silent_app: Path) -> None:
    with subprocess.Popen([sys.executable, str(silent_app)], stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout is not None
        spec, folder = _run(settings, f"http://127.0.0.1:{app.stdout.readline().strip()}")
        runner = ProcessRunner(settings.home)
        job = runner.submit(spec, folder)
        until = time.monotonic() + 60
        while not (folder / "state.json").exists():
            assert time.monotonic() < until, runner.logs(job)
            time.sleep(0.05)
        os.kill(int(str(job.details["pid"])), signal.SIGKILL)
        _ended(runner, job)
        status = runner.status(job)
        assert status.exit_code is None
        assert f"runs resume {spec.run_id}" in status.detail
        app.kill()


def test_a_process_is_known_by_its_start_too() -> None:
    begun = start_time(os.getpid())
    assert begun is not None
    assert alive(os.getpid(), begun)
    assert not alive(os.getpid(), begun + 1)
    with subprocess.Popen([sys.executable, "-c", ""]) as ended:
        born = start_time(ended.pid)
        until = time.monotonic() + 30
        while alive(ended.pid, born):
            assert time.monotonic() < until
            time.sleep(0.01)
