"""Commands that outlive their caller: start, look, stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from spacefactory import confine
from spacefactory.confine.processes import Identity, look, marked, of_user, running
from tests.confine_box import HOUSE, Box, box


@dataclass(frozen=True)
class Place:
    """A box with a folder for the record and a log."""

    box: Box
    record: Path
    log: Path

    def start(self, script: str, **facts: Any) -> None:
        confine.start(["sh", "-c", script], self.box.confinement(**facts), self.record, self.log)

    def facts(self) -> dict[str, Any]:
        return dict(json.loads((self.record / "identity.json").read_text()))

    def supervisor(self) -> int:
        return int(self.facts()["supervisor"]["pid"])

    def left(self) -> list[int]:
        facts = self.facts()
        found = [*marked(facts["mark"]), *(of_user(facts["uid"]) if facts["uid"] else [])]
        return [pid for pid in found if (seen := look(pid)) is not None and seen.state not in "ZX"]


@pytest.fixture(params=["changed", "root_without_capabilities"] if os.geteuid() == 0 else ["ordinary"])
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    with box(request.param) as one:
        made = Place(one, one.folder / "record", one.folder / "logs/app.log")
        try:
            yield made
        finally:
            confine.stop(made.record, 0)


def wait_for(condition: Callable[[], object], seconds: float = 60) -> bool:
    """Whether it becomes true; the time only bounds a failure."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.02)
    return True


def test_it_runs_and_ends(place: Place) -> None:
    place.start("read line; echo out; echo err >&2; exit 7")
    assert wait_for(lambda: not confine.alive(place.record))
    assert confine.exit_code(place.record) == 7
    assert place.log.read_text() == "out\nerr\n"
    confine.stop(place.record)
    assert confine.exit_code(place.record) == 7


def test_before_anything(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "none"):
        assert not confine.alive(folder)
        assert confine.exit_code(folder) is None
        confine.stop(folder)


def test_it_survives_its_caller(place: Place) -> None:
    code = f"""
import sys, pathlib; sys.path.insert(0, {str(HOUSE.parent)!r})
from spacefactory import confine
place = confine.Confinement(workspace=pathlib.Path({str(place.box.workspace)!r}))
record, log = map(pathlib.Path, {[str(place.record), str(place.log)]!r})
confine.start(["sh", "-c", "echo begun; sleep 1000"], place, record, log)
"""
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
    assert confine.alive(place.record) and confine.exit_code(place.record) is None
    assert wait_for(lambda: place.log.read_text() == "begun\n")
    confine.stop(place.record, 0)
    assert not confine.alive(place.record)
    assert confine.exit_code(place.record) in (-signal.SIGTERM, -signal.SIGKILL)


def test_a_caller_that_does_not_wait_for_the_answer(place: Place) -> None:
    """It may be killed at any moment: the command runs on, and the record says so."""
    from spacefactory.confine.begin import begin
    from spacefactory.confine.order import Order, absolute

    place.record.mkdir()
    place.log.parent.mkdir()
    where = absolute(place.box.confinement())
    order = Order(("sleep", "1000"), where, "a" * 32, folder=str(place.record), log=str(place.log))
    with begin(order) as supervisor:
        assert supervisor.stdout is not None
        supervisor.stdout.close()
    assert wait_for(lambda: place.facts()["command"] if (place.record / "identity.json").exists() else None)
    assert wait_for(lambda: Path(f"/proc/{place.supervisor()}/fd/1").readlink() == Path(os.devnull))
    assert confine.alive(place.record)


def test_stop_asks_first(place: Place) -> None:
    place.start("trap 'echo asked; exit 5' TERM; echo ready; while :; do sleep 0.02; done")
    assert wait_for(lambda: place.log.read_text())
    confine.stop(place.record, 60)
    assert confine.exit_code(place.record) == 5
    assert place.log.read_text().endswith("asked\n")


def test_stop_makes_it(place: Place) -> None:
    escapes = "setsid sleep 1000 & (setsid sh -c 'sleep 1000 & sleep 1000') &"
    place.start(f"trap '' TERM HUP INT; {escapes} echo ready; while :; do sleep 0.02; done")
    assert wait_for(lambda: place.log.read_text())
    confine.stop(place.record, 0.1)
    assert confine.exit_code(place.record) == -signal.SIGKILL
    assert place.left() == [] and not confine.alive(place.record)
    confine.stop(place.record)


def test_one_command_in_a_folder(place: Place) -> None:
    place.start("sleep 1000")
    with pytest.raises(confine.AlreadyRunning, match=r"still running; stop it first"):
        place.start("true")
    confine.stop(place.record, 0)
    place.start("exit 3")
    assert wait_for(lambda: confine.exit_code(place.record) == 3)


def test_two_starts_at_once(place: Place) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def attempt(_: int) -> str:
        try:
            place.start("sleep 1000")
        except confine.AlreadyRunning:
            return "refused"
        return "started"

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(attempt, range(4))) == ["refused"] * 3 + ["started"]


def test_supervisor_that_was_killed(place: Place) -> None:
    place.start("setsid sleep 1000 & echo ready; exec sleep 1000")
    assert wait_for(lambda: place.log.read_text())
    command = Identity(**place.facts()["command"])
    os.kill(place.supervisor(), signal.SIGKILL)
    assert wait_for(lambda: not running(command))  # its parent-death signal
    assert wait_for(lambda: not confine.alive(place.record))
    assert place.left() != []
    confine.stop(place.record)
    assert place.left() == []
    assert confine.exit_code(place.record) is None
    place.start("exit 2")
    assert wait_for(lambda: confine.exit_code(place.record) == 2)


def test_supervisor_that_hangs(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from spacefactory.confine import detached

    monkeypatch.setattr(detached, "KILL_S", 0.5)
    place.start("setsid sleep 1000 & echo ready; exec sleep 1000")
    assert wait_for(lambda: place.log.read_text())
    os.kill(place.supervisor(), signal.SIGSTOP)
    confine.stop(place.record, 0)
    assert place.left() == [] and not confine.alive(place.record)


@pytest.mark.parametrize("who", ["supervisor", "command"])
def test_a_number_that_is_used_again(place: Place, who: str) -> None:
    """Another process that has the number now is neither alive nor killed."""
    place.start("exit 0")
    assert wait_for(lambda: not confine.alive(place.record))
    stranger = subprocess.Popen(["sleep", "1000"])
    try:
        facts = place.facts()
        (place.record / "end.json").unlink()
        facts[who]["pid"] = stranger.pid
        (place.record / "identity.json").write_text(json.dumps(facts))
        assert not confine.alive(place.record)
        confine.stop(place.record, 0)
        assert stranger.poll() is None
        seen = look(stranger.pid)
        assert seen is not None
        facts[who]["started"], facts["boot"] = seen.started, "another start of the machine"
        (place.record / "identity.json").write_text(json.dumps(facts))
        assert not confine.alive(place.record)
        confine.stop(place.record, 0)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_stop_spares_the_next_user_of_a_uid(place: Place) -> None:
    """What is killed by user is the record's own command, not a later one that got the same user."""
    place.start("exit 0")
    assert wait_for(lambda: not confine.alive(place.record))
    second = Place(place.box, place.box.folder / "second", place.box.folder / "second.log")
    second.start("sleep 1000")
    try:
        (place.record / "end.json").unlink()
        confine.stop(place.record, 0)
        assert confine.alive(second.record)
    finally:
        confine.stop(second.record, 0)


def test_log_is_capped(place: Place) -> None:
    place.start("echo first; seq 1 200000; echo last", limits=confine.Limits(log_bytes=40_000))
    assert wait_for(lambda: not confine.alive(place.record))
    text = place.log.read_text()
    assert place.log.stat().st_size <= 40_000
    assert text.startswith("first\n1\n2\n") and text.endswith("199999\n200000\nlast\n")
    (line,) = [line for line in text.splitlines() if "left out" in line]
    whole = sum(len(f"{number}\n") for number in range(1, 200001)) + len("first\nlast\n")
    missing = int(line.strip("[").split()[0])
    assert missing + len(text) - len(f"\n{line}\n") == whole


def test_log_tells_what_was_exceeded(place: Place) -> None:
    place.start("head -c 9000000 /dev/zero > big; sleep 1000", limits=confine.Limits(workspace_bytes=1 << 20))
    assert wait_for(lambda: not confine.alive(place.record))
    assert confine.exit_code(place.record) == -signal.SIGKILL
    assert place.log.read_text() == "\nended: its workspace held more than 1 MiB\n"


def test_command_that_cannot_be_executed(place: Place) -> None:
    confine.start(["no-such-command"], place.box.confinement(), place.record, place.log)
    assert wait_for(lambda: not confine.alive(place.record))
    assert confine.exit_code(place.record) == 127
    assert place.log.read_text() == "no-such-command cannot be executed: there is no such command\n"


@pytest.mark.parametrize("where", ["record", "log"])
def test_nothing_of_it_is_in_the_workspace(place: Place, where: str) -> None:
    link = place.box.folder / "link"
    link.symlink_to(place.box.workspace)
    names = {"record": place.record, "log": place.log} | {where: link / "mine"}
    with pytest.raises(ValueError, match=r"is in the workspace"):
        confine.start(["true"], place.box.confinement(), names["record"], names["log"])
    assert list(place.box.workspace.iterdir()) == []


def test_a_log_that_is_a_link_is_replaced(place: Place) -> None:
    victim = place.box.folder / "victim"
    victim.write_text("kept")
    place.log.parent.mkdir()
    place.log.symlink_to(victim)
    with pytest.raises(ValueError, match=r"is in the workspace"):
        confine.start(["true"], place.box.confinement(), place.box.workspace, place.log)
    place.start("echo new")
    assert wait_for(lambda: not confine.alive(place.record))
    assert place.log.read_text() == "new\n"


def test_refused_start_leaves_nothing(place: Place) -> None:
    if os.geteuid() != 0:
        pytest.skip("only root can ask for a user")
    os.mkfifo(place.box.workspace / "fifo")
    os.chown(place.box.workspace / "fifo", 1, 1)
    with pytest.raises(confine.SandboxUnavailable, match=r"no plain file"):
        place.start("true")
    assert wait_for(lambda: not confine.alive(place.record))
    (place.box.workspace / "fifo").unlink()
    place.start("exit 4")
    assert wait_for(lambda: confine.exit_code(place.record) == 4)


def test_no_zombie_and_no_warning(place: Place) -> None:
    """The caller has no child left after a start."""
    place.start("sleep 1000")
    with pytest.raises(ChildProcessError):
        os.waitpid(-1, os.WNOHANG)
