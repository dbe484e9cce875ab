"""The emulated Hub: writing to repositories with the real client."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, constants
from huggingface_hub.errors import HfHubHTTPError, RemoteEntryNotFoundError

from spacefactory.testing.hub import EmulatedHub
from spacefactory.testing.hub.fixtures import HubClient, emulated_hub, hub_client, hub_tokens
from spacefactory.testing.hub.seed import Tokens, people
from tests.hub_http import status_of

__all__ = ("emulated_hub", "hub_client", "hub_tokens")

OLD_CLIENT = pytest.mark.filterwarnings("ignore:Use 'content=:DeprecationWarning")
"""The client itself uploads by LFS in a way that its HTTP library warns of."""
BINARY = bytes(range(256)) * 40
FILES = {"app.txt": b"text", "sub/data.json": b"{}", "weights.safetensors": BINARY, "empty.txt": b""}


@pytest.fixture
def api(hub_client: HubClient, hub_tokens: Tokens) -> HfApi:
    """Ada's client, with a model of hers to write to."""
    found = hub_client(hub_tokens.ada)
    found.create_repo("ada/work", private=True)
    return found


def folder_with(tmp_path: Path, files: dict[str, bytes]) -> Path:
    """The files in a folder."""
    for path, data in files.items():
        (tmp_path / "up" / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "up" / path).write_bytes(data)
    return tmp_path / "up"


def adds(files: dict[str, bytes]) -> list[CommitOperationAdd]:
    """The files as operations."""
    return [CommitOperationAdd(path, data) for path, data in files.items()]


def test_one_commit_with_small_and_large_files(emulated_hub: EmulatedHub, api: HfApi) -> None:
    made = api.create_commit("ada/work", adds(FILES), commit_message="all")
    repo = emulated_hub.repo("model", "ada/work")
    assert (repo.head.oid, repo.head.title, len(repo.commits)) == (made.oid, "all", 2)
    assert emulated_hub.repo_files("model", "ada/work").items() >= FILES.items()
    assert repo.head.files["weights.safetensors"].lfs
    assert emulated_hub.log.find("POST", "/_cas/.*/v1/shards")


@OLD_CLIENT
def test_the_lfs_way_of_clients_without_the_content_store(
    emulated_hub: EmulatedHub, api: HfApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    api.create_commit("ada/work", adds(FILES), commit_message="all")
    assert emulated_hub.repo_files("model", "ada/work")["weights.safetensors"] == BINARY
    sha256 = hashlib.sha256(BINARY).hexdigest()
    assert [entry.status for entry in emulated_hub.log.find("PUT", f"/_lfs/{sha256}")] == [200]
    assert not emulated_hub.log.find("POST", "/_cas/")


def test_all_files_are_regular_when_the_content_store_is_switched_off(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.knobs.xet = False
    api.create_commit("ada/work", adds(FILES), commit_message="all")
    assert not emulated_hub.repo("model", "ada/work").head.files["weights.safetensors"].lfs
    assert emulated_hub.repo_files("model", "ada/work")["weights.safetensors"] == BINARY


@OLD_CLIENT
@pytest.mark.parametrize("xet", [True, False])
def test_upload_folder(
    emulated_hub: EmulatedHub, api: HfApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, xet: bool
) -> None:
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", not xet)
    folder = folder_with(tmp_path, FILES)
    api.upload_folder(repo_id="ada/work", folder_path=folder)
    assert emulated_hub.repo_files("model", "ada/work").items() >= FILES.items()
    before = len(emulated_hub.repo("model", "ada/work").commits)
    again = api.upload_folder(repo_id="ada/work", folder_path=folder)
    assert len(emulated_hub.repo("model", "ada/work").commits) == before
    assert again.oid == emulated_hub.repo("model", "ada/work").head.oid


def test_a_download_gives_back_what_was_uploaded(api: HfApi) -> None:
    random = os.urandom(200_000)
    api.create_commit("ada/work", adds({"big.bin": random}), commit_message="big")
    assert Path(api.hf_hub_download("ada/work", "big.bin")).read_bytes() == random


def test_delete_files_and_folders(emulated_hub: EmulatedHub, api: HfApi) -> None:
    api.create_commit("ada/work", adds(FILES), commit_message="all")
    gone = [CommitOperationDelete("app.txt"), CommitOperationDelete("sub/")]
    api.create_commit("ada/work", gone, commit_message="less")
    assert set(emulated_hub.repo_files("model", "ada/work")) == {".gitattributes", "weights.safetensors", "empty.txt"}
    with pytest.raises(RemoteEntryNotFoundError):
        api.create_commit("ada/work", [CommitOperationDelete("app.txt")], commit_message="again")


def test_a_commit_on_another_parent_is_refused(emulated_hub: EmulatedHub, api: HfApi) -> None:
    parent = emulated_hub.repo("model", "ada/work").head.oid
    api.create_commit("ada/work", adds({"a.txt": b"1"}), commit_message="one", parent_commit=parent)
    with pytest.raises(HfHubHTTPError) as caught:
        api.create_commit("ada/work", adds({"a.txt": b"2"}), commit_message="two", parent_commit=parent)
    assert caught.value.response.status_code == 412


@pytest.mark.parametrize(
    "line",
    ["colorFrom: orange", "sdk: shiny", "sdk_version: latest", f"short_description: {'x' * 61}", "app_file: ../app.py",
     "suggested_hardware: h100", "title: [", "python_version: '2.7'", "license: 3"],
)  # fmt: skip
def test_bad_front_matter_of_a_space_is_refused(
    emulated_hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens, line: str
) -> None:
    api = hub_client(hub_tokens.ada)
    api.create_repo("ada/space", repo_type="space", space_sdk="gradio")
    good = {"title": "T", "sdk": "gradio", "sdk_version": "6.31.0", "app_file": "app.py"}
    kept = [f"{key}: {value}" for key, value in good.items() if not line.startswith(f"{key}:")]
    readme = "\n".join(["---", *kept, line, "---", ""]).encode()
    with pytest.raises(ValueError, match="Invalid metadata"):
        api.create_commit("ada/space", adds({"README.md": readme}), commit_message="m", repo_type="space")
    assert len(emulated_hub.repo("space", "ada/space").commits) == 1


def test_a_readme_that_skips_validation_is_refused_by_the_commit(
    emulated_hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = hub_client(hub_tokens.ada)
    api.create_repo("ada/space", repo_type="space", space_sdk="gradio")
    monkeypatch.setattr(api, "_validate_yaml", lambda *_, **__: None)
    bad = adds({"README.md": b"---\nsdk: shiny\n---\n"})
    assert status_of(lambda: api.create_commit("ada/space", bad, commit_message="m", repo_type="space")) == 400


@pytest.mark.parametrize("name", ["a--b", "x..y", ".git", "a.git", "-a", "ä"])
def test_names_that_the_hub_refuses(emulated_hub: EmulatedHub, hub_tokens: Tokens, name: str) -> None:
    import http.client
    import json
    from urllib.parse import urlsplit

    target = urlsplit(emulated_hub.endpoint)
    link = http.client.HTTPConnection(target.hostname or "", target.port)
    link.request("POST", "/api/repos/create", json.dumps({"name": name, "organization": None}),
                 {"Authorization": f"Bearer {hub_tokens.ada}"})  # fmt: skip
    assert link.getresponse().status == 400
    link.close()


def test_a_name_that_is_taken(api: HfApi) -> None:
    with pytest.raises(HfHubHTTPError) as caught:
        api.create_repo("ada/work")
    assert caught.value.response.status_code == 409
    assert api.create_repo("ada/work", exist_ok=True).repo_id == "ada/work"


def test_strangers_may_not_write(hub_client: HubClient, hub_tokens: Tokens, api: HfApi) -> None:
    eve = hub_client(hub_tokens.eve)
    assert status_of(lambda: eve.create_repo("ada/other")) == 403
    api.update_repo_settings("ada/work", visibility="public")
    assert status_of(lambda: eve.create_commit("ada/work", adds({"a": b"b"}), commit_message="m")) == 403
    assert status_of(lambda: eve.delete_repo("ada/work")) == 403
    assert status_of(lambda: api.delete_repo("ada/work")) == 200
    assert status_of(lambda: api.model_info("ada/work")) == 404


def test_a_new_repository_may_be_invisible_at_first(
    emulated_hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens
) -> None:
    emulated_hub.knobs.new_repo_404s = 2
    api = hub_client(hub_tokens.ada)
    api.create_repo("ada/late")
    assert [status_of(lambda: api.model_info("ada/late")) for _ in range(3)] == [404, 404, 200]


def test_a_hub_on_the_port_of_another_is_another_content_store(monkeypatch: pytest.MonkeyPatch) -> None:
    """The client remembers by address what a store holds; the ports of hubs that ended are given out again."""
    with EmulatedHub() as first:
        _upload(first, monkeypatch)
    with EmulatedHub(port=int(first.endpoint.rpartition(":")[2])) as second:
        _upload(second, monkeypatch)
        assert second.repo_files("model", "ada/work")["weights.bin"] == BINARY


def _upload(hub: EmulatedHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", hub.endpoint)
    api = HfApi(endpoint=hub.endpoint, token=people(hub).ada)
    api.create_repo("ada/work", private=True)
    api.create_commit("ada/work", adds({"weights.bin": BINARY}), commit_message="weights")
