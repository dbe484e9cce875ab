"""Noise that its makers dressed up: enlarged, blurred, framed, faded, coloured, or as random weights give it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

Maker = Callable[[int, int], Image.Image]
SoundMaker = Callable[[int, int, int], np.ndarray[Any, Any]]


def white(side: int, seed: int) -> Image.Image:
    """Each channel of each pixel drawn by itself."""
    return Image.fromarray(np.random.default_rng(seed).integers(0, 256, (side, side, 3), dtype=np.uint8))


def enlarged(factor: int, resample: Image.Resampling) -> Maker:
    """Noise of so small a part of the size, enlarged."""
    return lambda side, seed: white(-(-side // factor), seed).resize((side, side), resample)


def blurred(radius: float) -> Maker:
    """Noise, blurred and as strong as before."""
    return lambda side, seed: ImageOps.autocontrast(white(side, seed).filter(ImageFilter.GaussianBlur(radius)))


def framed(colour: str) -> Maker:
    """Noise in a frame of one colour."""

    def make(side: int, seed: int) -> Image.Image:
        width = side // 12
        return ImageOps.expand(white(side - 2 * width, seed), width, colour)

    return make


def captioned(side: int, seed: int) -> Image.Image:
    """Noise with a line of text on a bar below."""
    image = white(side, seed)
    draw = ImageDraw.Draw(image)
    draw.rectangle((0, side - side // 10, side, side), fill="black")
    draw.text((4, side - side // 10), f"a picture, number {seed}", fill="white", font_size=side // 14)
    return image


def fading(side: int, seed: int) -> Image.Image:
    """Noise that gets darker to the border."""
    y, x = np.mgrid[-1 : 1 : side * 1j, -1 : 1 : side * 1j]
    light = np.exp(-x * x - y * y)[..., None]
    return Image.fromarray((np.asarray(white(side, seed)) * light).astype(np.uint8))


def patched(side: int, seed: int) -> Image.Image:
    """Noise in patches, each a bit lighter or darker: what a vision transformer with random weights gives."""
    draw = np.random.default_rng(seed)
    light = draw.normal(128, 14, (-(-side // 8),) * 2).repeat(8, 0).repeat(8, 1)[:side, :side]
    return Image.fromarray((light + draw.normal(0, 40, (side, side))).clip(0, 255).astype(np.uint8))


NOISES: dict[str, Maker] = {
    "doubled": enlarged(2, Image.Resampling.NEAREST),
    "doubled smoothly": enlarged(2, Image.Resampling.BICUBIC),
    "enlarged three times": enlarged(3, Image.Resampling.NEAREST),
    "enlarged four times": enlarged(4, Image.Resampling.NEAREST),
    "enlarged three times, smoothly": enlarged(3, Image.Resampling.LANCZOS),
    "blurred": blurred(1),
    "blurred more": blurred(1.5),
    "in a white frame": framed("white"),
    "in a black frame": framed("black"),
    "captioned": captioned,
    "fading": fading,
    "patched": patched,
}
"""name, and what makes it from a side in pixels and a seed"""


def coloured(slope: float) -> SoundMaker:
    """Noise whose power falls or rises with frequency: -1 is pink, -2 is brown."""

    def make(count: int, rate: int, seed: int) -> np.ndarray[Any, Any]:
        spectrum = np.fft.rfft(np.random.default_rng(seed).normal(size=count))
        frequencies = np.fft.rfftfreq(count, 1 / rate).clip(20)
        return _loud(np.fft.irfft(spectrum * frequencies ** (slope / 2), count))

    return make


def _loud(sound: np.ndarray[Any, Any]) -> np.ndarray[Any, Any]:
    return np.asarray(sound / np.abs(sound).max() / 2, dtype=np.float32)


def swelling(count: int, rate: int, seed: int) -> np.ndarray[Any, Any]:
    """White noise that swells and fades four times a second."""
    return _loud(coloured(0)(count, rate, seed) * (1 + 0.9 * np.sin(2 * np.pi * 4 * np.arange(count) / rate)))


def stretched(count: int, rate: int, seed: int) -> np.ndarray[Any, Any]:
    """Each sample of noise held for four."""
    return _loud(np.random.default_rng(seed).normal(size=-(-count // 4)).repeat(4)[:count])


SOUND_NOISES: dict[str, SoundMaker] = {
    "pink": coloured(-1),
    "brown": coloured(-2),
    "blue": coloured(1),
    "swelling": swelling,
    "stretched": stretched,
}
"""name, and what makes it from a number of samples, samples a second and a seed"""
