"""What stands in the way of running the model, as sentences, commands and languages of the card say it.

A claim on the field `blocker` has a `BlockerReason` as its value and counts when its strength reaches 0.5. Other fields
(`many_gpus`, `fits_one_gpu`, `device`, `simulator`) are weighed with the rest of the profile in `blockers.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from spacefactory.schema.profile import Claim
from spacefactory_model_card.material import Material, claim, strings
from spacefactory_model_card.python_code import LANGUAGES
from spacefactory_model_card.readers.code import is_loader
from spacefactory_model_card.readers.shell import STARTERS

FIELD = "blocker"
MOST_LINES = 1500


def _any(*phrases: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile("|".join(phrases), flags)


NO_WEIGHTS = _any(
    r"\b(?:weights|checkpoints)\b[^.|]{0,60}?\b(?:are|will be|were) (?:not|never) (?:yet )?(?:be )?"
    r"(?:released|included|available|provided|public|published|distributed|shared|hosted here|in this)",
    r"\b(?:weights|checkpoints)\b[^.|]{0,90}?\bare (?:only |hosted )?(?:in|on|at) (?:the |our )?"
    r"(?:github|gitlab|google drive)",
    r"\b(?:the|our|model|pre-?trained) (?:weights|checkpoints)\b[^.|]{0,40}?"
    r"(?:coming soon|(?:to|will) be released|on request)",
    r"\bno (?:model )?weights (?:are|have been|in this)",
    r"does not (?:contain|include) (?:any |the )?(?:model )?(?:weights|checkpoints)",
    r"\bmock[- ](?:artifacts|weights|checkpoints)",
    r"\bweights: (?:none|not released|n/a|coming soon)",
)
FINE_TUNE_FIRST = _any(
    r"(?:has|have|needs?|must|requires?) (?:to )?(?:be )?(?:first )?fine-?tun(?:ed|ing)\b[^.]{0,60}"
    r"(?:before|useable|usable|downstream|prior)",
    r"should (?:be )?(?:first )?fine-?tun(?:ed|ing)\b[^.]{0,60}(?:before|prior)",
    r"(?:not|isn't) (?:directly )?(?:usable|useable|useful)[^.]{0,40}without fine-?tuning",
    r"only pre-?trained[^.]{0,80}(?:excluding|without)[^.]{0,40}supervised",
)
STATED = (
    ("no_weights", ("weights", "checkpoints"), NO_WEIGHTS),
    ("not_inference", ("tun", "pretrained", "pre-trained"), FINE_TUNE_FIRST),
)
"""Reason, words of which one must be there (so that most lines need no search), and the sentences."""
OTHER_PARTS = re.compile(
    r"\b(?:optimizer|ema|vae|training|teacher|more|other|larger|additional|intermediate|further)\b"
)
KERNELS = _any(
    r"\b(?:mamba[-_]ssm|causal[-_]conv1d|diff[-_]gaussian[-_]rasterization|nvdiffrast|pytorch3d|spconv|torchsparse)\b",
    r"\b(?:minkowskiengine|tiny-?cuda-?nn|tinycudann|simple-knn|kaolin|natten)\b",
)
"""Packages without wheels on the package index, whose kernels are compiled for one GPU and torch."""
INSTALLS = _any(
    r"(?:pip3?|uv pip|conda) install", r"requirements?\b", r"\brequired?\b", r"\bneed", r"\bmust\b", r"install"
)
BUILDS = _any(
    r"(?:install|build|compile)\w*[^.\n]{0,60}from source",
    r"git clone[^\n]{0,80}(?:gptq|kernels?|exllama)",
    r"build(?:ing)? (?:the )?(?:custom |own )?(?:cuda|triton) (?:kernels?|extensions?)",
    r"requires? a custom (?:build|fork)",
)
KERNEL_WORDS = _any("gptq", "cuda", "kernel", "exllama", "fork")
OPTIONAL = _any(
    r"\bif you\b",
    "trouble",
    "problem",
    "optional",
    "alternativ",
    "instead",
    "faster",
    "speed",
    "recommended",
    "can also",
)
DEVICES = _any(
    r"\bjetson\b|directml|\bdirectx\b|\bascend\b|\bqnn\b|snapdragon|\bhailo\b|\btpu only\b|intel gaudi|inferentia",
    r"\brknn\b|rockchip|apple silicon|\bryzen ai\b|\bedge ?tpu\b",
)
KEYS = _any(
    r"(?:your|an?|own|get|need|requires?|set|obtain|with)\b[^.\n]{0,40}\b(?:api[ _-]?keys?|auth ?tokens?)\b",
    r"\b(?:OPENAI|ANTHROPIC|COHERE|GEMINI|GOOGLE|REPLICATE|ELEVENLABS|DASHSCOPE|NGROK|GROQ|MISTRAL|AZURE_OPENAI)_"
    r"(?:API_KEY|API_TOKEN|AUTH_?TOKEN|TOKEN)\b",
    r"ngrok[^.\n]{0,30}token|token[^.\n]{0,30}ngrok",
    flags=re.I,
)
NO_KEY = _any(
    r"\bno (?:api )?key|without (?:an )?api|hugging ?face|\bhf_|\bhf token|access token|wandb|\bempty\b",
    r"api_?key=\"?(?:empty|none|token-abc|-)",
    flags=re.I,
)
"""A token of the Hub, a placeholder for a local server, or a key that is not needed."""
_GPU = r"(?:nvidia )?(?:\d+ ?gb )?(?:a100|h100|h200|h800|b200|gpus)"
MANY_GPUS = _any(
    r"(?:requires?|required|needs?|needed|at least|minimum(?: of)?|necessary)\b[^.|\n]{0,60}?"
    rf"(?:\b(\d{{1,2}})\s?[x*\N{{MULTIPLICATION SIGN}}]?\s?{_GPU}|"
    r"\b(?:80|40|141|96)\s?gb\s?[x*]\s?(\d{1,2})\b|multiple gpus)",
    rf"\b(?:gb ?[x*] ?)?(\d{{1,2}}) ?[x*]? ?{_GPU}[^.|\n]{{0,20}}\b(?:are|is) (?:required|needed|necessary)",
)
FITS_ONE = re.compile(
    r"(?:fits?|run|runs|running|inference|sequence|prompts?|precision|loaded|deploy\w*)[^.\n]{0,90}"
    r"\b(?:on|in|to) (?:a |one )?single[^.\n]{0,30}\bgpu"
)
DOES_NOT_FIT = _any("too large", "cannot", "can't", "not fit", "unable", "fine-?tun", "train")
TRAINING = _any("train", "fine-?tun", r"\bsft\b", "batch size", "learning")
SIMULATORS = _any(
    r"\b(?:libero|isaac ?(?:sim|gym|lab)|mujoco|carla|habitat|maniskill|robosuite|gazebo|calvin|simplerenv|robocasa)\b"
)
CONTAINERS = _any(
    r"\bdocker_image=|docker (?:run|pull|compose|build)|nvidia-docker|\bsingularity (?:run|exec|pull)|apptainer",
    r"--container-image|nvcr\.io/|\benroot\b",
)
OTHER_LANGUAGES = frozenset(
    {"swift", "kotlin", "javascript", "js", "typescript", "ts", "rust", "go", "java", "csharp", "cpp", "c++"}
)
PACKAGES = _any(
    r"\bnpm (?:i|install|package|包)|yarn add|pnpm add|web[- ]?sdk|transformers\.js|onnxruntime-web",
    r"swift package|\bxcode\b",
)
OUTSIDE = frozenset(
    {"whisperkit", "executorch", "litert", "litert-lm", "gemma.cpp", "whisper.cpp", "swift-transformers"}
)
"""Values of `library_name` for programs that have no Python."""
PLATFORMS = _any(r"\b(?:ios|macos|android|swift|kotlin|unity|webgpu|wasm|browser|core ?ml|javascript)\b")


def read(material: Material) -> Iterator[Claim]:
    """All rules over sentences, commands, blocks of code and tags."""
    runs = _runs_in_python(material)
    yield from _sentences(material)
    yield from _builds(material)
    yield from _keys(material, runs)
    yield from _containers(material, runs or _runs_a_clone(material))
    yield from _languages(material)
    yield from _devices(material, runs)
    yield from _simulators(material)


def _runs_in_python(material: Material) -> bool:
    """Whether the card shows a way to run the model by itself: a loader, or a library's own server."""
    commands = (command for command, _ in material.shell)
    return any(is_loader(call) for call in material.code.calls) or any(
        start in command for command in commands for start, _, _ in STARTERS
    )


def _runs_a_clone(material: Material) -> bool:
    """Whether the card clones code and starts one of its Python files, outside any container."""
    clones = any("git clone" in command for command, _ in material.shell)
    starts = any(command.startswith(("python ", "python3 ")) and ".py" in command for command, _ in material.shell)
    return clones and starts


def _sentences(material: Material) -> Iterator[Claim]:
    for one in material.document.prose[:MOST_LINES]:
        text = one.lower
        for reason, words, pattern in STATED:
            if any(word in text for word in words) and (found := pattern.search(text)) and not _of_parts(text, found):
                yield claim(FIELD, reason, "prose", 0.75, text[max(0, found.start() - 40) :], one.line)
        if "gpu" not in text and "00" not in text:
            continue
        if (found := MANY_GPUS.search(text)) and not TRAINING.search(text) and _several(found):
            yield claim("many_gpus", True, "prose", 0.7, one.text, one.line)
        if (found := FITS_ONE.search(text)) and not DOES_NOT_FIT.search(text):
            yield claim("fits_one_gpu", True, "prose", 0.7, text[max(0, found.start() - 60) :], one.line)


def _of_parts(text: str, found: re.Match[str]) -> bool:
    """Whether the sentence is about something beside the model itself, by the words before it."""
    return bool(OTHER_PARTS.search(text[max(0, found.start() - 30) : found.start() + 12]))


def _several(found: re.Match[str]) -> bool:
    number = next((one for one in found.groups() if one), None)
    return number is None or int(number) >= 2


def _builds(material: Material) -> Iterator[Claim]:
    """Kernels and builds that the card demands; what it offers for speed or for trouble is no condition."""
    said = {one.line: one.lower for one in material.document.prose[:MOST_LINES]}
    for written, line in _lines(material):
        text = written.lower()
        if (kernel := KERNELS.search(text)) and INSTALLS.search(text) and not TRAINING.search(text):
            yield claim(FIELD, "custom_cuda", "kernels", 0.7, f"{kernel.group(0)}: {written}", line)
        if (found := BUILDS.search(text)) and "huggingface.co" not in text and KERNEL_WORDS.search(text):
            before = " ".join((text, *(said.get(line - back, "") for back in range(1, 5))))
            weight = 0.3 if OPTIONAL.search(before) else 0.65
            yield claim(FIELD, "custom_cuda", "build", weight, written[max(0, found.start() - 40) :], line)


def _keys(material: Material, runs: bool) -> Iterator[Claim]:
    for text, line in _lines(material):
        if _about_keys(text) and KEYS.search(text) and not NO_KEY.search(text):
            yield claim(FIELD, "external_api_key", "prose", 0.35 if runs else 0.65, text, line)


def _lines(material: Material) -> Iterator[tuple[str, int]]:
    """Sentences, commands, and lines of code about keys."""
    for one in material.document.prose[:MOST_LINES]:
        yield one.text, one.line
    yield from material.shell
    for block in material.document.blocks:
        for at, line in enumerate(block.text.split("\n")[:300]):
            if _about_keys(line):
                yield line[:300], block.line + at


def _about_keys(text: str) -> bool:
    return "key" in text.lower() or "token" in text.lower()


def _containers(material: Material, runs: bool) -> Iterator[Claim]:
    for block in material.document.blocks:
        if block.language not in LANGUAGES and (found := CONTAINERS.search(block.text[:8000].lower())):
            yield claim(FIELD, "docker_only", "shell", 0.35 if runs else 0.7, found.group(0), block.line)
            return
    for one in material.document.prose[:MOST_LINES]:
        if not runs and CONTAINERS.search(one.lower):
            yield claim(FIELD, "docker_only", "prose", 0.6, one.text, one.line)
            return


def _languages(material: Material) -> Iterator[Claim]:
    """Code, packages or platforms of other languages, in a card that shows no Python."""
    if material.code.imports or material.code.calls:
        return
    for name in strings(material.front.get("library_name")):
        if name in OUTSIDE:
            yield claim(
                FIELD, "non_python", "library_name", 0.8, f"library_name: {name}", material.front_line("library_name")
            )
            return
    for block in material.document.blocks:
        if block.language in OTHER_LANGUAGES:
            yield claim(FIELD, "non_python", "code", 0.75, f"{block.language}: {block.text[:80]}", block.line)
            return
    places = [(heading.text, heading.line) for heading in material.document.headings[:2]]
    places += [(tag, material.front_line("tags") or 1) for tag in material.tags]
    said = [(one.text, one.line) for one in material.document.opening(2500)]
    for text, line in (*places, *said):
        if PACKAGES.search(text.lower()) or ((text, line) in places and PLATFORMS.search(text.lower())):
            yield claim(FIELD, "non_python", "prose", 0.6, text, line)
            return


def _devices(material: Material, runs: bool) -> Iterator[Claim]:
    """Hardware that no common Space has."""
    places = [(heading.text, heading.line) for heading in material.document.headings[:1]]
    places += [(one.text, one.line) for one in material.document.opening(1200)]
    places += [(tag, material.front_line("tags") or 1) for tag in material.tags]
    for text, line in places:
        found = DEVICES.search(text.lower())
        if found and not re.search(r"\bcpu|cuda", text.lower()):  # one device among others is no condition
            yield claim("device", found.group(0), "prose", 0.5 if runs else 0.7, text, line)


def _simulators(material: Material) -> Iterator[Claim]:
    for one in material.document.opening(2500):
        if found := SIMULATORS.search(one.lower):
            yield claim("simulator", found.group(0), "prose", 0.6, one.text, one.line)
            return
