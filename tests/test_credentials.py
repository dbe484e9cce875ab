"""Secrets come from the caller or the machine, and are never shown, written or pickled."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

from spacefactory.credentials import Credentials, context_of, from_machine, of_token, to_pipe, without_secrets
from spacefactory.settings import CodingModel, Settings

TOKEN = "hf_" + "notarealtoken0123456789"


@pytest.fixture(autouse=True)
def nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A machine on which nobody has signed in."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "HF_TOKEN_PATH"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    return tmp_path


def test_without_a_sign_in_there_is_nothing() -> None:
    assert from_machine(Settings()) == Credentials()


def test_a_variable_wins_over_the_token_file(nobody: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (nobody / "token").write_text(f"{TOKEN}-file\n")
    assert from_machine(Settings()).hub_token == f"{TOKEN}-file"
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    assert from_machine(Settings()).hub_token == TOKEN


def test_the_hub_token_is_the_model_key_only_where_the_endpoint_takes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    other = Settings(coding_model=CodingModel(api_key_env="OTHER_KEY"))
    monkeypatch.setenv("OTHER_KEY", "another-key")
    assert of_token(TOKEN, Settings()).model_key == TOKEN
    assert of_token(TOKEN, other).model_key == "another-key"
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.delenv("OTHER_KEY")
    assert from_machine(other) == Credentials(hub_token=TOKEN)


def test_they_are_never_shown_or_pickled() -> None:
    held = of_token(TOKEN, Settings())
    assert TOKEN not in f"{held} {held!r} {context_of(Settings(), held)('pi')!r}"
    with pytest.raises(TypeError, match="stay in the process"):
        pickle.dumps(held)


def test_a_plugin_gets_the_token_of_its_caller() -> None:
    assert context_of(Settings(), of_token(TOKEN, Settings()))("huggingface").hub_token() == TOKEN
    assert Settings().context("huggingface").hub_token() is None


def test_secrets_are_longest_first_and_short_ones_are_no_secrets() -> None:
    assert Credentials("a-long-value", "a-longer-value").secrets() == ("a-longer-value", "a-long-value")
    assert Credentials("short", None).secrets() == ()


def test_a_process_started_anew_gets_them_by_pipe_and_has_none_in_its_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    settings = Settings()
    code = "import sys, os; from spacefactory.credentials import from_pipe; c = from_pipe(int(sys.argv[1])); "
    code += "print(c.hub_token[::-1], 'HF_TOKEN' in open('/proc/self/environ').read())"
    pipe = to_pipe(from_machine(settings))
    done = subprocess.run(
        [sys.executable, "-c", code, str(pipe)],
        pass_fds=[pipe],
        env=without_secrets(os.environ, settings),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [TOKEN[::-1], "False"]
