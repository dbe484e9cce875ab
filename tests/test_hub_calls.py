"""Every documented call of the client that this project makes or tells of, made against the emulator."""

from __future__ import annotations

import json
import struct
from pathlib import Path

from huggingface_hub import (
    CommitOperationAdd,
    CommitOperationDelete,
    HfApi,
    HfFileSystem,
    InferenceClient,
    ModelCard,
    SpaceHardware,
    Volume,
    hf_hub_download,
)

from spacefactory.testing.hub import EmulatedHub
from spacefactory.testing.hub.fixtures import HubClient, emulated_hub, hub_client, hub_tokens
from spacefactory.testing.hub.seed import SMALL_README, SMALL_SPACE, Tokens
from spacefactory.testing.scripted_model import script

__all__ = ("emulated_hub", "hub_client", "hub_tokens")

HEADER = json.dumps({"w": {"dtype": "F32", "shape": [2], "data_offsets": [0, 8]}}).encode()
WEIGHTS = struct.pack("<Q", len(HEADER)) + HEADER + b"\0" * 8


def test_every_documented_call_of_the_client(
    emulated_hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens, tmp_path: Path
) -> None:
    """Calls and arguments as the documentation of the client shows them; a classic token may do all of it."""
    api = hub_client(hub_tokens.ada_write)
    for walk in (_reads, _publishes, _manages_a_space, _runs_a_job, _keeps_files, _chats):
        walk(api, emulated_hub, tmp_path)


def _reads(api: HfApi, hub: EmulatedHub, folder: Path) -> None:
    hub.add_model("meta/tiny", {"README.md": "---\npipeline_tag: fill-mask\n---\n", "model.safetensors": WEIGHTS})
    assert api.whoami(cache=True)["auth"]["type"] == "access_token"
    assert api.get_zero_gpu_quota().base > 0
    api.auth_check("meta/tiny")
    info = api.model_info("meta/tiny", files_metadata=True, timeout=10)
    assert api.model_info("meta/tiny", expand=["pipeline_tag", "safetensors"]).safetensors is not None
    assert api.model_info("meta/tiny", revision=info.sha).sha == info.sha
    assert api.get_safetensors_metadata("meta/tiny").parameter_count == {"F32": 2}
    assert {one.path for one in api.list_repo_tree("meta/tiny", recursive=True)} == set(
        api.list_repo_files("meta/tiny")
    )
    token = str(api.token)
    path = hf_hub_download("meta/tiny", "README.md", local_dir=folder, endpoint=api.endpoint, token=token)
    assert vars(ModelCard(Path(path).read_text()).data)["pipeline_tag"] == "fill-mask"


def _publishes(api: HfApi, hub: EmulatedHub, folder: Path) -> None:
    made = api.create_repo(
        "ada/demo",
        repo_type="space",
        space_sdk="gradio",
        private=True,
        exist_ok=False,
        space_hardware=SpaceHardware.ZERO_A10G,
        space_sleep_time=300,
        space_secrets=[{"key": "KEY", "value": "v"}],
        space_variables=[{"key": "RUN", "value": "1"}],
    )
    assert made.repo_id == "ada/demo"
    api.auth_check("ada/demo", repo_type="space", write=True)
    head = api.space_info("ada/demo").sha
    done = api.create_commit(
        "ada/demo",
        [CommitOperationAdd("README.md", SMALL_README.encode()), CommitOperationAdd("old.txt", b"x")],
        commit_message="One",
        repo_type="space",
        parent_commit=head,
    )
    api.create_commit("ada/demo", [CommitOperationDelete("old.txt")], commit_message="Two", repo_type="space")
    app = folder / "app"
    app.mkdir()
    for name, text in SMALL_SPACE.items():
        (app / name).write_text(text)
    again = api.upload_folder(repo_id="ada/demo", repo_type="space", folder_path=app)
    assert again.oid != done.oid
    assert api.upload_folder(repo_id="ada/demo", repo_type="space", folder_path=app).oid == again.oid
    assert next(one.commit_id for one in api.list_repo_commits("ada/demo", repo_type="space")) == again.oid
    copy = api.duplicate_repo("ada/demo", "ada/copy", repo_type="space", space_hardware=SpaceHardware.ZERO_A10G)
    assert copy.repo_id == "ada/copy"
    api.delete_repo("ada/copy", repo_type="space")
    assert {one.id for one in api.list_spaces(author="ada")} >= {"ada/demo"}


def _manages_a_space(api: HfApi, hub: EmulatedHub, folder: Path) -> None:
    runtime = api.wait_for_space("ada/demo", timeout=60, poll_interval=0.1)
    assert runtime.stage == "RUNNING"
    assert api.get_space_runtime("ada/demo").raw["sha"] == api.space_info("ada/demo").sha
    assert list(api.fetch_space_logs("ada/demo", build=True, follow=False))
    api.add_space_secret("ada/demo", "MORE", "v")
    assert set(api.get_space_secrets("ada/demo")) == {"KEY", "MORE"}
    api.delete_space_secret("ada/demo", "MORE")
    api.add_space_variable("ada/demo", "MORE", "v")
    assert set(api.get_space_variables("ada/demo")) == {"RUN", "MORE"}
    api.delete_space_variable("ada/demo", "MORE")
    hub.add_bucket("ada/data")
    volume = Volume(type="bucket", source="ada/data", mount_path="/data")
    api.set_space_volumes("ada/demo", [volume])
    assert [one.source for one in api.get_space_runtime("ada/demo").volumes or ()] == ["ada/data"]
    api.delete_space_volumes("ada/demo")
    assert (
        api.request_space_hardware("ada/demo", SpaceHardware.T4_SMALL, sleep_time=600).requested_hardware == "t4-small"
    )
    api.set_space_sleep_time("ada/demo", 900)
    assert api.pause_space("ada/demo").stage == "PAUSED"
    api.restart_space("ada/demo", factory_reboot=True)
    assert {one.name for one in api.list_spaces_hardware()} >= {"cpu-basic", "t4-small"}
    api.delete_repo("ada/demo", repo_type="space")


def _runs_a_job(api: HfApi, hub: EmulatedHub, folder: Path) -> None:
    hub.add_bucket("ada/runs")
    job = api.run_job(
        image="python:3.12",
        command=["python", "-c", "print('said')"],
        flavor="cpu-basic",
        timeout="5m",
        env={"RUN_ID": "r1"},
        secrets={"HF_TOKEN": str(api.token)},
        labels={"app": "spacefactory", "run": "r1"},
        volumes=[Volume(type="bucket", source="ada/runs", mount_path="/runs", read_only=False)],
        namespace="ada",
    )
    done = api.wait_for_job(job.id, timeout=60, poll_interval=0.1, namespace="ada")
    assert done.status.stage == api.inspect_job(job_id=job.id, namespace="ada").status.stage == "COMPLETED"
    assert [one.id for one in api.list_jobs(labels={"run": "r1"}, namespace="ada")] == [job.id]
    for options in ({}, {"follow": True}, {"tail": 1}):
        assert list(api.fetch_job_logs(job_id=job.id, namespace="ada", **options)) == ["said"]
    api.update_job_labels(job_id=job.id, labels={"run": "r2"}, namespace="ada")
    again = api.rerun_job(job_id=job.id, namespace="ada")
    api.cancel_job(job_id=again.id, namespace="ada")
    assert {one.name for one in api.list_jobs_hardware()} >= {"cpu-basic", "cpu-xl"}


def _keeps_files(api: HfApi, hub: EmulatedHub, folder: Path) -> None:
    api.create_bucket("ada/kept", private=True, exist_ok=True)
    api.create_bucket("ada/kept", private=True, exist_ok=True)
    source = folder / "b.txt"
    source.write_text("two")
    api.batch_bucket_files("ada/kept", add=[(b"one", "logs/a.txt"), (source, "logs/b.txt")])
    assert api.bucket_info("ada/kept").total_files == 2
    assert [one.path for one in api.list_bucket_tree("ada/kept", "logs/", recursive=True)] == [
        "logs/a.txt",
        "logs/b.txt",
    ]
    assert [one.path for one in api.get_bucket_paths_info("ada/kept", ["logs/a.txt", "none"])] == ["logs/a.txt"]
    target = folder / "down.txt"
    api.download_bucket_files("ada/kept", [("logs/a.txt", target)], raise_on_missing_files=True)
    assert target.read_bytes() == b"one"
    api.sync_bucket("hf://buckets/ada/kept/logs", str(folder / "synced"))
    assert (folder / "synced" / "b.txt").read_text() == "two"
    files = HfFileSystem(endpoint=api.endpoint, token=str(api.token), skip_instance_cache=True)
    assert files.cat("hf://buckets/ada/kept/logs/a.txt") == b"one"
    api.batch_bucket_files("ada/kept", delete=["logs/a.txt"])
    assert [one.id for one in api.list_buckets("ada") if one.id == "ada/kept"] == ["ada/kept"]
    api.delete_bucket("ada/kept")


def _chats(api: HfApi, hub: EmulatedHub, folder: Path) -> None:
    hub.add_chat_model("qwen/coder", script([{"say": ["Hel", "lo"]}]))
    client = InferenceClient(base_url=f"{api.endpoint}/v1", api_key=str(api.token))
    question = [{"role": "user", "content": "Hi"}]
    whole = client.chat_completion(question, model="qwen/coder:fastest", max_tokens=8)
    assert whole.choices[0].message.content == "Hello"
    parts = client.chat_completion(question, model="qwen/coder", max_tokens=8, stream=True)
    assert "".join(part.choices[0].delta.content or "" for part in parts if part.choices) == "Hello"
