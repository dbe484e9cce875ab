"""What stands in the way of running the model, as sentences, commands and libraries say it.

Each rule is one field `blocker` claim; its value is a `BlockerReason`. A claim counts when its weight reaches 0.5.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacefactory.schema.profile import Claim
from spacefactory_model_card.material import Material, claim

FIELD = "blocker"
_NO_WEIGHTS = re.compile(
    r"(?:weights?|checkpoints?)[^.|]{0,60}?\b(?:are|is|will be|were) (?:not|never) (?:yet )?(?:be )?(?:released|included|available|provided|"
    r"public|published|distributed|shared|hosted here|in this)"
    r"|(?:weights?|checkpoints?)\b[^.|]{0,60}?\b(?:are|is) (?:in|on|at|hosted (?:on|in|at)) (?:the |our )?(?:github|gitlab|google drive)"
    r"|(?:weights?|checkpoints?)\b[^.|]{0,40}?(?:coming soon|to be released|will be released|upon request|on request)"
    r"|no (?:model )?weights (?:are|have been|in this)|does not (?:contain|include) (?:any |the )?(?:model )?(?:weights|checkpoints)"
    r"|without (?:any )?(?:trained |pre-?trained )?(?:weights|checkpoints)\b[^.]{0,20}(?:repo|release|here)"
    r"|mock[- ](?:artifacts|weights|checkpoints)|weights: (?:none|not released|n/a|coming soon)"
)
_FINETUNE = re.compile(
    r"(?:has|have|needs?|must|should|requires?) (?:to )?(?:be )?(?:first )?(?:fine-?tun(?:ed|ing))\b[^.]{0,60}(?:before|useable|usable|downstream|to be used|prior)"
    r"|(?:not|isn't) (?:directly )?(?:usable|useable|useful|intended for (?:direct )?inference)[^.]{0,40}without fine-?tuning"
    r"|(?:head|classifier)[^.]{0,40}randomly initiali[sz]ed[^.]{0,60}fine-?tun"
    r"|only pre-?trained[^.]{0,80}(?:excluding|without)[^.]{0,40}supervised"
)
_KERNELS = re.compile(
    r"\b(?:mamba[-_]ssm|causal[-_]conv1d|diff[-_]gaussian[-_]rasterization|nvdiffrast|pytorch3d|spconv|torchsparse|"
    r"minkowskiengine|apex|tiny-?cuda-?nn|tinycudann|simple-knn|kaolin|natten|deepspeed-kernels|flash-attn-3)\b"
)
_INSTALLS = re.compile(
    r"(?:pip3?|uv pip|conda) install|requirements?\b|\brequired?\b|\bneed(?:s|ed)?\b|\bmust\b|install(?:ed|ing)?\b"
)
_BUILDS = re.compile(
    r"(?:install|build|compile)\w*[^.\n]{0,60}from source|git clone[^\n]{0,80}(?:autogptq|auto-gptq|gptq|kernels?|exllama)|"
    r"build(?:ing)? (?:the )?(?:custom |own )?(?:cuda|triton) (?:kernels?|extensions?)|requires? a custom (?:build|fork)"
)
_DEVICES = re.compile(
    r"\bjetson\b|directml|\bdirectx\b|\bnpu\b|\bascend\b|\bqnn\b|snapdragon|\bhailo\b|\btpu only\b|intel gaudi|inferentia|rknn|rockchip|apple silicon"
)
_KEYS = re.compile(
    r"(?:your|an?|own|get|need|requires?|set|obtain|with)\b[^.\n]{0,40}\b(?:api[ _-]?keys?|auth ?tokens?|authtoken)\b"
    r"|\b(?:OPENAI|ANTHROPIC|COHERE|GEMINI|GOOGLE|REPLICATE|ELEVENLABS|AZURE\w*|DASHSCOPE|NGROK|GROQ|MISTRAL)_(?:API_KEY|API_TOKEN|AUTH_?TOKEN|TOKEN)\b"
    r"|ngrok[^.\n]{0,30}token|token[^.\n]{0,30}ngrok", re.I
)  # fmt: skip
_HUB_KEY = re.compile(
    r"hugging ?face|\bhf_|\bhf token|access token|wandb|\bempty\b|api_?key=\"?(?:empty|none|token-abc|-)", re.I
)
_MANY_GPUS = re.compile(
    r"(?:requires?|required|needs?|needed|at least|minimum(?: of)?|necessary)\b[^.|\n]{0,60}?(?:\b(\d{1,2})\s?[x×*]\s?(?:\d+ ?gb|nvidia|a100|h100|h200|h800|b200|gpus?)"
    r"|\b(?:80|40|141|96)\s?gb\s?[x×*]\s?(\d{1,2})\b|\b(\d{1,2}) (?:nvidia )?(?:\d+ ?gb )?(?:a100|h100|h200|h800|gpus)|multiple gpus|multi-gpu)"
)
_FITS_ONE = re.compile(
    r"(?:fits?|run|runs|running|inference|sequence|prompts?|precision|loaded|deploy\w*)[^.\n]{0,90}\b(?:on|in|to) (?:a |one )?single[^.\n]{0,30}\bgpu"
)
_TRAINING = re.compile(r"train|fine-?tun|pre-?train|sft\b|batch size|learning")
_SIMULATORS = re.compile(
    r"\b(?:libero|isaac ?(?:sim|gym|lab)|mujoco|carla|habitat|maniskill|robosuite|gazebo|calvin|simplerenv|robocasa|unity ml-agents)\b"
)
_CONTAINERS = re.compile(
    r"docker (?:run|pull|compose|build)|nvidia-docker|\bsingularity (?:run|exec|pull)|apptainer|--container-image|nvcr\.io/|enroot"
)
_OTHER_LANGUAGES = frozenset(
    {
        "swift",
        "kotlin",
        "javascript",
        "js",
        "typescript",
        "ts",
        "rust",
        "go",
        "java",
        "csharp",
        "cpp",
        "c++",
        "jsx",
        "tsx",
    }
)
_APPS = re.compile(
    r"\b(?:npm (?:i|install|package)|npm 包|yarn add|pnpm add|web[- ]?sdk|browser|webgpu|wasm|transformers\.js|onnxruntime-web|swift|xcode|ios\b|android|kotlin|unity)\b"
)
_GGML_APP = re.compile(r"\b(?:localai|koboldcpp|lm studio|\w{2,20}\.cpp|ggml)\b")


def read(material: Material) -> Iterator[Claim]:
    """All rules over lines of prose, commands and front matter."""
    python = any(call for call in material.code.calls) or bool(material.code.imports)
    yield from _sentences(material)
    yield from _containers(material, python)
    yield from _languages(material, python)
    yield from _devices(material, python)
    yield from _simulators(material)


def _sentences(material: Material) -> Iterator[Claim]:
    rules = (("no_weights", _NO_WEIGHTS, 0.75), ("not_inference", _FINETUNE, 0.75))
    for one in material.document.prose[:1500]:
        text = one.lower
        for reason, pattern, weight in rules:
            if found := pattern.search(text):
                yield claim(FIELD, reason, "prose", weight, text[max(0, found.start() - 40) :], one.line)
        if (found := _MANY_GPUS.search(text)) and not _TRAINING.search(text) and _several(found):
            yield claim("many_gpus", True, "prose", 0.7, one.text, one.line)
        if found := _FITS_ONE.search(text):
            yield claim("fits_one_gpu", True, "prose", 0.7, text[max(0, found.start() - 60) :], one.line)
    for text, line in _lines(material):
        if _KEYS.search(text) and not _HUB_KEY.search(text):
            yield claim(FIELD, "external_api_key", "prose", 0.65, text, line)
        if (kernel := _KERNELS.search(text.lower())) and _INSTALLS.search(text.lower()):
            yield claim(FIELD, "custom_cuda", "kernels", 0.7, f"{kernel.group(0)}: {text}", line)
        if (
            (found := _BUILDS.search(text.lower()))
            and "transformers" not in text.lower()
            and "diffusers" not in text.lower()
        ):
            kernels = re.search(r"gptq|cuda|kernel|exllama|fork", text.lower())
            yield claim(FIELD, "custom_cuda", "build", 0.65 if kernels else 0.3, text, line)


def _several(found: re.Match[str]) -> bool:
    number = next((one for one in found.groups() if one), None)
    return number is None or int(number) >= 2


def _lines(material: Material) -> Iterator[tuple[str, int]]:
    """Sentences and commands."""
    for one in material.document.prose[:1500]:
        yield one.text, one.line
    yield from material.shell
    for block in material.document.blocks:
        for at, line in enumerate(block.text.split("\n")[:300]):
            if "key" in line.lower() or "token" in line.lower():
                yield line[:300], block.line + at


def _containers(material: Material, python: bool) -> Iterator[Claim]:
    for block in material.document.blocks:
        if found := _CONTAINERS.search(block.text[:8000]):
            loads = any(
                call.name.endswith((".from_pretrained", "pipeline", "from_single_file")) for call in material.code.calls
            )
            yield claim(FIELD, "docker_only", "shell", 0.35 if loads or python else 0.7, found.group(0), block.line)
            return
    for one in material.document.prose[:1500]:
        if not python and _CONTAINERS.search(one.lower):
            yield claim(FIELD, "docker_only", "prose", 0.6, one.text, one.line)
            return


def _languages(material: Material, python: bool) -> Iterator[Claim]:
    if python:
        return
    for block in material.document.blocks:
        if block.language in _OTHER_LANGUAGES:
            yield claim(FIELD, "non_python", "code", 0.75, f"{block.language}: {block.text[:80]}", block.line)
            return
    places = [(heading.text, heading.line) for heading in material.document.headings[:30]]
    places += [(one.text, one.line) for one in material.document.opening(2500)]
    for text, line in places:
        if _APPS.search(text.lower()):
            yield claim(FIELD, "non_python", "prose", 0.6, text, line)
            return
    if "gguf" in material.tags or "ggml" in material.tags or "gguf" in material.card.model.lower():
        yield claim("ggml_app", bool(_GGML_APP.search(material.text)), "tags", 0.6, "gguf")


def _devices(material: Material, python: bool) -> Iterator[Claim]:
    places = [(material.document.title, 1)] + [(one.text, one.line) for one in material.document.opening(1200)]
    places += [(tag, material.front_line("tags") or 1) for tag in material.tags]
    for text, line in places:
        if found := _DEVICES.search(text.lower()):
            yield claim("device", found.group(0), "prose", 0.5 if python else 0.7, text, line)


def _simulators(material: Material) -> Iterator[Claim]:
    for one in (*material.document.opening(2500),):
        if found := _SIMULATORS.search(one.lower):
            yield claim("simulator", found.group(0), "prose", 0.6, one.text, one.line)
            return
