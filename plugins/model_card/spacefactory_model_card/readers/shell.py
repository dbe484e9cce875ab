"""The commands of a card: what is installed, cloned, served or started."""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacefactory.schema.profile import Claim
from spacefactory_model_card import libraries
from spacefactory_model_card.material import Material, claim

READER = "shell"
_PIP = re.compile(r"(?:pip3?|uv pip|conda|mamba) install ([^#;&|]{1,300})")
_PACKAGE = re.compile(r"[A-Za-z][\w.-]{1,60}")
_SCRIPT = re.compile(
    r"(?:^|\s)(?:python3?|bash|sh|accelerate launch|torchrun)\s+(?:-\S+\s+){0,6}([\w./-]{1,100}\.(?:py|sh))\b"
)
_ASIDE = re.compile(
    r"setup|train|fine-?tune|eval|test|convert|export|bench|preprocess|prepare|quanti[sz]e|run_(?:glue|ner|qa|mlm|clm|\w*speech)"
)
"""Scripts that do something else than run the model."""
_CLONE = re.compile(r"git clone\s+(?:-\S+\s+){0,4}(https?://\S{1,200}|git@\S{1,200})")
OPTIONS = {"prompt": "text", "text": "text", "image": "image", "audio": "audio", "video": "video"}
_OPTION = re.compile(rf"\s--({'|'.join(OPTIONS)})(?:_path|-path|_file|-file)?[ =]")
COMMON_PACKAGES = frozenset(name.lower().replace("_", sign) for name in libraries.HELPERS for sign in "_-") | frozenset(
    {
        "opencv-python",
        "opencv-python-headless",
        "pillow",
        "scikit-image",
        "protobuf",
        "flash-attn",
        "huggingface_hub[cli]",
    }
    | {
        "auto-gptq",
        "autoawq",
        "optimum",
        "ninja",
        "packaging",
        "wheel",
        "setuptools",
        "pip",
        "hf_transfer",
        "hf-transfer",
    }
    | {"torchcodec", "peft", "modelscope", "unsloth", "ffmpeg", "blobfile", "gptqmodel", "tf-keras", "tensorflow-cpu"}
)
"""Packages that help around a model."""
STARTERS = (
    ("vllm serve", "vllm", 0.6),
    ("vllm.entrypoints", "vllm", 0.55),
    ("llama-cli", "gguf", 0.6),
    ("llama-server", "gguf", 0.6),
    ("./main -m", "gguf", 0.5),
    ("ollama run", "gguf", 0.4),
    ("mlx_lm.generate", "mlx", 0.7),
    ("mlx_vlm.generate", "mlx", 0.7),
    ("trtllm-build", "tensorrt", 0.6),
    ("trtexec", "tensorrt", 0.7),
    ("python -m rl_zoo3", "stable-baselines3", 0.6),
)
"""Commands that start one library's own program."""


def read(material: Material) -> Iterator[Claim]:
    """Libraries that commands name, and scripts of the model's own repository."""
    cloned = False
    yield from _passed(material)
    for command, line in material.shell:
        for start, library, weight in STARTERS:
            if start in command:
                yield claim("library", library, READER, weight, command, line)
                yield claim("loader", start, f"shell.{library}", 0.5, command, line)
        if found := _PIP.search(command):
            yield from _installed(found.group(1), command, line)
        if (clone := _CLONE.search(command)) and "huggingface.co" not in clone.group(1):
            cloned = True
            yield claim("library", "custom", "clone", 0.4, command, line)
        elif (script := _SCRIPT.search(command)) and not _ASIDE.match(script.group(1).rsplit("/", 1)[-1]):
            yield claim("loader", script.group(1), "shell.custom", 0.4, command, line)
            yield claim("library", "custom", "script", 0.6 if cloned else 0.5, command, line)
    for one in material.document.prose:
        if "pip install" in one.lower and (found := _PIP.search(one.text)):
            yield from _installed(found.group(1), one.text, one.line)


def _passed(material: Material) -> Iterator[Claim]:
    """What scripts are given: `--prompt`, `--image` and the like."""
    for command, line in material.shell:
        if _SCRIPT.search(command):
            for kind in dict.fromkeys(OPTIONS[found.group(1)] for found in _OPTION.finditer(command)):
                yield claim("passes", kind, READER, 0.6, command, line)


def _installed(packages: str, command: str, line: int) -> Iterator[Claim]:
    names = [found.group(0).lower() for found in list(_PACKAGE.finditer(packages))[:20]]
    if all(libraries.named(name) is None and name not in COMMON_PACKAGES for name in names) and ".txt" not in packages:
        yield claim("library", "custom", "own_package", 0.27, command, line)
    for found in list(_PACKAGE.finditer(packages))[:20]:
        if (library := libraries.named(found.group(0))) is not None:
            weak = library == "transformers"
            yield claim("library", library, "install", 0.35 if weak else 0.45, command, line)
