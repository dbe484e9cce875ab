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
_CLONE = re.compile(r"git clone\s+(?:-\S+\s+){0,4}(https?://\S{1,200}|git@\S{1,200})")
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
        elif (script := _SCRIPT.search(command)) and not script.group(1).startswith("setup"):
            yield claim("loader", script.group(1), "shell.custom", 0.4, command, line)
            yield claim("library", "custom", "script", 0.6 if cloned else 0.5, command, line)
    for one in material.document.prose:
        if "pip install" in one.lower and (found := _PIP.search(one.text)):
            yield from _installed(found.group(1), one.text, one.line)


def _installed(packages: str, command: str, line: int) -> Iterator[Claim]:
    for found in list(_PACKAGE.finditer(packages))[:20]:
        if (library := libraries.named(found.group(0))) is not None:
            weak = library == "transformers"
            yield claim("library", library, "install", 0.35 if weak else 0.45, command, line)
