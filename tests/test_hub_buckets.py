"""The emulated Hub: storage buckets with the real client and its content store."""

from __future__ import annotations

import os
import struct
from pathlib import Path

import pytest
from huggingface_hub import BucketFile, HfApi, HfFileSystem
from huggingface_hub.errors import BucketBatchError, BucketNotFoundError, HfHubHTTPError
from hypothesis import given
from hypothesis import strategies as st

from spacefactory.testing.hub import EmulatedHub
from spacefactory.testing.hub.cas import EMPTY, Cas
from spacefactory.testing.hub.fixtures import HubClient, emulated_hub, hub_client, hub_tokens
from spacefactory.testing.hub.lz4 import decode_frame
from spacefactory.testing.hub.seed import Tokens
from tests.hub_http import client_process, status_of

__all__ = ("emulated_hub", "hub_client", "hub_tokens")

FILES = {
    "r1/state.json": b'{"status": "candidate"}',
    "r1/report.md": b"# Report\n" + b"the same line again and again\n" * 20_000,
    "r1/random.bin": os.urandom(300_000),
    "r1/floats.bin": b"".join(struct.pack("<f", index / 7) for index in range(60_000)),
    "r1/empty": b"",
    "r1x.txt": b"beside",
}


@pytest.fixture
def api(hub_client: HubClient, hub_tokens: Tokens) -> HfApi:
    """Ada's client, with a private bucket of hers."""
    found = hub_client(hub_tokens.ada)
    found.create_bucket("ada/runs", private=True)
    return found


def test_what_goes_up_comes_down(emulated_hub: EmulatedHub, api: HfApi, tmp_path: Path) -> None:
    api.batch_bucket_files("ada/runs", add=[(data, path) for path, data in FILES.items()])
    tree = api.list_bucket_tree("ada/runs", recursive=True)
    listed = {one.path: one.size for one in tree if isinstance(one, BucketFile)}
    assert listed == {path: len(data) for path, data in FILES.items()}
    assert emulated_hub.bucket_files("ada/runs") == FILES
    api.download_bucket_files("ada/runs", [(path, str(tmp_path / path)) for path in FILES])
    assert {path: (tmp_path / path).read_bytes() for path in FILES} == FILES
    info = api.bucket_info("ada/runs")
    assert (info.private, info.total_files, info.size) == (True, len(FILES), sum(map(len, FILES.values())))
    assert emulated_hub.log.misplaced(str(api.token)) == ()


def test_files_written_inside_the_hub_can_be_fetched(emulated_hub: EmulatedHub, api: HfApi, tmp_path: Path) -> None:
    emulated_hub.add_bucket("ada/other", FILES)
    api.download_bucket_files("ada/other", [(path, str(tmp_path / path)) for path in FILES])
    assert {path: (tmp_path / path).read_bytes() for path in FILES} == FILES


def test_plain_reads_by_the_file_system(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.add_bucket("ada/other", FILES)
    files = HfFileSystem(token=api.token, endpoint=emulated_hub.endpoint, skip_instance_cache=True)
    assert files.cat("hf://buckets/ada/other/r1/report.md") == FILES["r1/report.md"]
    with files.open("hf://buckets/ada/other/r1/random.bin") as file:
        file.seek(1000)
        assert file.read(10) == FILES["r1/random.bin"][1000:1010]


def test_prefixes_are_lexical(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.add_bucket("ada/other", {"logs/a": b"1", "logs/b/c": b"2", "logs.json": b"3", "z": b"4"})
    tree = api.list_bucket_tree
    assert [one.path for one in tree("ada/other", "logs", recursive=True)] == ["logs.json", "logs/a", "logs/b/c"]
    assert [one.path for one in tree("ada/other")] == ["logs.json", "logs", "z"]
    assert [one.path for one in tree("ada/other", "logs/")] == ["logs/a", "logs/b"]
    assert [one.path for one in tree("ada/other", "logs")] == ["logs.json", "logs/a", "logs/b"]
    assert [one.path for one in api.get_bucket_paths_info("ada/other", ["z", "nothing"])] == ["z"]


def test_overwrite_delete_and_copy(emulated_hub: EmulatedHub, api: HfApi) -> None:
    api.batch_bucket_files("ada/runs", add=[(b"one", "a"), (b"two", "b")])
    api.batch_bucket_files("ada/runs", add=[(b"three", "a")], delete=["b"])
    copied = emulated_hub.world.buckets["ada/runs"].files["a"].xet_hash
    api.batch_bucket_files("ada/runs", copy=[("bucket", "ada/runs", copied, "c")])
    assert emulated_hub.bucket_files("ada/runs") == {"a": b"three", "c": b"three"}


def test_sync_of_a_folder(emulated_hub: EmulatedHub, api: HfApi, tmp_path: Path) -> None:
    (tmp_path / "run" / "sub").mkdir(parents=True)
    (tmp_path / "run" / "sub" / "x.txt").write_text("x")
    api.sync_bucket(str(tmp_path / "run"), "hf://buckets/ada/runs/r2")
    assert emulated_hub.bucket_files("ada/runs") == {"r2/sub/x.txt": b"x"}


def test_who_may(emulated_hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens, api: HfApi) -> None:
    eve = hub_client(hub_tokens.eve)
    with pytest.raises(BucketNotFoundError):
        eve.bucket_info("ada/runs")
    with pytest.raises(BucketNotFoundError):
        api.bucket_info("ada/nothing")
    assert status_of(lambda: eve.create_bucket("ada/mine")) == 403
    api.update_bucket_settings("ada/runs", private=False)
    assert not eve.bucket_info("ada/runs").private
    with pytest.raises(ConnectionError, match="403"):
        eve.batch_bucket_files("ada/runs", add=[(b"1", "x")])
    assert status_of(lambda: eve.batch_bucket_files("ada/runs", delete=["x"])) == 403
    assert status_of(lambda: eve.delete_bucket("ada/runs")) == 403
    assert status_of(lambda: api.create_bucket("ada/runs")) == 409
    assert api.create_bucket("ada/runs", exist_ok=True).bucket_id == "ada/runs"
    assert [one.id for one in api.list_buckets()] == ["ada/runs"]
    api.move_bucket("ada/runs", "ada/moved")
    api.delete_bucket("ada/moved")
    assert list(api.list_buckets()) == []


def test_buckets_refused(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.knobs.buckets_refused = True
    assert status_of(lambda: api.create_bucket("ada/more")) == 403
    assert status_of(lambda: api.batch_bucket_files("ada/runs", delete=["x"])) == 403


def test_a_batch_that_fails_in_part(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.knobs.bucket_batch_failure = r"bad"
    with pytest.raises(BucketBatchError) as caught:
        api.batch_bucket_files("ada/runs", add=[(b"1", "good"), (b"2", "bad")])
    assert len(caught.value.failures) == 1
    assert emulated_hub.bucket_files("ada/runs") == {"good": b"1"}
    with pytest.raises(BucketBatchError):
        api.batch_bucket_files("ada/runs", add=[(b"2", "bad")])


def test_the_content_store_is_down(emulated_hub: EmulatedHub, api: HfApi, tmp_path: Path) -> None:
    emulated_hub.knobs.cas_down = True
    script = f"""
from huggingface_hub import HfApi
try:
    HfApi(token={api.token!r}).batch_bucket_files("ada/runs", add=[(b"x" * 10_000, "x")])
except ConnectionError as error:
    print("ConnectionError", "500" in str(error))
"""
    assert client_process(emulated_hub, tmp_path, script) == "ConnectionError True\n"
    assert emulated_hub.bucket_files("ada/runs") == {}


def test_listings_lag_behind(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.knobs.bucket_list_lag = 1
    api.batch_bucket_files("ada/runs", add=[(b"1", "x")])
    seen = [[one.path for one in api.list_bucket_tree("ada/runs", recursive=True)] for _ in range(2)]
    assert seen == [[], ["x"]]


@given(st.lists(st.binary(max_size=200_000), max_size=4))
def test_bytes_put_into_the_store_come_back(contents: list[bytes]) -> None:
    cas = Cas()
    names = [cas.put_bytes(data) for data in contents]
    assert [cas.read(name) for name in names] == contents
    assert [cas.size(name) for name in names] == [len(data) for data in contents]
    assert cas.put_bytes(b"") == EMPTY


@given(st.binary(max_size=300))
def test_a_shard_of_any_bytes_is_taken_or_refused(body: bytes) -> None:
    try:
        assert Cas().put_shard(body) >= 0
    except ValueError as error:
        assert str(error)


def test_a_frame_with_a_match_that_overlaps_itself() -> None:
    block = bytes([0x1F, ord("a"), 1, 0, 20]) + bytes([0x10, ord("z")])
    frame = struct.pack("<I", 0x184D2204) + bytes([0x40, 0x40, 0]) + struct.pack("<I", len(block)) + block + bytes(4)
    assert decode_frame(frame) == b"a" * (1 + 15 + 20 + 4) + b"z"
    with pytest.raises(ValueError, match="not an LZ4 frame"):
        decode_frame(b"something else")


def test_a_hash_that_nobody_uploaded(emulated_hub: EmulatedHub, api: HfApi) -> None:
    with pytest.raises(HfHubHTTPError):
        api.batch_bucket_files("ada/runs", copy=[("bucket", "ada/runs", "1" * 64, "c")])
