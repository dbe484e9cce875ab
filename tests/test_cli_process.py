"""The command as a process: exit statuses, purity of stdout, signals, what is imported at the start."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli_places import DIGITS, distribution, environment, one_document, spacefactory

NOISY = """
import os, sys, warnings
print("a plugin that prints")
os.write(1, b"straight to the descriptor\\n")
os.system("echo from a child process")
warnings.warn("and warns")
"""


def test_a_mistake_is_one_sentence_and_exit_2(tmp_path: Path) -> None:
    done = spacefactory(tmp_path, "build", "--nonsense", "x", cwd=tmp_path)
    assert done.returncode == 2
    assert (done.stdout, len(done.stderr.splitlines())) == ("", 1)
    assert done.stderr.startswith("spacefactory: no such option: --nonsense")


def test_a_mistake_with_json_is_one_document(tmp_path: Path) -> None:
    done = spacefactory(tmp_path, "judge", "gone.png", "--expect", "image", "--json", cwd=tmp_path)
    assert done.returncode == one_document(done.stdout)["error"]["exit_code"] == 2


def test_json_is_pure_whatever_else_writes_to_stdout(tmp_path: Path) -> None:
    noisy = distribution(tmp_path / "site", "noisy", NOISY)
    done = spacefactory(tmp_path / "home", "plugins", "list", "--json", env=noisy | {"PYTHONWARNINGS": "default"})
    assert done.returncode == 0
    names = [plugin["name"] for plugin in one_document(done.stdout)["plugins"]]
    assert "noisy" in names
    for line in ("a plugin that prints", "straight to the descriptor", "from a child process", "and warns"):
        assert line in done.stderr


def test_a_runs_folder_that_cannot_be_written(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "runs").write_text("a file where a folder should be")
    done = spacefactory(home, "build", str(DIGITS), "--json")
    assert done.returncode == 1
    assert one_document(done.stdout)["error"]["next_step"]
    assert "Traceback" not in done.stderr
    assert (home / "runs").read_text() == "a file where a folder should be"


@pytest.mark.parametrize(
    "words", [("runs", "list"), ("build", str(DIGITS)), ("spaces", "list"), ("config", "show"), ("doctor",)]
)
def test_a_data_folder_in_the_home_of_nobody(words: tuple[str, ...], tmp_path: Path) -> None:
    done = spacefactory(tmp_path, *words, env={"SPACEFACTORY_HOME": "~nobody-of-that-name/x"}, cwd=tmp_path)
    assert done.returncode == (1 if words == ("doctor",) else 2)
    assert "whom this machine does not have" in done.stdout + done.stderr
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_a_model_and_an_app_in_the_home_of_nobody(tmp_path: Path) -> None:
    for words in (("plan", "--platform", "local"), ("plan", "--platform", "huggingface"), ("validate",)):
        done = spacefactory(tmp_path / "home", *words, "~nobody-of-that-name/m", cwd=tmp_path)
        assert done.returncode == 2
        assert "spacefactory: there is no " in done.stderr.splitlines()[-1]
        assert "Traceback" not in done.stderr


def test_an_unexpected_error_is_kept_without_secrets(tmp_path: Path) -> None:
    secret = "hf_" + "s" * 30
    source = f"""
from spacefactory.hookspecs import hookimpl
class Store:
    name = "folder2"
    def list(self):
        raise RuntimeError("the fault, with {secret}")
@hookimpl
def spacefactory_stores():
    return [Store()]
"""
    found = distribution(tmp_path / "site", "faulty", source) | {"SPACEFACTORY_PLATFORMS__LOCAL__STORE": "folder2"}
    done = spacefactory(tmp_path / "home", "runs", "list", "--json", env=found)
    assert done.returncode == 1
    assert "RuntimeError" in one_document(done.stdout)["error"]["message"]
    assert "Traceback" not in done.stderr
    (kept,) = (tmp_path / "home" / "crash").iterdir()
    text = kept.read_text()
    assert "the fault" in text
    assert secret not in text + done.stdout + done.stderr
    assert kept.stat().st_mode & 0o077 == 0


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    command = f"{sys.executable} -m spacefactory config show | head -c 1 >/dev/null; exit ${{PIPESTATUS[0]}}"
    env = environment(tmp_path, PYTHONUNBUFFERED="1")
    done = subprocess.run(["bash", "-c", command], env=env, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode in (0, 141)
    assert done.stderr.replace("user file", "").count("Error") == 0


def test_sigterm_leaves_a_run_that_can_be_resumed(tmp_path: Path) -> None:
    env = environment(tmp_path / "home", SPACEFACTORY_BUDGET__MINUTES="5")
    process = subprocess.Popen(
        [sys.executable, "-m", "spacefactory", "build", str(DIGITS), "--json"],
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert any(line.startswith("resolve: done") for line in process.stderr)
    process.send_signal(signal.SIGTERM)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 143
    error = one_document(out)["error"]
    assert f"spacefactory runs resume {error['run_id']}" in error["next_step"]
    assert "Traceback" not in err
    show = spacefactory(tmp_path / "home", "runs", "show", error["run_id"][:20], "--json")
    state = one_document(show.stdout)
    assert (state["status"], state["interrupted"], state["result"]) == ("running", True, None)
    cancel = spacefactory(tmp_path / "home", "runs", "cancel", error["run_id"], "--json")
    assert one_document(cancel.stdout)["status"] == "cancelled"
    removed = spacefactory(tmp_path / "home", "runs", "delete", error["run_id"], "--yes", "--json")
    assert one_document(removed.stdout)["deleted"] == [error["run_id"]]
    assert one_document(spacefactory(tmp_path / "home", "runs", "list", "--json").stdout)["runs"] == []


def test_ctrl_c_cancels(tmp_path: Path) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "spacefactory", "build", str(DIGITS), "--json"],
        env=environment(tmp_path / "home"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stderr is not None
    assert any(line.startswith("analyze: done") for line in process.stderr)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=120)
    assert process.returncode == 130
    assert one_document(out)["status"] == "cancelled"
    assert "Traceback" not in err


HEAVY = {
    "gradio",
    "gradio_client",
    "huggingface_hub",
    "av",
    "numpy",
    "pandas",
    "PIL",
    "httpx",
    "yaml",
    "jinja2",
    "torch",
}


@pytest.mark.parametrize(
    ("words", "more"),
    [
        (("--help",), {"pydantic", "rich"}),
        (("--version",), {"pydantic", "rich"}),
        (("build", "--help"), {"rich"}),
        (("runs", "list"), {"pydantic", "rich", "tenacity", "ulid", "tomllib"}),
    ],
)
def test_what_is_not_imported_at_the_start(tmp_path: Path, words: tuple[str, ...], more: set[str]) -> None:
    assert imported_by(tmp_path, *words) & (HEAVY | more) == set()


def test_a_list_imports_nothing_of_stores_that_are_not_chosen(tmp_path: Path) -> None:
    run_id = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    state = {"run_id": run_id, "kind": "build", "reference": "m", "status": "failed", "level": "none"}
    (tmp_path / "runs" / run_id).mkdir(parents=True)
    (tmp_path / "runs" / run_id / "state.json").write_text(json.dumps(state | {"created": "c", "updated": "u"}))
    loaded = imported_by(tmp_path, "runs", "list", "--json")
    ours = {name for name in loaded if name.startswith("spacefactory_") and "." in name}
    assert ours == {f"spacefactory_local.{name}" for name in ("disk", "store", "summaries")}
    facts = {name.removeprefix("spacefactory.schema.") for name in loaded if name.startswith("spacefactory.schema.")}
    assert facts == {"outcome", "summary"}
    others = {"spacefactory.settings", "spacefactory.providers", "spacefactory.record.journal", "spacefactory.runs"}
    assert loaded & (HEAVY | others | {"pydantic", "rich"}) == set()


def imported_by(home: Path, *words: str) -> set[str]:
    """Names of all modules that a command has imported at its end."""
    code = (
        "import sys\nfrom spacefactory.cli import main\n"
        f"code = main({list(words)!r})\nprint(' '.join(sys.modules), file=sys.stderr)\nsys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment(home), capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.splitlines()[-1].split())


def test_completion_offers_commands_and_runs(tmp_path: Path) -> None:
    def offered(*words: str) -> list[str]:
        line = " ".join(("spacefactory", *words))
        asked = {"_SPACEFACTORY_COMPLETE": "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(len(words))}
        return spacefactory(tmp_path / "home", env=asked).stdout.split()

    assert offered("bu") == ["build"]
    assert offered("runs", "re") == ["report", "resume"]
    assert "template" in offered("build", "--agent", "")
    assert offered("runs", "show", "01") == []
    run_id = "01ARZ3NDEKTSV4RRFFQ69G5FAV"
    (tmp_path / "home" / "runs" / run_id).mkdir(parents=True)
    assert offered("runs", "show", "01") == [run_id]


def test_completion_script_is_printed(tmp_path: Path) -> None:
    done = spacefactory(
        tmp_path, "--show-completion", "bash", env={"_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    )
    assert "_SPACEFACTORY_COMPLETE=complete_bash" in done.stdout


def test_an_ascii_terminal_loses_no_output(tmp_path: Path) -> None:
    done = spacefactory(tmp_path, "plan", str(DIGITS), env={"PYTHONIOENCODING": "ascii", "LC_ALL": "C"})
    assert done.returncode == 0
    assert "image-classification" in done.stdout


def test_the_module_is_the_command() -> None:
    assert os.access(Path(sys.executable).with_name("spacefactory"), os.X_OK)
