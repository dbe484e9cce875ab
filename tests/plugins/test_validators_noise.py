"""What random weights give is told from pictures and texts that mean something."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter
from spacefactory_validators.image import ImageValidator
from spacefactory_validators.text import TextValidator

from spacefactory.probe.sample_media import picture as sample_picture
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Output
from tests.made_noise import NOISES, white

SIDES = (64, 96, 256, 512)


def _enlarged(side: int, seed: int) -> Image.Image:
    """Noise of half the size, doubled, with finer noise on top: what a decoder with random weights gives."""
    twice = np.asarray(white(side // 2, seed).resize((side, side), Image.Resampling.NEAREST), float)
    mixed = (twice - 128) + np.random.default_rng(seed).normal(0, 40, twice.shape)
    return Image.fromarray((mixed + 128).clip(0, 255).astype(np.uint8))


def _level(path: Path, image: Image.Image) -> tuple[Level, bool]:
    image.save(path)
    inspection = ImageValidator().inspect(Output(output_type="image", path=path))
    return inspection.reached(), any(check.noise for check in inspection.checks)


@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("seed", range(4))
def test_noise_is_noise(side: int, seed: int, tmp_path: Path) -> None:
    slightly = white(side, seed).filter(ImageFilter.GaussianBlur(0.5))
    doubled = white(side // 2, seed).resize((side, side), Image.Resampling.NEAREST)
    for image in (white(side, seed), slightly, _enlarged(side, seed), doubled):
        assert _level(tmp_path / "noise.png", image) == (Level.TYPED, True)


@pytest.mark.parametrize("kind", NOISES)
@pytest.mark.parametrize("side", (208, 256, 500, 720))
def test_dressed_up_noise_is_noise(kind: str, side: int, tmp_path: Path) -> None:
    for seed in range(3):
        image = NOISES[kind](side, seed)
        assert _level(tmp_path / "noise.png", image) == (Level.TYPED, True)
        encoded = tmp_path / "noise.jpg"
        image.convert("RGB").save(encoded, quality=85)
        assert _level(tmp_path / "again.png", Image.open(encoded)) == (Level.TYPED, True)


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


@pytest.mark.parametrize("side", (128, 400))
def test_drawings_with_large_flat_parts_are_pictures(side: int, tmp_path: Path) -> None:
    titled, mask, bars = (Image.new("RGB", (side, side), colour) for colour in ("white", "green", "white"))
    ImageDraw.Draw(titled).text((5, 5), "A title alone", fill=0, font_size=side // 12)
    ImageDraw.Draw(mask).ellipse((side * 0.1, side * 0.6, side * 0.5, side * 0.9), fill="blue")
    ImageDraw.Draw(mask).polygon(((side * 0.5, side), (side * 0.8, side * 0.4), (side, side * 0.7)), fill="red")
    for at, height in enumerate((0.3, 0.8, 0.5, 0.6, 0.2)):
        box = (side * (0.1 + 0.16 * at), side * (0.9 - height), side * (0.2 + 0.16 * at), side * 0.9)
        ImageDraw.Draw(bars).rectangle(box, fill="steelblue")
    for image in (titled, mask, bars):
        assert _level(tmp_path / "drawing.png", image) == (Level.ALIVE, False)


def test_a_page_is_a_picture(tmp_path: Path) -> None:
    page = Image.new("L", (400, 400), 255)
    draw = ImageDraw.Draw(page)
    for row in range(8, 390, 12):
        draw.text((8, row), "the quick brown fox jumps over the lazy dog and runs away", fill=0)
    assert _level(tmp_path / "page.png", page) == (Level.ALIVE, False)


def test_a_page_without_margins_is_a_picture(tmp_path: Path) -> None:
    draw = np.random.default_rng(0)
    words = "the quick brown fox jumps over lazy dog and runs from an old captain".split()  # noqa: SIM905 - a text
    page = Image.new("L", (256, 256), 255)
    for row in range(2, 250, 13):
        ImageDraw.Draw(page).text((2, row), " ".join(draw.choice(words, 14)), fill=0)
    assert _level(tmp_path / "page.png", page) == (Level.ALIVE, False)


@pytest.mark.parametrize("modules", (21, 33, 101))
@pytest.mark.parametrize("quiet", (0, 4))
@pytest.mark.parametrize("suffix", ("png", "jpg", "webp"))
def test_a_code_is_a_picture_and_its_squares_alone_are_noise(
    modules: int, quiet: int, suffix: str, tmp_path: Path
) -> None:
    squares = np.random.default_rng(modules).integers(0, 2, (modules, modules), dtype=np.uint8)
    for given, expected in ((squares, (Level.TYPED, True)), (_with_marks(squares), (Level.ALIVE, False))):
        image = Image.fromarray(np.pad(given * 255, quiet, constant_values=255))
        image = image.resize((image.width * 6, image.height * 6), Image.Resampling.NEAREST)
        assert _level(tmp_path / f"code.{suffix}", image) == expected


def _with_marks(squares: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    """The squares with the finder patterns of a QR code in three corners, each in a light margin."""
    found = squares.copy()
    for turn in range(3):
        corner = np.rot90(found, turn)
        corner[:8, :8] = 1
        corner[:7, :7] = [[min(x, y, 6 - x, 6 - y) == 1 for x in range(7)] for y in range(7)]
    return found


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


def _dots(share: float, side: int, seed: int) -> Image.Image:
    """White dots of so many pixels a side, by lot, on black."""
    places = np.random.default_rng(seed).random((288 // side, 384 // side)) < share
    return Image.fromarray((np.kron(places, np.ones((side, side))) * 255).astype(np.uint8))


@pytest.mark.parametrize("which", range(3))
def test_the_outlines_of_a_picture_are_a_picture(which: int, tmp_path: Path) -> None:
    drawn = Image.open(sample_picture(tmp_path / "sample.png", which)).convert("L").resize((256, 192))
    slopes = np.hypot(*np.gradient(np.asarray(drawn.filter(ImageFilter.GaussianBlur(1.6)), dtype=float)))
    around = [(down, across) for down in (-1, 0, 1) for across in (-1, 0, 1)]
    largest = np.stack([np.roll(slopes, steps, (0, 1)) for steps in around]).max(0)
    outlines = (slopes > 15) & (slopes >= 0.9 * largest)
    assert _level(tmp_path / "outlines.png", Image.fromarray((outlines * 255).astype(np.uint8)))[0] is Level.ALIVE


@pytest.mark.parametrize("side", (1, 2))
@pytest.mark.parametrize("share", (0.01, 0.03, 0.08))
def test_dots_by_lot_are_noise(side: int, share: float, tmp_path: Path) -> None:
    for seed in range(3):
        assert _level(tmp_path / "dots.png", _dots(share, side, seed)) == (Level.TYPED, True)
