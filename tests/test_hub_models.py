"""The emulated Hub: reading models, as the real client sees them."""

from __future__ import annotations

import hashlib
import json
import struct
from pathlib import Path

import pytest
from huggingface_hub import CommitOperationAdd
from huggingface_hub.errors import (
    DisabledRepoError,
    GatedRepoError,
    HfHubHTTPError,
    NotASafetensorsRepoError,
    RemoteEntryNotFoundError,
    RepositoryNotFoundError,
    RevisionNotFoundError,
)

from spacefactory.testing.hub import EmulatedHub
from spacefactory.testing.hub.fixtures import HubClient, emulated_hub, hub_client, hub_tokens
from spacefactory.testing.hub.seed import Tokens
from tests.hub_http import fetch

__all__ = ("emulated_hub", "hub_client", "hub_tokens")

CARD = "---\npipeline_tag: text-generation\nlibrary_name: transformers\nlicense: mit\ntags: [tiny]\n---\n# Tiny\n"
CONFIG = {"model_type": "llama", "architectures": ["LlamaForCausalLM"], "hidden_size": 4}


def safetensors(**tensors: tuple[str, list[int], int]) -> bytes:
    """A file with these tensors: type, shape, bytes."""
    header, at = dict[str, object](), 0
    for name, (dtype, shape, size) in tensors.items():
        header[name] = {"dtype": dtype, "shape": shape, "data_offsets": [at, at + size]}
        at += size
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + bytes(at)


WEIGHTS = safetensors(a=("F32", [2, 3], 24), b=("BF16", [5], 10))
FILES: dict[str, bytes | str] = {
    "README.md": CARD,
    "config.json": json.dumps(CONFIG),
    "model.safetensors": WEIGHTS,
    "onnx/model.onnx": b"\0onnx",
}


@pytest.fixture
def hub(emulated_hub: EmulatedHub, hub_tokens: Tokens) -> EmulatedHub:
    """A Hub with people and a public model."""
    emulated_hub.add_model("meta/tiny", FILES, provider_mapping={
        "novita": {"status": "live", "providerId": "meta/tiny", "task": "conversational"}})  # fmt: skip
    return emulated_hub


def test_info_with_file_sizes(hub: EmulatedHub, hub_client: HubClient) -> None:
    info = hub_client(None).model_info("meta/tiny", files_metadata=True)
    assert (info.id, info.private, info.gated, info.disabled) == ("meta/tiny", False, False, False)
    assert info.sha == hub.repo("model", "meta/tiny").head.oid
    assert (info.pipeline_tag, info.library_name) == ("text-generation", "transformers")
    assert info.tags == ["tiny", "transformers", "text-generation", "license:mit", "region:us"]
    assert info.card_data is not None
    assert info.card_data.license == "mit"
    assert info.config == {"architectures": ["LlamaForCausalLM"], "model_type": "llama"}
    assert info.safetensors is not None
    assert (dict(info.safetensors.parameters), info.safetensors.total) == ({"F32": 6, "BF16": 5}, 11)
    sizes = {one.rfilename: one.size for one in info.siblings or []}
    assert sizes == {path: len(data) for path, data in FILES.items()}
    large = next(one for one in info.siblings or [] if one.rfilename == "model.safetensors")
    assert large.lfs is not None
    assert large.lfs.sha256 == hashlib.sha256(WEIGHTS).hexdigest()


def test_expanded_info_holds_only_what_was_asked(hub: EmulatedHub, hub_client: HubClient) -> None:
    info = hub_client(None).model_info("meta/tiny", expand=["inferenceProviderMapping", "gated"])
    assert info.inference_provider_mapping is not None
    [mapping] = info.inference_provider_mapping
    assert (mapping.provider, mapping.status, mapping.hf_model_id) == ("novita", "live", "meta/tiny")
    assert info.siblings is None


def test_tree_paths_refs_and_commits(hub: EmulatedHub, hub_client: HubClient) -> None:
    api = hub_client(None)
    assert {one.path for one in api.list_repo_tree("meta/tiny", recursive=True)} == {*FILES, "onnx"}
    assert {one.path for one in api.list_repo_tree("meta/tiny")} == {*FILES, "onnx"} - {"onnx/model.onnx"}
    assert [one.path for one in api.list_repo_tree("meta/tiny", "onnx")] == ["onnx/model.onnx"]
    found = api.get_paths_info("meta/tiny", ["config.json", "onnx", "missing"])
    assert [one.path for one in found] == ["config.json", "onnx"]
    assert api.list_repo_refs("meta/tiny").branches[0].name == "main"
    hub.commit("model", "meta/tiny", {"more.txt": "x"}, "more")
    assert [one.title for one in api.list_repo_commits("meta/tiny")] == ["more", "Upload"]


def test_a_long_tree_comes_in_pages(hub: EmulatedHub, hub_client: HubClient) -> None:
    hub.add_model("meta/long", {f"f{number:04d}.txt": "x" for number in range(2100)})
    paths = [one.path for one in hub_client(None).list_repo_tree("meta/long", recursive=True)]
    assert paths == [f"f{number:04d}.txt" for number in range(2100)]
    assert len(hub.log.find("GET", "/tree/main")) == 3


def test_downloads_small_from_the_hub_and_large_from_elsewhere_without_the_token(
    hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens
) -> None:
    api = hub_client(hub_tokens.ada)
    for path, data in FILES.items():
        content = Path(api.hf_hub_download("meta/tiny", path)).read_bytes()
        assert content == (data.encode() if isinstance(data, str) else data)
    assert {entry.path for entry in hub.log.entries() if entry.host == "files"} == {
        "/" + hashlib.sha256(data).hexdigest() for data in (WEIGHTS, b"\0onnx")
    }
    assert hub.log.sightings(hub_tokens.ada)
    assert hub.log.misplaced(hub_tokens.ada) == ()


def test_a_large_file_needs_its_signature(hub: EmulatedHub) -> None:
    address = f"{hub.world.files_endpoint}/{hashlib.sha256(WEIGHTS).hexdigest()}"
    assert fetch(address).status == 403
    found = fetch(f"{hub.endpoint}/meta/tiny/resolve/main/model.safetensors", method="HEAD")
    assert found.headers["X-Linked-Size"] == str(len(WEIGHTS))
    assert fetch(found.headers["Location"]).body == WEIGHTS


@pytest.mark.parametrize(
    ("asked", "wanted"), [("bytes=2-5", CARD[2:6]), ("bytes=-4", CARD[-4:]), ("bytes=9-", CARD[9:])]
)
def test_ranges(hub: EmulatedHub, asked: str, wanted: str) -> None:
    answer = fetch(f"{hub.endpoint}/meta/tiny/resolve/main/README.md", headers={"Range": asked})
    assert (answer.status, answer.body.decode()) == (206, wanted)
    assert answer.headers["Content-Range"].endswith(f"/{len(CARD)}")


def test_a_range_outside_the_file(hub: EmulatedHub) -> None:
    answer = fetch(f"{hub.endpoint}/meta/tiny/resolve/main/README.md", headers={"Range": "bytes=99999-"})
    assert (answer.status, answer.headers["Content-Range"]) == (416, f"bytes */{len(CARD)}")


def test_safetensors_metadata_by_ranged_reads(hub: EmulatedHub, hub_client: HubClient) -> None:
    api = hub_client(None)
    assert api.get_safetensors_metadata("meta/tiny").parameter_count == {"F32": 6, "BF16": 5}
    hub.add_model("meta/none", {"README.md": CARD})
    with pytest.raises(NotASafetensorsRepoError):
        api.get_safetensors_metadata("meta/none")


def test_what_does_not_exist(hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens) -> None:
    for token in (None, hub_tokens.ada):
        api = hub_client(token)
        with pytest.raises(RepositoryNotFoundError):
            api.model_info("meta/nothing")
        with pytest.raises(RevisionNotFoundError):
            api.model_info("meta/tiny", revision="0123456789")
        with pytest.raises(RemoteEntryNotFoundError):
            api.hf_hub_download("meta/tiny", "nothing.txt")


def test_private_models_are_there_for_their_owner_only(
    hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens
) -> None:
    hub.add_model("ada/mine", FILES, private=True)
    assert hub_client(hub_tokens.ada).model_info("ada/mine").private
    for token in (None, hub_tokens.eve):
        with pytest.raises(RepositoryNotFoundError):
            hub_client(token).model_info("ada/mine")
        with pytest.raises(RepositoryNotFoundError):
            hub_client(token).hf_hub_download("ada/mine", "README.md")


def test_gated_models_show_themselves_but_not_their_files(
    hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens
) -> None:
    repo = hub.add_model("meta/gated", FILES, gated="manual")
    for token in (None, hub_tokens.ada):
        api = hub_client(token)
        assert api.model_info("meta/gated").gated == "manual"
        with pytest.raises(GatedRepoError):
            api.hf_hub_download("meta/gated", "config.json")
        with pytest.raises(GatedRepoError):
            api.auth_check("meta/gated")
    hub.knobs.hidden_gated_files = True
    assert hub_client(hub_tokens.ada).model_info("meta/gated").siblings is None
    repo.granted.add("ada")
    assert hub_client(hub_tokens.ada).hf_hub_download("meta/gated", "config.json")


def test_a_renamed_model_redirects(hub: EmulatedHub, hub_client: HubClient) -> None:
    hub.rename("model", "meta/tiny", "meta/small")
    api = hub_client(None)
    assert fetch(f"{hub.endpoint}/api/models/meta/tiny").status == 307
    assert api.model_info("meta/tiny").id == "meta/small"
    assert api.hf_hub_download("meta/tiny", "config.json")
    assert {one.path for one in api.list_repo_tree("meta/tiny", recursive=True)} >= set(FILES)


def test_a_disabled_model(hub: EmulatedHub, hub_client: HubClient) -> None:
    hub.repo("model", "meta/tiny").disabled = True
    with pytest.raises(DisabledRepoError):
        hub_client(None).model_info("meta/tiny")


def test_an_old_revision_stays_readable(hub: EmulatedHub, hub_client: HubClient) -> None:
    before = hub.repo("model", "meta/tiny").head.oid
    hub.commit("model", "meta/tiny", {"README.md": "new"})
    api = hub_client(None)
    assert Path(api.hf_hub_download("meta/tiny", "README.md", revision=before)).read_text() == CARD
    assert Path(api.hf_hub_download("meta/tiny", "README.md")).read_text() == "new"
    assert api.model_info("meta/tiny", revision=before).sha == before


def test_a_model_without_an_owner(hub: EmulatedHub, hub_client: HubClient) -> None:
    hub.add_model("gpt2", FILES)
    assert hub_client(None).model_info("gpt2").id == "gpt2"
    assert [one.path for one in hub_client(None).list_repo_tree("gpt2", "onnx")] == ["onnx/model.onnx"]


def test_a_card_that_cannot_be_read_is_an_empty_one(hub: EmulatedHub, hub_client: HubClient) -> None:
    hub.add_model("meta/broken", {"README.md": "---\na: [\n---\n", "config.json": "{", "model.safetensors": b"\0\1"})
    info = hub_client(None).model_info("meta/broken")
    assert (info.pipeline_tag, info.config, info.safetensors) == (None, {}, None)


def test_lists_hold_what_the_caller_may_see(hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens) -> None:
    for name in ("ada/one", "ada/two"):
        hub.add_model(name, FILES, private=name.endswith("two"))
    own, others = hub_client(hub_tokens.ada), hub_client(hub_tokens.eve)
    assert [one.id for one in own.list_models(author="ada")] == ["ada/two", "ada/one"]
    assert [one.id for one in others.list_models(author="ada")] == ["ada/one"]
    assert [one.id for one in others.list_models(search="TIN", limit=5)] == ["meta/tiny"]
    own.create_repo("ada/space", repo_type="space", space_sdk="gradio", private=True)
    assert [(one.id, one.sdk, one.private) for one in own.list_spaces(author="ada")] == [("ada/space", "gradio", True)]


def test_a_whole_snapshot(hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens, tmp_path: Path) -> None:
    api = hub_client(hub_tokens.ada)
    api.create_repo("ada/copy", private=True)
    adds = [CommitOperationAdd(path, data.encode() if isinstance(data, str) else data) for path, data in FILES.items()]
    api.create_commit("ada/copy", adds, commit_message="by the client")
    for name in ("meta/tiny", "ada/copy"):
        folder = Path(api.snapshot_download(name, local_dir=tmp_path / name))
        found = {path: (folder / path).read_bytes() for path in FILES}
        assert found == {path: data.encode() if isinstance(data, str) else data for path, data in FILES.items()}


def test_moves_by_the_client(hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens) -> None:
    hub.add_model("ada/old", FILES)
    api = hub_client(hub_tokens.ada)
    api.move_repo("ada/old", "acme/new")
    assert api.model_info("ada/old").id == "acme/new"
    with pytest.raises(HfHubHTTPError, match="write access"):
        hub_client(hub_tokens.eve).move_repo("acme/new", "eve/new")
