"""What random weights give is told from pictures and texts that mean something."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter
from spacefactory_validators.image import ImageValidator
from spacefactory_validators.text import TextValidator

from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Output

SIDES = (64, 96, 256, 512)


def _white(side: int, seed: int) -> Image.Image:
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8))


def _enlarged(side: int, seed: int) -> Image.Image:
    """Noise of half the size, doubled, with finer noise on top: what a decoder with random weights gives."""
    twice = np.asarray(_white(side // 2, seed).resize((side, side), Image.Resampling.NEAREST), float)
    mixed = (twice - 128) + np.random.default_rng(seed).normal(0, 40, twice.shape)
    return Image.fromarray((mixed + 128).clip(0, 255).astype(np.uint8))


def _level(path: Path, image: Image.Image) -> tuple[Level, bool]:
    image.save(path)
    inspection = ImageValidator().inspect(Output(output_type="image", path=path))
    return inspection.reached(), any(check.noise for check in inspection.checks)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("seed", range(4))
def test_noise_is_noise(side: int, seed: int, tmp_path: Path) -> None:
    slightly = _white(side, seed).filter(ImageFilter.GaussianBlur(0.5))
    doubled = _white(side // 2, seed).resize((side, side), Image.Resampling.NEAREST)
    for image in (_white(side, seed), slightly, _enlarged(side, seed), doubled):
        assert _level(tmp_path / "noise.png", image) == (Level.TYPED, True)


def _scene(side: int) -> Image.Image:
    """A sky that gets lighter, hills, a sun."""
    image = Image.new("RGB", (side, side))
    draw = ImageDraw.Draw(image)
    for row in range(side):
        draw.line((0, row, side, row), fill=(80 + row * 100 // side, 120 + row * 90 // side, 230))
    draw.ellipse((side * 0.6, side * 0.1, side * 0.85, side * 0.35), fill=(250, 240, 150))
    draw.ellipse((-side * 0.3, side * 0.55, side * 0.8, side * 1.8), fill=(40, 120, 50))
    return image


@pytest.mark.parametrize("side", (32, *SIDES))
def test_pictures_are_pictures(side: int, tmp_path: Path) -> None:
    scene = _scene(side)
    grainy = np.asarray(scene, float) + np.random.default_rng(0).normal(0, 40, (side, side, 3))
    kinds = {"plain": scene, "grainy": Image.fromarray(grainy.clip(0, 255).astype(np.uint8))}
    if side > 32:
        kinds["dithered"] = scene.convert("1").convert("RGB")
    for name, image in kinds.items():
        assert _level(tmp_path / f"{name}.png", image) == (Level.ALIVE, False), name


def test_a_page_and_a_code_are_pictures(tmp_path: Path) -> None:
    page = Image.new("L", (400, 400), 255)
    draw = ImageDraw.Draw(page)
    for row in range(8, 390, 12):
        draw.text((8, row), "the quick brown fox jumps over the lazy dog and runs away", fill=0)
    squares = np.random.default_rng(0).integers(0, 2, (25, 25), dtype=np.uint8) * 255
    code = Image.fromarray(squares).resize((250, 250), Image.Resampling.NEAREST)
    assert _level(tmp_path / "page.png", page) == (Level.ALIVE, False)
    assert _level(tmp_path / "code.png", code) == (Level.ALIVE, False)


@pytest.mark.parametrize("seed", range(20))
def test_random_bytes_are_noise(seed: int) -> None:
    data = np.random.default_rng(seed).integers(1, 256, 60, dtype=np.uint8).tobytes()
    inspection = TextValidator().inspect(Output(output_type="text", value=data.decode("utf-8", "replace")))
    assert inspection.reached() == Level.TYPED
    assert any(check.noise for check in inspection.checks)


@pytest.mark.parametrize(
    "text",
    [
        "Paris.",
        "It is sunny today \ufffd",
        "\u4eca\u65e5\u306f\u6674\u308c\u3067\u3059\u3002",
        "\U0001f600 fine",
        "\x1b[32mgreen\x1b[0m words",
        "a\tb\nc",
        "caf\u00e9 " * 8 + "\ufffd\ufffd and forty more words of a text that is otherwise quite all right",
    ],
)
def test_texts_are_texts(text: str) -> None:
    assert TextValidator().inspect(Output(output_type="text", value=text)).reached() == Level.ALIVE
