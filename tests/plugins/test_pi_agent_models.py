"""Tiny models of many kinds through the real Pi: at once, after a repair by rule, after a repair by the agent."""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from spacefactory.testing.fixtures import Ran, call, share_environments, stop_spaces
from spacefactory.testing.scripted_model import ScriptedModel, script
from tests.plugins.local_apps import needs_index
from tests.plugins.pi_bench import bash, cli

pytestmark = [pytest.mark.torch, pytest.mark.slow, pytest.mark.xdist_group("pi-models")]
DRAFT = "cp -r .cache/draft/. ."
DONE = {"say": ["Done."]}
RAISE = 'raise RuntimeError("out of order")'
SCRIPTS = {
    "good": script([bash(DRAFT), DONE]),
    "rule": script([bash(f"{DRAFT} && : > requirements.txt && sed -i 's/show_error=True/share=True/' app.py"), DONE]),
    "agent": script(
        [
            bash(f"{DRAFT} && sed -i 's/^if __name__ == .*/&\\n    {RAISE}/' app.py"),
            DONE,
            bash("sed -i '/out of order/d' app.py"),
            {"say": ["Mended."]},
        ]
    ),
}
MODELS = [
    ("onnx-text-classification", "good", "json"),
    ("text-generation", "good", "text"),
    ("text-to-image-clouds", "good", "image"),
    ("fill-mask", "rule", "json"),
    ("image-segmentation", "rule", "image"),
    ("automatic-speech-recognition", "rule", "text"),
    ("depth-estimation", "agent", "image"),
    ("text-to-speech-voice", "agent", "audio"),
    ("text-to-video-clouds", "agent", "video"),
]
"""Model, what the scripted agent does, what comes out of the app."""
REQUESTS = {"good": 2, "rule": 2, "agent": 4}
"""to the coding model; a rule mends without one"""


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """One data folder for all builds, so that environments are made once."""
    folder = share_environments(tmp_path_factory.mktemp("pi-models"), tmp_path_factory)
    needs_index(folder / "index")
    yield folder
    stop_spaces(folder)


def build(home: Path, pi: Path, url: str, folder: Path) -> Ran:
    links = os.environ.get("UV_FIND_LINKS") or os.environ.get("PIP_FIND_LINKS") or ""
    env = {"SPACEFACTORY_HOME": str(home), "SPACEFACTORY_PLUGIN__PI_AGENT__CLI": str(pi)}
    words = ("build", folder, "--agent", "pi", "--base-url", url, "--json")
    return call(*words, env={**env, **({"UV_FIND_LINKS": links} if links else {})})


def test_every_kind_of_output_and_of_repair_is_among_them() -> None:
    assert {output for _, _, output in MODELS} == {"text", "image", "audio", "video", "json"}
    assert min(Counter(does for _, does, _ in MODELS).values()) >= 3


@pytest.mark.parametrize(("name", "does", "output"), MODELS)
def test_a_tiny_model_becomes_a_proven_app(
    request: pytest.FixtureRequest, home: Path, tiny_model: Callable[[str], Path], name: str, does: str, output: str
) -> None:
    pi, folder = cli(request.config), tiny_model(name)
    with ScriptedModel(SCRIPTS) as model:
        done = build(home, pi, model.base_url(does), folder)
        asked = len(model.requests)
    result = done.json()
    stop_spaces(home)
    assert (done.code, result["status"]) == (0, "full_inference_success"), done.stderr
    assert asked == REQUESTS[does]
    record = Path(result["report"]).parent
    assert (record / "tests" / "rounds" / "1.diff").is_file() == (does != "good")
    calls = json.loads((record / "tests" / "calls.json").read_text())["calls"]
    assert len(calls) >= 2
    assert {one["output_type"] for call in calls for one in call["outputs"]} == {output}
