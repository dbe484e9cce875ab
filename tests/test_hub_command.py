"""The emulated Hub by hand, and Spaces as real Gradio apps."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from spacefactory.testing.hub import EmulatedHub, HostedRunner
from spacefactory.testing.hub.fixtures import HubClient, emulated_hub, hub_client, hub_tokens
from spacefactory.testing.hub.seed import SMALL_README, Tokens
from tests.hub_http import client_process, fetch

__all__ = ("emulated_hub", "hub_client", "hub_tokens")

COMMAND = (sys.executable, "-m", "spacefactory.testing.hub")


def test_serve_seed_and_end(tmp_path: Path) -> None:
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "README.md").write_text("---\npipeline_tag: fill-mask\n---\n")
    argv = [*COMMAND, "--json", "--log", "--model", f"meta/tiny={tmp_path / 'model'}"]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        told = json.loads(process.stdout.readline())
        script = (
            "from huggingface_hub import HfApi, ModelCard\n"
            f"api = HfApi(token={told['tokens']['ada']!r})\n"
            "print(api.whoami()['name'], api.model_info('meta/tiny').pipeline_tag)\n"
            "print(api.model_info('acme/digits').pipeline_tag)\n"
            "print(ModelCard.load('meta/tiny').data.pipeline_tag)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script],
            env={"HF_ENDPOINT": told["endpoint"], "HF_HOME": str(tmp_path / "hf"), "PATH": ""},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.stdout == "ada fill-mask\nimage-classification\nfill-mask\n", done.stderr
        process.send_signal(signal.SIGINT)
        log = process.stderr.read()
        assert process.wait(timeout=30) == 0
    assert "200 hub GET /api/whoami-v2 (ada)" in log
    assert told["tokens"]["ada"] not in log


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [(["--model", "x"], 2, "OWNER/NAME=FOLDER"), (["--space-host", "none"], 2, "no Space host named 'none'")],
)
def test_wrong_arguments_are_one_sentence(arguments: list[str], code: int, words: str) -> None:
    done = subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (code, "")
    assert words in done.stderr
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken(emulated_hub: EmulatedHub) -> None:
    port = emulated_hub.endpoint.rpartition(":")[2]
    done = subprocess.run([*COMMAND, "--port", port], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, "choose another --port" in done.stderr) == (1, True)


LOADS = """
from huggingface_hub import hf_hub_download
with open(hf_hub_download("meta/words", "words.txt")) as file:
    print("loaded", file.read())
"""
GRADIO = """
import gradio as gr

def generate(text: str) -> str:
    return text[::-1]

with gr.Blocks() as demo:
    box, out = gr.Textbox(), gr.Textbox()
    gr.Button().click(generate, box, out, api_name="generate")
demo.launch(show_error=True)
"""


def test_a_private_gradio_app_behind_its_host(
    emulated_hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens, tmp_path: Path
) -> None:
    emulated_hub.add_model("meta/words", {"words.txt": "words"})
    emulated_hub.add_space("ada/app", {"README.md": SMALL_README, "app.py": LOADS + GRADIO}, private=True)
    emulated_hub.wait_for_stage("ada/app", "RUNNING", timeout_s=90)
    assert "loaded words" in emulated_hub.space("ada/app").run_log.text()
    host = hub_client(hub_tokens.ada).space_info("ada/app").host
    script = f"""
from gradio_client import Client
client = Client({host!r}, token={hub_tokens.ada!r}, verbose=False)
print(client.predict("abc", api_name="/generate"))
"""
    assert client_process(emulated_hub, tmp_path, script) == "cba\n"
    assert {one.entry.space for one in emulated_hub.log.misplaced(hub_tokens.ada)} == {"ada/app"}


@pytest.mark.slow
def test_spaces_on_the_space_host_of_a_plugin(
    hub_tokens: Tokens, emulated_hub: EmulatedHub, spacefactory_home: Path
) -> None:
    """With an environment made from the package index: gradio and what it needs."""
    from spacefactory.runs import plugins_of
    from spacefactory.settings import load

    host = plugins_of(load().settings).host("local")
    emulated_hub.world.space_runner = HostedRunner(host)
    state = emulated_hub.add_space("ada/app", {"README.md": SMALL_README, "app.py": GRADIO}, private=True)
    emulated_hub.wait_for_stage("ada/app", "RUNNING", timeout_s=300)
    assert re.search(r"environment \w+: (\d+ packages installed|already there)", state.build_log.text())
    assert fetch(f"{state.listener.url}/config", hub_tokens.ada).status == 200
    emulated_hub.commit("space", "ada/app", {"app.py": "raise SystemExit('no weights here')"})
    emulated_hub.wait_for_stage("ada/app", "RUNTIME_ERROR", timeout_s=120)
    assert "no weights here" in state.build_log.text() + state.run_log.text()
    emulated_hub.wait(lambda: host.list() == (), "the host to be empty")
