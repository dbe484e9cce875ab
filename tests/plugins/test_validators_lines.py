"""Pictures of edges alone are told from noise by their lines, and no noise has any."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter, ImageOps
from spacefactory_validators.directions import lines
from spacefactory_validators.image import ImageValidator
from spacefactory_validators.noise import likeness

from spacefactory.probe.sample_media import picture
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Output

Levels = np.ndarray[Any, Any]


def _kernel(*weights: int) -> ImageFilter.Kernel:
    return ImageFilter.Kernel((3, 3), weights, scale=1, offset=128)


FILTERS: dict[str, ImageFilter.Filter] = {
    "emboss": ImageFilter.EMBOSS(),
    "emboss-rising": _kernel(0, -1, -1, 1, 0, -1, 1, 1, 0),
    "emboss-falling": _kernel(-1, -1, 0, -1, 0, 1, 0, 1, 1),
    "emboss-upwards": _kernel(0, 1, 0, 0, 0, 0, 0, -1, 0),
    "edges": ImageFilter.FIND_EDGES(),
    "contour": ImageFilter.CONTOUR(),
}


def _reached(path: Path) -> tuple[Level, bool]:
    inspection = ImageValidator().inspect(Output(output_type="image", path=path))
    return inspection.reached(), any(check.noise for check in inspection.checks)


@pytest.mark.parametrize("name", FILTERS)
@pytest.mark.parametrize("which", range(3))
def test_edges_of_a_picture_are_a_picture(name: str, which: int, tmp_path: Path) -> None:
    whole = Image.open(picture(tmp_path / "whole.png", which)).convert("RGB")
    edges = whole.filter(FILTERS[name])
    for at, image in enumerate((edges, ImageOps.mirror(edges), ImageOps.invert(edges), edges.rotate(90, expand=True))):
        for suffix in ("png", "jpg", "webp"):
            image.save(tmp_path / f"{at}.{suffix}")
            assert _reached(tmp_path / f"{at}.{suffix}") == (Level.ALIVE, False), f"{at}.{suffix}"


def test_the_check_says_what_was_measured(tmp_path: Path) -> None:
    image = Image.open(picture(tmp_path / "whole.png", 0)).convert("RGB").filter(ImageFilter.EMBOSS)
    image.save(tmp_path / "edges.png")
    found = ImageValidator().inspect(Output(output_type="image", path=tmp_path / "edges.png"))
    check = next(check for check in found.checks if check.name == "image.not_noise")
    assert check.detail.startswith("neighbouring patches share directions by 0.")


# ---------------------------------------------------------------- noise

KINDS: dict[str, Callable[[np.random.Generator, tuple[int, int]], Levels]] = {
    "normal": lambda draw, size: draw.normal(0, 1, size),
    "even": lambda draw, size: draw.uniform(-1.7, 1.7, size),
    "binary": lambda draw, size: draw.integers(0, 2, size) * 2.0 - 1,
    "heavy": lambda draw, size: 0.6 * draw.standard_t(2.2, size),
    "dots": lambda draw, size: 5.0 * (draw.random(size) < 0.02),
}
SHAPES: dict[str, Callable[[Levels, Levels], Levels]] = {
    "everywhere": lambda x, y: np.ones_like(x),
    "middle": lambda x, y: np.exp(-3 * (x * x + y * y)),
    "slope": lambda x, y: (x + 1) / 2,
    "half": lambda x, y: (x + y / 2 > 0.1) * 1.0,
    "disc": lambda x, y: (np.hypot(x, y) < 0.6) * 1.0,
    "board": lambda x, y: ((x * 4 // 1 + y * 4 // 1) % 2) * 1.0,
    "waves": lambda x, y: np.exp(np.sin(7 * x) + np.cos(9 * y)),
}
"""Where there is noise, and how much."""
CODECS = [("PNG", {}), ("JPEG", {"quality": 85}), ("JPEG", {"quality": 60}), ("WEBP", {"quality": 80})]


def _noise(seed: int, size: tuple[int, int], kind: str, shape: str, enlarged: int, filtered: bool) -> Image.Image:
    draw = np.random.default_rng(seed)
    small = KINDS[kind](draw, (-(-size[0] // enlarged), -(-size[1] // enlarged)))
    grain = small.repeat(enlarged, 0).repeat(enlarged, 1)[: size[0], : size[1]]
    y, x = np.mgrid[-1 : 1 : size[0] * 1j, -1 : 1 : size[1] * 1j]
    levels = 128 + draw.uniform(12, 60) * grain / grain.std() * SHAPES[shape](x, y)
    image = Image.fromarray(levels.clip(0, 255).astype(np.uint8))
    return image.filter(ImageFilter.EMBOSS) if filtered else image


sizes = st.tuples(st.integers(64, 320), st.integers(64, 320))


@given(
    seed=st.integers(0, 2**32),
    size=sizes,
    kind=st.sampled_from(sorted(KINDS)),
    shape=st.sampled_from(sorted(SHAPES)),
    enlarged=st.integers(1, 2),
    filtered=st.booleans(),
    codec=st.sampled_from(CODECS),
)
@settings(max_examples=150, deadline=None)
def test_noise_has_no_lines(
    seed: int,
    size: tuple[int, int],
    kind: str,
    shape: str,
    enlarged: int,
    filtered: bool,
    codec: tuple[str, dict[str, int]],
) -> None:
    data = io.BytesIO()
    _noise(seed, size, kind, shape, enlarged, filtered).save(data, codec[0], **codec[1])
    found = lines(Image.open(data).convert("L"))
    assert found is None or not found.shown


@pytest.mark.parametrize("which", range(3))
@pytest.mark.parametrize("reach", [1, 3, 8])
def test_noise_that_is_strong_where_a_picture_has_edges_has_no_lines(which: int, reach: int, tmp_path: Path) -> None:
    edges = Image.open(picture(tmp_path / "whole.png", which)).convert("L").filter(ImageFilter.FIND_EDGES)
    strength = np.asarray(edges.filter(ImageFilter.GaussianBlur(reach)), float)
    grain = np.random.default_rng(which).normal(0, 1, strength.shape)
    found = lines(Image.fromarray((128 + grain * strength).clip(0, 255).astype(np.uint8)))
    assert found is None or not found.shown


def _shown(levels: Levels) -> bool:
    found = lines(Image.fromarray(levels.clip(0, 255).astype(np.uint8)))
    return found is not None and found.shown


@pytest.mark.parametrize("width", [1, 2, 6])
def test_frames_give_noise_no_lines(width: int) -> None:
    levels = np.full((257, 257), 128.0)
    levels[70:190, 70:190] += np.random.default_rng(width).normal(0, 12, (120, 120))
    for inset in range(4, 30, 2 * width):
        rim = np.full(levels.shape, False)
        rim[inset : 257 - inset, inset : 257 - inset] = True
        rim[inset + width : 257 - inset - width, inset + width : 257 - inset - width] = False
        levels[rim] = 200
    assert not _shown(levels)


def test_a_few_strong_marks_are_no_lines() -> None:
    levels = 128 + np.random.default_rng(0).normal(0, 1, (256, 256))
    levels[100:102, 80:120] = 255
    assert not _shown(levels)


@pytest.mark.parametrize("seed", range(5))
def test_blocks_with_directions_of_their_own_are_no_lines(seed: int) -> None:
    """What encoders leave of faint noise, enlarged: here and there a block that holds one wave."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[0:20, 0:20]
    rows = [
        [
            draw.exponential() ** 2 * 12 * np.sin(x * np.cos(turn) + y * np.sin(turn))
            for turn in draw.uniform(0, 3.1, 16)
        ]
        for _ in range(16)
    ]
    assert not _shown(128 + np.block(rows))


def test_what_is_as_busy_everywhere_has_no_lines() -> None:
    """Noise that was smeared around a point runs the same way in neighbouring patches."""
    y, x = np.mgrid[-200:200, -200:200]
    rings = np.random.default_rng(0).normal(0, 40, 300)[np.hypot(x, y).astype(int)]
    assert not _shown(128 + rings)


@pytest.mark.parametrize("step", [16, 24])
def test_one_direction_everywhere_is_no_line(step: int) -> None:
    grain = np.random.default_rng(0).normal(0, 40, (256, 256))
    smeared = np.sum([np.roll(grain, (at, at), (0, 1)) for at in range(6)], 0)
    assert not _shown(128 + smeared * (np.arange(256) // step % 2))


# ---------------------------------------------------------------- lines


@given(seed=st.integers(0, 2**32), count=st.integers(3, 9))
@settings(max_examples=30, deadline=None)
def test_lines_are_lines_whichever_way_they_are_turned(seed: int, count: int) -> None:
    """Sides of 32 n + 1 pixels are cut into the same patches from each corner, with and without the margin."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[0:257.0, 0:257.0]
    levels = np.full((257, 257), 128.0)
    for _ in range(count):
        away = np.abs(np.hypot(x - draw.uniform(0, 257), y - draw.uniform(0, 257)) - draw.uniform(30, 120))
        levels += draw.choice([-90, 90]) * (away < 1)
    image = Image.fromarray(levels.clip(0, 255).astype(np.uint8))
    whole = lines(image)
    assert whole is not None
    for turned in (image.rotate(90), image.rotate(180), ImageOps.mirror(image), ImageOps.invert(image)):
        found = lines(turned)
        assert found is not None
        assert found.measured == pytest.approx(whole.measured)
        assert found.threshold == pytest.approx(whole.threshold)


@given(width=st.integers(2, 200), height=st.integers(2, 63), seed=st.integers(0, 99))
@settings(max_examples=30, deadline=None)
def test_small_pictures_are_judged_by_their_pixels_alone(width: int, height: int, seed: int) -> None:
    levels = np.random.default_rng(seed).integers(0, 256, (height, width), dtype=np.uint8)
    assert lines(Image.fromarray(levels)) is None
    assert likeness(Image.fromarray(levels)).words == "neighbouring pixels correlate by"


@pytest.mark.parametrize("level", [0, 128, 255])
def test_one_colour_has_no_lines(level: int) -> None:
    assert lines(Image.new("L", (256, 256), level)) is None
