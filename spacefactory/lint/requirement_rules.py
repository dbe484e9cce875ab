"""Rules for requirements.txt: what the builder can install, in one resolve with its own list."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from spacefactory.lint.imports import imported_distributions, used_indirectly
from spacefactory.lint.packages_known import (
    BUILDER_DRAGS,
    BUILDER_OWNS,
    CUDA_SOURCE_ONLY,
    TORCH_FAMILY,
    TORCH_PAIRS,
    ZEROGPU_TORCH,
)
from spacefactory.lint.requirement_lines import Line, parse_requirements
from spacefactory.lint.rule import Fault, Rule
from spacefactory.lint.view import View, read_text

FILE = "requirements.txt"


def builder_owned(view: View) -> Iterator[Fault]:
    """Nothing is listed that the builder installs itself, in the version that sdk_version names."""
    for line in view.requirements:
        if line.name in BUILDER_OWNS:
            yield Fault(f"{line.name} comes with the builder and sdk_version; remove this line", line.number)


def dragged_pins(view: View) -> Iterator[Fault]:
    """Nothing is pinned that Gradio itself needs in a version of its own."""
    for line in view.requirements:
        pinned = line.requirement is not None and len(line.requirement.specifier) > 0
        if pinned and line.name in BUILDER_DRAGS:
            yield Fault(
                f"{line.name} must suit the builder's Gradio; write it without a version or not at all", line.number
            )
        elif pinned and line.name == "numpy":
            why = "numpy comes with Gradio; leave its version out unless a package needs an old one"
            yield Fault(why, line.number, level="warning")


def torch_pin(view: View) -> Iterator[Fault]:
    """Torch and its relatives are unpinned, or torch is one of the versions of ZeroGPU."""
    torch = next((line for line in view.requirements if line.name == "torch"), None)
    if torch is not None and (problem := _torch_problem(torch)):
        yield Fault(f"{problem}; write torch without a version", torch.number)
    for line in view.requirements:
        if line.name in TORCH_FAMILY and _exact(line) and not _pairs(line, torch):
            yield Fault(
                f"{line.name} is pinned to a version that torch need not suit; write {line.name} alone", line.number
            )


def names_only(view: View) -> Iterator[Fault]:
    """Lines are names with versions: no address, path or option."""
    for name in (FILE, "pre-requirements.txt"):
        lines = view.requirements if name == FILE else _lines(view, name)
        for line in lines:
            if line.problem:
                yield Fault(f"{line.problem}; write a package name with versions at most", line.number, name)


def source_cuda(view: View) -> Iterator[Fault]:
    """No package that has to be compiled with CUDA, which the builder does not have."""
    for line in view.requirements:
        if line.name in CUDA_SOURCE_ONLY:
            hint = ' and load with attn_implementation="sdpa"' if line.name.startswith("flash-attn") else ""
            yield Fault(f"{line.name} has no wheel and needs CUDA to be built; remove it{hint}", line.number)


def covers_imports(view: View) -> Iterator[Fault]:
    """Every package that is imported is listed, or comes with Gradio or with a listed one."""
    for missing in imported_distributions(view).missing:
        yield Fault(
            f"{missing.module} is imported and nothing in requirements.txt installs it; add {missing.distribution}",
            missing.line,
            missing.file,
            missing.level,
        )


def unused(view: View) -> Iterator[Fault]:
    """Every line is imported somewhere, or is known to be needed by something else."""
    found = imported_distributions(view)
    for line in view.requirements:
        if line.name and line.name not in found.used and not used_indirectly(line.name):
            yield Fault(f"nothing imports {line.name}; remove it unless the model needs it", line.number)


def video_export(view: View) -> Iterator[Fault]:
    """`export_to_video` of diffusers has the two packages that write the file."""
    names = {line.name for line in view.requirements}
    extras = {extra for line in view.requirements if line.name == "imageio" for extra in _extras(line)}
    missing = [name for name in ("imageio", "imageio-ffmpeg") if name not in names]
    if "ffmpeg" in extras:
        missing = [name for name in missing if name != "imageio-ffmpeg"]
    for source in view.sources:
        calls = [one for one in source.calls if source.name(one.func).endswith("export_to_video")]
        foreign = [one for one in calls if source.name(one.func) not in source.by_name]
        if missing and foreign:
            message = (
                f"export_to_video writes with {' and '.join(missing)}; add to requirements.txt: {' '.join(missing)}"
            )
            yield Fault(message, foreign[0].lineno, source.path)


def _lines(view: View, name: str) -> tuple[Line, ...]:
    return parse_requirements(read_text(view.tree.folder, name) or "") if name in view.tree.files else ()


def _extras(line: Line) -> set[str]:
    return set(line.requirement.extras) if line.requirement else set()


def _specifier(line: Line) -> SpecifierSet:
    return line.requirement.specifier if line.requirement else SpecifierSet()


def _exact(line: Line) -> str | None:
    """The version that a line demands, None when it allows more than one."""
    return next((one.version for one in _specifier(line) if one.operator in ("==", "===")), None)


def _torch_problem(line: Line) -> str:
    version = _exact(line)
    if version and "+" in version:
        return f"torch {version} has a suffix, which ZeroGPU refuses"
    if not any(_specifier(line).contains(one) for one in ZEROGPU_TORCH):
        return f"ZeroGPU runs torch {', '.join(ZEROGPU_TORCH)}, and none of them suits {str(line.requirement)[:60]}"
    return ""


def _pairs(line: Line, torch: Line | None) -> bool:
    """Whether a pin of a relative belongs to the pin of torch."""
    mine, other = _minor(_exact(line)), _minor(_exact(torch)) if torch else ""
    return bool(mine and other) and mine == TORCH_PAIRS.get(line.name, {}).get(other, other)


def _minor(version: str | None) -> str:
    try:
        parsed = Version((version or "").replace(".*", ".0"))
    except InvalidVersion:
        return ""
    return f"{parsed.major}.{parsed.minor}" if not parsed.local else ""


RULES = (
    Rule(
        "req-builder-owned",
        builder_owned,
        file=FILE,
        why="the builder's own list and this line can demand two versions of one package, and the build ends",
        mend="remove gradio, gradio_client, spaces and huggingface_hub; sdk_version chooses them",
    ),
    Rule(
        "req-pydantic",
        dragged_pins,
        file=FILE,
        why="Gradio allows a narrow range of these packages, so another pin cannot be resolved",
        mend="write the name without a version, or leave it out",
    ),
    Rule(
        "req-torch-pin",
        torch_pin,
        level="zerogpu",
        file=FILE,
        why="ZeroGPU refuses other versions of torch with a configuration error",
        mend="write torch, torchvision and torchaudio without a version",
    ),
    Rule(
        "req-names-only",
        names_only,
        file=FILE,
        why="an address, a path or an option installs code from anywhere, which the publish gate refuses",
        mend="name packages of the index and versions only, one per line",
    ),
    Rule(
        "req-source-cuda",
        source_cuda,
        file=FILE,
        why="there is no CUDA compiler while a Space is built",
        mend='remove the package; attention runs with attn_implementation="sdpa"',
    ),
    Rule(
        "req-covers-imports",
        covers_imports,
        file=FILE,
        why="the app ends at the import of a package that nothing installed",
        mend="add the distribution that holds the module",
    ),
    Rule(
        "req-unused",
        unused,
        level="warning",
        file=FILE,
        why="a package that nothing needs makes the build slower and can make it fail",
        mend="remove the line",
    ),
    Rule(
        "req-video-export",
        video_export,
        file=FILE,
        why="export_to_video falls back to OpenCV without them, whose files browsers do not play",
        mend="add imageio and imageio-ffmpeg",
    ),
)
