"""Plain Gradio apps of each major version, installed from the package index, are discovered, called and judged."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from spacefactory import lean_gradio, probe
from spacefactory.schema.space import Connection
from spacefactory.schema.status import Level, Status
from spacefactory.testing.fixtures import call
from spacefactory.testing.require import absent
from spacefactory.verdict import decide
from tests.probe_gallery import ask, failures

pytestmark = [pytest.mark.slow]

APP = """
import sys
import gradio as gr
import numpy as np

def describe(text):
    return f"{len(text)} letters, {len(text.split())} words, {text.count('e')} times an e"

def cloud(text):
    draw = np.random.default_rng(sum(map(ord, text)))
    steps = draw.normal(size=(96, 96, 3)).cumsum(0).cumsum(1)
    return ((steps - steps.min()) / (steps.max() - steps.min()) * 255).astype("uint8")

def constant(text):
    return "This is a long answer that has nothing to do with what was asked."

with gr.Blocks() as demo:
    box, said, picture = gr.Textbox(), gr.Textbox(), gr.Image()
    gr.Button().click(describe, box, said, api_name="describe")
    gr.Button().click(cloud, box, picture, api_name="cloud")
    gr.Button().click(constant, box, said, api_name="constant")
demo.launch(server_name="127.0.0.1", server_port=int(sys.argv[1]), quiet=True)
"""
LEAN = f"""
import runpy
runpy.run_path({lean_gradio.__file__!r})["make_lean"]()
import gradio
with gradio.Blocks() as demo: pass
written, queue = gradio.component_meta.create_or_modify_pyi, demo.queue()._queue
print(gradio.__version__, "make_lean" in written.__globals__, queue.sleep_when_free)
"""
"""Each of them becomes lean as environments of apps have it; what is called below is as it was installed."""
PINS = {
    "4": ("gradio==4.*", "huggingface_hub<1", "pydantic<2.11", "starlette<0.47", "numpy<2.3"),
    "5": ("gradio==5.*", "huggingface_hub<1"),
    "6": ("gradio==6.*",),
}
"""The newest release of each, with the limits that older ones need today."""


def environment(version: str, folder: Path) -> Path:
    """A Python with that version, or a skip where the package index cannot be reached."""
    from uv import find_uv_bin

    uv = find_uv_bin()
    made = subprocess.run([uv, "venv", "-q", "-p", sys.executable, str(folder)], capture_output=True, check=False)
    python = folder / "bin" / "python"
    install = [uv, "pip", "install", "-q", "-p", str(python), *PINS[version]]
    done = subprocess.run(install, capture_output=True, text=True, check=False, timeout=600)
    if made.returncode or (done.returncode and ("dns" in done.stderr or "connect" in done.stderr.lower())):
        absent(f"the package index cannot be reached: {done.stderr[-200:]}")
    assert done.returncode == 0, done.stderr
    return python


@contextmanager
def running(python: Path, folder: Path) -> Iterator[Connection]:
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    (folder / "app.py").write_text(APP)
    own = {"HOME": str(folder), "MPLCONFIGDIR": str(folder), "GRADIO_ANALYTICS_ENABLED": "False", "HF_HUB_OFFLINE": "1"}
    given = {name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ}
    with (folder / "app.log").open("wb") as log:
        app = subprocess.Popen(
            [str(python), "app.py", str(port)], cwd=folder, env={**given, **own}, stdout=log, stderr=log
        )
    connection = Connection(url=f"http://127.0.0.1:{port}")
    try:
        deadline = time.monotonic() + 180
        while not probe.config_answers(connection, 5.0):
            assert app.poll() is None and time.monotonic() < deadline, (folder / "app.log").read_text()
            time.sleep(0.3)
        yield connection
    finally:
        app.kill()
        app.wait()


@pytest.mark.parametrize("version", sorted(PINS))
def test_an_app_of_each_major_version(version: str, tmp_path: Path) -> None:
    python = environment(version, tmp_path / "venv")
    said = subprocess.run([str(python), "-c", LEAN], capture_output=True, text=True, check=True).stdout
    assert said.startswith(f"{version}.") and said.endswith(" True 0.05\n" if version < "6" else " True 0.02\n")
    ends = {
        "describe": (Status.FULL_INFERENCE_SUCCESS, Level.RESPONSIVE),
        "cloud": (Status.FULL_INFERENCE_SUCCESS, Level.RESPONSIVE),
        "constant": (Status.TECHNICAL_BLOCKER, Level.ALIVE),
    }
    with running(python, tmp_path) as connection:
        for name, end in ends.items():
            result = ask(connection, tmp_path / name, endpoint=name)
            verdict = decide(result.judgement)
            assert (verdict.status, verdict.level) == end, failures(result.judgement)
        home = {"SPACEFACTORY_HOME": str(tmp_path / "home")}
        ran = call("validate", connection.url, "--endpoint", "/describe", "--json", env=home)
        assert (ran.json()["status"], ran.code) == ("full_inference_success", 0), ran.stderr
