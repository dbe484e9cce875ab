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
    Case(
        "readme-python",
        files=readme(python_version='"3.11"'),
        at="python_version",
        says='"3.12"',
        file=R,
        targets=("fixedgpu",),
        level="warning",
    ),  # fmt: skip
    Case(
        "readme-short-description", files=readme(short_description="x" * 61), at="short_d", says="60 characters", file=R
    ),
    Case("readme-colors", files=readme(colorFrom="orange"), at="colorFrom", says="must be one of", file=R),
    Case(
        "readme-startup-timeout", at="---", says="startup_duration_timeout: 1h", file=R, weight_gib=20, level="warning"
    ),
    Case("req-builder-owned", files=needs("gradio==6.31.0"), at="gradio", says="remove this line", file=P),
    Case("req-builder-owned", files=needs("huggingface_hub[cli]"), at="huggingface_hub", says="remove this", file=P),
    Case("req-pydantic", files=needs("pydantic==2.10.6"), at="pydantic", says="without a version", file=P),
    Case("req-pydantic", files=needs("Jinja2<3"), at="Jinja2", says="without a version", file=P),
    Case(
        "req-torch-pin", files=needs(base="torch==2.5.1\ntransformers\n"), at="torch", says="without a version", file=P
    ),
    Case("req-torch-pin", files=needs(base="torch==2.9.1+cu128\ntransformers\n"), at="torch", says="suffix", file=P),
    Case("req-torch-pin", files=needs(base="torch<2.8\ntransformers\n"), at="torch", says="none of them", file=P),
    Case("req-torch-pin", files=needs("torchvision==0.20.1"), at="torchvision", says="write torchvision alone", file=P),
    Case(
        "req-torch-pin",
        files=needs(base="torch==2.5.1\ntransformers\n"),
        at="torch",
        file=P,
        says="torch",
        targets=(),
        level="warning",
    ),  # fmt: skip
    Case("req-names-only", files=needs("git+https://example.com/x.git"), at="git+", says="package name", file=P),
    Case("req-names-only", files=needs("--extra-index-url https://example.com"), at="--extra", says="option", file=P),
    Case("req-names-only", files=needs("x @ https://example.com/x.whl"), at="x @", says="address", file=P),
    Case("req-names-only", files=needs("-e ."), at="-e", says="option", file=P),
    Case("req-names-only", files=needs("./local"), at="./local", says="package name", file=P),
    Case(
        "req-names-only",
        files={"pre-requirements.txt": "-r other.txt\n"},
        at="-r",
        says="option",
        file="pre-requirements.txt",
    ),  # fmt: skip
    Case("req-source-cuda", files=needs("flash-attn==2.7.0"), at="flash", says='attn_implementation="sdpa"', file=P),
    Case("req-source-cuda", files=needs("mamba_ssm"), at="mamba", says="remove it", file=P),
    Case("req-covers-imports", ((HEAD, f"import librosa\n{HEAD}"),), at="import librosa", says="add librosa"),
    Case("req-covers-imports", ((HEAD, f"import cv2\n{HEAD}"),), at="import cv2", says="add opencv-python-headless"),
    Case("req-covers-imports", ((BODY, f"    from sklearn import svm\n{BODY}"),), at="sklearn", says="scikit-learn"),
    Case("req-unused", files=needs("faiss-cpu"), at="faiss", says="nothing imports", file=P, level="warning"),
    Case(
        "req-video-export",
        ((HEAD, f"from diffusers.utils import export_to_video\nexport_to_video([])\n{HEAD}"),),
        needs("diffusers", "imageio"),
        at="export_to_video([])",
        says="imageio-ffmpeg",
    ),  # fmt: skip
    Case("pkg-names", files={K: "ffmpeg\nlibgl1-mesa-glx\n"}, at="libgl1", says="write libgl1", file=K),
    Case("pkg-names", files={K: "# sound\nffmpeg\n"}, at="# sound", says="comments", file=K),
    Case("pkg-names", files={K: "ffmpeg; rm x\n"}, at="ffmpeg", says="names only", file=K),
    Case("app-compiles", ((HEAD, f"type X = int\n{HEAD}"),), at="type X", says="Python 3.10"),
    Case("app-compiles", ((HEAD, "MODEL_ID = ="),), at="MODEL_ID = =", says="write it in the grammar"),
    Case(
        "app-compiles",
        ((HEAD, f"import helper\n{HEAD}"),),
        {"helper.py": "x = (\n"},
        at="x = (",
        says="mend or remove",
        file="helper.py",
    ),  # fmt: skip
    Case(
        "app-spaces-first",
        (("import spaces\n", ""), ("import torch\n", "import torch\nimport spaces\n")),
        at="import torch",
        says="move import spaces",
    ),  # fmt: skip
    Case(
        "app-spaces-first",
        (("import spaces\n", "import helper\nimport spaces\n"),),
        {"helper.py": "import torch\n"},
        at="import torch",
        says="before spaces",
        file="helper.py",
    ),  # fmt: skip
    Case("app-spaces-first", (("import spaces\n", ""),), at="import torch", says="spaces is not imported"),
    Case(
        "app-spaces-first",
        (("import spaces\n", ""), ("import torch\n", "import torch\nimport spaces\n")),
        at="import torch",
        says="spaces",
        targets=("fixedgpu",),
        level="warning",
    ),  # fmt: skip
    Case("app-gpu-function", ((GPU + "\n", ""),), at="def generate", says="no function is under @spaces.GPU"),
    Case(
        "app-gpu-function",
        ((GPU, ""), ("def health", "@spaces.GPU\ndef health")),
        at="def generate",
        says="decorate it",
    ),
    Case(
        "app-gpu-function",
        (
            (GPU, ""),
            (BODY, BODY + "    inner()\n"),
            ("def health", "@spaces.GPU(duration=5)\ndef inner():\n    pass\n\n\ndef health"),
        ),
        at="def generate",
        says="instead of an inner one",
        level="warning",
    ),  # fmt: skip
    Case("app-gpu-not-async", (("def generate", "async def generate"),), at="async def", says="write def"),
    Case("app-gpu-duration", ((GPU, "@spaces.GPU"),), at="@spaces.GPU", says="60 seconds", level="warning"),
    Case("app-gpu-duration", ((GPU, "@spaces.GPU(size='large')"),), at="@spaces", says="60 seconds", level="warning"),
    Case(
        "app-gpu-duration",
        (("text: str, *args, **kwargs) -> int", "text: str) -> int"),),
        at="def duration",
        says="*args, **kwargs",
        level="warning",
    ),  # fmt: skip
    Case(
        "app-gpu-no-processes",
        ((BODY, f"    multiprocessing.Pool(2)\n{BODY}"), (HEAD, f"import multiprocessing\n{HEAD}")),
        at="Pool(2)",
        says="use threads",
    ),  # fmt: skip
    Case(
        "app-gpu-no-processes",
        ((BODY, f"    torch.utils.data.DataLoader(inputs, num_workers=4)\n{BODY}"),),
        at="DataLoader",
        says="num_workers=4",
    ),  # fmt: skip
    Case(
        "app-gpu-returns-cpu",
        ((RETURN, "return model(**inputs).logits"),),
        at="return model",
        says=".cpu()",
        level="warning",
    ),  # fmt: skip
    Case(
        "app-gpu-returns-cpu",
        ((RETURN, "x = torch.softmax(model(**inputs).logits, -1)\n    return x[0]"),),
        at="return x",
        says=".cpu()",
        level="warning",
    ),  # fmt: skip
    Case(
        "app-model-at-import",
        (
            (
                BODY,
                f"    AutoTokenizer.from_pretrained(MODEL_ID)\n    model2 = "
                f"AutoModelForSequenceClassification.from_pretrained(MODEL_ID)\n{BODY}",
            ),
        ),
        at="model2",
        says="top of the file",
        level="warning",
    ),  # fmt: skip
    Case("app-device-string", ((".to(DEVICE)\n\n", ".to(0)\n\n"),), at=".to(0)", says='write "cuda"'),
    Case(
        "app-device-string",
        ((HEAD, f"from transformers import pipeline\npipeline('fill-mask', device=0)\n{HEAD}"),),
        at="device=0",
        says='write "cuda"',
    ),  # fmt: skip
    Case("app-device-string", ((BODY, f"    model.cuda()\n{BODY}"),), at="model.cuda()", says=".to(DEVICE)"),
    Case("app-no-compile", ((HEAD, f"f = torch.compile(print)\n{HEAD}"),), at="torch.compile", says="remove it"),
    Case(
        "app-no-compile",
        (("def duration", "@torch.compile\ndef duration"),),
        at="@torch.compile",
        says="remove",
        targets=(),
        level="warning",
    ),  # fmt: skip
    Case(
        "app-revision",
        (("(MODEL_ID, revision=REVISION, dtype=torch.float32)", "(MODEL_ID, dtype=torch.float32)"),),
        at="model = Auto",
        says="add revision",
        level="warning",
    ),  # fmt: skip
    Case("app-revision", at="tokenizer = Auto", says="is not the one", level="warning", revision="ffff"),
    Case("app-model-id", ((HEAD, 'MODEL_ID = "other/model"'),), at="model = Auto", says="give the loader MODEL_ID"),
    Case("app-no-placeholder", ((RETURN, 'return {"friendly": 1.0}'),), at='return {"friendly"', says="a constant"),
    Case(
        "app-remote-code",
        ((", revision=REVISION, dtype", ", trust_remote_code=True, dtype"),),
        at="trust_remote",
        says="remove it",
    ),  # fmt: skip
    Case("app-launch", (("    demo.queue().launch(show_error=True)", "    print(demo)"),), says="end app.py with"),
    Case(
        "app-launch",
        ((LAUNCH, "launch(show_error=True)\n    uvicorn.run(demo)"), (HEAD, f"import uvicorn\n{HEAD}")),
        at="uvicorn.run",
        says="end with demo.launch",
    ),  # fmt: skip
    Case("app-launch", (('if __name__ == "__main__":', "def main():"),), says="nothing launches"),
    Case("app-show-error", ((LAUNCH, "launch()"),), at="launch()", says="add it"),
    Case("app-show-error", ((LAUNCH, "launch(show_error=False)"),), at="launch(", says="add it"),
    Case("app-no-port", ((LAUNCH, "launch(show_error=True, server_port=7860)"),), at="launch", says="remove it"),
    Case("app-no-port", ((LAUNCH, "launch(show_error=True, share=True)"),), at="launch", says="share"),
    Case("app-no-port", ((LAUNCH, 'launch(show_error=True, server_name="0.0.0.0")'),), at="launch", says="server_name"),
    Case("app-no-auth", ((LAUNCH, 'launch(show_error=True, auth=("a", "b"))'),), at="launch", says="remove it"),
    Case("app-endpoint-generate", ((', api_name="generate"', ""),), at="run.click", says='api_name="generate"'),
    Case(
        "app-endpoint-generate",
        ((CLICK, f"{CLICK}\n    {CLICK.replace('run.click', 'text.submit')}"),),
        at="text.submit",
        says="second event",
    ),  # fmt: skip
    Case(
        "app-endpoint-generate", ((CLICK, CLICK[:-1] + ', api_visibility="private")'),), at="run.click", says="hidden"
    ),
    Case("app-endpoint-health", ((f"    {API}\n", ""),), says="there is no /health"),
    Case("app-endpoint-health", ((API, 'gr.api(health, api_name="health")'),), at="gr.api", says="queue=False"),
    Case("app-endpoint-health", (("def health() -> dict", "def health()"),), at="def health", says="-> dict"),
    Case("app-signature", (("[text, top_k]", "[text]"),), at="run.click", says="gives 1 inputs"),
    Case("app-signature", (("top_k: int = 3", "top_k: int"),), at="def generate", says="has no default"),
    Case("app-signature", (("text: str, top_k", "text, top_k"),), at="def generate", says="no annotation"),
    Case(
        "app-outputs-rendered",
        ((f"    {LABEL}\n", ""), ("with gr.Blocks", f"{LABEL}\nwith gr.Blocks")),
        at=LABEL,
        says="create it inside",
    ),  # fmt: skip
    Case("app-output-format", ((LABEL, "output = gr.Image()"),), at="gr.Image", says='format="png"', level="warning"),
    Case("app-output-format", ((LABEL, "output = gr.Audio()"),), at="gr.Audio", says='format="wav"', level="warning"),
    Case("app-json-path-key", ((RETURN, 'return {"path": str(scores)}'),), at='"path"', says="rename"),
    Case(
        "app-json-path-key",
        ((RETURN, 'found = {}\n    found["path"] = str(scores)\n    return found'),),
        at='found["path"]',
        says="rename",
    ),  # fmt: skip
    Case(
        "app-tempfile",
        ((BODY, f'    open("out.txt", "w").write(str(scores))\n{BODY}'),),
        at="out.txt",
        says="tempfile",
        level="warning",
    ),  # fmt: skip
    Case("app-gradio6", (("gr.Blocks()", "gr.Blocks(theme=None)"),), at="gr.Blocks(theme", says="launch()"),
    Case(
        "app-gradio6", ((LABEL, "output = gr.Textbox(show_copy_button=True)"),), at="show_copy", says='buttons=["copy"]'
    ),
    Case("app-gradio6", ((LABEL, "output = gr.Label()\n    gr.Box()"),), at="gr.Box", says="gr.Group"),
    Case("app-gradio6", ((LABEL, "output = gr.Chatbot(type='messages')"),), at="gr.Chatbot", says="remove it"),
    Case(
        "app-gradio6",
        (("demo.queue()", "demo.queue(concurrency_count=2)"),),
        at="concurrency_count",
        says="default_conc",
    ),
    Case("app-gradio6", ((CLICK, CLICK[:-1] + ", show_api=False)"),), at="run.click", says="api_visibility"),
    Case("app-gradio6", ((CLICK, CLICK[:-1] + ", _js='x')"),), at="run.click", says="write js="),
    Case(
        "app-gradio6",
        (('text = gr.Textbox(label="Text")', 'text = gr.Textbox(label="Text").style(container=False)'),),
        at=".style(",
        says="constructor",
    ),  # fmt: skip
    Case(
        "app-removed-pipeline",
        ((HEAD, f"from transformers import pipeline\npipeline('summarization', 'a/b')\n{HEAD}"),),
        at="summarization",
        says="AutoModelForSeq2SeqLM",
    ),  # fmt: skip
    Case(
        "app-removed-pipeline",
        ((HEAD, f"import transformers\ntransformers.pipeline(task='translation_en_to_fr')\n{HEAD}"),),
        at="translation_en",
        says="load",
    ),  # fmt: skip
    Case(
        "app-dtype",
        (("dtype=torch.float32", "torch_dtype=torch.float32"),),
        at="torch_dtype",
        says="dtype=",
        level="warning",
    ),  # fmt: skip
    Case(
        "app-examples-lazy",
        ((CLICK, f'{CLICK}\n    gr.Examples([["a"]], [text], cache_examples=True)'),),
        at="gr.Examples",
        says="lazy",
        level="warning",
    ),  # fmt: skip
    Case(
        "app-html-escape",
        ((LABEL, "output = gr.HTML()"), (RETURN, 'return f"<b>{text}</b>"  # {scores}\n')),
        at="return f",
        says="html.escape",
    ),  # fmt: skip
    Case(
        "app-state",
        ((HEAD, f"SEEN = []\n{HEAD}"), (BODY, f"    SEEN.append(text)\n{BODY}")),
        at="SEEN.append",
        says="gr.State",
        level="warning",
    ),  # fmt: skip
    Case(
        "app-state",
        (
            (HEAD, f"last = ''\n{HEAD}"),
            (BODY, f"    last = text\n{BODY}"),
            ('    """Classify a text."""\n', "    global last\n"),
        ),
        at="    last = text",
        says="gr.State",
        level="warning",
    ),  # fmt: skip
    Case("app-secrets", ((HEAD, f'{HEAD}\nTOKEN = "hf_{"a1B2" * 8}"'),), at="TOKEN", says="shape of a token"),
    Case("app-secrets", ((HEAD, f'{HEAD}\nKEY = os.environ["HF_TOKEN"]'),), at="KEY =", says="HF_TOKEN"),
    Case("app-secrets", ((BODY, f"    print(dict(os.environ))\n{BODY}"),), at="dict(os.environ)", says="whole"),
)

SILENT = (
    Case("readme-front-matter", files=readme(license="mit", models="[owner/model]", emoji='"\\U0001F680"')),
    Case("readme-sdk", files=readme(sdk_version='"6.31.0"')),
    Case("readme-python", files=readme(python_version='"3.10"')),
    Case("readme-short-description", files=readme(short_description="x" * 60)),
    Case("readme-colors", files=readme(colorFrom="purple", colorTo="gray")),
    Case("readme-startup-timeout", files=readme(startup_duration_timeout="1h"), weight_gib=20),
    Case("readme-startup-timeout", weight_gib=9),
    Case("req-builder-owned", files=needs("gradio-imageslider")),
    Case("req-pydantic", files=needs("pydantic", "pydantic-settings==2.1.0")),
    Case("req-torch-pin", files=needs(base="torch==2.9.1\ntorchvision==0.24.1\ntransformers\n")),
    Case("req-torch-pin", files=needs(base="torch>=2.8\ntorchaudio\ntransformers\n")),
    Case("req-names-only", files=needs("# pip install -e .", "timm>=1; python_version > '3.9'  # why")),
    Case("req-source-cuda", files=needs("xformers", "bitsandbytes")),
    Case("req-covers-imports", ((HEAD, f"import numpy, PIL.Image, yaml, requests, tqdm, safetensors\n{HEAD}"),)),
    Case(
        "req-covers-imports",
        ((HEAD, f"try:\n    import flash_attn\nexcept ImportError:\n    flash_attn = None\n{HEAD}"),),
    ),
    Case("req-covers-imports", ((HEAD, f"import cv2\n{HEAD}"),), needs("opencv-python")),
    Case(
        "req-covers-imports",
        ((HEAD, f"from helpers import x\nfrom pack.inner import y\n{HEAD}"),),
        {"helpers.py": "x = 1\n", "pack/inner.py": "y = 1\n"},
    ),  # fmt: skip
    Case("req-unused", files=needs("sentencepiece", "einops", "scipy")),
    Case(
        "req-video-export",
        ((HEAD, f"from diffusers.utils import export_to_video\nexport_to_video([])\n{HEAD}"),),
        needs("diffusers", "imageio[ffmpeg]"),
    ),  # fmt: skip
    Case("pkg-names", files={K: "ffmpeg libgl1\nlibsndfile1\n\nespeak-ng\n"}),
    Case("app-compiles", ((HEAD, f"match 1:\n    case int():\n        pass\n{HEAD}"),)),
    Case("app-spaces-first", (("import spaces\n", "import gradio\nimport numpy\nimport spaces as spaces\n"),)),
    Case("app-spaces-first", (("import spaces\n", "import helper\nimport spaces\n"),), {"helper.py": "import numpy\n"}),
    Case("app-spaces-first", (("import spaces\n", "def f():\n    import torch\n\n\nimport spaces\n"),)),
    Case("app-gpu-function", (("import spaces\n", "from spaces import GPU as on_gpu\n"), (GPU, "@on_gpu(duration=9)"))),
    Case("app-gpu-function", (("import spaces\n", "import spaces\n\nGPU = spaces.GPU(duration=9)\n"), (GPU, "@GPU"))),
    Case("app-gpu-not-async", (("def health", "async def health"),)),
    Case("app-gpu-duration", ((GPU, "@spaces.GPU(duration=30)"),)),
    Case("app-gpu-duration", ((GPU, "@spaces.GPU(duration=lambda text, top_k=3, *a, **k: 5)"),)),
    Case(
        "app-gpu-no-processes",
        (
            (HEAD, f"import multiprocessing\nN = multiprocessing.cpu_count()\n{HEAD}"),
            (BODY, f"    torch.utils.data.DataLoader(inputs, num_workers=0)\n{BODY}"),
        ),
    ),  # fmt: skip
    Case("app-gpu-returns-cpu", ((RETURN, "return model(**inputs).logits.cpu()"),)),
    Case("app-gpu-returns-cpu", ((RETURN, "return torch.softmax(model(**inputs).logits, -1)[0].tolist()"),)),
    Case(
        "app-model-at-import",
        ((HEAD, f"def load():\n    return AutoTokenizer.from_pretrained('owner/model')\n\n\n{HEAD}"),),
    ),
    Case("app-device-string", ((".to(DEVICE)\n\n", '.to("cuda")\n\n'),)),
    Case("app-device-string", ((BODY, f"    inputs.to(torch.float16)\n    torch.cuda.empty_cache()\n{BODY}"),)),
    Case("app-no-compile", ((HEAD, f"import re\nre.compile('x')\n{HEAD}"),)),
    Case("app-revision", revision="0123abcdef"),
    Case("app-model-id", ((HEAD, 'MODEL_ID = os.environ.get("MODEL_ID", "Owner/Model")'),)),
    Case("app-model-id", ((HEAD, 'MODEL_ID = "/".join(["owner", "model"])'),)),
    Case("app-no-placeholder", ((BODY, f"    if not text:\n        return {{}}\n{BODY}"),)),
    Case("app-remote-code", ((", revision=REVISION, dtype", ", trust_remote_code=False, dtype"),)),
    Case(
        "app-launch",
        (
            ("    demo.queue().launch(show_error=True)", "    main()"),
            ("if __name__", "def main():\n    demo.queue()\n    demo.launch(show_error=True)\n\n\nif __name__"),
        ),
    ),
    Case("app-show-error", ((LAUNCH, "launch(**OPTIONS)"), (HEAD, f'OPTIONS = {{"show_error": True}}\n{HEAD}'))),
    Case("app-no-port", ((LAUNCH, "launch(show_error=True, share=False, server_name=None)"),)),
    Case("app-no-auth", ((LAUNCH, "launch(show_error=True, auth=None)"),)),
    Case("app-endpoint-generate", ((CLICK, f"{CLICK}\n    text.submit(generate, [text, top_k], output)"),)),
    Case("app-endpoint-generate", ((CLICK, CLICK.replace('"generate"', "NAME")), (HEAD, f'NAME = "generate"\n{HEAD}'))),
    Case(
        "app-endpoint-generate",
        (
            (
                CLICK,
                '@run.click(inputs=[text, top_k], outputs=output, api_name="generate")\n'
                "    def go(text: str, top_k: int = 3):\n        return generate(text, top_k)",
            ),
        ),
    ),  # fmt: skip
    Case(
        "app-endpoint-health",
        ((f"    {API}\n", ""), ("def health()", '@gr.api(api_name="health", queue=False)\ndef health()')),
    ),
    Case(
        "app-signature", (("top_k: int = 3)", "top_k: int = 3, progress=gr.Progress(), request: gr.Request = None)"),)
    ),
    Case(
        "app-signature", (("[text, top_k]", "INPUTS"), ("    run = gr.B", "    INPUTS = [text, top_k]\n    run = gr.B"))
    ),
    Case(
        "app-outputs-rendered",
        ((f"    {LABEL}\n", "    output.render()\n"), ("with gr.Blocks", f"{LABEL}\nwith gr.Blocks")),
    ),
    Case("app-output-format", ((LABEL, 'output = gr.Image(format="png")'),)),
    Case("app-output-format", (('text = gr.Textbox(label="Text")', "text = gr.Image()"),)),
    Case("app-json-path-key", ((BODY, f'    local = {{"path": 1}}\n{BODY}'),)),
    Case("app-json-path-key", ((RETURN, 'return {"paths": scores, "file": 1}'),)),
    Case(
        "app-tempfile",
        ((BODY, f"    open(tempfile.mktemp(), 'w').write(str(scores))\n    open('labels.txt')\n{BODY}"),),
    ),
    Case(
        "app-gradio6",
        (
            (LAUNCH, "launch(show_error=True, theme=None, css='x')"),
            (LABEL, 'output = gr.Image(sources=["upload"], type="pil")'),
        ),
    ),  # fmt: skip
    Case(
        "app-removed-pipeline",
        ((HEAD, f"from transformers import pipeline\npipeline('text-to-speech', MODEL)\n{HEAD}"),),
    ),
    Case("app-dtype", ((HEAD, f"torch_dtype = torch.float32\n{HEAD}"),)),
    Case(
        "app-examples-lazy",
        ((CLICK, f'{CLICK}\n    gr.Examples([["a"]], [text], cache_examples=True, cache_mode="lazy")'),),
    ),
    Case(
        "app-html-escape",
        (
            (LABEL, "output = gr.HTML()"),
            (HEAD, f"import html\n{HEAD}"),
            (RETURN, 'return f"<b>{html.escape(text)}</b> {max(scores):.2f}"'),
        ),
    ),  # fmt: skip
    Case("app-state", ((BODY, f"    seen = []\n    seen.append(text)\n{BODY}"),)),
    Case(
        "app-secrets",
        (
            (
                HEAD,
                f'{HEAD}\nHOME = os.environ.get("HF_HOME")\nos.environ["TOKENIZERS_PARALLELISM"] = "0"\n'
                'NAME = "hf_hub_download"',
            ),
        ),
    ),  # fmt: skip
)
