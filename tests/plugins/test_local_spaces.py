"""Spaces as folders: names, races, content, references; nothing is built or started here."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from spacefactory_local.files import log_tail
from spacefactory_local.host import LocalHost
from spacefactory_local.locks import held, locked
from spacefactory_local.records import Place, State
from spacefactory_local.references import address

from spacefactory.errors import NameTakenError, NotFoundError, PlatformError, SpaceCrashedError, UsageError
from spacefactory.lint.digest import tree_digest
from spacefactory.schema.card import ModelLocation
from spacefactory.schema.space import SpaceRequest
from tests.plugins import local_apps as apps


@pytest.fixture
def host(tmp_path: Path) -> LocalHost:
    return LocalHost(tmp_path / "home")


def test_the_account_is_the_user_and_assigns_nothing(host: LocalHost) -> None:
    account = host.account()
    assert account.name
    assert account.hardware
    assert not account.assigns_hardware


def test_a_space_belongs_to_the_run_that_made_it(host: LocalHost) -> None:
    location = ModelLocation(model="m", revision="1", path=Path("/m"))
    request = SpaceRequest(name="mine", run_id=apps.RUN, model=location)
    created = host.create(request)
    assert created.space is not None
    assert (created.space.id, created.space.run_id, created.space.private) == ("mine", apps.RUN, True)
    assert created.hardware.accepted
    assert host.create(request) == created
    with pytest.raises(NameTakenError):
        host.create(SpaceRequest(name="mine", run_id=apps.OTHER_RUN))
    marker = Place(host.root / "mine").marker()
    assert marker is not None
    assert marker.model == location
    assert [space.id for space in host.list()] == ["mine"]
    assert host.runtime("mine").stage == "NO_APP_FILE"
    host.delete("mine")
    assert host.list() == ()
    assert [path.name for path in host.root.iterdir()] == [".locks"]


@pytest.mark.parametrize("name", ["", ".hidden", "..", "a/b", "a b", "ä", "x" * 97, "-x", "a\n"])
def test_a_name_that_no_space_can_have_is_told(host: LocalHost, name: str) -> None:
    with pytest.raises(UsageError, match="cannot be the name of a local Space"):
        host.create(SpaceRequest(name=name, run_id=apps.RUN))
    assert host.find(name) is None
    with pytest.raises(NotFoundError):
        host.delete(name)


def test_what_is_no_space_keeps_its_name_and_is_not_hidden(host: LocalHost) -> None:
    (host.root / "notes").mkdir(parents=True)
    (host.root / "notes" / "todo.txt").touch()
    (host.root / "a-file").touch()
    for name in ("notes", "a-file"):
        with pytest.raises(NameTakenError):
            host.create(SpaceRequest(name=name, run_id=apps.RUN))
    assert [(space.id, space.run_id) for space in host.list()] == [("notes", None)]


def test_of_two_processes_with_one_name_exactly_one_wins(host: LocalHost, tmp_path: Path) -> None:
    source = (
        "import sys, time\nfrom pathlib import Path\nfrom spacefactory.errors import NameTakenError\n"
        "from spacefactory.schema.space import SpaceRequest\nfrom spacefactory_local.host import LocalHost\n"
        "host, run, gate = LocalHost(Path(sys.argv[1])), sys.argv[2], Path(sys.argv[3])\n"
        "print('ready', flush=True)\n"
        "while not gate.exists(): pass\n"
        "for number in range(40):\n"
        "    try:\n        host.create(SpaceRequest(name=f's{number}', run_id=run)); print(number, 'won')\n"
        "    except NameTakenError:\n        print(number, 'lost')\n"
    )
    gate = tmp_path / "gate"
    argv = [[sys.executable, "-c", source, str(host.home), run, str(gate)] for run in (apps.RUN, apps.OTHER_RUN)]
    with (
        subprocess.Popen(argv[0], stdout=subprocess.PIPE, text=True) as one,
        subprocess.Popen(argv[1], stdout=subprocess.PIPE, text=True) as two,
    ):
        for process in (one, two):
            assert process.stdout is not None
            assert process.stdout.readline() == "ready\n"
        gate.touch()
        answers = [dict(line.split() for line in process.communicate()[0].splitlines()) for process in (one, two)]
    assert len(answers[0]) == 40
    for name, result in answers[0].items():
        assert {result, answers[1][name]} == {"won", "lost"}
        marker = Place(host.root / f"s{name}").marker()
        assert marker is not None
        assert marker.run_id == (apps.RUN if result == "won" else apps.OTHER_RUN)


def test_content_is_swapped_as_a_whole(host: LocalHost, tmp_path: Path) -> None:
    first = apps.app(tmp_path / "one", "ONE = 1\n", data__words_txt="words")
    second = apps.app(tmp_path / "two", "TWO = 2\n")
    assert apps.placed(host, "mine", first) == tree_digest(first)
    space = Place(host.root / "mine")
    assert (space.app / "data" / "words.txt").read_text(encoding="utf-8") == "words"
    (space.contents / ".new-left-by-a-killed-upload").mkdir()
    assert host.upload("mine", second) == tree_digest(second) == host.runtime("mine").revision
    assert not (space.app / "data").exists()
    assert [path.name for path in space.contents.iterdir()] == [tree_digest(second)]
    assert {path.name for path in space.root.iterdir()} == {"app", "content", "space.json"}
    assert host.upload("mine", first) == tree_digest(first)
    with pytest.raises(NotFoundError):
        host.upload("other", first)


def test_an_upload_that_fails_leaves_the_content_in_force(host: LocalHost, tmp_path: Path) -> None:
    first = apps.app(tmp_path / "one", "ONE = 1\n")
    revision = apps.placed(host, "mine", first)
    second = apps.app(tmp_path / "two", "TWO = 2\n", large_txt="x" * 300_000)
    source = (
        "import resource, signal, sys\nfrom pathlib import Path\nfrom spacefactory_local.host import LocalHost\n"
        "from spacefactory.errors import PlatformError\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\nresource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))\n"
        "try:\n    LocalHost(Path(sys.argv[1])).upload('mine', Path(sys.argv[2]))\n"
        "except PlatformError as error:\n    print(error)\n"
    )
    command = [sys.executable, "-c", source, str(host.home), str(second)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("the app's files cannot be copied: File too large")
    assert host.runtime("mine").revision == revision == tree_digest(Place(host.root / "mine").app)
    assert [path.name for path in Place(host.root / "mine").contents.iterdir()] == [revision]
    assert host.upload("mine", second) == tree_digest(second)


def test_what_others_are_making_is_not_swept_away(host: LocalHost) -> None:
    for name in ("mine", "yours"):
        host.create(SpaceRequest(name=name, run_id=apps.RUN))
    young, old = host.root / ".new-young", host.root / ".new-old"
    for folder in (young, old):
        folder.mkdir()
    os.utime(old, (1, 1))
    host.delete("mine")
    assert young.exists()
    assert not old.exists()


def test_content_can_be_read_by_another_user(host: LocalHost, tmp_path: Path) -> None:
    folder = apps.app(tmp_path / "app", "", data__words_txt="words")
    (folder / "app.py").chmod(0o600)
    (folder / "data").chmod(0o700)
    before = os.umask(0o077)
    try:
        apps.placed(host, "mine", folder)
    finally:
        os.umask(before)
    for path in Place(host.root / "mine").app.resolve().rglob("*"):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644)


def test_a_space_without_an_app_is_not_started(host: LocalHost, tmp_path: Path) -> None:
    host.create(SpaceRequest(name="mine", run_id=apps.RUN))
    with pytest.raises(SpaceCrashedError, match="no content yet"):
        host.start("mine", print)
    (tmp_path / "app").mkdir()
    (tmp_path / "app" / "README.md").write_text(apps.README, encoding="utf-8")
    host.upload("mine", tmp_path / "app")
    with pytest.raises(SpaceCrashedError, match=r"holds no app\.py") as caught:
        host.start("mine", print)
    assert caught.value.stage == host.runtime("mine").stage == "NO_APP_FILE"


def test_a_build_whose_process_was_killed_is_over(host: LocalHost, tmp_path: Path) -> None:
    apps.placed(host, "mine", apps.app(tmp_path / "app", ""))
    space = Place(host.root / "mine")
    space.save(State(stage="BUILDING", token="x"))
    assert host.runtime("mine").stage == "STOPPED"
    with locked(space.lock("start")):
        assert held(space.lock("start"))
        assert host.runtime("mine").stage == "BUILDING"
    assert host.runtime("mine").stage == "STOPPED"
    (space.root / "state.json").write_text("{", encoding="utf-8")
    assert host.runtime("mine").stage == "STOPPED"
    assert (host.logs("mine", "run"), host.logs("mine", "build")) == ("", "")
    host.stop("mine")


def test_a_home_that_is_a_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "home").touch()
    host = LocalHost(tmp_path / "home")
    with pytest.raises(PlatformError, match="set SPACEFACTORY_HOME to a folder"):
        host.create(SpaceRequest(name="mine", run_id=apps.RUN))
    assert host.list() == ()
    assert host.find("mine") is None


@pytest.mark.parametrize(
    ("reference", "said"),
    [
        ("https://example.test", "not the address of an app on this machine"),
        ("http://10.0.0.1:7860", "not the address of an app on this machine"),
        ("http://localhost.example.test:80", "not the address of an app on this machine"),
        ("http://user:secret@127.0.0.1:1", "not the address of an app on this machine"),
        ("https://127.0.0.1:7860", "not the address of an app on this machine"),
        ("file:///etc/passwd", "not the address of an app on this machine"),
        ("http://127.0.0.1:99999", "that is no address"),
        ("http://127.0.0.1:9", "nothing listens on http://127.0.0.1:9"),
        ("owner/name", "--platform huggingface"),
        ("nothing", "there is no local Space, folder or address"),
        ("./nothing/at/all", "there is no local Space, folder or address"),
        ("", "there is no local Space, folder or address"),
        ("\0", "there is no local Space, folder or address"),
        ("empty", "holds no app.py"),
        ("a-file", "is a file"),
    ],
)
def test_a_reference_that_names_nothing_is_told(
    host: LocalHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reference: str, said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "a-file").touch()
    with pytest.raises(UsageError) as caught:
        host.resolve(reference, apps.RUN)
    assert said in str(caught.value)
    assert "secret" not in str(caught.value)
    assert host.list() == ()


@given(st.text())
def test_only_loopback_is_called(text: str) -> None:
    try:
        found = address(f"http://{text}")
    except UsageError:
        return
    assert found is not None
    assert found.host.startswith("127.") or found.host == "::1"


def test_a_space_comes_before_a_folder_of_its_name(
    host: LocalHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    apps.app(tmp_path / "both", "")
    host.create(SpaceRequest(name="both", run_id=apps.OTHER_RUN))
    assert host.resolve("both", apps.RUN).id == "both"
    assert host.resolve("./both", apps.RUN).id == f"validate-{apps.RUN.lower()}"


@given(st.lists(st.one_of(st.text(), st.sampled_from(["\x1b[1m", "\r", "\n", "é" * 50, "x" * 4000]))))
def test_the_end_of_a_log_is_bounded_and_clean(tmp_path_factory: pytest.TempPathFactory, parts: list[str]) -> None:
    path = tmp_path_factory.mktemp("log") / "run.log"
    path.write_bytes("".join(parts).encode("utf-8", "surrogatepass") + b"\xff")
    tail = log_tail(path, 256)
    assert len(tail.encode()) <= 256
    assert "\x1b[1m" not in tail
    assert "\0" not in tail
