"""Local Spaces at work: real environments, real processes, confined as for a user."""

from __future__ import annotations

import json
import os
import socket
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from spacefactory_local.host import LocalHost
from spacefactory_local.records import Place

from spacefactory import confine
from spacefactory.errors import NotFoundError, PlatformError, SpaceCrashedError
from spacefactory.lint.digest import tree_digest
from spacefactory.schema.card import ModelLocation
from spacefactory.schema.space import SpaceRequest
from spacefactory.testing import absent
from tests.plugins import local_apps as apps

OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalHost]:
    """One data folder for all tests here, so that its environment is made once."""
    home = tmp_path_factory.mktemp("local-home")
    if reason := confine.available():
        absent(f"this machine cannot confine an app: {reason}")
    apps.needs_index(home / "index")
    made = LocalHost(home)
    yield made
    for space in made.list():
        made.delete(space.id)


def _quiet(_line: str) -> None:
    """Nobody listens."""


def _started(host: LocalHost, name: str, folder: Path) -> str:
    """Start an app and wait until it runs; returns its address."""
    apps.placed(host, name, folder)
    host.start(name, _quiet)
    now = apps.settled(host, name)
    assert now.stage == "RUNNING", now.detail + host.logs(name, "run")
    return host.connect(name).url


def _get(url: str) -> Any:
    with OPENER.open(url, timeout=30) as answer:
        return json.loads(answer.read())


def _place(host: LocalHost, name: str) -> Place:
    return Place(host.root / name)


def test_a_gradio_app_from_start_to_delete(host: LocalHost, tmp_path: Path) -> None:
    folder = apps.app(tmp_path / "app", apps.GRADIO)
    revision = apps.placed(host, "whole", folder)
    assert revision == tree_digest(folder) == host.runtime("whole").revision
    assert host.runtime("whole").stage == "STOPPED"
    told: list[str] = []
    host.start("whole", told.append)
    assert apps.settled(host, "whole").stage == "RUNNING"
    assert any("environment" in line for line in told)
    connection = host.connect("whole")
    space = host.find("whole")
    assert space is not None
    assert (space.url, space.run_id, space.managed) == (connection.url, apps.RUN, True)
    call = urllib.request.Request(
        connection.url + "/gradio_api/call/v2/health", data=b"{}", headers={"Content-Type": "application/json"}
    )
    with OPENER.open(call, timeout=60) as answer:
        event = json.loads(answer.read())["event_id"]
    with OPENER.open(f"{connection.url}/gradio_api/call/health/{event}", timeout=60) as answer:
        assert connection.nonce in answer.read().decode()
    assert "Running on local URL" in host.logs("whole", "run")
    assert "gradio==6.31.0" in host.logs("whole", "build")
    host.stop("whole")
    assert host.runtime("whole").stage == "STOPPED"
    assert host.runtime("whole").revision == revision
    assert not apps.processes_with(str(_place(host, "whole").root))
    with pytest.raises(NotFoundError):
        host.connect("whole")
    host.delete("whole")
    assert host.find("whole") is None
    with pytest.raises(NotFoundError, match="no local Space"):
        host.runtime("whole")


def test_a_second_space_and_a_restart_build_nothing(host: LocalHost, tmp_path: Path) -> None:
    folder = apps.app(tmp_path / "app", apps.server())
    url = _started(host, "first", folder)
    nonce = host.connect("first").nonce
    assert _get(url + "/health")["nonce"] == nonce
    environments = {path: path.stat().st_mtime_ns for path in host.home.glob("environments/*/environment.json")}
    told: list[str] = []
    host.start("first", told.append)
    assert told == ["first is up already"]
    host.stop("first")
    host.start("first", told.append)
    assert apps.settled(host, "first").stage == "RUNNING"
    assert host.connect("first").nonce != nonce
    assert any("reused" in line for line in told)
    _started(host, "second", folder)
    assert environments == {p: p.stat().st_mtime_ns for p in host.home.glob("environments/*/environment.json")}
    assert host.connect("second").url != host.connect("first").url


def test_an_app_reaches_its_own_files_and_nothing_of_the_user(
    host: LocalHost, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("a secret", encoding="utf-8")
    monkeypatch.setenv("HF_TOKEN", "hf_not_for_apps_0123456789")
    after = f"""
def attempt(do):
    try:
        return str(do())
    except OSError as error:
        return type(error).__name__
def look():
    here = os.path.realpath(__file__)
    return {{
        "secret": attempt(lambda: open({str(secret)!r}).read()),
        "root": attempt(lambda: os.listdir("/root")),
        "spaces": attempt(lambda: os.listdir({str(host.root)!r})),
        "code": attempt(lambda: open(here, "a").write("#")),
        "link": attempt(lambda: open(__file__, "a").write("#")),
        "beside": attempt(lambda: open(os.path.join(os.path.dirname(here), "new.py"), "w")),
        "environment": attempt(lambda: open(os.path.join(sys.prefix, "new.pth"), "w")),
        "cwd": attempt(lambda: open("made.txt", "w").write("x")),
        "data": attempt(lambda: open("data/words.txt").read()),
        "tmp": attempt(lambda: open(os.path.join(os.environ["TMPDIR"], "x"), "w").write("x")),
        "home": os.environ["HOME"],
        "names": sorted(os.environ),
        "values": sorted(os.environ.values()),
    }}
"""
    url = _started(host, "confined", apps.app(tmp_path / "app", apps.server(after=after), data__words_txt="words"))
    facts = _get(url + "/facts")
    denied = {key: facts[key] for key in ("secret", "root", "spaces", "code", "link", "beside", "environment")}
    assert set(denied.values()) == {"PermissionError"}, denied
    assert (facts["cwd"], facts["data"], facts["tmp"]) == ("1", "words", "1")
    assert facts["home"] == str(_place(host, "confined").work)
    assert not [name for name in facts["names"] if "TOKEN" in name]
    assert "hf_not_for_apps_0123456789" not in "".join(facts["values"])
    host.stop("confined")
    host.start("confined", _quiet)
    assert apps.settled(host, "confined").stage == "RUNNING"
    assert tree_digest(_place(host, "confined").app) == host.runtime("confined").revision


def test_the_model_folder_is_readable_and_the_app_is_offline(host: LocalHost, tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    (model / "weights.txt").write_text("weights", encoding="utf-8")
    after = """
def look():
    path = os.environ.get("MODEL_PATH")
    return {"offline": os.environ.get("HF_HUB_OFFLINE"), "read": open(path + "/weights.txt").read() if path else None}
"""
    location = ModelLocation(model="model", revision="1", path=model)
    host.create(SpaceRequest(name="with-model", run_id=apps.RUN, model=location))
    folder = apps.app(tmp_path / "app", apps.server(after=after))
    assert _get(_started(host, "with-model", folder) + "/facts") == {"offline": "1", "read": "weights"}
    assert _get(_started(host, "without-model", folder) + "/facts") == {"offline": None, "read": None}


def test_gradio_is_lean_in_an_app_that_is_confined(host: LocalHost, tmp_path: Path) -> None:
    after = "def look():\n    return [one.makes_lean for one in sys.meta_path if hasattr(one, 'makes_lean')]\n"
    url = _started(host, "lean", apps.app(tmp_path / "app", apps.server(after=after)))
    assert _get(url + "/facts") == [True]


def test_a_crash_at_import_is_told_with_its_traceback(host: LocalHost, tmp_path: Path) -> None:
    apps.placed(host, "crash", apps.app(tmp_path / "app", "import no_such_module\n"))
    host.start("crash", _quiet)
    now = apps.settled(host, "crash")
    assert (now.stage, now.detail) == ("RUNTIME_ERROR", "the app ended by itself with exit status 1")
    assert "ModuleNotFoundError: No module named 'no_such_module'" in host.logs("crash", "run")


def test_an_app_that_dies_during_a_call_is_a_runtime_error(host: LocalHost, tmp_path: Path) -> None:
    url = _started(host, "dies", apps.app(tmp_path / "app", apps.server()))
    with pytest.raises(OSError):
        _get(url + "/die")
    until = time.monotonic() + 30
    while host.runtime("dies").stage == "RUNNING" and time.monotonic() < until:
        time.sleep(0.05)
    assert host.runtime("dies").stage == "RUNTIME_ERROR"
    assert "exit status 7" in host.runtime("dies").detail
    space = host.find("dies")
    assert space is not None
    assert space.url == ""


def test_an_app_that_never_opens_its_port_keeps_starting_and_can_be_stopped(host: LocalHost, tmp_path: Path) -> None:
    source = "import time\nprint('loading', flush=True)\ntime.sleep(3600)\n"
    apps.placed(host, "silent", apps.app(tmp_path / "app", source))
    host.start("silent", _quiet)
    assert [host.runtime("silent").stage for _ in range(3)] == ["APP_STARTING"] * 3
    host.stop("silent")
    assert host.runtime("silent").stage == "STOPPED"
    assert not apps.processes_with(str(_place(host, "silent").root))


def test_output_without_end_stays_within_bounds(host: LocalHost, tmp_path: Path) -> None:
    after = """
import threading
def flood():
    for number in range(400_000):
        print("\\x1b[31mline\\x1b[0m", number, "x" * 100)
    print("over", flush=True)
threading.Thread(target=flood, daemon=True).start()
"""
    url = _started(host, "flood", apps.app(tmp_path / "app", apps.server(after=after)))
    until = time.monotonic() + 120
    while "over" not in host.logs("flood", "run") and time.monotonic() < until:
        time.sleep(0.2)
    log = host.logs("flood", "run")
    assert "over" in log
    assert len(log.encode()) <= 64 << 10
    assert "\x1b" not in log
    assert _place(host, "flood").run_log.stat().st_size < 16 << 20
    assert _get(url + "/health")["nonce"] == host.connect("flood").nonce


def test_a_port_that_was_taken_meanwhile_is_replaced(host: LocalHost, tmp_path: Path) -> None:
    apps.placed(host, "late", apps.app(tmp_path / "app", apps.server(before="time.sleep(3)")))
    host.start("late", _quiet)
    first = host.connect("late")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", int(first.url.rpartition(":")[2])))
        taken.listen()
        now = apps.settled(host, "late")
    assert now.stage == "RUNNING", host.logs("late", "run")
    second = host.connect("late")
    assert second.url != first.url
    assert _get(second.url + "/health")["nonce"] == second.nonce != first.nonce


def test_an_app_that_names_its_own_port_gets_it_or_is_told(host: LocalHost, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        after = f"def never(demo):\n    demo.launch(server_port={port})\n"
        apps.placed(host, "own-port", apps.app(tmp_path / "app", apps.server(after=after)))
        with pytest.raises(PlatformError, match=f"wants port {port}"):
            host.start("own-port", _quiet)
        assert host.runtime("own-port").stage == "STOPPED"
    host.start("own-port", _quiet)
    assert apps.settled(host, "own-port").stage == "RUNNING"
    assert host.connect("own-port").url == f"http://127.0.0.1:{port}"


def test_stop_leaves_no_process_of_an_app_that_forks_and_hides(host: LocalHost, tmp_path: Path) -> None:
    mark = f"mark-{os.getpid()}-{tmp_path.name}"
    after = f"""
import signal, subprocess
WAIT = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(3600)"
subprocess.Popen([sys.executable, "-c", WAIT, {mark!r}])
subprocess.Popen([sys.executable, "-c", WAIT, {mark!r}], start_new_session=True)
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.execv(sys.executable, [sys.executable, "-c", WAIT, {mark!r}])
    os._exit(0)
signal.signal(signal.SIGTERM, signal.SIG_IGN)
"""
    _started(host, "forks", apps.app(tmp_path / "app", apps.server(after=after)))
    assert len(apps.processes_with(mark)) == 3
    host.stop("forks")
    assert apps.processes_with(mark) == []
    host.delete("forks")


def test_new_content_runs_after_the_next_start_only(host: LocalHost, tmp_path: Path) -> None:
    _started(host, "changes", apps.app(tmp_path / "app", apps.server()))
    first = host.runtime("changes").revision
    second = host.upload("changes", apps.app(tmp_path / "app", apps.server(after="CHANGED = True")))
    assert first != second
    assert host.runtime("changes").revision == first
    host.start("changes", _quiet)
    assert apps.settled(host, "changes").revision == second
    assert {path.name for path in _place(host, "changes").contents.iterdir()} <= {first, second}


def test_after_a_restart_of_the_machine_a_space_is_stopped_and_starts_again(host: LocalHost, tmp_path: Path) -> None:
    url = _started(host, "reboot", apps.app(tmp_path / "app", apps.server()))
    assert _get(url + "/health")
    space = _place(host, "reboot")
    confine.stop(space.process, 0)
    identity = json.loads((space.process / "identity.json").read_text(encoding="utf-8"))
    (space.process / "identity.json").write_text(json.dumps(identity | {"boot": "an earlier one"}), encoding="utf-8")
    (space.process / "end.json").unlink()
    assert host.runtime("reboot").stage == "STOPPED"
    host.start("reboot", _quiet)
    assert apps.settled(host, "reboot").stage == "RUNNING"


def test_two_homes_do_not_touch_each_other(host: LocalHost, tmp_path: Path) -> None:
    other = LocalHost(tmp_path / "other-home")
    _started(host, "shared-name", apps.app(tmp_path / "app", apps.server()))
    assert other.list() == ()
    apps.placed(other, "shared-name", apps.app(tmp_path / "other", apps.server()), apps.OTHER_RUN)
    other.delete("shared-name")
    assert host.runtime("shared-name").stage == "RUNNING"


def test_a_requirement_that_does_not_exist_is_a_build_error_with_its_log(host: LocalHost, tmp_path: Path) -> None:
    folder = apps.app(tmp_path / "app", apps.server(), requirements_txt="gradio==0.0.1\n")
    apps.placed(host, "unsolvable", folder)
    with pytest.raises(SpaceCrashedError, match="cannot be installed together") as caught:
        host.start("unsolvable", _quiet)
    assert caught.value.stage == "BUILD_ERROR"
    assert "gradio" in caught.value.log
    assert host.runtime("unsolvable").stage == "BUILD_ERROR"
    assert "gradio" in host.logs("unsolvable", "build")
    assert not list((host.home / "environments").glob(".build-*"))
    host.upload("unsolvable", apps.app(tmp_path / "mended", apps.server()))
    host.start("unsolvable", _quiet)
    assert apps.settled(host, "unsolvable").stage == "RUNNING"


def test_stopping_while_the_environment_is_made_keeps_the_app_down(host: LocalHost, tmp_path: Path) -> None:
    apps.placed(host, "changed-mind", apps.app(tmp_path / "app", apps.server()))

    def stop_at_once(line: str) -> None:
        if "environment" in line:
            host.stop("changed-mind")

    with pytest.raises(PlatformError, match="was stopped while"):
        host.start("changed-mind", stop_at_once)
    assert host.runtime("changed-mind").stage == "STOPPED"
    assert not apps.processes_with(str(_place(host, "changed-mind").root))


def test_a_folder_is_validated_in_a_space_of_the_run(host: LocalHost, tmp_path: Path) -> None:
    folder = apps.app(tmp_path / "app", apps.server())
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "x.pyc").write_bytes(b"")
    (folder / "out").symlink_to("/etc/passwd")
    space = host.resolve(str(folder), apps.RUN)
    assert (space.run_id, space.managed, space.url) == (apps.RUN, True, "")
    assert host.resolve(f"{folder}/", apps.RUN).id == space.id
    held = {path.name for path in _place(host, space.id).app.iterdir()}
    assert held == {"app.py", "README.md"}
    host.start(space.id, _quiet)
    assert apps.settled(host, space.id).stage == "RUNNING"
    url = host.connect(space.id).url
    unmanaged = host.resolve(url.replace("127.0.0.1", "localhost") + "/?__theme=dark", apps.OTHER_RUN)
    assert (unmanaged.id, unmanaged.managed) == (url, False)
    assert host.runtime(unmanaged.id).stage == "RUNNING"
    assert host.connect(unmanaged.id).nonce == ""
    assert host.logs(unmanaged.id, "run") == ""
    with pytest.raises(PlatformError, match="was not started here"):
        host.stop(unmanaged.id)
    host.delete(space.id)
    assert host.runtime(unmanaged.id).stage == "RUNTIME_ERROR"
