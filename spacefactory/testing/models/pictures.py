"""Pictures and sounds for the cards of tiny models: plain, but different from each other."""

from __future__ import annotations

import math
import struct
import wave
from pathlib import Path

COLOURS = {"red": (220, 30, 30), "green": (30, 180, 40), "blue": (30, 60, 220)}
RATE = 16_000
"""Samples per second of every sound here."""


def save_colour(path: Path, colour: str, side: int = 96) -> None:
    """A square of one colour that gets darker downwards, with a bright disc in its middle."""
    from PIL import Image, ImageDraw

    red, green, blue = COLOURS[colour]
    picture = Image.new("RGB", (side, side))
    draw = ImageDraw.Draw(picture)
    for row in range(side):
        light = 1 - row / (2 * side)
        draw.line((0, row, side, row), fill=(round(red * light), round(green * light), round(blue * light)))
    draw.ellipse((side // 3, side // 3, 2 * side // 3, 2 * side // 3), fill=(240, 240, 200))
    path.parent.mkdir(parents=True, exist_ok=True)
    picture.save(path)


def melody(pitches: tuple[float, ...], seconds: float = 0.25) -> list[float]:
    """Tones one after the other, each fading in and out; values from -1 to 1."""
    length = int(seconds * RATE)
    return [
        0.6 * math.sin(math.pi * at / length) * math.sin(2 * math.pi * pitch * at / RATE)
        for pitch in pitches
        for at in range(length)
    ]


def save_melody(path: Path, pitches: tuple[float, ...]) -> None:
    """A WAV file, 16 bit, one channel."""
    path.parent.mkdir(parents=True, exist_ok=True)
    samples = [round(32767 * value) for value in melody(pitches)]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(struct.pack(f"<{len(samples)}h", *samples))
