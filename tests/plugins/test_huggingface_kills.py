"""`kill -9` of the job in every step of a build, each time `runs resume`: one Space, one live job, no lost event."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from spacefactory.schema.event import Event, EventType
from spacefactory.testing.fixtures import COMMAND
from spacefactory.testing.hub import EmulatedHub, JobPlan
from spacefactory.testing.hub.jobs import Job
from spacefactory.testing.hub.seed import Tokens, people
from tests.plugins.huggingface_runs import (
    DIGITS,
    STEPS,
    Machine,
    assert_whole,
    done,
    hub_with_packages,
    log_of,
    record,
)

QUIET = subprocess.DEVNULL
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("huggingface_kills")]

KILLS = (
    "installing",
    *(f"after-effect:{step}" for step in ("resolve", "analyze", "preflight", "generate", "lint")),
    "after-intent:publish",
    "after-effect:publish",
    "SIGKILL in boot",
    "after-effect:health",
    "SIGKILL in validate",
    "after-effect:validate",
    "before-conclude",
    "after-conclude",
)
"""Where the job dies: at a crash point of the worker, or by a signal from outside once the bucket shows the step."""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[EmulatedHub, Tokens]]:
    """A Hub with Ada's model."""
    with hub_with_packages(tmp_path_factory) as hub:
        tokens = people(hub)
        hub.add_model("ada/digits", DIGITS)
        yield hub, tokens


def test_a_job_that_is_killed_in_each_step_is_taken_up_again(world: tuple[EmulatedHub, Tokens], tmp_path: Path) -> None:
    hub, tokens = world
    ada = Machine(hub, tokens.ada, tmp_path)
    before: list[Event] = []
    run_id = ""
    for kill in KILLS:
        run_id = _killed(hub, ada, run_id, kill)
        after = log_of(record(hub, run_id))
        assert after[: len(before)] == before, f"{kill} lost events"
        assert len([name for name in hub.world.spaces if name.startswith("ada/sf-")]) <= 1
        before = after

    del hub.world.job_environment["SPACEFACTORY_CRASH_AT"]
    last = ada("runs", "resume", run_id, "--json")
    assert last.code == 0, last.stderr
    result = last.json()
    assert (result["status"], result["level"]) == ("full_inference_success", "reference")
    assert [name for name in hub.world.spaces if name.startswith("ada/sf-")] == [result["space"]["id"]]
    hub.wait(lambda: all(job.ended for job in hub.jobs(run=run_id)), "the last job to end")
    files = record(hub, run_id)
    assert_whole(files, tokens.ada)
    events = log_of(files)
    assert events[: len(before)] == before
    assert {step: done(events, step) for step in STEPS} == dict.fromkeys(STEPS, 1)
    commits = hub.space(result["space"]["id"]).repo.commits
    assert [one.title for one in commits].count("Publish the generated app") == 1
    assert files["generated/app.py"] == hub.repo_files("space", result["space"]["id"])["app.py"]


def _killed(hub: EmulatedHub, ada: Machine, run_id: str, kill: str) -> str:
    """Have a job begin the run or take it up, and die; the caller is gone, too. Returns the run's id."""
    hub.world.job_environment["SPACEFACTORY_CRASH_AT"] = kill
    if kill == "installing":
        hub.plan_jobs(JobPlan(die_after_s=0.5))
    jobs = len(hub.jobs())
    words = ("runs", "resume", run_id) if run_id else ("build", "ada/digits", "--agent", "template")
    with subprocess.Popen(
        [*COMMAND, *words], env=os.environ | ada.env, stdin=subprocess.DEVNULL, stdout=QUIET, stderr=QUIET
    ) as caller:
        try:
            hub.wait(lambda: len(hub.jobs()) > jobs or caller.poll() is not None, "a job to start")
            job = hub.jobs()[-1]
            assert [one for one in hub.jobs() if not one.ended] in ([job], []), "more than one job lives"
            if kill.startswith("SIGKILL in "):
                _kill(hub, job, kill.rpartition(" ")[2])
            hub.wait(lambda: job.ended, f"the job to die: {kill}")
        finally:
            caller.kill()
    assert (len(hub.jobs()), job.stage, job.exit_code in (137, -9)) == (jobs + 1, "ERROR", True), job.log.text()
    return job.labels["run"]


def _kill(hub: EmulatedHub, job: Job, step: str) -> None:
    """End the job from outside while it works on a step."""
    hub.wait(lambda: job.ended or _at_work(hub, job, step), f"the job to be in {step}")
    hub.kill_job(job.id)
    assert _at_work(hub, job, step)


def _at_work(hub: EmulatedHub, job: Job, step: str) -> bool:
    """Whether the bucket shows that this job has begun a step and not ended it."""
    events = log_of(record(hub, job.labels["run"]))
    mine = [event for event in events if event.facts.get("step") == step]
    resumed = max((event.seq for event in events if event.type == EventType.RUN_RESUMED), default=-1)
    return bool(mine) and mine[-1].type == EventType.STEP_INTENT and mine[-1].seq > resumed
