"""Pictures of every page of the orchestrator, light, dark and on a phone: `python docs/screenshots.py [FOLDER]`.

The pages are those of a real orchestrator and a real browser; the runs on them are records made here, in a temporary
data folder, so that the pictures hold nothing of the machine.
"""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from docs.screenshot_runs import failed, live, proven, several  # noqa: E402
from spacefactory.settings import load  # noqa: E402
from spacefactory.testing.hub import EmulatedHub  # noqa: E402
from spacefactory.testing.hub.space_runner import free_port  # noqa: E402
from spacefactory.testing.sign_in import SignIn  # noqa: E402
from tests.ui_site import browser, served  # noqa: E402

LOOKS: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "viewport": {"width": 1180, "height": 820}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1180, "height": 820}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 844}},
}
COLOURS = 96
TALLEST = 1390
"""Pixels of a page that are shown; longer ones are cut."""
SOON_MS = 120_000
BEST = "proven-light.png"
"""The picture that stands in the README."""
APP = """import gradio as gr


def paint(prompt: str, steps: int = 20) -> str:
    return prompt


with gr.Blocks() as demo:
    prompt, steps = gr.Textbox(label="prompt"), gr.Number(20, label="steps", precision=0)
    gr.Button().click(paint, [prompt, steps], gr.Image(label="picture"), api_name="generate")
demo.launch(server_port=int(__import__("sys").argv[1]), quiet=True)
"""
Draw = Callable[[Any], None]


def main(folder: Path) -> None:
    """Make every picture."""
    os.chdir(ROOT)
    with ExitStack() as stack:
        place = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="screenshots-")))
        chromium = stack.enter_context(browser())
        for name, url, draw in stack.enter_context(_pages(place)):
            for look, how in LOOKS.items():
                picture = _picture(chromium, url, draw, how)
                (folder / f"{name}-{look}.png").write_bytes(picture)
                print(f"{name}-{look}.png: {len(picture) >> 10} KiB")  # noqa: T201
    (folder / "orchestrator.png").write_bytes((folder / BEST).read_bytes())


@contextmanager
def _pages(place: Path) -> Iterator[list[tuple[str, str, Draw]]]:
    """Name, address and what is done on each page, while everything that serves them is up."""
    with ExitStack() as stack:
        settings = load({"home": place / "home"}).settings
        several(settings)
        bad, good = failed(settings), proven(settings)
        working = stack.enter_context(live(settings))
        port = stack.enter_context(_app(place))
        here = stack.enter_context(served(settings.home)).url
        hub = stack.enter_context(EmulatedHub())
        provider = stack.enter_context(SignIn({"ada": "hf_oauth_ada"}))
        extra = {**provider.environment(), "HF_ENDPOINT": hub.endpoint}
        there = stack.enter_context(served(place / "space", extra, "--platform", "huggingface")).url
        yield [
            ("sign-in", there, lambda page: page.locator("#login").wait_for(timeout=SOON_MS)),
            ("build", here, _build),
            ("validate", here, lambda page: _validate(page, port)),
            ("runs", here, _runs),
            ("live", f"{here}/?run={working}", _step),
            ("proven", f"{here}/?run={good}", _check),
            ("failed", f"{here}/?run={bad}", _step),
        ]


@contextmanager
def _app(place: Path) -> Iterator[int]:
    """An app that can be validated."""
    port, file = free_port(), place / "app.py"
    file.write_text(APP, encoding="utf-8")
    process = subprocess.Popen(
        [sys.executable, str(file), str(port)], cwd=place, env={**os.environ, "HOME": str(place)}
    )
    try:
        until = time.monotonic() + 120
        while time.monotonic() < until and process.poll() is None:
            try:
                urlopen(f"http://127.0.0.1:{port}/config", timeout=2).close()
                break
            except OSError:
                time.sleep(0.3)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def _build(page: Any) -> None:
    page.locator("#model input, #model textarea").first.fill("examples/digits")
    page.locator(".sf-plan").wait_for(timeout=SOON_MS)


def _validate(page: Any, port: int) -> None:
    page.get_by_role("tab", name="Validate").click()
    page.locator("#space input, #space textarea").first.fill(f"http://127.0.0.1:{port}")
    page.locator(".sf-endpoints").wait_for(timeout=SOON_MS)


def _runs(page: Any) -> None:
    page.get_by_role("tab", name="Runs").click()
    page.locator(".sf-runs a").first.wait_for(timeout=SOON_MS)


def _step(page: Any) -> None:
    page.locator(".sf-step").first.wait_for(timeout=SOON_MS)


def _check(page: Any) -> None:
    page.locator(".sf-check").first.wait_for(timeout=SOON_MS)
    page.locator(".sf-media img").first.scroll_into_view_if_needed()
    page.evaluate("scrollTo(0, 0)")


def _picture(chromium: Any, url: str, draw: Draw, how: dict[str, Any]) -> bytes:
    page = chromium.new_page(**how)
    page.goto(url, wait_until="domcontentloaded")
    page.locator("#tabs").wait_for(timeout=SOON_MS)
    draw(page)
    page.wait_for_timeout(900)  # animations of Gradio end
    height = min(page.evaluate("document.documentElement.scrollHeight"), TALLEST)
    size = {"x": 0, "y": 0, "width": how["viewport"]["width"], "height": height}
    raw = page.screenshot(full_page=True, clip=size)
    page.close()
    return _small(raw)


def _small(png: bytes) -> bytes:
    from PIL import Image

    made = io.BytesIO()
    few = Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(made, "PNG", optimize=True)
    return made.getvalue()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "docs" / "images")
