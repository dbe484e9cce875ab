"""The main job for every task: a tiny model with a card becomes a running app whose outputs decode, and a verdict.

Real environments with torch, real confined apps, real calls. One data folder serves all of it, so that each environment
is made once and a build costs little more than the app's own start.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from spacefactory import confine
from spacefactory.testing import absent, needs
from spacefactory.testing.fixtures import Ran, call, share_environments, stop_spaces
from spacefactory.testing.models import TASKS
from tests.plugins.local_apps import needs_index

pytestmark = [
    pytest.mark.torch,
    pytest.mark.slow,
    pytest.mark.xdist_group("tiny-builds"),
]
SUCCESS, CANDIDATE = ("full_inference_success", 0), ("candidate", 3)


@dataclass(frozen=True)
class Ends:
    """How a build ends, and what its outputs are."""

    status: tuple[str, int]
    level: str
    output: str


KNOWING, LIVE = "reference", "responsive"
EXPECTED = {
    "text-classification": Ends(SUCCESS, KNOWING, "json"),
    "fill-mask": Ends(SUCCESS, LIVE, "json"),
    "text-generation": Ends(SUCCESS, KNOWING, "text"),
    "text-generation-chat": Ends(SUCCESS, KNOWING, "text"),
    "feature-extraction": Ends(SUCCESS, LIVE, "json"),
    "sentence-embedding": Ends(SUCCESS, LIVE, "json"),
    "onnx-text-classification": Ends(SUCCESS, KNOWING, "json"),
    "onnx-feature-extraction": Ends(SUCCESS, LIVE, "json"),
    "image-classification": Ends(SUCCESS, KNOWING, "json"),
    "image-segmentation": Ends(SUCCESS, LIVE, "image"),
    "depth-estimation": Ends(SUCCESS, LIVE, "image"),
    "object-detection": Ends(SUCCESS, LIVE, "json"),
    "automatic-speech-recognition": Ends(SUCCESS, KNOWING, "text"),
    # Random weights write, speak, draw and film noise, and the verdict says so: running and typed, proof of nothing.
    "text-generation-random": Ends(CANDIDATE, "typed", "text"),
    "text-to-speech": Ends(CANDIDATE, "typed", "audio"),
    "text-to-image": Ends(CANDIDATE, "typed", "image"),
    "image-to-image": Ends(CANDIDATE, "typed", "image"),
    "text-to-video": Ends(CANDIDATE, "typed", "video"),
}


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One data folder for all builds."""
    if reason := confine.available():
        absent(f"this machine cannot confine an app: {reason}")
    folder = share_environments(tmp_path_factory.mktemp("tiny-builds"), tmp_path_factory)
    needs_index(folder / "index")
    yield folder
    stop_spaces(folder)


def _command(home: Path, *words: str | Path) -> Ran:
    """A command with this data folder; find-links for a torch without CUDA are passed on as the user has them."""
    links = os.environ.get("UV_FIND_LINKS") or os.environ.get("PIP_FIND_LINKS") or ""
    return call(*words, env={"SPACEFACTORY_HOME": str(home), **({"UV_FIND_LINKS": links} if links else {})})


def _decoded(kind: str, path: Path) -> tuple[int, ...]:
    """Decode a file without our own judges; the sizes of what is in it."""
    if kind == "image":
        from PIL import Image

        with Image.open(path) as image:
            image.load()
            return image.size
    if kind == "audio":
        import soundfile  # type: ignore[import-untyped]

        samples, rate = soundfile.read(path)
        return len(samples), rate
    import av

    with av.open(str(path)) as file:
        frames = [frame.to_ndarray(format="rgb24") for frame in file.decode(video=0)]
    return len(frames), *frames[0].shape[:2]


def _check_outputs(ends: Ends, result: dict[str, Any]) -> None:
    """Every answer is there and is what the task gives."""
    assert len(result["answers"]) >= 2
    folder = Path(result["report"]).parent
    for answer in result["answers"]:
        if ends.output in ("image", "audio", "video"):
            assert min(_decoded(ends.output, folder / answer["artifact"])) > 1
        else:
            assert answer["output"] not in (None, "", [], {})


@pytest.mark.parametrize("name", EXPECTED)
def test_build(name: str, home: Path, tiny_model: Callable[[str], Path]) -> None:
    needs("soundfile", "av", "PIL")
    ends = EXPECTED[name]
    ran = _command(home, "build", tiny_model(name), "--json")
    assert ran.stdout.strip(), ran.stderr
    result = ran.json()
    failed = [check for check in result.get("checks", []) if check["passed"] is not True]
    told = (result.get("blocker"), result.get("error"), failed)
    try:
        assert ((result.get("status"), ran.code), result.get("level")) == (ends.status, ends.level), told
        assert result["model"] == name
        checks = {check["name"]: check["passed"] for check in result["checks"]}
        assert checks["model.named"] is True
        assert checks["model.parameters"] is True
        assert checks["output.type"] is True
        _check_outputs(ends, result)
        noise = [check["name"] for check in result["checks"] if check["noise"]]
        assert bool(noise) == (ends.status == CANDIDATE), told
    finally:
        if space := result.get("space"):
            _command(home, "spaces", "delete", space["id"], "--yes")
    assert _command(home, "spaces", "list", "--json").json()["spaces"] == []


def test_every_task_of_the_template_families_is_built() -> None:
    built = {TASKS[name].task for name in EXPECTED}
    assert built >= {
        *("image-classification", "text-classification", "text-generation", "fill-mask", "feature-extraction"),
        *("text-to-image", "image-to-image", "automatic-speech-recognition", "text-to-speech", "text-to-video"),
        *("image-segmentation", "depth-estimation", "object-detection"),
    }
    assert {TASKS[name].library for name in EXPECTED} == {"transformers", "diffusers", "sentence-transformers", "onnx"}
