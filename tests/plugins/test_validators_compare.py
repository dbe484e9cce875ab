"""Two outputs differ, do not differ, or cannot be told apart from what encoding does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageEnhance, ImageFilter
from spacefactory_validators.audio import AudioValidator
from spacefactory_validators.image import ImageValidator
from spacefactory_validators.json_output import JsonValidator
from spacefactory_validators.text import TextValidator
from spacefactory_validators.video import VideoValidator

from spacefactory.probe.sample_media import picture as sample_picture
from spacefactory.schema.verdict import Output
from tests.media_made import RATE, film, moving, sound_by_av, sound_file, tune

ORDERED = [{"label": "a", "score": 0.9}, {"label": "b", "score": 0.1}]


def differ_images(folder: Path, one: Image.Image, two: Image.Image, name: str, **options: Any) -> bool | None:
    left, right = folder / "left.png", folder / name
    one.save(left)
    two.save(right, **options)
    found = ImageValidator().differ(Output(output_type="image", path=left), Output(output_type="image", path=right))
    return found.passed


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("copy.png", {}),
        ("copy.webp", {}),
        ("copy.webp", {"quality": 85}),
        ("copy.webp", {"quality": 30}),
        ("copy.jpg", {"quality": 40}),
        ("copy.jpg", {"quality": 95, "subsampling": 0}),
        ("copy.bmp", {}),
    ],
)
def test_an_encoded_copy_is_the_same_picture(name: str, options: dict[str, Any], tmp_path: Path) -> None:
    for which in range(3):
        image = Image.open(sample_picture(tmp_path / f"{which}.png", which)).convert("RGB")
        assert differ_images(tmp_path, image, image, name, **options) is False


@pytest.mark.parametrize("quality", [30, 45, 75])
@pytest.mark.parametrize("name", ["answer.png", "answer.webp", "answer.jpg"])
def test_a_picture_that_was_a_jpeg_on_its_way_is_the_same(quality: int, name: str, tmp_path: Path) -> None:
    for which in range(3):
        image = Image.open(sample_picture(tmp_path / f"{which}.png", which)).convert("RGB")
        image.save(tmp_path / "between.jpg", quality=quality)
        with Image.open(tmp_path / "between.jpg") as between:
            assert differ_images(tmp_path, image, between.convert("RGB"), name) is not True


CHANGES: dict[str, Callable[[Image.Image], Image.Image]] = {
    "blur": lambda image: image.filter(ImageFilter.GaussianBlur(1)),
    "edges": lambda image: image.filter(ImageFilter.FIND_EDGES),
    "brighter": lambda image: ImageEnhance.Brightness(image).enhance(1.1),
    "mirrored": lambda image: image.transpose(Image.Transpose.FLIP_LEFT_RIGHT),
    "grey": lambda image: image.convert("L"),
    "smaller": lambda image: image.resize((100, 75)),
}


@pytest.mark.parametrize("change", sorted(CHANGES))
@pytest.mark.parametrize("name", ["answer.png", "answer.webp", "answer.jpg"])
def test_a_changed_picture_differs(change: str, name: str, tmp_path: Path) -> None:
    for which in range(3):
        image = Image.open(sample_picture(tmp_path / f"{which}.png", which)).convert("RGB")
        assert differ_images(tmp_path, image, CHANGES[change](image), name) is True


def test_a_small_mark_in_a_small_picture_differs(tmp_path: Path) -> None:
    one = Image.new("L", (28, 28))
    two = one.copy()
    one.paste(255, (10, 5, 13, 23))
    two.paste(255, (8, 5, 11, 23))
    assert differ_images(tmp_path, one, two, "digit.png") is True


def test_what_lies_between_is_left_open(tmp_path: Path) -> None:
    image = Image.open(sample_picture(tmp_path / "0.png", 0)).convert("RGB")
    assert differ_images(tmp_path, image, image.filter(ImageFilter.MedianFilter(3)), "answer.avif") is None


def differ_sounds(folder: Path, one: bytes, two: bytes) -> bool | None:
    paths = [folder / "one.bin", folder / "two.bin"]
    for path, content in zip(paths, (one, two), strict=True):
        path.write_bytes(content)
    return AudioValidator().differ(*(Output(output_type="audio", path=path) for path in paths)).passed


def test_sounds(tmp_path: Path) -> None:
    wave = tune()
    source = sound_file(wave, "WAV")
    for copy in (
        sound_file(wave, "FLAC"),
        sound_file(wave, "MP3"),
        sound_file(wave, "OGG"),
        sound_by_av(wave, "ipod", "aac", RATE),
        sound_file(wave * 0.95, "WAV"),
    ):
        assert differ_sounds(tmp_path, source, copy) is False
    assert differ_sounds(tmp_path, source, sound_file(wave * 0.5, "WAV")) is None
    times = np.arange(wave.size) / RATE
    other = (0.3 * np.sin(2 * np.pi * 330 * times) * (1 + np.sin(2 * np.pi * 2 * times))).astype("float32")
    assert differ_sounds(tmp_path, source, sound_file(other, "WAV")) is True
    assert differ_sounds(tmp_path, source, sound_file(wave[: RATE // 2], "WAV")) is True
    assert differ_sounds(tmp_path, source, b"no sound") is None


def differ_videos(folder: Path, one: bytes, two: bytes) -> bool | None:
    paths = [folder / "one.bin", folder / "two.bin"]
    for path, content in zip(paths, (one, two), strict=True):
        path.write_bytes(content)
    return VideoValidator().differ(*(Output(output_type="video", path=path) for path in paths)).passed


def test_videos(tmp_path: Path) -> None:
    frames = moving(16)
    source = film(frames)
    assert differ_videos(tmp_path, source, film(frames, "matroska")) is False
    for container, codec in (("webm", "libvpx-vp9"), ("webm", "libvpx"), ("mp4", "mpeg4")):
        assert differ_videos(tmp_path, source, film(frames, container, codec)) is None
    assert differ_videos(tmp_path, source, film([frame[:, ::-1].copy() for frame in frames])) is True
    assert differ_videos(tmp_path, source, film(frames[::-1])) is True
    assert differ_videos(tmp_path, source, film(frames[:8])) is None
    assert differ_videos(tmp_path, source, film(frames[5:13])) is None
    assert differ_videos(tmp_path, source, film(frames[::2])) is True
    assert differ_videos(tmp_path, source, film([frame for frame in frames for _ in range(2)])) is True
    assert differ_videos(tmp_path, source, b"no video") is None


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ("Yes", " yes\n", False),
        ("a b", "a  b", False),
        ("yes", "no", True),
        ("\u212b", "\u00c5", False),
        (None, "yes", None),
    ],
)
def test_texts(one: str | None, two: str, expected: bool | None) -> None:
    outputs = [Output(output_type="text", value=value) for value in (one, two)]
    assert TextValidator().differ(*outputs).passed is expected


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        ({"a": 1.0}, {"a": 1.0 + 1e-9}, False),
        ({"a": 1.0}, {"a": 1.1}, True),
        ({"a": 1.0, "elapsed": 1}, {"a": 1.0, "elapsed": 2}, False),
        ({"elapsed": 1}, {"elapsed": 2}, True),
        ([{"label": "a", "score": 0.9}], [{"label": "a", "score": 0.8}], True),
        (ORDERED, ORDERED[::-1], False),
        ([1, 2], [1, 2, 3], True),
        ({"a": None}, {"a": None}, False),
        ({"a": True}, {"a": 1}, True),
        ([0.1 * at for at in range(16)], [0.2 * at for at in range(16)], None),
        ([0.1 * at for at in range(16)], [0.1 * at + 0.3 * (at % 2) for at in range(16)], True),
    ],
)  # fmt: skip
def test_data(one: object, two: object, expected: bool) -> None:
    outputs = [Output.model_validate({"output_type": "json", "value": value}) for value in (one, two)]
    assert JsonValidator().differ(*outputs).passed is expected
