"""How plain a picture is, what chords are made of, and what sounds have in common that begin elsewhere."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageOps
from spacefactory_validators.audio import AudioValidator
from spacefactory_validators.image import ImageValidator

from spacefactory.probe.apart import CLOSE_SOUND
from spacefactory.probe.plain import FLAT, PURE
from spacefactory.probe.sample_media import sound
from spacefactory.schema.verdict import Output
from tests.media_made import sound_file, tune

RATE = 16_000


def plain(image: Image.Image, folder: Path, suffix: str) -> float:
    path = folder / f"picture.{suffix}"
    image.save(path)
    found = ImageValidator().inspect(Output(output_type="image", path=path)).measures["flat"]
    assert isinstance(found, float)
    return found


def shapes() -> Image.Image:
    image = Image.new("RGB", (256, 256), "peachpuff")
    for at in range(6):
        ImageDraw.Draw(image).ellipse((20 * at, 15 * at, 20 * at + 90, 15 * at + 70), fill=f"hsl({at * 50},80%,50%)")
    return image


def words_on_slope() -> Image.Image:
    image = ImageOps.colorize(Image.linear_gradient("L"), "navy", "orange")
    ImageDraw.Draw(image).text((20, 120), "a red wooden boat on a calm lake", fill="white")
    return image


def landscape(size: int) -> Image.Image:
    draw = np.random.default_rng(4)
    waves = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size)[None])
    waves[0, 0] = 1
    level = np.fft.ifft2(np.fft.fft2(draw.normal(size=(size, size))) / waves**1.3).real
    return Image.fromarray(((level - level.min()) / np.ptp(level) * 255).astype("uint8"))


@pytest.mark.parametrize("suffix", ["png", "webp", "jpg"])
def test_shapes_and_words_on_plain_ground_are_plain(suffix: str, tmp_path: Path) -> None:
    assert plain(shapes(), tmp_path, suffix) >= FLAT
    assert plain(words_on_slope(), tmp_path, suffix) >= FLAT


@pytest.mark.parametrize("suffix", ["png", "webp", "jpg"])
@pytest.mark.parametrize("size", [64, 192, 700])
def test_a_landscape_is_not_plain(size: int, suffix: str, tmp_path: Path) -> None:
    assert plain(landscape(size), tmp_path, suffix) < FLAT - 0.1


def measured(samples: np.ndarray[Any, Any], folder: Path) -> dict[str, Any]:
    path = folder / "sound.wav"
    path.write_bytes(sound_file(samples.astype("float32"), "WAV", rate=RATE))
    return dict(AudioValidator().inspect(Output(output_type="audio", path=path)).measures)


def chord(*pitches: float) -> np.ndarray[Any, Any]:
    times = np.arange(2 * RATE) / RATE
    total: np.ndarray[Any, Any] = np.sin(2 * np.pi * np.array(pitches)[:, None] * times).mean(0) / 2
    return total


def voice(folder: Path) -> np.ndarray[Any, Any]:
    import soundfile  # type: ignore[import-untyped]

    samples: np.ndarray[Any, Any] = soundfile.read(sound(folder / "voice.wav", 0))[0]
    return samples


def test_chords_of_bare_tones_are_pure_and_voices_are_not(tmp_path: Path) -> None:
    assert measured(chord(220, 277.2, 329.6), tmp_path)["purity"] == 1.0
    assert measured(np.concatenate([chord(220, 330), chord(196, 262)]), tmp_path)["purity"] >= PURE
    assert measured(voice(tmp_path), tmp_path)["purity"] < PURE
    drawn = np.random.default_rng(0).normal(0, 0.01, 2 * RATE)
    assert measured(chord(220, 277.2, 329.6) + drawn, tmp_path)["purity"] < PURE


def test_a_sound_that_begins_later_has_the_same_spectrum(tmp_path: Path) -> None:
    clip = voice(tmp_path)
    plain_, late, rolled, other = (
        measured(samples, tmp_path)["unordered"]
        for samples in (clip, np.concatenate([np.zeros(5_000), clip]), np.roll(clip, 9_000), tune())
    )
    assert math.dist(plain_, late) < CLOSE_SOUND
    assert math.dist(plain_, rolled) < 0.3
    assert math.dist(plain_, other) > 1
