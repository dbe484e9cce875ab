"""Records of runs for the pictures of the orchestrator's pages, written as the engine writes them."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from spacefactory.record.files import write_json
from spacefactory.record.journal import Journal
from spacefactory.schema.event import EventType
from spacefactory.schema.run import Answer, RunResult, SpaceLink
from spacefactory.schema.status import Blocker, BlockerReason, Level, Status
from spacefactory.schema.verdict import Check, Latency
from spacefactory.settings import Settings
from tests import ui_records

MODEL = "acme/tiny-painter"
SLOW = ("generate", "boot", "validate")
STEPS = {
    "resolve": "acme/tiny-painter at 1c3b01b4dad2",
    "analyze": "text-to-image, diffusers",
    "preflight": "12 of 12 checks passed",
    "generate": "3 files from the text-to-image template",
    "lint": "4 files, 0 warnings",
    "publish": "sf-tiny-painter holds 4 files",
    "boot": "the app is up",
    "health": "model acme/tiny-painter, device cpu",
    "validate": "3 calls, each with a picture of its own",
}
PROMPTS = ("a red boat on a calm sea", "green hills at noon", "a violet evening")
SKIES = (("#f4b183", "#1f4e79", "#c0392b"), ("#9fd3f5", "#4f8f3a", "#f7e07a"), ("#5b4b8a", "#2a2146", "#e0b0ff"))
APP = """import gradio as gr
from diffusers import DiffusionPipeline

pipeline = DiffusionPipeline.from_pretrained("acme/tiny-painter")


def generate(prompt: str, seed: int = 0):
    return pipeline(prompt, num_inference_steps=20).images[0]
"""
DIFF = """--- app.py
+++ app.py
@@ -9,3 +9,3 @@
-    return pipeline(prompt).images
+    return pipeline(prompt, num_inference_steps=20).images[0]
"""


def several(settings: Settings) -> None:
    """Runs for the list."""
    for name, status in (
        ("acme/whisper-mini", Status.FULL_INFERENCE_SUCCESS),
        ("acme/large-video", Status.MANUAL_HARDWARE_REQUIRED),
        ("acme/random-weights", Status.CANDIDATE),
        ("acme/gated-model", Status.TECHNICAL_BLOCKER),
        ("acme/summaries", Status.CANCELLED),
    ):
        _, journal = ui_records.begun(settings, name)
        with journal:
            _through(journal, "preflight", name)
            _end(journal, status, name)


def proven(settings: Settings) -> str:
    """A run that succeeded, with the pictures that its app made, after one repair."""
    run_id, journal = ui_records.begun(settings, MODEL)
    with journal:
        folder = journal.path.parent
        _through(journal, "validate")
        (folder / "generated" / "app.py").write_text(APP, encoding="utf-8")
        (folder / "traces" / "round-1.diff").write_text(DIFF, encoding="utf-8")
        answers = tuple(_answer(folder, at) for at in range(3))
        checks = [
            ("image.decodes", "3 of 3 decode, 192 x 192"),
            ("image.alive", "none is blank, and none is noise"),
            ("responsive.differs", "different prompts gave different pictures"),
            ("responsive.repeats", "the same prompt and seed gave the same picture"),
        ]
        _end(journal, Status.FULL_INFERENCE_SUCCESS, MODEL, answers, checks)
    return run_id


def failed(settings: Settings) -> str:
    """A run that was blocked while its app started."""
    run_id, journal = ui_records.begun(settings, "acme/too-large")
    with journal:
        _through(journal, "publish", "acme/too-large")
        journal.append(EventType.STEP_INTENT, step="boot", round=0, attempt=1)
        summary = "the app did not come up: it asked for 38 GiB and the machine has 16 GiB"
        journal.append(EventType.STEP_FAILED, step="boot", round=0, failure={"step": "boot", "summary": summary})
        blocker = Blocker(
            reason=BlockerReason.TOO_LARGE,
            detail=summary,
            next_action="Build on larger hardware, or a smaller model.",
        )
        _end(journal, Status.TECHNICAL_BLOCKER, "acme/too-large", blocker=blocker)
    return run_id


@contextmanager
def live(settings: Settings) -> Iterator[str]:
    """A run that this process works on."""
    run_id, journal = ui_records.begun(settings, MODEL)
    with journal:
        _through(journal, "publish")
        (journal.path.parent / "generated" / "app.py").write_text(APP, encoding="utf-8")
        journal.append(EventType.STEP_INTENT, step="boot", round=0, attempt=1)
        for line in ("environment: 77 packages installed in 7.2 s", "starting app.py", "loading the weights: 60 %"):
            journal.append(EventType.STEP_PROGRESS, line=line)
        ui_records.saved(journal.path.parent, journal)
        yield run_id


def _through(journal: Journal, last: str, model: str = MODEL) -> None:
    for name, words in STEPS.items():
        line = words.replace(MODEL, model).replace("tiny-painter", model.rpartition("/")[2])
        space: dict[str, JsonValue] | None = (
            {"space_id": "sf-tiny-painter", "url": "", "settings_url": ""} if name == "publish" else None
        )
        journal.append(EventType.STEP_INTENT, step=name, round=0, attempt=1)
        time.sleep(0.1 + 0.03 * len(line) * (name in SLOW))
        journal.append(EventType.STEP_PROGRESS, line=line)
        journal.append(EventType.STEP_DONE, step=name, round=0, result=space or {})
        if name == last:
            return


def _answer(folder: Path, at: int) -> Answer:
    path = f"artifacts/picture-{at + 1}.png"
    _paint(folder / path, SKIES[at])
    return Answer(case=f"case {at + 1}", input={"prompt": PROMPTS[at]}, output=path, artifact=path)


def _paint(path: Path, colours: tuple[str, str, str]) -> None:
    """A small landscape."""
    from PIL import Image, ImageDraw

    sky, ground, thing = colours
    picture = Image.new("RGB", (192, 192), sky)
    pen = ImageDraw.Draw(picture)
    pen.ellipse((120, 24, 168, 72), fill="#fff3c4")
    pen.polygon([(0, 192), (0, 120), (60, 96), (130, 128), (192, 104), (192, 192)], fill=ground)
    pen.polygon([(50, 150), (110, 150), (98, 168), (62, 168)], fill=thing)
    picture.save(path)


def _end(
    journal: Journal,
    status: Status,
    reference: str,
    answers: tuple[Answer, ...] = (),
    checks: list[tuple[str, str]] | None = None,
    blocker: Blocker | None = None,
) -> None:
    folder, good = journal.path.parent, status is Status.FULL_INFERENCE_SUCCESS
    result = RunResult(
        run_id=folder.name,
        kind="build",
        reference=reference,
        status=status,
        level=Level.RESPONSIVE if good else Level.GENERATED,
        checks=tuple(Check(name=name, passed=True, detail=detail) for name, detail in checks or ()),
        answers=answers,
        space=SpaceLink(id="sf-tiny-painter", url="", settings_url=""),
        blocker=blocker,
        latency=Latency(cold_s=4.1, warm_s=1.62, calls=3) if answers else Latency(),
        recommended_duration_s=30 if answers else None,
        duration_arithmetic="4.1 s for the first call, times 2, plus 20 s to spare" if answers else "",
        seconds=141.0,
    )
    facts: dict[str, Any] = {"status": status, "level": result.level, "result": result.as_json()}
    journal.append(EventType.RUN_CONCLUDED, blocker=blocker.as_json() if blocker else None, **facts)
    (folder / "report.md").write_text(f"# {reference}\n", encoding="utf-8")
    write_json(folder / "report.json", result.as_json())
    ui_records.saved(folder, journal)
