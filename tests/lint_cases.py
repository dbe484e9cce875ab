"""A good app, and for every rule ways to break it and ways that only look like it."""

from __future__ import annotations

from dataclasses import dataclass, field

APP = '''"""Says whether a text is friendly."""

import os
import tempfile

import spaces
import gradio as gr
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

MODEL_ID = "owner/model"
REVISION = "0123abc"
DEVICE = "cuda" if torch.cuda.is_available() else "cpu"
tokenizer = AutoTokenizer.from_pretrained(MODEL_ID, revision=REVISION)
model = AutoModelForSequenceClassification.from_pretrained(MODEL_ID, revision=REVISION, dtype=torch.float32).to(DEVICE)


def duration(text: str, *args, **kwargs) -> int:
    return 5 + len(text) // 1000


@spaces.GPU(duration=duration)
def generate(text: str, top_k: int = 3) -> dict:
    """Classify a text."""
    inputs = tokenizer(text, return_tensors="pt").to(DEVICE)
    scores = model(**inputs).logits.softmax(-1)[0].tolist()
    names = model.config.id2label
    return {names[index]: score for index, score in enumerate(scores[:top_k])}


def health() -> dict:
    return {"status": "ok", "nonce": os.environ.get("SPACE_NONCE", "")}


with gr.Blocks() as demo:
    text = gr.Textbox(label="Text")
    top_k = gr.Slider(1, 10, 3, step=1)
    run = gr.Button("Run")
    output = gr.Label()
    run.click(generate, [text, top_k], output, api_name="generate")
    gr.api(health, api_name="health", queue=False)

if __name__ == "__main__":
    demo.queue().launch(show_error=True)
'''
REQUIREMENTS = "torch\ntransformers>=5\naccelerate\n"


@dataclass(frozen=True)
class Case:
    """One change of the good Space."""

    rule: str
    edits: tuple[tuple[str, str], ...] = ()
    """replacements in app.py"""
    files: dict[str, str] = field(default_factory=dict)
    """other files; README.md and requirements.txt as a whole"""
    at: str = ""
    """a text of the line that the finding names; empty for none"""
    says: str = ""
    """words of the message"""
    level: str = "error"
    file: str = "app.py"
    targets: tuple[str, ...] = ("zerogpu", "fixedgpu")
    weight_gib: float | None = None
    revision: str | None = None


CLICK = 'run.click(generate, [text, top_k], output, api_name="generate")'
API = 'gr.api(health, api_name="health", queue=False)'
LAUNCH = "launch(show_error=True)"
GPU = "@spaces.GPU(duration=duration)"
BODY = "    names = model.config.id2label\n"
RETURN = "return {names[index]: score for index, score in enumerate(scores[:top_k])}"
HEAD = 'MODEL_ID = "owner/model"'
LABEL = "output = gr.Label()"

DECORATED = """@run.click(inputs=[text, top_k], outputs=output, api_name="generate")
    def go(text: str, top_k: int = 3):
        return generate(text, top_k)"""


def readme(**keys: str) -> dict[str, str]:
    """A README with some keys of its own; `-` removes one."""
    known = {
        "title": "Demo",
        "sdk": "gradio",
        "sdk_version": "6.31.0",
        "python_version": '"3.12"',
        "app_file": "app.py",
    }
    lines = [f"{key}: {value}" for key, value in {**known, **keys}.items() if value != "-"]
    return {"README.md": "\n".join(["---", *lines, "---", "", "# Demo", ""])}


def needs(*lines: str, base: str = REQUIREMENTS) -> dict[str, str]:
    """Requirements with more lines."""
    return {"requirements.txt": base + "\n".join(lines) + "\n"}


R, P, K = "README.md", "requirements.txt", "packages.txt"
# fmt: off
FIRES = (
    Case("readme-front-matter", files={R: "# Demo\n"}, at="# Demo", says="write one with title", file=R),
    Case("readme-front-matter", files=readme(hf_oauth="true"), at="hf_oauth", says="remove it", file=R),
    Case("readme-front-matter", files=readme(datasets="[a/b]"), at="datasets", says="remove it", file=R),
    Case("readme-front-matter", files=readme(tags="[x]"), at="tags", says="not needed", file=R, level="warning"),
    Case("readme-sdk", files=readme(sdk="docker"), at="sdk: docker", says="must be gradio", file=R),
    Case("readme-sdk", files=readme(sdk_version="6"), at="sdk_version", says="exact version", file=R),
    Case("readme-sdk", files=readme(app_file="main.py"), at="app_file", says="not in the tree", file=R),
    Case("readme-python", files=readme(python_version="3.10"), at="python_version", says="in quotes", file=R),
    Case("readme-python", files=readme(python_version='"3.11"'), at="python_version", says='"3.12"', file=R),
    Case("readme-python", files=readme(python_version='"3.11"'), at="python_version", says='"3.12"', file=R,
         targets=("fixedgpu",), level="warning"),
    Case("readme-short-description", files=readme(short_description="x" * 61), at="short_d",
         says="60 characters", file=R),
    Case("readme-colors", files=readme(colorFrom="orange"), at="colorFrom", says="must be one of", file=R),
    Case("readme-startup-timeout", at="---",
         says="startup_duration_timeout: 1h", file=R, weight_gib=20, level="warning"),
    Case("req-builder-owned", files=needs("gradio==6.31.0"), at="gradio", says="remove this line", file=P),
    Case("req-builder-owned", files=needs("huggingface_hub[cli]"), at="huggingface_hub", says="remove this", file=P),
    Case("req-pydantic", files=needs("pydantic==2.10.6"), at="pydantic", says="without a version", file=P),
    Case("req-pydantic", files=needs("Jinja2<3"), at="Jinja2", says="without a version", file=P),
    Case("req-torch-pin", files=needs(base="torch==2.5.1\ntransformers\n"), at="torch",
         says="without a version", file=P),
    Case("req-torch-pin", files=needs(base="torch==2.9.1+cu128\ntransformers\n"), at="torch", says="suffix", file=P),
    Case("req-torch-pin", files=needs(base="torch<2.8\ntransformers\n"), at="torch", says="none of them", file=P),
    Case("req-torch-pin", files=needs("torchvision==0.20.1"), at="torchvision", says="write torchvision alone", file=P),
    Case("req-torch-pin", files=needs(base="torch==2.5.1\ntransformers\n"), at="torch", file=P, says="torch",
         targets=(), level="warning"),
    Case("req-names-only", files=needs("git+https://example.com/x.git"), at="git+", says="package name", file=P),
    Case("req-names-only", files=needs("--extra-index-url https://example.com"), at="--extra", says="option", file=P),
    Case("req-names-only", files=needs("x @ https://example.com/x.whl"), at="x @", says="address", file=P),
    Case("req-names-only", files=needs("-e ."), at="-e", says="option", file=P),
    Case("req-names-only", files=needs("./local"), at="./local", says="package name", file=P),
    Case("req-names-only", files={"pre-requirements.txt": "-r other.txt\n"}, at="-r", says="option",
         file="pre-requirements.txt"),
    Case("req-source-cuda", files=needs("flash-attn==2.7.0"), at="flash", says='attn_implementation="sdpa"', file=P),
    Case("req-source-cuda", files=needs("mamba_ssm"), at="mamba", says="remove it", file=P),
    Case("req-covers-imports", ((HEAD, f"import librosa\n{HEAD}"),), at="import librosa", says="add librosa"),
    Case("req-covers-imports", ((HEAD, f"import cv2\n{HEAD}"),), at="import cv2", says="add opencv-python-headless"),
    Case("req-covers-imports", ((BODY, f"    from sklearn import svm\n{BODY}"),), at="sklearn", says="scikit-learn"),
    Case("req-unused", files=needs("faiss-cpu"), at="faiss", says="nothing imports", file=P, level="warning"),
    Case("req-video-export", ((HEAD, f"from diffusers.utils import export_to_video\nexport_to_video([])\n{HEAD}"),),
         needs("diffusers", "imageio"), at="export_to_video([])", says="imageio-ffmpeg"),
    Case("pkg-names", files={K: "ffmpeg\nlibgl1-mesa-glx\n"}, at="libgl1", says="write libgl1", file=K),
    Case("pkg-names", files={K: "# sound\nffmpeg\n"}, at="# sound", says="comments", file=K),
    Case("pkg-names", files={K: "ffmpeg; rm x\n"}, at="ffmpeg", says="names only", file=K),
    Case("app-compiles", ((HEAD, f"type X = int\n{HEAD}"),), at="type X", says="Python 3.10"),
    Case("app-compiles", ((HEAD, f'x = f"{{os.environ["HOME"]}}"\n{HEAD}'),), at='x = f"', says="Python 3.10"),
    Case("app-compiles", ((HEAD, "MODEL_ID = ="),), at="MODEL_ID = =", says="write it in the grammar"),
    Case("app-compiles", ((HEAD, f"import helper\n{HEAD}"),), {"helper.py": "x = (\n"}, at="x = (",
         says="mend or remove",
         file="helper.py"),
    Case("app-spaces-first", (("import spaces\n", ""), ("import torch\n", "import torch\nimport spaces\n")),
         at="import torch", says="move import spaces"),
    Case("app-spaces-first", (("import spaces\n", "import helper\nimport spaces\n"),), {"helper.py": "import torch\n"},
         at="import torch", says="before spaces", file="helper.py"),
    Case("app-spaces-first", (("import spaces\n", ""),), at="import torch", says="spaces is not imported"),
    Case("app-spaces-first", (("import spaces\n", ""), ("import torch\n", "import torch\nimport spaces\n")),
         at="import torch", says="spaces", targets=("fixedgpu",), level="warning"),
    Case("app-gpu-function", ((GPU + "\n", ""),), at="def generate", says="no function is under @spaces.GPU"),
    Case("app-gpu-function", ((GPU, ""), ("def health", "@spaces.GPU\ndef health")), at="def generate",
         says="decorate it"),
    Case("app-gpu-function", ((GPU, ""), (BODY, BODY + "    inner()\n"),
                              ("def health", "@spaces.GPU(duration=5)\ndef inner():\n    pass\n\n\ndef health")),
         at="def generate", says="instead of an inner one", level="warning"),
    Case("app-gpu-not-async", (("def generate", "async def generate"),), at="async def", says="write def"),
    Case("app-gpu-duration", ((GPU, "@spaces.GPU"),), at="@spaces.GPU", says="60 seconds", level="warning"),
    Case("app-gpu-duration", ((GPU, "@spaces.GPU(size='large')"),), at="@spaces", says="60 seconds", level="warning"),
    Case("app-gpu-duration", (("text: str, *args, **kwargs) -> int", "text: str) -> int"),), at="def duration",
         says="*args, **kwargs", level="warning"),
    Case("app-gpu-no-processes", ((BODY, f"    multiprocessing.Pool(2)\n{BODY}"),
         (HEAD, f"import multiprocessing\n{HEAD}")),
         at="Pool(2)", says="use threads"),
    Case("app-gpu-no-processes", ((BODY, f"    torch.utils.data.DataLoader(inputs, num_workers=4)\n{BODY}"),),
         at="DataLoader", says="num_workers=4"),
    Case("app-gpu-returns-cpu", ((RETURN, "return model(**inputs).logits"),), at="return model", says=".cpu()",
         level="warning"),
    Case("app-gpu-returns-cpu", ((RETURN, "x = torch.softmax(model(**inputs).logits, -1)\n    return x[0]"),),
         at="return x", says=".cpu()", level="warning"),
    Case("app-model-at-import",
         ((BODY, f"    model2 = AutoModelForSequenceClassification.from_pretrained(MODEL_ID)\n{BODY}"),),
         at="model2", says="top of the file", level="warning"),
    Case("app-device-string", ((".to(DEVICE)\n\n", ".to(0)\n\n"),), at=".to(0)", says='write "cuda"'),
    Case("app-device-string", ((HEAD, f"from transformers import pipeline\npipeline('fill-mask', device=0)\n{HEAD}"),),
         at="device=0", says='write "cuda"'),
    Case("app-device-string", ((BODY, f"    model.cuda()\n{BODY}"),), at="model.cuda()", says=".to(DEVICE)"),
    Case("app-no-compile", ((HEAD, f"f = torch.compile(print)\n{HEAD}"),), at="torch.compile", says="remove it"),
    Case("app-no-compile", (("def duration", "@torch.compile\ndef duration"),), at="@torch.compile", says="remove",
         targets=(), level="warning"),
    Case("app-revision", (("(MODEL_ID, revision=REVISION, dtype=torch.float32)", "(MODEL_ID, dtype=torch.float32)"),),
         at="model = Auto", says="add revision", level="warning"),
    Case("app-revision", at="tokenizer = Auto", says="is not the one", level="warning", revision="ffff"),
    Case("app-model-id", ((HEAD, 'MODEL_ID = "other/model"'),), at="model = Auto", says="give the loader MODEL_ID"),
    Case("app-no-placeholder", ((RETURN, 'return {"friendly": 1.0}'),), at='return {"friendly"', says="a constant"),
    Case("app-remote-code", ((", revision=REVISION, dtype", ", trust_remote_code=True, dtype"),), at="trust_remote",
         says="remove it"),
    Case("app-launch", (("    demo.queue().launch(show_error=True)", "    print(demo)"),), says="end app.py with"),
    Case("app-launch", ((LAUNCH, "launch(show_error=True)\n    uvicorn.run(demo)"), (HEAD, f"import uvicorn\n{HEAD}")),
         at="uvicorn.run", says="end with demo.launch"),
    Case("app-launch", (("if __name__ == \"__main__\":", "def main():"),), says="nothing launches"),
    Case("app-show-error", ((LAUNCH, "launch()"),), at="launch()", says="add it"),
    Case("app-show-error", ((LAUNCH, "launch(show_error=False)"),), at="launch(", says="add it"),
    Case("app-no-port", ((LAUNCH, "launch(show_error=True, server_port=7860)"),), at="launch", says="remove it"),
    Case("app-no-port", ((LAUNCH, "launch(show_error=True, share=True)"),), at="launch", says="share"),
    Case("app-no-port", ((LAUNCH, 'launch(show_error=True, server_name="0.0.0.0")'),), at="launch", says="server_name"),
    Case("app-no-auth", ((LAUNCH, 'launch(show_error=True, auth=("a", "b"))'),), at="launch", says="remove it"),
    Case("app-endpoint-generate", ((', api_name="generate"', ""),), at="run.click", says='api_name="generate"'),
    Case("app-endpoint-generate", ((CLICK, f"{CLICK}\n    {CLICK.replace('run.click', 'text.submit')}"),),
         at="text.submit", says="second event"),
    Case("app-endpoint-generate", ((CLICK, CLICK[:-1] + ', api_visibility="private")'),), at="run.click",
         says="hidden"),
    Case("app-endpoint-health", ((f"    {API}\n", ""),), says="there is no /health"),
    Case("app-endpoint-health", ((API, 'gr.api(health, api_name="health")'),), at="gr.api", says="queue=False"),
    Case("app-endpoint-health", (("def health() -> dict", "def health()"),), at="def health", says="-> dict"),
    Case("app-signature", (("[text, top_k]", "[text]"),), at="run.click", says="gives 1 inputs"),
    Case("app-signature", (("top_k: int = 3", "top_k: int"),), at="def generate", says="has no default"),
    Case("app-signature", (("text: str, top_k", "text, top_k"),), at="def generate", says="no annotation"),
    Case("app-outputs-rendered", ((f"    {LABEL}\n", ""), ("with gr.Blocks", f"{LABEL}\nwith gr.Blocks")), at=LABEL,
         says="create it inside"),
    Case("app-output-format", ((LABEL, "output = gr.Image()"),), at="gr.Image", says='format="png"', level="warning"),
    Case("app-output-format", ((LABEL, "output = gr.Audio()"),), at="gr.Audio", says='format="wav"', level="warning"),
    Case("app-json-path-key", ((RETURN, 'return {"path": str(scores)}'),), at='"path"', says="rename"),
    Case("app-json-path-key", ((RETURN, 'found = {}\n    found["path"] = str(scores)\n    return found'),),
         at='found["path"]', says="rename"),
    Case("app-tempfile", ((BODY, f'    open("out.txt", "w").write(str(scores))\n{BODY}'),), at="out.txt",
         says="tempfile",
         level="warning"),
    Case("app-gradio6", (("gr.Blocks()", "gr.Blocks(theme=None)"),), at="gr.Blocks(theme", says="launch()"),
    Case("app-gradio6", ((LABEL, "output = gr.Textbox(show_copy_button=True)"),), at="show_copy",
         says='buttons=["copy"]'),
    Case("app-gradio6", ((LABEL, "output = gr.Label()\n    gr.Box()"),), at="gr.Box", says="gr.Group"),
    Case("app-gradio6", ((LABEL, "output = gr.Chatbot(type='messages')"),), at="gr.Chatbot", says="remove it"),
    Case("app-gradio6", (("demo.queue()", "demo.queue(concurrency_count=2)"),), at="concurrency_count",
         says="default_conc"),
    Case("app-gradio6", ((CLICK, CLICK[:-1] + ", show_api=False)"),), at="run.click", says="api_visibility"),
    Case("app-gradio6", ((CLICK, CLICK[:-1] + ", _js='x')"),), at="run.click", says="write js="),
    Case("app-gradio6",
         (("text = gr.Textbox(label=\"Text\")", "text = gr.Textbox(label=\"Text\").style(container=False)"),),
         at=".style(", says="constructor"),
    Case("app-removed-pipeline",
         ((HEAD, f"from transformers import pipeline\npipeline('summarization', 'a/b')\n{HEAD}"),),
         at="summarization", says="AutoModelForSeq2SeqLM"),
    Case("app-removed-pipeline",
         ((HEAD, f"import transformers\ntransformers.pipeline(task='translation_en_to_fr')\n{HEAD}"),),
         at="translation_en", says="load"),
    Case("app-dtype", (("dtype=torch.float32", "torch_dtype=torch.float32"),), at="torch_dtype", says="dtype=",
         level="warning"),
    Case("app-examples-lazy", ((CLICK, f'{CLICK}\n    gr.Examples([["a"]], [text], cache_examples=True)'),),
         at="gr.Examples", says="lazy", level="warning"),
    Case("app-html-escape", ((LABEL, "output = gr.HTML()"), (RETURN, 'return f"<b>{text}</b>"  # {scores}\n')),
         at="return f", says="html.escape"),
    Case("app-state", ((HEAD, f"SEEN = []\n{HEAD}"), (BODY, f"    SEEN.append(text)\n{BODY}")), at="SEEN.append",
         says="gr.State", level="warning"),
    Case("app-state", ((HEAD, f"last = ''\n{HEAD}"), (BODY, f"    last = text\n{BODY}"),
                       ('    """Classify a text."""\n', '    global last\n')), at="    last = text", says="gr.State",
         level="warning"),
    Case("app-secrets", ((HEAD, f'{HEAD}\nTOKEN = "hf_{"a1B2" * 8}"'),), at="TOKEN", says="shape of a token"),
    Case("app-secrets", ((HEAD, f'{HEAD}\nKEY = os.environ["HF_TOKEN"]'),), at="KEY =", says="HF_TOKEN"),
    Case("app-secrets", ((BODY, f"    print(dict(os.environ))\n{BODY}"),), at="dict(os.environ)", says="whole"),
)
# fmt: on
