"""The publish gate: only regular files get out, in the form that we give them, and no secret in any form."""

from __future__ import annotations

import base64
import codecs
import json
import os
import socket
import stat
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import quote

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from spacefactory.errors import BlockedError
from spacefactory.lint.copyout import MAX_BINARY, MAX_BYTES, MAX_DEPTH, MAX_FILES
from spacefactory.lint.digest import tree_digest
from spacefactory.lint.gate import MARKER, Published, publish
from spacefactory.lint.leaks import leaks
from spacefactory.lint.requirement_lines import parse_requirements
from spacefactory.lint.space_readme import with_front_matter
from spacefactory.lint.vocabulary import ALLOWED_KEYS
from spacefactory.repository.front_matter import parse, split

FRONT = {"title": "Demo", "sdk": "gradio", "sdk_version": "6.31.0", "app_file": "app.py", "python_version": "3.12"}
SECRET = "hf_" + "aB3dE5gH7jK9mN1pQ4rS6tU8"


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    folder = tmp_path / "workspace"
    folder.mkdir()
    (folder / "app.py").write_text("print(1)\n", encoding="utf-8")
    (folder / "README.md").write_text("# Mine\n", encoding="utf-8")
    return folder


def gate(workspace: Path, secrets: tuple[str, ...] = (), name: str = "out") -> Published:
    return publish(workspace, workspace.parent / name, front_matter=FRONT, secrets=secrets, run_id="01RUN")


def refused(workspace: Path, secrets: tuple[str, ...] = ()) -> str:
    with pytest.raises(BlockedError) as caught:
        gate(workspace, secrets)
    assert caught.value.reason == "lint"
    assert caught.value.next_step
    return str(caught.value)


def test_what_comes_out(workspace: Path) -> None:
    (workspace / "parts").mkdir()
    (workspace / "parts" / "inner.py").write_text("x = 1\n", encoding="utf-8")
    (workspace / "requirements.txt").write_text("torch\nsome-odd-package\n", encoding="utf-8")
    published = gate(workspace)
    out = workspace.parent / "out"
    assert published.files == (MARKER, "README.md", "app.py", "parts/inner.py", "requirements.txt")
    assert published.digest == tree_digest(out)
    assert json.loads((out / MARKER).read_text()) == {"format": "spacefactory-space/1", "run_id": "01RUN"}
    assert published.report["unusual_requirements"] == ["some-odd-package"]
    assert (out / "app.py").read_bytes() == b"print(1)\n"


def test_the_digest_is_that_of_names_and_contents(workspace: Path) -> None:
    first = gate(workspace, name="first").digest
    assert gate(workspace, name="second").digest == first
    (workspace / "app.py").write_text("print(2)\n", encoding="utf-8")
    changed = gate(workspace, name="third").digest
    (workspace / "app.py").rename(workspace / "bpp.py")
    assert len({first, changed, gate(workspace, name="fourth").digest}) == 3


def test_an_existing_folder_is_not_mixed_with(workspace: Path) -> None:
    gate(workspace)
    with pytest.raises(FileExistsError):
        gate(workspace)


def test_symbolic_links(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("outside", encoding="utf-8")
    (workspace / "link.txt").symlink_to(tmp_path / "outside.txt")
    assert "link" in refused(workspace)


def test_linked_folders(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (workspace / "data").symlink_to(tmp_path / "outside", target_is_directory=True)
    assert "data" in refused(workspace)


def test_a_linked_workspace(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").symlink_to(workspace, target_is_directory=True)
    with pytest.raises(OSError):
        publish(tmp_path / "elsewhere", tmp_path / "out", front_matter=FRONT, secrets=())


def test_hard_links(workspace: Path, tmp_path: Path) -> None:
    (tmp_path / "outside.txt").write_text("outside", encoding="utf-8")
    os.link(tmp_path / "outside.txt", workspace / "data.txt")
    assert "another name elsewhere" in refused(workspace)


def test_pipes_and_sockets(workspace: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo(workspace / "pipe.txt")
    assert "special file" in refused(workspace)
    (workspace / "pipe.txt").unlink()
    monkeypatch.chdir(workspace)  # names of sockets are short
    with socket.socket(socket.AF_UNIX) as opened:
        opened.bind("socket.txt")
        with pytest.raises(BlockedError, match="special file"):
            publish(workspace, tmp_path / "second", front_matter=FRONT, secrets=())


@pytest.mark.parametrize(
    "name",
    [
        ".git/config",
        ".github/workflows/a.yml",
        ".env",
        ".pi/x",
        "deep/.hidden",
        "a.pth",
        "sitecustomize.py",
        "usercustomize.py",
        "conftest.py",
        "deep/Conftest.PY",
        "lib.so",
        "lib.pyd",
        "x.pyc",
        "a b.txt",
        "-rf.txt",
        "ü.txt",
        "a;b.txt",
        "a\nb.txt",
        "x" * 101,
        "readme.md",
        "README.MD",
    ],
)
def test_refused_names(name: str, workspace: Path) -> None:
    (workspace / "README.md").unlink()
    (workspace / name).parent.mkdir(parents=True, exist_ok=True)
    (workspace / name).write_text("x = 1\n", encoding="utf-8")
    assert "cannot be published" in refused(workspace)


def test_names_that_are_no_text(workspace: Path) -> None:
    (workspace / os.fsdecode(b"\xff.txt")).write_bytes(b"x")
    assert "cannot be published" in refused(workspace)


def test_names_that_differ_in_case_only(workspace: Path) -> None:
    (workspace / "APP.py").write_text("", encoding="utf-8")
    if len([*workspace.iterdir()]) < 3:
        pytest.skip("this file system does not tell upper from lower case")
    assert "upper and lower case" in refused(workspace)


def test_droppings_of_tools_are_left_and_named(workspace: Path) -> None:
    for name in ("__pycache__", ".cache", ".npm"):
        (workspace / name).mkdir()
        (workspace / name / "x.pyc").write_bytes(b"x")
    published = gate(workspace)
    assert published.report["left_out"] == [".cache", ".npm", "__pycache__"]
    assert published.files == (MARKER, "README.md", "app.py")


def test_number_of_files(workspace: Path) -> None:
    for number in range(MAX_FILES - 2):
        (workspace / f"f{number}.txt").write_text("x", encoding="utf-8")
    assert len(gate(workspace, name="full").files) == MAX_FILES + 1  # and the marker
    (workspace / "more.txt").write_text("x", encoding="utf-8")
    assert f"more than {MAX_FILES} files" in refused(workspace)


def test_a_folder_of_many_names(workspace: Path) -> None:
    (workspace / "many").mkdir()
    for number in range(2 * MAX_FILES + 1):
        (workspace / "many" / f"d{number}").mkdir()
    assert f"more than {MAX_FILES} files" in refused(workspace)


def test_size_of_all_files(workspace: Path) -> None:
    with (workspace / "big.txt").open("wb") as file:
        file.truncate(MAX_BYTES + 1)
    assert "10 MiB" in refused(workspace)


def test_sizes_add_up(workspace: Path) -> None:
    for number in range(11):
        (workspace / f"part{number}.txt").write_bytes(b"a" * (1 << 20))
    assert "10 MiB" in refused(workspace)


def test_binary_files(workspace: Path) -> None:
    (workspace / "picture.png").write_bytes(b"\x89PNG\0" + b"\xff" * (MAX_BINARY - 5))
    gate(workspace, name="fits")
    (workspace / "picture.png").write_bytes(b"\x89PNG\0" + b"\xff" * MAX_BINARY)
    assert "binary files" in refused(workspace)


def test_depth(workspace: Path) -> None:
    deep = workspace.joinpath(*["d"] * (MAX_DEPTH + 2))
    deep.mkdir(parents=True)
    (deep / "x.txt").write_text("x", encoding="utf-8")
    assert "nested deeper" in refused(workspace)


POWERLESS_GATE = """
import sys
from pathlib import Path
from spacefactory.confine.capabilities import drop_held
from spacefactory.errors import BlockedError
from spacefactory.lint.gate import publish
drop_held()  # the superuser reads every file
try:
    publish(Path(sys.argv[1]), Path(sys.argv[2]), front_matter={}, secrets=(), run_id="01RUN")
except BlockedError as error:
    print(error.reason, error)
"""


def test_unreadable_files(workspace: Path) -> None:
    (workspace / "app.py").chmod(0)
    command = [sys.executable, "-c", POWERLESS_GATE, str(workspace), str(workspace.parent / "out")]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.startswith("lint ")
    assert "cannot be opened" in done.stdout


def test_modes_do_not_come_over(workspace: Path) -> None:
    (workspace / "app.py").chmod(0o4755)
    gate(workspace)
    assert stat.S_IMODE((workspace.parent / "out" / "app.py").stat().st_mode) & 0o7111 == 0


def test_a_file_that_is_swapped_while_it_is_looked_at(workspace: Path, tmp_path: Path) -> None:
    """Whatever a swap does: what is outside never comes over, and the digest is that of what was copied."""
    (tmp_path / "outside.txt").write_text("outside", encoding="utf-8")
    stop = threading.Event()

    def swap() -> None:
        link, plain, target = tmp_path / "link", tmp_path / "plain", workspace / "app.py"
        while not stop.is_set():
            link.symlink_to(tmp_path / "outside.txt")
            link.replace(target)
            plain.write_text("print(1)\n", encoding="utf-8")
            plain.replace(target)

    thread = threading.Thread(target=swap)
    thread.start()
    try:
        for number in range(200):
            out = tmp_path / f"out{number}"
            try:
                published = publish(workspace, out, front_matter=FRONT, secrets=())
            except BlockedError:
                continue
            assert (out / "app.py").read_text() == "print(1)\n"
            assert published.digest == tree_digest(out)
    finally:
        stop.set()
        thread.join()


SMUGGLED = """---
title: Mine
sdk: docker
hf_oauth: true
hf_oauth_scopes: [write-repos]
custom_headers: {cross-origin-opener-policy: unsafe-none}
preload_from_hub: [other/private]
datasets: [other/data]
disable_embedding: true
app_file: evil.py
---
# Mine
"""


@pytest.mark.parametrize(
    "text",
    [
        SMUGGLED,
        "\ufeff" + SMUGGLED,
        "\r\n".join(SMUGGLED.split("\n")),
        "\n" + SMUGGLED,
        SMUGGLED.replace("---", "--- "),
        SMUGGLED + SMUGGLED,
        "---\nhf_oauth: true\n",
        "",
        "\x00---\nhf_oauth: true\n---\n",
        "---\r---\n" + SMUGGLED,
    ],
)
def test_front_matter_is_ours_whatever_was_written(text: str, workspace: Path) -> None:
    (workspace / "README.md").write_bytes(text.encode())
    gate(workspace)
    written = (workspace.parent / "out" / "README.md").read_text(encoding="utf-8")
    block, _ = split(written)
    assert block is not None
    assert parse(block) == FRONT
    first = written.split("---\n")[1]  # as a plain reader finds it
    assert yaml.safe_load(first) == FRONT


def test_keys_that_are_not_allowed_are_dropped_from_ours_too(workspace: Path) -> None:
    publish(
        workspace, workspace.parent / "out", front_matter={**FRONT, "hf_oauth": True, "datasets": ["a/b"]}, secrets=()
    )
    block, _ = split((workspace.parent / "out" / "README.md").read_text(encoding="utf-8"))
    assert set(parse(block or "")) <= set(ALLOWED_KEYS)


@given(st.text(), st.dictionaries(st.sampled_from(ALLOWED_KEYS), st.text(max_size=80)))
def test_any_values_stay_values(body: str, front: dict[str, str]) -> None:
    block, _ = split(with_front_matter(body, {**front, "title": "x", "hf_oauth": "true"}))
    assert block is not None
    assert parse(block) == {**front, "title": "x"}


@pytest.mark.parametrize(
    "line",
    [
        "git+https://example.com/a.git",
        "a @ https://example.com/a.whl",
        "a @ file:///tmp/a",
        "-r other.txt",
        "-e .",
        "--index-url https://example.com",
        "--extra-index-url=https://example.com",
        "-i https://example.com",
        "--pre",
        "-f https://example.com",
        "--find-links x",
        "--trusted-host example.com",
        "./a",
        "../a",
        "/tmp/a.whl",
        "a.whl",
        "https://example.com/a.whl",
        "torch --hash=sha256:00",
        "torch --global-option=x",
        "torch \\",
        "${TOKEN}",
        "-c c.txt",
        "file:a",
        "torch==1 --config-settings x=y",
        "\ufefftorch",
        "torch; os_name ==",
        "a" * 300_000,
    ],
)
@pytest.mark.parametrize("name", ["requirements.txt", "pre-requirements.txt"])
def test_requirement_lines_that_are_no_names(line: str, name: str, workspace: Path) -> None:
    (workspace / name).write_text(f"numpy\n{line}\n", encoding="utf-8")
    assert f"{name}:" in refused(workspace)


def test_requirements_beyond_what_is_read(workspace: Path) -> None:
    """An option behind a long comment would be installed as well."""
    (workspace / "requirements.txt").write_text("#" * 80 + "\n" * 300_000 + "--index-url https://example.com\n")
    assert "KiB" in refused(workspace)


@pytest.mark.parametrize(
    "line", ["torch", "torch>=2,<3", "Foo.Bar[x,y]==1.0; python_version > '3.9'  # why", "# -r x", ""]
)
def test_requirement_lines_that_are_names(line: str, workspace: Path) -> None:
    (workspace / "requirements.txt").write_text(line + "\n", encoding="utf-8")
    gate(workspace)


@given(st.text(max_size=200))
def test_any_requirements(text: str) -> None:
    for line in parse_requirements(text):
        assert bool(line.problem) is (line.requirement is None)


RAW = SECRET.encode()
FORMS = {
    "plain": SECRET,
    "in a word": f"x{SECRET}x",
    "quoted": quote(SECRET, safe=""),
    "as JSON": json.dumps(SECRET),
    "hex": RAW.hex(),
    "upper hex": RAW.hex().upper(),
    "hex with colons": RAW.hex(":"),
    "hex with prefixes": " ".join(f"\\x{byte:02x}" for byte in RAW).replace("\\x", ""),
    "reversed": SECRET[::-1],
    "rot13": codecs.encode(SECRET, "rot13"),
    "base64": base64.b64encode(RAW).decode(),
    "base64 at 1": base64.b64encode(b"x" + RAW).decode(),
    "base64 at 2": base64.b64encode(b"xy" + RAW).decode(),
    "base64 for URLs": base64.urlsafe_b64encode(RAW).decode(),
    "base64 in lines": "\n".join(base64.b64encode(RAW).decode()[at : at + 7] for at in range(0, 48, 7)),
    "base64 of the reversed": base64.b64encode(RAW[::-1]).decode(),
    "split over lines": SECRET[:12] + "\n" + SECRET[12:],
    "spaced": " ".join(SECRET),
    "added up": f"'{SECRET[:9]}' + \"{SECRET[9:]}\"",
    "with dashes": "-".join(SECRET),
    "wide characters": SECRET.encode("utf-16-le").decode("latin-1"),
}


@pytest.mark.parametrize("name", FORMS)
def test_secrets_in_every_form(name: str, workspace: Path) -> None:
    (workspace / "notes.txt").write_bytes(b"some words " + FORMS[name].encode("latin-1") + b" and more\n")
    said = refused(workspace, (SECRET,))
    assert "own secrets" in said
    assert SECRET not in said


def test_secrets_in_names_and_in_the_readme(workspace: Path) -> None:
    (workspace / f"{SECRET}.txt").write_text("x", encoding="utf-8")
    assert "own secrets" in refused(workspace, (SECRET,))
    (workspace / f"{SECRET}.txt").unlink()
    (workspace / "README.md").write_text(f"# Key: {SECRET}\n", encoding="utf-8")
    with pytest.raises(BlockedError, match="own secrets"):
        gate(workspace, (SECRET,), name="again")


def test_other_texts_are_no_secrets(workspace: Path) -> None:
    (workspace / "notes.txt").write_text("hf_hub_download, hf_ and a few words more\n" * 50, encoding="utf-8")
    gate(workspace, (SECRET, "", "short"))


@given(st.binary(max_size=300), st.text("abcdefgh0123456789_-/+", min_size=12, max_size=40), st.binary(max_size=300))
def test_a_secret_is_found_between_any_bytes(before: bytes, secret: str, after: bytes) -> None:
    assert leaks(before + secret.encode() + after, [secret])


def test_the_report_names_what_the_code_reaches_for(workspace: Path) -> None:
    code = """import os, subprocess
eval("1")
subprocess.run(["ls"])
key = os.environ["HF_TOKEN"]
url = "https://example.com/x"
blob = "%s"
load("a/b", trust_remote_code=True)
""" % ("QUJD" * 60)
    (workspace / "app.py").write_text(code, encoding="utf-8")
    report = gate(workspace).report
    assert report["network_hosts"] == ["app.py: example.com"]
    assert report["environment"] == ["app.py: HF_TOKEN"]
    assert report["processes"] == ["app.py: line 3, subprocess.run"]
    assert report["dynamic_code"] == ["app.py: line 2, eval"]
    assert report["encoded"] == ["app.py: line 6, 240 characters"]
    assert report["remote_code"] == ["app.py: line 7"]


@pytest.mark.parametrize("text", ["x = (", "(" * 5000, "x = " + "-" * 1_000_000, "\0", "x = a" + ".b" * 400_000])
def test_code_that_cannot_be_read_is_reported(text: str, workspace: Path) -> None:
    (workspace / "app.py").write_text(text, encoding="utf-8")
    report = gate(workspace).report
    assert "unreadable" in report or text.startswith("x = a")
