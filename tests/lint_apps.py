"""Small apps, honest and fake, that lint must tell apart, and a folder to lint one in."""

from __future__ import annotations

from pathlib import Path

from spacefactory.lint.rules import RULES
from spacefactory.lint.run import lint, load_tree
from spacefactory.schema.work import Finding

HERE = Path(__file__).with_name("lint_app_sources")
HEALTH = """
def health() -> dict:
    return {"status": "ok"}

"""
HEAD = """import spaces
import gradio as gr

MODEL_ID = "owner/model"
"""
TAIL = """
with gr.Blocks() as demo:
    box = gr.Textbox()
    out = gr.JSON()
    box.submit(generate, box, out, api_name="generate")
    gr.api(health, api_name="health", queue=False)
demo.launch(show_error=True)
"""
README = """---
title: Demo
sdk: gradio
sdk_version: 6.31.0
python_version: "3.12"
app_file: app.py
---

# Demo
"""
REQUIREMENTS = """torch
transformers>=5
diffusers
accelerate
sentence-transformers
onnxruntime
joblib
llama-cpp-python
matplotlib
peft
ultralytics
open-clip-torch
opencv-python-headless
soundfile
imageio
imageio-ffmpeg
openai
datasets
faster-whisper
kokoro
keras
spacy
timm
"""


def apps(name: str) -> dict[str, str]:
    """Sources by name; honest ones are whole, fake ones get their head and tail here."""
    parts = (HERE / f"{name}.txt").read_text(encoding="utf-8").split("=== ")[1:]
    pairs = [part.split("\n", 1) for part in parts]
    if name == "fake":
        return {title: HEAD + text + HEALTH + TAIL for title, text in pairs}
    return {title: text.replace("HEALTH\n", HEALTH) for title, text in pairs}


def write(folder: Path, app: str, **files: str) -> Path:
    """A Space's files; other names are given as keywords, with `_` for the dot."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = {"README.md": README, "requirements.txt": REQUIREMENTS, "app.py": app}
    contents |= {
        name.replace("__", "/").replace("_py", ".py").replace("_txt", ".txt").replace("_md", ".md"): text
        for name, text in files.items()
    }
    for name, text in contents.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def check(
    folder: Path,
    *,
    targets: tuple[str, ...] = ("zerogpu", "fixedgpu"),
    model: str | None = "owner/model",
    revision: str | None = None,
    weight_gib: float | None = None,
    resolve: bool = False,
) -> tuple[Finding, ...]:
    """All findings of our own rules."""
    tree = load_tree(folder, targets=targets, model=model, revision=revision, weight_gib=weight_gib, resolve=resolve)
    return lint(tree, RULES)
