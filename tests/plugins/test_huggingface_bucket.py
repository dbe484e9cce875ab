"""The store `bucket`: private, in the user's namespace, one writer, readable while it grows, nothing lost."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

import pytest
from spacefactory_huggingface import lease as leases
from spacefactory_huggingface.bucket import BucketStore
from spacefactory_huggingface.lease import Holder, Lease
from spacefactory_huggingface.record_files import LEASE, own_files, prefix, ship

from spacefactory.errors import BlockedError, NotFoundError, PlatformError, SpacefactoryError, UsageError
from spacefactory.record.journal import LOG, read_events
from spacefactory.testing.hub import EmulatedHub, JobPlan
from spacefactory.testing.hub.faults import Fault, Refuse
from spacefactory.testing.hub.fixtures import emulated_hub, hub_tokens
from spacefactory.testing.hub.seed import Tokens
from tests.plugins.huggingface_places import OTHER_RUN, RUN, begin, hub_for, keep_state, spec_of, tell

__all__ = ("emulated_hub", "hub_tokens")

BUCKET = "ada/spacefactory-runs"
Stores = Callable[..., BucketStore]


@pytest.fixture
def store(emulated_hub: EmulatedHub, hub_tokens: Tokens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Stores:
    """A store of a machine (a data folder) and a token's owner; by default Ada on one machine."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setattr(leases, "SETTLE_S", 0.1)

    def make(machine: str = "one", token: str | None = None, **options: str) -> BucketStore:
        home = tmp_path / machine
        return BucketStore(hub_for(emulated_hub, home, token or hub_tokens.ada, **options), home)

    return make


def files(emulated: EmulatedHub, run: str = RUN) -> dict[str, bytes]:
    """What the bucket holds of a run."""
    found = emulated.bucket_files(BUCKET)
    return {path.removeprefix(prefix(run)): data for path, data in found.items() if path.startswith(prefix(run))}


def started(store: BucketStore, home: Path) -> Path:
    folder = store.create(RUN)
    begin(folder, spec_of(home))
    return folder


def test_the_bucket_is_made_private_in_the_users_namespace(emulated_hub: EmulatedHub, store: Stores) -> None:
    folder = store().create(RUN)
    assert list(folder.iterdir()) == []
    assert list(emulated_hub.world.buckets) == [BUCKET]
    assert emulated_hub.world.buckets[BUCKET].private is True
    with pytest.raises(FileExistsError):
        store().create(RUN)


def test_a_configured_bucket_of_an_organisation_is_used(emulated_hub: EmulatedHub, store: Stores) -> None:
    org = store(namespace="acme", bucket="records")
    org.create(RUN)
    assert emulated_hub.world.buckets["acme/records"].private is True


def test_a_public_bucket_gets_no_record(emulated_hub: EmulatedHub, store: Stores) -> None:
    emulated_hub.add_bucket(BUCKET, private=False)
    with pytest.raises(PlatformError, match="is public"):
        store().create(RUN)


def test_a_bucket_that_may_not_be_written_is_a_typed_refusal(emulated_hub: EmulatedHub, store: Stores) -> None:
    emulated_hub.knobs.buckets_refused = True
    with pytest.raises(BlockedError, match=r"ada/spacefactory-runs cannot be used") as caught:
        store().create(RUN)
    assert caught.value.reason == "not_permitted"
    assert "doctor" in caught.value.next_step


def test_content_is_there_before_the_event_that_names_it(
    emulated_hub: EmulatedHub, store: Stores, tmp_path: Path
) -> None:
    one = store()
    folder = started(one, tmp_path / "one")
    (folder / "artifacts").mkdir()
    (folder / "artifacts" / "a.png").write_bytes(b"picture")
    keep_state(folder, RUN)
    one.flush(RUN)
    batches = [entry.body.decode() for entry in emulated_hub.log.find("POST", "/batch$")]
    order = [
        json.loads(line)["path"].removeprefix(prefix(RUN)) for body in batches for line in body.split("\n") if line
    ]
    assert order == ["artifacts/a.png", "events.jsonl", "state.json"]
    assert list(own_files(folder))[-2:] == ["events.jsonl", "state.json"]


def test_what_did_not_change_does_not_travel_again_and_what_is_gone_goes(
    emulated_hub: EmulatedHub, store: Stores, tmp_path: Path
) -> None:
    one = store()
    folder = started(one, tmp_path / "one")
    (folder / "workspace").mkdir()
    (folder / "workspace" / "app.py").write_text("print()")
    (folder / "workspace" / "huge.bin").write_bytes(bytes(11 << 20))
    (folder / "control").mkdir()
    (folder / "control" / "x.json").write_text("{}")
    (folder / "link").symlink_to("/etc/hostname")
    assert ship(one.hub, BUCKET, RUN, folder) == 2
    assert ship(one.hub, BUCKET, RUN, folder) == 0
    assert set(files(emulated_hub)) == {"events.jsonl", "workspace/app.py"}
    (folder / "workspace" / "app.py").unlink()
    assert ship(one.hub, BUCKET, RUN, folder) == 1
    assert set(files(emulated_hub)) == {"events.jsonl"}


def test_a_growing_record_is_read_elsewhere(emulated_hub: EmulatedHub, store: Stores, tmp_path: Path) -> None:
    one, two = store("one"), store("two")
    folder = started(one, tmp_path / "one")
    assert two.find(RUN) is None
    with one.hold(RUN):
        for count in (2, 3):
            tell(folder, RUN, f"line {count}")
            one.flush(RUN)
            copy = two.find(RUN)
            assert copy is not None
            assert len(read_events(copy / LOG)) == count
    assert not (two.find(RUN) or folder).joinpath(LEASE).exists()
    assert LEASE in files(emulated_hub)


def test_a_record_that_is_being_written_here_is_not_fetched_over(store: Stores, tmp_path: Path) -> None:
    from spacefactory.record.journal import Journal

    one = store()
    folder = started(one, tmp_path / "one")
    one.flush(RUN)
    with Journal(folder / LOG, RUN, lambda value: value) as journal:
        before = (folder / LOG).stat().st_ino
        assert store().find(RUN) == folder
        assert (folder / LOG).stat().st_ino == before
        journal.append("step.progress", line="more")
    assert len(read_events(folder / LOG)) == 2


def test_what_is_ahead_here_stays_and_is_shipped_later(
    emulated_hub: EmulatedHub, store: Stores, tmp_path: Path
) -> None:
    one = store()
    folder = started(one, tmp_path / "one")
    (folder / "generated").mkdir()
    (folder / "generated" / "app.py").write_text("old")
    one.flush(RUN)
    (folder / "generated" / "app.py").write_text("new")
    tell(folder, RUN, "a process ended right after this")
    assert store().find(RUN) == folder
    assert (folder / "generated" / "app.py").read_text() == "new"
    assert len(read_events(folder / LOG)) == 2
    one.flush(RUN)
    assert files(emulated_hub)["generated/app.py"] == b"new"


def test_a_second_writer_is_refused_and_the_next_need_not_wait(
    store: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, two = store("one"), store("two")
    started(one, tmp_path / "one")
    one.flush(RUN)
    with one.hold(RUN):
        two.find(RUN)
        other = Lease(two.hub, BUCKET, RUN)
        with monkeypatch.context() as patch:
            patch.setattr(leases, "_process_lives", lambda _pid: True)  # it is this very process here
            with pytest.raises(UsageError, match=r"worked on by process \d+"):
                other.take()
    with two.hold(RUN):
        pass


def put_lease(emulated: EmulatedHub, **facts: object) -> None:
    from spacefactory.testing.hub.buckets import put_bytes

    renewed = emulated.world.clock.iso()
    holder = Holder.model_validate({"id": "a", "host": "elsewhere", "pid": 1, "renewed": renewed} | facts)
    with emulated.world.lock:
        bucket = emulated.world.buckets[BUCKET]
        put_bytes(emulated.world, bucket, f"{prefix(RUN)}{LEASE}", json.dumps(holder.as_json()).encode())


def test_a_lease_of_another_machine_is_good_while_it_is_fresh(
    emulated_hub: EmulatedHub, store: Stores, tmp_path: Path
) -> None:
    one = store()
    started(one, tmp_path / "one")
    put_lease(emulated_hub)
    with pytest.raises(UsageError, match="process 1 on elsewhere"), one.hold(RUN):
        pass
    put_lease(emulated_hub, renewed="2020-01-01T00:00:00+00:00")
    with one.hold(RUN):
        pass


def test_a_dead_process_of_this_machine_holds_nothing(emulated_hub: EmulatedHub, store: Stores, tmp_path: Path) -> None:
    import socket
    import subprocess
    import sys

    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    one = store()
    started(one, tmp_path / "one")
    put_lease(emulated_hub, host=socket.gethostname(), pid=ended.pid)
    with one.hold(RUN):
        pass


def test_a_jobs_lease_lives_as_long_as_the_job_whatever_its_clock_says(
    emulated_hub: EmulatedHub, store: Stores, tmp_path: Path
) -> None:
    one = store()
    started(one, tmp_path / "one")
    emulated_hub.plan_jobs(JobPlan(stuck=True), JobPlan(stage="ERROR"))
    live = one.hub.api.run_job(image="python:3.12", command=["true"], namespace="ada")
    dead = one.hub.api.run_job(image="python:3.12", command=["true"], namespace="ada")
    emulated_hub.wait(lambda: emulated_hub.job(dead.id).ended, "the job to end")
    put_lease(emulated_hub, job=live.id, renewed="2020-01-01T00:00:00+00:00")
    with pytest.raises(UsageError, match=f"job {live.id}"), one.hold(RUN):
        pass
    put_lease(emulated_hub, job=dead.id)
    with one.hold(RUN):
        pass


def test_of_many_that_take_a_lease_at_once_one_holds_it(
    emulated_hub: EmulatedHub, store: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(leases, "SETTLE_S", 1.5)
    monkeypatch.setattr(leases, "_process_lives", lambda _pid: True)
    started(store(), tmp_path / "one")
    together, held = threading.Barrier(3), []

    def take(number: int) -> None:
        lease = Lease(store(f"machine-{number}").hub, BUCKET, RUN)
        together.wait()
        try:
            lease.take()
            held.append(lease.mine.id)
        except UsageError:
            return

    threads = [threading.Thread(target=take, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(held) == 1
    assert json.loads(files(emulated_hub)[LEASE])["id"] == held[0]


def test_a_writer_that_was_replaced_ships_nothing_more(
    emulated_hub: EmulatedHub, store: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spacefactory_huggingface import shipping

    monkeypatch.setattr(shipping, "RENEW_S", 0.0)
    one = store()
    folder = started(one, tmp_path / "one")
    with pytest.raises(PlatformError, match="taken over"), one.hold(RUN):
        put_lease(emulated_hub, epoch=7)
        before = files(emulated_hub).get(LOG)
        tell(folder, RUN, "too late")
        one.flush(RUN)
        assert files(emulated_hub).get(LOG) == before
    assert json.loads(files(emulated_hub)[LEASE])["epoch"] == 7


def test_a_request_arrives_at_whoever_holds_the_run(
    store: Stores, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spacefactory_huggingface import shipping

    monkeypatch.setattr(shipping, "EVERY_S", 0.1)
    monkeypatch.setattr(shipping, "ASK_S", 0.1)
    one, two = store("one"), store("two")
    folder = started(one, tmp_path / "one")
    with one.hold(RUN):
        one.flush(RUN)
        two.ask(RUN, "cancel")
        deadline = time.monotonic() + 20
        while not (found := list((folder / "control").glob("*.json"))) and time.monotonic() < deadline:
            time.sleep(0.05)
    assert [json.loads(path.read_text()) for path in found] == [{"request": "cancel"}]


def test_lists_name_every_run_and_what_is_damaged(emulated_hub: EmulatedHub, store: Stores, tmp_path: Path) -> None:
    one = store()
    assert list(one.list()) == []
    folder = started(one, tmp_path / "one")
    keep_state(folder, RUN, "candidate")
    one.flush(RUN)
    emulated_hub.world.knobs.bucket_list_lag = 0
    other = one.create(OTHER_RUN)
    (other / "state.json").write_text("{ no JSON")
    one.flush(OTHER_RUN)
    found = {summary.run_id: summary.status for summary in store("two").list()}
    assert found == {RUN: "candidate", OTHER_RUN: "damaged"}
    assert [summary.run_id for summary in store("two").list()] == [RUN, OTHER_RUN]


def test_a_deleted_run_is_gone_everywhere(emulated_hub: EmulatedHub, store: Stores, tmp_path: Path) -> None:
    one = store()
    folder = started(one, tmp_path / "one")
    one.flush(RUN)
    one.delete(RUN)
    assert files(emulated_hub) == {}
    assert not folder.exists()
    assert one.find(RUN) is None
    with pytest.raises(NotFoundError):
        one.delete(RUN)


def test_paths_of_a_bucket_never_lead_out_of_the_records_folder(
    emulated_hub: EmulatedHub, store: Stores, tmp_path: Path
) -> None:
    from spacefactory.testing.hub.buckets import put_bytes

    one = store()
    started(one, tmp_path / "one")
    one.flush(RUN)
    with emulated_hub.world.lock:
        for path in ("../../escaped", "a/../../escaped", "/escaped", ".hidden", "fine.txt"):
            put_bytes(emulated_hub.world, emulated_hub.world.buckets[BUCKET], f"{prefix(RUN)}{path}", b"x")
    copy = store("two").find(RUN)
    assert copy is not None
    assert {path.name for path in copy.iterdir()} == {LOG, "fine.txt", ".bucket.json"}
    assert not list(tmp_path.rglob("escaped"))


TROUBLES: dict[str, Callable[[EmulatedHub], None]] = {
    "content store down": lambda hub: setattr(hub.knobs, "cas_down", True),
    "batches fail": lambda hub: setattr(hub.knobs, "bucket_batch_failure", "runs/"),
    "writes refused": lambda hub: setattr(hub.knobs, "buckets_refused", True),
    "too large": lambda hub: hub.fail(Fault(Refuse(413, "Payload too large"), "/batch", times=None)),
    "the token is dead": lambda hub: setattr(hub.token("hf_oauth_ada"), "revoked", True),
}


@pytest.mark.parametrize("trouble", TROUBLES)
def test_a_record_that_cannot_be_shipped_is_told_and_whole_here(
    emulated_hub: EmulatedHub, store: Stores, tmp_path: Path, trouble: str
) -> None:
    one = store()
    folder = started(one, tmp_path / "one")
    with ExitStack() as stack:
        stack.enter_context(pytest.raises(PlatformError, match=r"not whole in the bucket .*runs resume"))
        stack.enter_context(one.hold(RUN))
        TROUBLES[trouble](emulated_hub)
        tell(folder, RUN, "kept here")
        one.flush(RUN)
    assert len(read_events(folder / LOG)) == 2
    with pytest.raises(SpacefactoryError):
        one.flush(RUN)
    emulated_hub.knobs.cas_down = emulated_hub.knobs.buckets_refused = False
    emulated_hub.knobs.bucket_batch_failure = ""
    emulated_hub.faults.clear()
    emulated_hub.token("hf_oauth_ada").revoked = False
    store().flush(RUN)  # as a resumed run does, in a process that has not failed so often just now
    assert files(emulated_hub)[LOG] == (folder / LOG).read_bytes()


def test_no_token_stands_in_what_is_stored(
    emulated_hub: EmulatedHub, hub_tokens: Tokens, store: Stores, tmp_path: Path
) -> None:
    one = store()
    started(one, tmp_path / "one")
    with one.hold(RUN):
        pass
    assert not [data for data in files(emulated_hub).values() if hub_tokens.ada.encode() in data]
    assert emulated_hub.log.misplaced(hub_tokens.ada) == ()
    with pytest.raises(BlockedError, match="nobody is signed in"):
        BucketStore(hub_for(emulated_hub, tmp_path / "x", None), tmp_path / "x").create(RUN)
