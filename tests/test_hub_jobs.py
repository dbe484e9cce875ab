"""The emulated Hub: jobs that really run as processes, with the real client."""

from __future__ import annotations

import importlib.util
import io
import signal
import zipfile
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import HfApi, JobInfo, JobStage, Volume
from huggingface_hub.errors import JobNotFoundError

from spacefactory.testing.hub import Cut, EmulatedHub, Fault, JobPlan
from spacefactory.testing.hub.fixtures import HubClient, emulated_hub, hub_client, hub_tokens
from spacefactory.testing.hub.mounts import Mount, in_place
from spacefactory.testing.hub.seed import Tokens
from tests.hub_http import status_of

__all__ = ("emulated_hub", "hub_client", "hub_tokens")


@pytest.fixture
def api(hub_client: HubClient, hub_tokens: Tokens) -> HfApi:
    """Ada's client, with her sign-in token."""
    return hub_client(hub_tokens.ada)


def run(api: HfApi, script: str, **options: Any) -> JobInfo:
    """A job that runs a Python script."""
    return api.run_job(image="python:3.12", command=["python", "-c", script], namespace="ada", **options)


def ended(api: HfApi, job: JobInfo) -> JobInfo:
    """The job at its end."""
    return api.wait_for_job(job.id, timeout=60, poll_interval=0.05, namespace="ada")


def logs(api: HfApi, job: JobInfo) -> list[str]:
    """All lines, followed to the end."""
    return list(api.fetch_job_logs(job_id=job.id, namespace="ada", follow=True))


def test_a_job_runs_with_its_own_environment_and_nothing_of_ours(
    emulated_hub: EmulatedHub, api: HfApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OUR_OWN", "leak")
    job = run(api, "import os, json; print(json.dumps(dict(os.environ)))", env={"RUN": "r1"},
              secrets={"HF_TOKEN": "hf_secret"}, labels={"app": "spacefactory", "run": "r1"}, timeout="5m",
              flavor="cpu-upgrade")  # fmt: skip
    assert (job.status.stage, job.flavor, job.docker_image) == ("SCHEDULING", "cpu-upgrade", "python:3.12")
    assert list(job.secrets or ()) == ["HF_TOKEN"]
    assert job.environment == {"RUN": "r1"}
    assert job.labels is not None
    assert job.labels.items() >= {"app": "spacefactory", "run": "r1"}.items()
    done = ended(api, job)
    assert (done.status.stage, done.owner.name) == ("COMPLETED", "ada")
    assert done.started_at is not None
    assert done.finished_at is not None
    assert done.durations is not None
    import json

    [line] = logs(api, job)
    seen = json.loads(line)
    assert (seen["RUN"], seen["HF_TOKEN"], seen["JOB_ID"], seen["CPU_CORES"]) == ("r1", "hf_secret", job.id, "8")
    assert seen["HF_ENDPOINT"] == emulated_hub.endpoint
    assert "OUR_OWN" not in seen


def test_output_can_be_read_while_it_comes(emulated_hub: EmulatedHub, api: HfApi) -> None:
    job = run(api, "import time; print('first'); time.sleep(120)")
    emulated_hub.wait(lambda: "first" in emulated_hub.job(job.id).log.text(), "the first line")
    stream = iter(api.fetch_job_logs(job_id=job.id, namespace="ada", follow=True))
    assert next(stream) == "first"
    api.cancel_job(job_id=job.id, namespace="ada")
    assert ended(api, job).status.stage == "CANCELED"


def test_failure_timeout_and_cancel(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.knobs.job_grace_s = 0.2
    failed = ended(api, run(api, "raise SystemExit(3)"))
    assert (failed.status.stage, failed.status.message) == ("ERROR", "Job failed with exit code: 3")
    late = ended(api, run(api, "import time; time.sleep(60)", timeout="1s"))
    assert (late.status.stage, late.status.message) == ("ERROR", "Job timeout")
    job = run(api, "import time; time.sleep(60)")
    api.cancel_job(job_id=job.id, namespace="ada")
    assert ended(api, job).status.stage == "CANCELED"


def test_a_cancelled_job_may_say_goodbye(emulated_hub: EmulatedHub, api: HfApi) -> None:
    job = run(api, "import signal, sys, time\n"
                   "def bye(*_): print('bye'); sys.exit(143)\n"
                   "signal.signal(signal.SIGTERM, bye); print('ready'); time.sleep(60)")  # fmt: skip
    emulated_hub.wait(lambda: "ready" in emulated_hub.job(job.id).log.text(), "the job to be ready")
    emulated_hub.cancel_job(job.id)
    assert ended(api, job).status.stage == "CANCELED"
    assert logs(api, job) == ["ready", "bye"]


def test_everything_a_job_started_ends_with_it(emulated_hub: EmulatedHub, api: HfApi) -> None:
    job = run(api, "import subprocess\n"
                   "child = subprocess.Popen(['sleep', '300'], start_new_session=True); print(child.pid)")  # fmt: skip
    assert ended(api, job).status.stage == "COMPLETED"
    [pid] = [int(line) for line in logs(api, job)]
    state = Path(f"/proc/{pid}/stat")
    emulated_hub.wait(lambda: not state.exists() or " Z " in state.read_text(), "the child to be gone")


def test_a_bucket_is_mounted_and_kept(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.add_bucket("ada/runs", {"r1/old.txt": b"old", "r1/gone.txt": b"gone", "r2/other": b"x"})
    emulated_hub.add_model("meta/tiny", {"config.json": "{}"})
    script = (
        "import os, sys, pathlib\n"
        "runs, model = pathlib.Path(sys.argv[1]), pathlib.Path(os.environ['MODEL'])\n"
        "print((runs / 'old.txt').read_text(), sorted(p.name for p in model.iterdir()))\n"
        "(runs / 'sub').mkdir(); (runs / 'sub' / 'new.txt').write_text('new'); (runs / 'gone.txt').unlink()\n"
    )
    volumes = [
        Volume(type="bucket", source="ada/runs", mount_path="/runs", read_only=False, path="r1"),
        Volume(type="model", source="meta/tiny", mount_path="/model"),
    ]
    job = api.run_job(image="python:3.12", command=["python", "-c", script, "/runs"], env={"MODEL": "/model"},
                      volumes=volumes, namespace="ada")  # fmt: skip
    assert ended(api, job).status.stage == "COMPLETED"
    assert logs(api, job) == ["old ['config.json']"]
    assert emulated_hub.bucket_files("ada/runs") == {"r1/old.txt": b"old", "r1/sub/new.txt": b"new", "r2/other": b"x"}


def test_a_killed_job_leaves_what_it_wrote(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.add_bucket("ada/runs")
    emulated_hub.knobs.mount_sync_s = 0.05
    job = api.run_job(image="python:3.12", namespace="ada", command=[
        "python", "-c", "import time; open('/runs/a', 'w').write('kept'); time.sleep(60)"],
        volumes=[Volume(type="bucket", source="ada/runs", mount_path="/runs")])  # fmt: skip
    emulated_hub.wait(lambda: emulated_hub.bucket_files("ada/runs") == {"a": b"kept"}, "the file while the job runs")
    emulated_hub.kill_job(job.id, signal.SIGKILL)
    done = ended(api, job)
    assert (done.status.stage, done.status.message) == ("ERROR", "Job failed with exit code: 137")


def test_a_read_only_mount_is_not_written_back(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.add_bucket("ada/runs", {"a": b"1"})
    volume = Volume(type="bucket", source="ada/runs", mount_path="/runs", read_only=True)
    job = api.run_job(image="i", command=["sh", "-c", "echo 2 > /runs/a"], volumes=[volume], namespace="ada")
    assert ended(api, job).status.stage == "COMPLETED"
    assert emulated_hub.bucket_files("ada/runs") == {"a": b"1"}


def test_lists_by_label_and_stage(emulated_hub: EmulatedHub, api: HfApi) -> None:
    jobs = [ended(api, run(api, "", labels={"run": name})) for name in ("r1", "r2", "r1")]
    found = [job.id for job in api.list_jobs(namespace="ada", labels={"run": "r1"})]
    assert found == [jobs[2].id, jobs[0].id]
    assert len(list(api.list_jobs(namespace="ada", status=["COMPLETED", JobStage.ERROR]))) == 3
    assert list(api.list_jobs(namespace="ada", status="RUNNING")) == []
    emulated_hub.knobs.job_list_lag = 1
    late = run(api, "", labels={"run": "r3"})
    seen = [[job.id for job in api.list_jobs(namespace="ada", labels={"run": "r3"})] for _ in range(2)]
    assert seen == [[], [late.id]]
    api.update_job_labels(job_id=late.id, labels={"other": "x"}, namespace="ada")
    assert list(api.list_jobs(namespace="ada", labels={"run": "r3"})) == []


def test_a_long_list_comes_in_pages(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.plan_jobs(*[JobPlan(stage="COMPLETED")] * 120)
    made = [run(api, "").id for _ in range(120)]
    assert [job.id for job in api.list_jobs(namespace="ada")] == made[::-1]


@pytest.mark.parametrize(
    ("plan", "stage"),
    [(JobPlan(stage="ERROR", cancel_reason="NO_CREDITS"), "ERROR"), (JobPlan(stage="DELETED"), "DELETED"),
     (JobPlan(die_after_s=0.1), "ERROR")],
)  # fmt: skip
def test_what_may_become_of_a_job(emulated_hub: EmulatedHub, api: HfApi, plan: JobPlan, stage: str) -> None:
    emulated_hub.plan_jobs(plan)
    job = run(api, "import time; time.sleep(60)")
    assert ended(api, job).status.stage == stage


def test_a_job_that_never_gets_a_machine(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.plan_jobs(JobPlan(stuck=True))
    job = run(api, "")
    with pytest.raises(TimeoutError):
        api.wait_for_job(job.id, timeout=0.2, poll_interval=0.05, namespace="ada")
    api.cancel_job(job_id=job.id, namespace="ada")
    assert ended(api, job).status.stage == "CANCELED"


def wheel(name: str) -> bytes:
    """A distribution with one module."""
    facts = f"{name}-1.0.dist-info"
    files = {
        f"{name}.py": "WORD = 'installed'\n",
        f"{facts}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n",
        f"{facts}/WHEEL": "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{facts}/RECORD": f"{name}.py,,\n{facts}/METADATA,,\n{facts}/WHEEL,,\n{facts}/RECORD,,\n",
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return packed.getvalue()


@pytest.mark.parametrize(
    ("pip", "with_packages"), [("pip", True), ("python -m pip", True), ("pip --disable-pip-version-check", False)]
)
def test_what_a_job_installs_stays_in_the_job(
    emulated_hub: EmulatedHub, api: HfApi, pip: str, with_packages: bool
) -> None:
    emulated_hub.knobs.job_packages = with_packages
    emulated_hub.add_bucket("ada/runs", {"only_in_job-1.0-py3-none-any.whl": wheel("only_in_job")})
    look = "import only_in_job, importlib.util as u; print(only_in_job.WORD, u.find_spec('gradio') is not None)"
    install = f"{pip} install -q --no-index --no-deps /runs/only_in_job-1.0-py3-none-any.whl"
    script = f'{install} && python -c "{look}"'
    volume = Volume(type="bucket", source="ada/runs", mount_path="/runs")
    job = api.run_job(image="python:3.12", command=["sh", "-c", script], namespace="ada", volumes=[volume])
    assert ended(api, job).status.stage == "COMPLETED", emulated_hub.job(job.id).log.text()
    assert f"installed {with_packages}" in logs(api, job)
    assert importlib.util.find_spec("only_in_job") is None


def test_waiting_for_a_machine(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.knobs.schedule_s = 0.3
    job = run(api, "")
    assert api.inspect_job(job_id=job.id, namespace="ada").status.stage == "SCHEDULING"
    done = ended(api, job)
    assert done.started_at is not None
    assert done.created_at is not None
    assert (done.started_at - done.created_at).total_seconds() >= 0.3


def test_a_log_that_is_cut_is_read_again_while_the_job_runs(emulated_hub: EmulatedHub, api: HfApi) -> None:
    wanted = [f"line {number}" for number in range(50)]
    job = run(api, "import time\nfor number in range(50): print('line', number)\ntime.sleep(120)")
    emulated_hub.wait(lambda: "line 49" in emulated_hub.job(job.id).log.text(), "the last line")
    emulated_hub.fail(Fault(Cut(700), r"/logs$"))
    stream = iter(api.fetch_job_logs(job_id=job.id, namespace="ada", follow=True))
    assert [next(stream) for _ in wanted] == wanted
    assert len(emulated_hub.log.find("GET", r"/logs$")) == 2


def test_a_log_that_is_cut_after_the_end_is_short(emulated_hub: EmulatedHub, api: HfApi) -> None:
    """The client takes the end of the job for the end of the log: whoever needs all lines must look for the last."""
    job = run(api, "for number in range(50): print('line', number)")
    ended(api, job)
    emulated_hub.fail(Fault(Cut(700), r"/logs$"))
    assert 0 < len(logs(api, job)) < 50
    assert len(logs(api, job)) == 50


def test_what_is_refused(emulated_hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens, api: HfApi) -> None:
    def refused(**options: Any) -> int:
        return status_of(lambda: api.run_job(**({"image": "i", "command": ["true"], "namespace": "ada"} | options)))

    assert refused(flavor="zero-a10g") == 400
    assert refused(env={"1-bad": "x"}) == 400
    assert refused(labels={"model": "owner/name"}) == 400
    assert refused(labels={"run": "x" * 101}) == 400
    assert refused(secrets={"HF_TOKEN": 5}) == 400
    assert refused(volumes=[Volume(type="bucket", source="ada/none", mount_path="/runs")]) == 404
    assert refused(volumes=[Volume(type="model", source="ada/none", mount_path="/runs")]) == 404
    assert refused(namespace="eve") == 403
    assert refused(image="hf.co/spaces/ada/none") == 404
    emulated_hub.world.accounts["ada"].credits_usd = 0
    with pytest.raises(Exception, match="insufficient credits"):
        run(api, "")
    assert emulated_hub.jobs() == ()


def test_unknown_jobs_and_strangers(emulated_hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens) -> None:
    api = hub_client(hub_tokens.ada)
    job = run(api, "")
    for client, name, namespace in ((api, "0" * 24, "ada"), (hub_client(hub_tokens.eve), job.id, "ada"),
                                    (hub_client(hub_tokens.eve), job.id, "eve"), (api, job.id, "nobody")):  # fmt: skip
        with pytest.raises(JobNotFoundError):
            client.inspect_job(job_id=name, namespace=namespace)
    no_scope = hub_client(emulated_hub.add_token("ada", scopes=("openid", "manage-repos")))
    assert status_of(lambda: run(no_scope, "")) == 403


def test_a_command_that_does_not_exist(api: HfApi) -> None:
    job = api.run_job(image="i", command=["no-such-program"], namespace="ada")
    assert ended(api, job).status.message == "Job failed with exit code: 127"
    assert logs(api, job) == ["exec: no-such-program: not found"]


def test_the_same_again(api: HfApi) -> None:
    job = run(api, "print('again')", labels={"run": "r1"})
    again = api.rerun_job(job_id=job.id, namespace="ada")
    assert again.id != job.id
    ended(api, again)
    assert logs(api, again) == ["again"]


def test_hardware_has_prices(api: HfApi) -> None:
    found = {one.name: one for one in api.list_jobs_hardware()}
    assert found["cpu-basic"].unit_cost_micro_usd == 167
    assert found["h200"].accelerator is not None
    assert found["h200"].accelerator.vram == "141 GB"
    assert found["cpu-xl"].ephemeral_storage == "100 GB"
    assert "zero-a10g" not in found


def test_mount_paths_are_replaced_where_they_are_paths() -> None:
    mounts = (Mount("/runs", Path("/tmp/m0")), Mount("/data/x", Path("/tmp/m1")))
    assert in_place("--out=/runs/r1 /runs /runs2 a/runs /data/x/y:/runs", mounts) == (
        "--out=/tmp/m0/r1 /tmp/m0 /runs2 a/runs /tmp/m1/y:/tmp/m0"
    )
