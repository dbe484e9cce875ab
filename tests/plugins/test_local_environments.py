"""Environments: made once and whole, from where the user's packages come; no index is needed here."""

from __future__ import annotations

import io
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tarfile
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from spacefactory_local import environments
from spacefactory_local.app_files import app_file, read
from spacefactory_local.bytecode import compile_used, is_compiled, remember, seed
from spacefactory_local.options import LocalOptions
from spacefactory_local.plan import Plan, builder_list, find_interpreter, make_plan
from spacefactory_local.uv import Uv, environment, find_uv, pip_settings

from spacefactory.errors import PlatformError, SpaceCrashedError
from spacefactory.lint.space_readme import SDK_VERSION
from tests.plugins import local_apps as apps

SITE = "lib/python{}.{}/site-packages".format(*sys.version_info)
TAG = sys.implementation.cache_tag


@pytest.fixture
def wheels(tmp_path: Path) -> Path:
    folder = tmp_path / "wheels"
    apps.wheel(folder, "sf_base", "1.0")
    apps.wheel(folder, "sf_base", "2.0")
    apps.wheel(folder, "sf_needs", "1.0", requires=("sf_base",))
    return folder


def _uv(wheels: Path | str, **told: str) -> Uv:
    given = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME")}
    return find_uv(given | {"PIP_CONFIG_FILE": os.devnull, "PIP_FIND_LINKS": str(wheels), "PIP_NO_INDEX": "1"} | told)


def _plan(uv: Uv, *requirements: str, constraints: tuple[str, ...] = ()) -> Plan:
    return Plan(
        interpreter=find_interpreter(LocalOptions(), uv),
        requirements=requirements,
        constraints=constraints,
        arguments=("--only-binary", ":all:"),
        machine="test",
        way=uv.way,
    )


def _provide(root: Path, plan: Plan, uv: Uv) -> tuple[Path, list[str]]:
    told: list[str] = []
    root.mkdir(exist_ok=True)
    return environments.provide(root, plan, uv, root / "build.log", told.append), told


def test_an_environment_is_made_once_from_the_users_own_wheels(tmp_path: Path, wheels: Path) -> None:
    uv = _uv(wheels)
    plan = _plan(uv, "sf_needs", constraints=("sf_base<2",))
    made, told = _provide(tmp_path / "environments", plan, uv)
    assert told[-1].startswith(f"environment {plan.key[:12]}: 2 packages installed")
    python = made / "bin" / "python"
    shown = subprocess.run([python, "-c", "import sf_base; print(sf_base.VERSION)"], capture_output=True, text=True)
    assert shown.stdout == "1.0\n"
    assert json.loads((made / "environment.json").read_text(encoding="utf-8"))["packages"] == [
        "sf_base==1.0",
        "sf_needs==1.0",
    ]
    before = (made / "environment.json").stat().st_mtime_ns
    again, told = _provide(tmp_path / "environments", plan, uv)
    assert (again, told) == (made, [f"environment {plan.key[:12]}: already there, reused"])
    assert (made / "environment.json").stat().st_mtime_ns == before
    assert [path.name for path in (tmp_path / "environments").glob(".build-*")] == []


def test_the_key_tells_apart_what_is_installed_and_from_where(wheels: Path) -> None:
    uv, other = _uv(wheels), _uv("/elsewhere")
    keys = {
        _plan(uv, "a").key,
        _plan(uv, "b").key,
        _plan(uv, "a", "b").key,
        _plan(uv, "a", constraints=("b",)).key,
        _plan(other, "a").key,
    }
    assert len(keys) == 5
    assert _plan(_uv(wheels), "a").key == _plan(uv, "a").key


def test_an_environment_makes_gradio_lean(tmp_path: Path, wheels: Path) -> None:
    """Also one that was made before there was one; the rest of it stays as it is."""
    uv = _uv(wheels)
    plan = _plan(uv, "sf_base")
    made, _ = _provide(tmp_path / "environments", plan, uv)
    code = "import sys; print([one.makes_lean for one in sys.meta_path if hasattr(one, 'makes_lean')])"
    command = [str(made / "bin" / "python"), "-c", code]
    assert subprocess.run(command, capture_output=True, text=True).stdout == "[True]\n"
    (made / SITE / "_spacefactory_lean_gradio.pth").unlink()
    assert subprocess.run(command, capture_output=True, text=True).stdout == "[]\n"
    assert _provide(tmp_path / "environments", plan, uv)[0] == made
    assert subprocess.run(command, capture_output=True, text=True).stdout == "[True]\n"
    assert json.loads((made / "environment.json").read_text(encoding="utf-8"))["packages"] == ["sf_base==2.0"]


@pytest.mark.parametrize(
    ("requirements", "said"),
    [
        (("sf_missing",), "sf-missing"),
        (("sf_needs", "sf_base>3"), "sf-base"),
        (("sf_base==1.0", "sf_base==2.0"), "sf-base"),
    ],
)
def test_what_cannot_be_installed_is_a_build_error_and_leaves_nothing(
    tmp_path: Path, wheels: Path, requirements: tuple[str, ...], said: str
) -> None:
    uv = _uv(wheels)
    with pytest.raises(SpaceCrashedError, match="cannot be installed together") as caught:
        _provide(tmp_path / "environments", _plan(uv, *requirements), uv)
    assert caught.value.stage == "BUILD_ERROR"
    assert said in str(caught.value)
    assert said in caught.value.log
    assert "\n" not in str(caught.value)
    assert {path.name for path in (tmp_path / "environments").iterdir()} == {".locks", "build.log"}


def test_source_packages_are_not_built(tmp_path: Path, wheels: Path) -> None:
    """Their build would run code of theirs outside the confinement."""
    mark = tmp_path / "it-ran"
    with tarfile.open(wheels / "sf_source-1.0.tar.gz", "w:gz") as archive:
        for name, text in (
            ("setup.py", f"open({str(mark)!r}, 'w')"),
            ("PKG-INFO", "Metadata-Version: 2.1\nName: sf_source\nVersion: 1.0\n"),
        ):
            facts = tarfile.TarInfo(f"sf_source-1.0/{name}")
            facts.size = len(text)
            archive.addfile(facts, io.BytesIO(text.encode()))
    uv = _uv(wheels)
    with pytest.raises(SpaceCrashedError, match="sf-source"):
        _provide(tmp_path / "environments", _plan(uv, "sf_source"), uv)
    assert not mark.exists()


def test_an_index_that_is_not_there_is_a_failure_of_the_network(tmp_path: Path) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        index = f"http://127.0.0.1:{closed.getsockname()[1]}/simple"
    given = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": index}
    uv = find_uv(given | {"UV_HTTP_RETRIES": "0"})
    with pytest.raises(PlatformError, match="the package index cannot be reached"):
        _provide(tmp_path / "environments", _plan(uv, "sf_base"), uv)
    log = (tmp_path / "environments" / "build.log").read_text(encoding="utf-8")
    assert "what was fetched before is tried" in log


def test_a_machine_without_uv_is_told(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "import sys; sys.modules['uv'] = None\nfrom spacefactory_local.uv import find_uv; find_uv({})",
        ],
        capture_output=True,
        text=True,
        env={"PATH": str(tmp_path)},
    )
    assert done.stderr.splitlines()[-1].endswith("is not installed; run: pip install uv")


@pytest.fixture
def stalled() -> Iterator[str]:
    """An index that takes every connection and never answers."""
    with socket.socket() as index:
        index.bind(("127.0.0.1", 0))
        index.listen(50)
        yield f"http://127.0.0.1:{index.getsockname()[1]}/simple"


def test_a_build_that_was_killed_is_made_again(tmp_path: Path, wheels: Path, stalled: str) -> None:
    root = tmp_path / "environments"
    source = (
        "import sys\nfrom pathlib import Path\nfrom tests.plugins import test_local_environments as t\n"
        "told = dict(PIP_NO_INDEX='', PIP_INDEX_URL=sys.argv[2], UV_HTTP_TIMEOUT='3', UV_HTTP_RETRIES='0')\n"
        "uv = t._uv(sys.argv[1], **told)\n"
        "from dataclasses import replace\n"
        "t._provide(Path(sys.argv[3]), replace(t._plan(uv, 'sf_base'), way='same'), uv)\n"
    )
    with subprocess.Popen([sys.executable, "-c", source, str(wheels), stalled, str(root)]) as builder:
        until = time.monotonic() + 60
        while not list(root.glob(".build-*/requirements.txt")):
            assert builder.poll() is None
            assert time.monotonic() < until
            time.sleep(0.02)
        os.kill(builder.pid, signal.SIGKILL)
    left = list(root.glob(".build-*"))
    assert left
    uv = _uv(wheels)
    plan = replace(_plan(uv, "sf_base"), way="same")
    assert left[0].name.startswith(f".build-{plan.key}")
    made, _ = _provide(root, plan, uv)
    assert (made / SITE / "sf_base.py").is_file()
    assert list(root.glob(".build-*")) == []


def test_two_builders_make_one_environment(tmp_path: Path, wheels: Path) -> None:
    uv = _uv(wheels)
    plan = _plan(uv, "sf_needs")
    told: list[str] = []
    (tmp_path / "environments").mkdir()

    def build(number: int) -> None:
        environments.provide(tmp_path / "environments", plan, uv, tmp_path / f"log-{number}", told.append)

    threads = [threading.Thread(target=build, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum("installed" in line for line in told) == 1
    assert sum("reused" in line for line in told) == 3


def test_what_an_app_imported_is_compiled_by_name_and_not_taken_from_it(tmp_path: Path, wheels: Path) -> None:
    uv = _uv(wheels)
    plan = _plan(uv, "sf_needs")
    made, _ = _provide(tmp_path / "environments", plan, uv)
    work = tmp_path / "work"
    inside = work / ".bytecode" / (made / SITE).relative_to("/")
    inside.mkdir(parents=True)
    for name in (f"sf_base.{TAG}.pyc", f"not_there.{TAG}.pyc", "readme.txt"):
        (inside / name).write_bytes(b"what the app wrote")
    outside = work / ".bytecode" / tmp_path.relative_to("/")
    (tmp_path / "other.py").write_text("", encoding="utf-8")
    (outside / f"other.{TAG}.pyc").write_bytes(b"")
    remember(made, work)
    assert json.loads((made / "used.json").read_text(encoding="utf-8")) == [f"{SITE}/sf_base.py"]
    assert not is_compiled(made)
    _, told = _provide(tmp_path / "environments", plan, uv)
    assert "compiled" in told[-1]
    (compiled,) = (made / SITE / "__pycache__").iterdir()
    assert compiled.name.startswith("sf_base.")
    assert b"what the app wrote" not in compiled.read_bytes()
    assert not compile_used(made)


def test_what_was_compiled_of_a_file_serves_all_environments_that_have_it(tmp_path: Path, wheels: Path) -> None:
    uv, root = _uv(wheels), tmp_path / "environments"
    first, _ = _provide(root, _plan(uv, "sf_needs"), uv)
    (first / "used.json").write_text(json.dumps([f"{SITE}/sf_base.py", f"{SITE}/sf_needs.py"]), encoding="utf-8")
    assert compile_used(first)
    second, _ = _provide(root, _plan(uv, "sf_base"), uv)
    assert (second / SITE / "sf_base.py").samefile(first / SITE / "sf_base.py")
    seed(second, tmp_path / "work")
    copies = list((tmp_path / "work" / ".bytecode").rglob("*.pyc"))
    assert [copy.name for copy in copies] == [f"sf_base.{TAG}.pyc"]
    copies[0].write_bytes(b"what the app wrote")
    remember(second, tmp_path / "work")
    assert compile_used(second)
    (compiled,) = (second / SITE / "__pycache__").iterdir()
    assert compiled.samefile(first / SITE / "__pycache__" / compiled.name)
    assert b"what the app wrote" not in compiled.read_bytes()


def test_an_environment_whose_notes_are_damaged_gives_nothing(tmp_path: Path, wheels: Path) -> None:
    uv, root = _uv(wheels), tmp_path / "environments"
    first, _ = _provide(root, _plan(uv, "sf_needs"), uv)
    (first / "compiled").touch()
    second, _ = _provide(root, _plan(uv, "sf_base"), uv)
    for damaged in (None, "[", '["lib/python3.11/site-packages/gone.py"]'):
        if damaged:
            (first / "used.json").write_text(damaged, encoding="utf-8")
        seed(second, tmp_path / "work")
        assert not (tmp_path / "work").exists()


def test_a_file_that_only_looks_the_same_is_compiled_anew(tmp_path: Path, wheels: Path) -> None:
    uv, root = _uv(wheels), tmp_path / "environments"
    first, _ = _provide(root, _plan(uv, "sf_needs"), uv)
    (first / "used.json").write_text(json.dumps([f"{SITE}/sf_base.py"]), encoding="utf-8")
    assert compile_used(first)
    second, _ = _provide(root, _plan(uv, "sf_base"), uv)
    source = second / SITE / "sf_base.py"
    text, times = source.read_bytes(), source.stat()
    source.unlink()
    source.write_bytes(text)
    os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))
    seed(second, tmp_path / "work")
    assert not (tmp_path / "work").exists()


def test_wheels_that_uv_and_pip_are_told_of_are_the_same_way() -> None:
    """make tells uv of pip's folders; whoever calls the command afterwards finds the environment that it made."""
    folders = {"PIP_FIND_LINKS": "/wheels /more"}
    alone = find_uv(folders)
    both = find_uv(folders | {"UV_FIND_LINKS": "/wheels,/more"})
    assert alone.way == both.way
    assert find_uv({"UV_FIND_LINKS": ""}).way == find_uv({}).way
    assert find_uv(folders | {"UV_FIND_LINKS": "/other,/more"}).environment["UV_FIND_LINKS"] == "/other,/more,/wheels"


def test_pips_settings_are_handed_on_in_uvs_words(tmp_path: Path) -> None:
    config = tmp_path / "pip.conf"
    config.write_text(
        "[global]\nfind-links = /a /b\nindex-url = https://index.test/simple\nextra-index-url =\n  https://one.test\n"
        "  https://two.test\n[install]\ntrusted-host = index.test\n",
        encoding="utf-8",
    )
    given = {"PIP_CONFIG_FILE": str(config), "PIP_FIND_LINKS": "/mine", "PIP_CERT": "/cert.pem", "PATH": "/bin"}
    settings = pip_settings(given)
    told = environment(given | {"HF_TOKEN": "t", "AWS_SECRET_ACCESS_KEY": "s", "https_proxy": "http://p"}, settings)
    assert told == {
        "PATH": "/bin",
        "https_proxy": "http://p",
        "UV_FIND_LINKS": "/mine",
        "UV_DEFAULT_INDEX": "https://index.test/simple",
        "UV_INDEX": "https://one.test https://two.test",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
        "UV_INSECURE_HOST": "index.test",
        "SSL_CERT_FILE": "/cert.pem",
    }
    own = environment({"UV_DEFAULT_INDEX": "https://uv.test", "UV_FIND_LINKS": "/uv", "UV_PYTHON": "3.9"}, settings)
    assert own["UV_DEFAULT_INDEX"] == "https://uv.test"
    assert own["UV_FIND_LINKS"] == "/uv,/mine"
    assert "UV_PYTHON" not in own
    assert Uv("uv", own).find_links == (Path("/uv"), Path("/mine"))
    assert Uv("uv", {"UV_FIND_LINKS": "http://a.test/x,file:///f,/g"}).find_links == (Path("/f"), Path("/g"))


def test_a_python_that_is_not_there_is_told(wheels: Path) -> None:
    with pytest.raises(PlatformError, match="there is no Python '/no/python'"):
        find_interpreter(LocalOptions(python="/no/python"), _uv(wheels))
    named = find_interpreter(LocalOptions(python=sys.executable), _uv(wheels))
    assert named.short == sys.version_info[:2]


def _app(folder: Path, front: str, **files: str) -> Path:
    return apps.app(folder, files.pop("source", ""), readme=f"---\n{front}---\n", **files)


def test_an_app_is_read_from_its_files(tmp_path: Path) -> None:
    folder = _app(
        tmp_path / "app",
        "sdk: gradio\nsdk_version: 5.50\npython_version: '3.10'\napp_file: src/main.py\n",
        requirements_txt="torch  # why\n# no\nold ; python_version < '3'\n--extra-index-url https://x.test\n-r x.txt\n",
        packages_txt="ffmpeg\n",
        source="import os.path\nfrom PIL import Image\nfrom . import x\ndemo.launch(server_port=7000)\n",
    )
    (folder / "src").mkdir()
    (folder / "src" / "main.py").write_text(
        "import numpy as np\ndemo.queue().launch(server_port=7861)\n", encoding="utf-8"
    )
    (folder / "broken.py").write_text("def (", encoding="utf-8")
    found = read(folder)
    assert (found.file, found.sdk_version, found.port) == ("src/main.py", "5.50", 7861)
    assert [str(one) for one in found.requirements] == ["torch"]
    assert found.imported == {"os", "PIL", "numpy"}
    notes = "\n".join(found.notes)
    assert found.python == "3.10"
    for word in ("--extra-index-url", "-r x.txt", "ffmpeg"):
        assert word in notes


def test_an_app_without_a_readme_gets_the_usual(tmp_path: Path) -> None:
    (tmp_path / "app.py").write_text("", encoding="utf-8")
    found = read(tmp_path)
    assert (found.file, found.sdk_version, found.port, found.requirements) == ("app.py", SDK_VERSION, None, ())
    assert builder_list("6.31.0")[0] == "gradio[oauth,mcp]==6.31.0"


@pytest.mark.parametrize(
    ("front", "requirements", "stage", "said"),
    [
        ("sdk: docker\n", "", "CONFIG_ERROR", "sdk 'docker'"),
        ("sdk: gradio\nsdk_version: latest\n", "", "CONFIG_ERROR", "'latest', which is no version"),
        ("sdk: gradio\nsdk_version: '6; rm'\n", "", "CONFIG_ERROR", "which is no version"),
        ("sdk: gradio\n", "x @ https://x.test/x.whl\n", "BUILD_ERROR", "requirements.txt:1 cannot be installed"),
        ("sdk: gradio\n", "ok\n=!=\n", "BUILD_ERROR", "requirements.txt:2 cannot be installed"),
    ],
)
def test_an_app_that_this_host_cannot_run_is_told(
    tmp_path: Path, front: str, requirements: str, stage: str, said: str
) -> None:
    with pytest.raises(SpaceCrashedError, match=re.escape(said)) as caught:
        read(_app(tmp_path / "app", front, requirements_txt=requirements))
    assert caught.value.stage == stage


@pytest.mark.parametrize("name", ["/etc/passwd", "../app.py", "a/../../b.py"])
def test_the_app_file_stays_inside(tmp_path: Path, name: str) -> None:
    assert app_file(_app(tmp_path / "app", f"app_file: {name}\n")) == "app.py"


def test_a_plan_says_what_the_builder_adds(tmp_path: Path, wheels: Path) -> None:
    folder = _app(tmp_path / "app", "sdk: gradio\nsdk_version: 6.31.0\n", requirements_txt="numpy\n")
    uv = _uv(wheels)
    plan = make_plan(read(folder), LocalOptions(torch="cpu", uv=("--exclude-newer", "2030-01-01")), uv)
    assert set(plan.requirements) == {"numpy", *builder_list("6.31.0")}
    assert plan.arguments[:2] == ("--only-binary", ":all:")
    assert plan.arguments[-2:] == ("--exclude-newer", "2030-01-01")
    built = make_plan(read(folder), LocalOptions(torch="cpu", source_builds=True), uv)
    assert "--only-binary" not in built.arguments
    assert built.key != plan.key
    assert make_plan(read(folder), LocalOptions(torch="cuda"), uv).machine.endswith("cuda")
