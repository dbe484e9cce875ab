"""report.html: shows and plays what came back, in a real browser, without asking for anything."""

from __future__ import annotations

import json
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from spacefactory.record.report_media import LARGEST, Embedder, media_type, safe
from spacefactory.record.report_page import render_page
from spacefactory.schema.run import Answer, RunResult, SpaceLink
from spacefactory.schema.status import Blocker, BlockerReason, Level, Status
from spacefactory.schema.verdict import Check, Latency
from tests import media_made as media
from tests.ui_site import browser

HOSTILE = "</pre><script>document.title='taken'</script><img src=x onerror=alert(1)>\u202e\x1b[31m \"'&"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as found:
        yield found


def result(**changes: object) -> RunResult:
    facts: dict[str, object] = {
        "run_id": "01JZZZZZZZZZZZZZZZZZZZZZZZ",
        "kind": "validate",
        "reference": "owner/space",
        "model": "owner/a-model-with-a-long-name",
        "status": Status.FULL_INFERENCE_SUCCESS,
        "level": Level.RESPONSIVE,
        "checks": (
            Check(name="image.decodes", passed=True, detail="every pixel of 256x256 decodes", level=Level.TYPED),
            Check(
                name="image.not_noise", passed=False, detail=HOSTILE, level=Level.ALIVE, measured=0.02, threshold=0.65
            ),
            Check(name="model.named", passed=None, detail="the app does not say which model it holds"),
        ),
        "endpoint": "/generate",
        "space": SpaceLink(id="owner/space", url="http://127.0.0.1:7860"),
        "latency": Latency(cold_s=1.5, warm_s=0.25, calls=6),
        "recommended_duration_s": 10,
        "duration_arithmetic": "1.4 x 7 s",
        "seconds": 12.5,
        "notes": (HOSTILE,),
    }
    return RunResult.model_validate(facts | changes)


FILES: dict[str, Any] = {
    "artifacts/picture.png": lambda: media.encoded(Image.fromarray(media.picture()), "PNG"),
    "artifacts/photo.jpg": lambda: media.encoded(Image.fromarray(media.picture()), "JPEG"),
    "artifacts/sound.wav": lambda: media.sound_file(media.tune(), "WAV"),
    "artifacts/sound.mp3": lambda: media.sound_file(media.tune(), "MP3"),
    "artifacts/sound.ogg": lambda: media.sound_file(media.tune(), "OGG"),
    "artifacts/film.mp4": lambda: media.film(media.moving(24)),
    "artifacts/film.webm": lambda: media.film(media.moving(24), "webm", "libvpx"),
    "artifacts/page.png": lambda: b"<script>document.title='taken'</script>",
    "artifacts/drawing.svg": lambda: b'<svg xmlns="http://www.w3.org/2000/svg" onload="document.title=1"/>',
    "artifacts/table.csv": lambda: b"name,count\nowl,3\n",
    "tests/inputs/sample-image-1.png": lambda: media.encoded(Image.fromarray(media.picture(128)), "PNG"),
}


def recorded(folder: Path) -> Path:
    """A run's folder with one call per kind of answer, one that failed, and files of all kinds."""
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content())
    kinds = {".png": "image", ".jpg": "image", ".wav": "audio", ".mp3": "audio", ".ogg": "audio"}
    kinds |= {".mp4": "video", ".webm": "video", ".svg": "image", ".csv": "text"}
    outputs = [
        {"output_type": kinds[Path(name).suffix], "path": name} for name in FILES if name.startswith("artifacts")
    ]
    picture: dict[str, Any] = {"image": "tests/inputs/sample-image-1.png"}
    calls = [
        _call("typical", {"prompt": "A lighthouse at dusk", "seed": 7}, outputs[:2]),
        _call("other-input", picture, outputs[2:5], files=["image"]),
        _call("again", {"prompt": "A lighthouse at dusk"}, outputs[5:7]),
        _call("texts", {"prompt": HOSTILE}, [{"output_type": "text", "value": HOSTILE}, *outputs[7:]]),
        _call(
            "data", {"prompt": "x"}, [{"output_type": "json", "value": {"label": "cat", "score": 0.9, "box": [1, 2]}}]
        ),
        {**_call("broken", {"prompt": "y"}, []), "error": f"AppError | Error | {HOSTILE}"},
    ]
    (folder / "tests" / "calls.json").write_text(json.dumps({"schema_version": 1, "calls": calls}))
    return folder


def _call(name: str, inputs: dict[str, Any], outputs: list[Any], files: list[str] | None = None) -> dict[str, Any]:
    case = {"id": name, "inputs": inputs, "files": files or [], "purpose": "typical", "expected": None}
    return {"case": case, "endpoint": "/generate", "seconds": 1.25, "cold": name == "typical", "outputs": outputs}


STATE = """() => ({
  pictures: [...document.images].map(one => [one.alt, one.complete && one.naturalWidth]),
  players: [...document.querySelectorAll('audio,video')].map(one => [one.readyState, one.duration, !!one.error]),
  scripts: document.scripts.length, wide: document.documentElement.scrollWidth - innerWidth,
})"""
SCREENS: dict[str, dict[str, Any]] = {
    "wide": {"viewport": {"width": 1280, "height": 900}},
    "telephone": {"viewport": {"width": 360, "height": 740}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1100, "height": 900}, "color_scheme": "dark"},
}


@pytest.mark.parametrize("screen", sorted(SCREENS))
def test_a_browser_shows_and_plays_it_and_asks_for_nothing(chromium: Any, screen: str, tmp_path: Path) -> None:
    path = recorded(tmp_path) / "report.html"
    path.write_text(render_page(result(), [], tmp_path), encoding="utf-8")
    context = chromium.new_context(offline=True, **SCREENS[screen])
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(path.as_uri())
    page.wait_for_function(
        "[...document.querySelectorAll('audio,video')].every(one => one.readyState > 1 || one.error)"
    )
    found = page.evaluate(STATE)
    page.screenshot(path=str(tmp_path / f"{screen}.png"), full_page=True)
    assert [url for url in asked if not url.startswith("data:")] == [path.as_uri()]
    assert len(found["pictures"]) == 3 and all(width > 0 for _, width in found["pictures"])
    assert len(found["players"]) == 5
    assert all(state > 1 and seconds > 1 and not error for state, seconds, error in found["players"])
    assert found["scripts"] == 0 and page.title().startswith("owner/a-model")
    assert found["wide"] <= 0
    context.close()


def test_untrusted_words_are_only_words(tmp_path: Path) -> None:
    blocker = Blocker(reason=BlockerReason.WRONG_OUTPUT, detail=HOSTILE, next_action=HOSTILE)
    hostile = SpaceLink(id=HOSTILE, url=f"javascript:{HOSTILE}")
    answers = (Answer(case=HOSTILE, input=HOSTILE, output=HOSTILE, artifact="../../secret"),)
    text = render_page(
        result(model=HOSTILE, blocker=blocker, space=hostile, answers=answers, endpoint=HOSTILE, agent=HOSTILE),
        [],
        tmp_path,
    )
    assert "<script" not in text and "<img" not in text and "href" not in text
    assert "\x1b" not in text and "\u202e" not in text
    recorded(tmp_path)
    text = render_page(result(), [], tmp_path)
    assert text.count("<script") == 0 and "onerror=alert(1)>" not in text


def test_what_a_report_says(tmp_path: Path) -> None:
    text = render_page(result(), [], recorded(tmp_path))
    for words in (
        "full inference success",
        "/generate",
        "image.not_noise",
        "0.02",
        "0.65",
        "not known",
        "A lighthouse",
    ):
        assert words in text
    for words in (
        "http://127.0.0.1:7860",
        "later ones 0.25 s",
        "AppError",
        "name,count",
        "1.4 x 7 s",
        "&quot;cat&quot;",
    ):
        assert words in text


def test_large_files_and_files_elsewhere_stay_out(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir()
    (tmp_path / "secret.txt").write_text("secret words")
    (tmp_path / "run" / "large.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(LARGEST))
    (tmp_path / "run" / "link.txt").symlink_to(tmp_path / "secret.txt")
    embedder = Embedder(tmp_path / "run")
    assert "too large" in embedder.shown("large.png")
    for name in ("../secret.txt", str(tmp_path / "secret.txt"), "link.txt", "none", "a\0b", "x" * 5000):
        assert "secret words" not in embedder.shown(name)


@given(st.binary(max_size=40))
def test_a_page_and_a_drawing_are_no_media(data: bytes) -> None:
    assert media_type(b"<" + data) is None
    kind = media_type(data)
    assert kind is None or kind.partition("/")[0] in ("image", "audio", "video")


@given(st.text(max_size=300))
def test_text_stays_text(text: str) -> None:
    shown = safe(text)
    assert "<" not in shown and ">" not in shown and '"' not in shown


def test_every_picture_of_a_page_decodes(tmp_path: Path) -> None:
    data = media.encoded(Image.fromarray(media.picture()), "WEBP")
    (tmp_path / "a.bin").write_bytes(data)
    assert "data:image/webp;base64," in Embedder(tmp_path).shown("a.bin")
    assert Image.open(BytesIO(data)).format == "WEBP"
