"""The runner `hf_jobs`: one live job per run, typed refusals, its end noticed; and the wheels that it installs."""

from __future__ import annotations

import json
import threading
import time
from pathlib import Path
from types import SimpleNamespace

import pytest
from spacefactory_huggingface.bucket import BucketStore
from spacefactory_huggingface.job_request import SPARE_MINUTES, job_request
from spacefactory_huggingface.jobs import HubJobs
from spacefactory_huggingface.lease import Lease

from spacefactory import attend as attending
from spacefactory.attend import attend
from spacefactory.errors import BlockedError, PlatformError, UsageError
from spacefactory.providers import Recalling
from spacefactory.schema.choice import Budget
from spacefactory.schema.event import Event, EventType
from spacefactory.schema.work import Job
from spacefactory.testing.hub import EmulatedHub, JobPlan
from spacefactory.testing.hub.faults import Fault, Refuse, Reset
from spacefactory.testing.hub.fixtures import emulated_hub, hub_tokens
from spacefactory.testing.hub.seed import Tokens
from tests.plugins.huggingface_places import RUN, begin, hub_for, spec_of

__all__ = ("emulated_hub", "hub_tokens")

POSTED = ("POST", r"^/api/jobs/ada$")


@pytest.fixture
def runner(emulated_hub: EmulatedHub, hub_tokens: Tokens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubJobs:
    """Ada's jobs; her bucket is there, as it is once a run was made."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    emulated_hub.add_bucket("ada/spacefactory-runs")
    return HubJobs(hub_for(emulated_hub, tmp_path, hub_tokens.ada), listed_after_s=0.5)


def submit(runner: HubJobs, home: Path, **changes: object) -> Job:
    return runner.submit(spec_of(home, **changes), home)


def test_a_job_is_labelled_private_and_limited(emulated_hub: EmulatedHub, runner: HubJobs, tmp_path: Path) -> None:
    emulated_hub.plan_jobs(JobPlan(stuck=True))
    job = submit(runner, tmp_path)
    made = emulated_hub.job(job.id)
    assert made.owner.name == "ada"
    assert {"app": "spacefactory", "run": RUN, "kind": "build"}.items() <= made.labels.items()
    assert (made.spec.attempts, made.spec.timeout_s) == (1, (45 + SPARE_MINUTES) * 60)
    assert dict(made.spec.secrets) == {"HF_TOKEN": "hf_oauth_ada"}
    shown = json.dumps([made.spec.command, dict(made.spec.environment), made.labels])
    assert "hf_oauth_ada" not in shown
    assert job.details["url"] == f"{emulated_hub.endpoint}/jobs/ada/{job.id}"
    (volume,) = made.spec.volumes
    assert (volume["source"], volume["readOnly"]) == ("ada/spacefactory-runs", True)


def test_the_job_of_a_run_is_recalled_whether_it_works_or_has_ended(
    emulated_hub: EmulatedHub, runner: HubJobs, tmp_path: Path
) -> None:
    assert isinstance(runner, Recalling)
    assert runner.recall(RUN) is None
    emulated_hub.plan_jobs(JobPlan(stage="ERROR"), JobPlan(stuck=True))
    ended = submit(runner, tmp_path)
    assert runner.recall(RUN) == ended
    newer = submit(runner, tmp_path)
    assert newer != ended and runner.recall(RUN) == newer
    emulated_hub.cancel_job(newer.id)
    emulated_hub.wait(lambda: emulated_hub.job(newer.id).ended, "the job to end")
    assert runner.recall(RUN) == newer


def test_the_token_is_in_headers_and_in_the_jobs_secrets_alone(
    emulated_hub: EmulatedHub, runner: HubJobs, hub_tokens: Tokens, tmp_path: Path
) -> None:
    emulated_hub.plan_jobs(JobPlan(stuck=True))
    submit(runner, tmp_path)
    (elsewhere,) = emulated_hub.log.misplaced(hub_tokens.ada)
    assert (elsewhere.entry.path, elsewhere.place) == ("/api/jobs/ada", "body")
    assert json.loads(elsewhere.entry.body)["secrets"] == {"HF_TOKEN": hub_tokens.ada}


def test_a_live_job_is_given_again(emulated_hub: EmulatedHub, runner: HubJobs, tmp_path: Path) -> None:
    emulated_hub.plan_jobs(JobPlan(stuck=True))
    assert submit(runner, tmp_path) == submit(runner, tmp_path)
    assert len(emulated_hub.log.find(*POSTED)) == 1


@pytest.mark.parametrize("lag", [0, 2])
def test_a_job_whose_answer_is_lost_is_found_not_repeated(
    emulated_hub: EmulatedHub, runner: HubJobs, tmp_path: Path, lag: int
) -> None:
    emulated_hub.plan_jobs(JobPlan(stuck=True), JobPlan(stuck=True))
    emulated_hub.knobs.job_list_lag = lag
    emulated_hub.fail(Fault(Reset("after"), r"^/api/jobs/ada$", "POST"))
    patient = HubJobs(runner.hub, listed_after_s=10.0)
    job = submit(patient, tmp_path)
    assert [one.id for one in emulated_hub.jobs(run=RUN)] == [job.id]


def test_a_job_that_was_refused_for_a_moment_is_asked_for_again(
    emulated_hub: EmulatedHub, runner: HubJobs, tmp_path: Path
) -> None:
    emulated_hub.plan_jobs(JobPlan(stuck=True))
    emulated_hub.fail(Fault(Refuse(503, headers={"Retry-After": "0"}), r"^/api/jobs/ada$", "POST"))
    submit(runner, tmp_path)
    assert len(emulated_hub.jobs(run=RUN)) == 1


def test_of_two_live_jobs_the_oldest_stays(emulated_hub: EmulatedHub, runner: HubJobs, tmp_path: Path) -> None:
    emulated_hub.plan_jobs(JobPlan(stuck=True), JobPlan(stuck=True))
    request = job_request(runner.hub, spec_of(tmp_path))
    first, second = (runner.hub.api.run_job(**request).id for _ in range(2))
    assert submit(runner, tmp_path).id == first
    emulated_hub.wait(lambda: emulated_hub.job(second).ended, "the second job to end")
    assert emulated_hub.job(second).stage == "CANCELED"


def test_an_ended_job_makes_room_and_old_requests_are_void(
    emulated_hub: EmulatedHub, runner: HubJobs, tmp_path: Path
) -> None:
    emulated_hub.plan_jobs(JobPlan(stage="ERROR"), JobPlan(stuck=True))
    first = submit(runner, tmp_path)
    emulated_hub.wait(lambda: emulated_hub.job(first.id).ended, "the job to end")
    BucketStore(runner.hub, tmp_path).ask(RUN, "cancel")
    assert submit(runner, tmp_path).id != first.id
    assert not [path for path in emulated_hub.bucket_files("ada/spacefactory-runs") if "/control/" in path]


def test_no_credit_and_no_scope_are_told_apart(
    emulated_hub: EmulatedHub, runner: HubJobs, hub_tokens: Tokens, tmp_path: Path
) -> None:
    emulated_hub.world.accounts["ada"].credits_usd = 0.0
    with pytest.raises(BlockedError, match="insufficient credits") as money:
        submit(runner, tmp_path)
    assert (money.value.reason, money.value.next_step) == ("plan_required", "add credits or a plan to the account")
    emulated_hub.token(hub_tokens.ada).scopes = ("manage-repos",)
    with pytest.raises(BlockedError, match="permission to jobs") as scope:
        submit(runner, tmp_path)
    assert scope.value.reason == "not_permitted"
    assert emulated_hub.jobs(run=RUN) == ()


def test_a_sign_in_that_ends_before_the_run_is_refused_before_anything_starts(
    emulated_hub: EmulatedHub, hub_tokens: Tokens, tmp_path: Path
) -> None:
    emulated_hub.add_bucket("ada/spacefactory-runs")
    token = emulated_hub.add_token("ada", lifetime_s=50 * 60)
    short = HubJobs(hub_for(emulated_hub, tmp_path, token))
    with pytest.raises(BlockedError, match=r"ends in (49|50) minutes and the run may take 60"):
        submit(short, tmp_path)
    emulated_hub.plan_jobs(JobPlan(stuck=True))
    assert submit(short, tmp_path, budget=Budget(minutes=30)).id


@pytest.mark.parametrize("change", ["folder", "cases"])
def test_what_only_this_machine_has_is_refused(runner: HubJobs, tmp_path: Path, change: str) -> None:
    changes = {"reference": str(tmp_path)} if change == "folder" else {"cases": tmp_path / "cases.yaml"}
    with pytest.raises(UsageError, match="which a job cannot read"):
        submit(runner, tmp_path, **changes)


def test_another_coding_models_key_travels_as_a_secret_under_its_own_name(
    emulated_hub: EmulatedHub, runner: HubJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTHER_KEY", "sk-other-secret")
    emulated_hub.plan_jobs(JobPlan(stuck=True))
    spec = spec_of(tmp_path)
    job = submit(runner, tmp_path, settings={**spec.settings, "coding_model": {"api_key_env": "OTHER_KEY"}})
    made = emulated_hub.job(job.id)
    assert set(made.spec.secrets) == {"HF_TOKEN", "OTHER_KEY"}
    assert made.spec.environment["SPACEFACTORY_CODING_MODEL__API_KEY_ENV"] == "OTHER_KEY"
    assert "sk-other-secret" not in json.dumps(dict(made.spec.environment))


def test_status_logs_and_cancel(emulated_hub: EmulatedHub, runner: HubJobs) -> None:
    info = runner.hub.api.run_job(
        image="python:3.12", command=["bash", "-c", "echo hello; sleep 60"], namespace="ada", timeout="5m"
    )
    job = Job(id=info.id, runner="hf_jobs", run_id=RUN, details={"namespace": "ada"})
    emulated_hub.wait(lambda: "hello" in runner.logs(job), "the job to speak")
    assert runner.status(job).state == "running"
    runner.cancel(job)
    emulated_hub.wait(lambda: runner.status(job).state == "ended", "the job to end")
    assert runner.status(job).detail.startswith("CANCELED")
    runner.cancel(job)


def test_a_cut_or_refused_log_is_what_there_is(emulated_hub: EmulatedHub, runner: HubJobs) -> None:
    info = runner.hub.api.run_job(image="python:3.12", command=["bash", "-c", "seq 1000"], namespace="ada")
    job = Job(id=info.id, runner="hf_jobs", run_id=RUN, details={"namespace": "ada"})
    emulated_hub.wait(lambda: emulated_hub.job(info.id).ended, "the job to end")
    assert runner.logs(job).splitlines()[-1] == "1000"
    emulated_hub.fail(Fault(Refuse(403), "/logs", times=None))
    assert runner.logs(job) == ""


def test_a_job_that_the_hub_forgot_has_ended(runner: HubJobs, monkeypatch: pytest.MonkeyPatch) -> None:
    from spacefactory_huggingface import calls

    monkeypatch.setattr(calls, "NEW_S", 0.0)
    forgotten = Job(id="0" * 24, runner="hf_jobs", run_id=RUN, details={"namespace": "ada"})
    assert runner.status(forgotten).state == "ended"
    runner.cancel(forgotten)


def test_a_job_that_dies_without_a_last_word_is_reported(
    emulated_hub: EmulatedHub, runner: HubJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attending, "LAST_WORDS_S", 1.0)
    store = BucketStore(runner.hub, tmp_path)
    spec = spec_of(tmp_path)
    begin(store.create(RUN), spec)
    store.flush(RUN)
    info = runner.hub.api.run_job(
        image="python:3.12", command=["bash", "-c", "echo out of memory; kill -9 $$"], namespace="ada"
    )
    job = Job(id=info.id, runner="hf_jobs", run_id=RUN, details={"namespace": "ada"})
    with pytest.raises(PlatformError, match=r"ended before the run did \(ERROR.*last words: out of memory") as caught:
        attend(RUN, store, runner, job, poll_s=0.2)
    assert caught.value.next_step == f"take it up again: spacefactory runs resume {RUN}"
    assert attending.POLL_S + 20 < 90


def test_ctrl_c_asks_the_job_to_stop_and_goes_on_watching(
    emulated_hub: EmulatedHub, runner: HubJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import signal

    monkeypatch.setattr(attending, "LAST_WORDS_S", 0.5)
    store = BucketStore(runner.hub, tmp_path)
    begin(store.create(RUN), spec_of(tmp_path))
    store.flush(RUN)
    info = runner.hub.api.run_job(image="python:3.12", command=["sleep", "600"], namespace="ada")
    job = Job(id=info.id, runner="hf_jobs", run_id=RUN, details={"namespace": "ada"})

    slept: list[float] = []

    def sleep(seconds: float) -> None:
        """Between two looks: elsewhere a library may swallow the interrupt, and a person would press again."""
        slept.append(seconds)
        if len(slept) == 3:
            signal.raise_signal(signal.SIGINT)
        time.sleep(seconds)

    def obey() -> None:
        emulated_hub.wait(
            lambda: any("/control/" in path for path in emulated_hub.bucket_files("ada/spacefactory-runs")), "a request"
        )
        emulated_hub.cancel_job(info.id)

    monkeypatch.setattr(attending, "time", SimpleNamespace(monotonic=time.monotonic, sleep=sleep))
    thread = threading.Thread(target=obey)
    before = signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs ignore it
    thread.start()
    try:
        with pytest.raises(PlatformError, match="CANCELED"):
            attend(RUN, store, runner, job, poll_s=0.2)
    finally:
        signal.signal(signal.SIGINT, before)
    thread.join()


def test_a_job_that_stands_still_is_reported_and_then_ended(
    emulated_hub: EmulatedHub, runner: HubJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert attending.SILENT_S + attending.POLL_S < 90
    monkeypatch.setattr(attending, "SILENT_S", 1.5)
    monkeypatch.setattr(attending, "STALLED_S", 4.0)
    store = BucketStore(runner.hub, tmp_path)
    begin(store.create(RUN), spec_of(tmp_path))
    store.flush(RUN)
    info = runner.hub.api.run_job(image="python:3.12", command=["sleep", "600"], namespace="ada")
    job = Job(id=info.id, runner="hf_jobs", run_id=RUN, details={"namespace": "ada"})
    heard: list[Event] = []
    assert store.pulse(job) is None
    monkeypatch.setenv("JOB_ID", info.id)
    lease = Lease(runner.hub, store.bucket, RUN)
    lease.take()
    before = store.pulse(job)
    assert before is not None
    time.sleep(1.1)
    lease.renew()
    assert store.pulse(job) not in (None, before)
    with pytest.raises(PlatformError, match=r"gave no sign of life for \d+ s and was ended") as caught:
        attend(RUN, store, runner, job, heard.append, poll_s=0.2)
    assert caught.value.next_step == f"take the run up again: spacefactory runs resume {RUN}"
    silent = [event for event in heard if event.type == EventType.JOB_SILENT]
    assert [event.facts["job"] for event in silent] == [info.id]
    emulated_hub.wait(lambda: emulated_hub.job(info.id).ended, "the job to end")


def test_a_job_that_waits_for_its_machine_does_not_stand_still(
    emulated_hub: EmulatedHub, runner: HubJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(attending, "SILENT_S", 0.2)
    monkeypatch.setattr(attending, "STALLED_S", 0.4)
    monkeypatch.setattr(attending, "LAST_WORDS_S", 0.2)
    store = BucketStore(runner.hub, tmp_path)
    begin(store.create(RUN), spec_of(tmp_path))
    store.flush(RUN)
    emulated_hub.plan_jobs(JobPlan(stuck=True))
    info = runner.hub.api.run_job(image="python:3.12", command=["true"], namespace="ada")
    job = Job(id=info.id, runner="hf_jobs", run_id=RUN, details={"namespace": "ada"})
    thread = threading.Timer(2.0, emulated_hub.cancel_job, (info.id,))
    thread.start()
    with pytest.raises(PlatformError, match="ended before the run did"):
        attend(RUN, store, runner, job, poll_s=0.1)
    thread.join()
