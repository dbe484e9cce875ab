"""Pictures, speech-like sounds, videos and tables made here: real files, clearly different, everywhere the same."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from PIL import Image, ImageDraw

    Samples = np.ndarray[Any, np.dtype[Any]]

SIZE = (384, 288)
RATE = 16_000
FRAMES, FRAME_RATE = 24, 12
PITCHES = (115.0, 205.0, 160.0)
"""Hz: a low, a high and a middle voice."""
VOWELS = {
    "a": (730, 1090, 2440),
    "i": (270, 2290, 3010),
    "u": (300, 870, 2240),
    "o": (570, 840, 2410),
    "e": (530, 1840, 2480),
}
"""Formants in Hz, after Peterson and Barney (1952), men."""
MELODIES = ((60, 64, 67, 72, 71, 67, 64, 60), (57, 60, 62, 64, 67, 64, 62, 57), (55, 59, 62, 66, 67, 62, 59, 55))
"""MIDI numbers of notes, a quarter of a second each"""
WORDS = (
    *((264, "BAKERY 24"), (40, "FRESH FRUIT"), (144, "Hello 7")),
    *((264, "PARK HOUSE"), (40, "three plums"), (144, "ROUND 5")),
    *((264, "Open today"), (40, "GREEN 19"), (144, "good night")),
)
"""For each picture the row in the middle of its words, in pixels, and the words."""
SYLLABLES = ("aiouea", "ueoaie", "iaeuoa")


def picture(path: Path, which: int) -> Path:
    """A picture of 384x288 pixels with a word or two: a house by day, fruit on a table, or a pattern of shapes."""
    _drawn(which).save(path, format="PNG")
    return path


def _drawn(which: int) -> Image.Image:
    """One of three pictures; from the fourth on mirrored and in other colours, from the seventh on in third ones."""
    from PIL import Image

    drawn = (_house, _fruit, _pattern)[which % 3]()
    red, green, blue = drawn.split()
    if which // 3 == 1:
        drawn = Image.merge("RGB", (blue, red, green)).transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    elif which // 3 == 2:
        drawn = Image.merge("RGB", (green, blue, red))
    return _written(drawn, which)


def _canvas(top: tuple[int, int, int], bottom: tuple[int, int, int]) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A picture with a gradient from top to bottom, and a pencil for it."""
    from PIL import Image, ImageDraw

    image = Image.new("RGB", SIZE)
    pencil = ImageDraw.Draw(image)
    for row in range(SIZE[1]):
        share = row / SIZE[1]
        pencil.line(
            [(0, row), (SIZE[0], row)], tuple(round(a + (b - a) * share) for a, b in zip(top, bottom, strict=True))
        )
    return image, pencil


def _written(image: Image.Image, which: int) -> Image.Image:
    """The same picture with words on it, large enough for a model that reads."""
    from PIL import ImageDraw, ImageFont

    row, words = WORDS[which]
    ink = {"fill": "white", "stroke_width": 2, "stroke_fill": "black"}
    ImageDraw.Draw(image).text((SIZE[0] // 2, row), words, font=ImageFont.load_default(30), anchor="mm", **ink)  # type: ignore[arg-type]
    return image


def _house() -> Image.Image:
    image, pencil = _canvas((90, 160, 230), (220, 235, 250))
    pencil.rectangle([0, 210, 384, 288], fill=(80, 150, 60))
    pencil.ellipse([300, 20, 350, 70], fill=(255, 220, 80))
    pencil.rectangle([110, 130, 250, 240], fill=(200, 90, 70), outline=(90, 40, 30), width=3)
    pencil.polygon([(95, 130), (180, 65), (265, 130)], fill=(110, 60, 50))
    pencil.rectangle([165, 180, 200, 240], fill=(80, 50, 30))
    for left in (125, 210):
        pencil.rectangle([left, 150, left + 28, 178], fill=(190, 230, 250), outline=(60, 60, 60), width=2)
    return image


def _fruit() -> Image.Image:
    image, pencil = _canvas((245, 225, 190), (150, 95, 50))
    for left, top, size, colour in (
        (60, 110, 110, (200, 30, 40)),
        (160, 130, 100, (240, 150, 30)),
        (250, 100, 95, (110, 170, 50)),
    ):
        pencil.ellipse([left, top, left + size, top + size], fill=colour, outline=(70, 40, 20), width=2)
        pencil.ellipse([left + size // 5, top + size // 6, left + size // 3, top + size // 3], fill=(255, 245, 225))
        pencil.line([(left + size // 2, top), (left + size // 2 + 8, top - 18)], fill=(80, 50, 20), width=5)
    return image


def _pattern() -> Image.Image:
    image, pencil = _canvas((30, 30, 70), (120, 40, 120))
    for at in range(12):
        angle = at * math.pi / 6
        x, y = 192 + 110 * math.cos(angle), 144 + 90 * math.sin(angle)
        colour = (40 + at * 17, 240 - at * 15, 90 + (at * 53) % 160)
        box = [x - 24, y - 24, x + 24, y + 24]
        (pencil.rectangle if at % 2 else pencil.ellipse)(box, fill=colour, outline=(255, 255, 255))
    return image


def sound(path: Path, which: int) -> Path:
    """About 2 s of sound, 16 kHz, mono, 16 bit: three voices, three pieces of music, three more voices."""
    import numpy as np
    import soundfile  # type: ignore[import-untyped]

    together = _music(which % 3) if which // 3 == 1 else _voice(which)
    soundfile.write(path, 0.5 * together / np.abs(together).max(), RATE, subtype="PCM_16")
    return path


def _voice(which: int) -> Samples:
    """Speech-like: voiced syllables with pauses and hissing onsets."""
    import numpy as np

    pitch = PITCHES[which % 3] * (1 + which // 3 / 8)
    vowels = SYLLABLES[which % 3][which // 3 :]
    return np.concatenate([_syllable(vowel, pitch, at) for at, vowel in enumerate(vowels)])


def _music(which: int) -> Samples:
    """Plucked strings, two at a time (Karplus and Strong, 1983): a burst of noise that goes round a softening loop."""
    import numpy as np

    whole = np.zeros(2 * RATE + RATE)
    for at, note in enumerate(MELODIES[which]):
        for pitch in (note, note - 12 + 7 * (at % 2)):
            string = _string(440 * 2 ** ((pitch - 69) / 12), at)
            whole[at * RATE // 4 :][: len(string)] += string
    return whole[: 2 * RATE]


def _string(pitch: float, seed: int) -> Samples:
    """One plucked string of a second, in Hz."""
    import numpy as np

    loop = np.random.default_rng(seed).uniform(-1, 1, round(RATE / pitch))
    turns = []
    for _ in range(RATE // len(loop) + 1):
        turns.append(loop)
        loop = 0.498 * (loop + np.roll(loop, 1))
    return np.concatenate(turns)[:RATE]


def _syllable(vowel: str, pitch: float, at: int) -> Samples:
    """One syllable of 0.34 s: harmonics of a gliding pitch, weighted by the vowel's formants, after a short hiss."""
    import numpy as np

    time = np.arange(int(0.34 * RATE)) / RATE
    glide = pitch * (1 + 0.08 * math.sin(1.7 * at) - 0.15 * time)
    phase = 2 * np.pi * np.cumsum(glide) / RATE
    voice = np.zeros_like(time)
    for harmonic in range(1, int(3600 / pitch)):
        weight = sum(1 / (1 + ((harmonic * pitch - formant) / 90) ** 2) for formant in VOWELS[vowel])
        voice += weight / math.sqrt(harmonic) * np.sin(harmonic * phase)
    shape = np.clip(np.minimum((time - 0.05) / 0.04, (0.28 - time) / 0.06), 0, 1)
    hiss = np.random.default_rng(at).normal(0, 0.08, len(time)) * np.clip(1 - time / 0.05, 0, 1)
    return np.asarray(voice * shape + hiss)


def video(path: Path, which: int) -> Path:
    """Two seconds of 192x144 pixels at 12 frames a second, h264: a ball that moves over one of the pictures.

    In every third one the picture changes in the middle, for models that look for cuts.
    """
    import av
    from PIL import ImageDraw

    colours = ((230, 60, 40), (40, 90, 230), (250, 200, 40))
    scenes = (which, (which + 1) % len(WORDS) if which % 3 == 2 else which)
    stills = [_drawn(scene).resize((192, 144)) for scene in scenes]
    with av.open(str(path), "w", format="mp4") as container:
        stream = container.add_stream("libx264", rate=FRAME_RATE, options={"preset": "veryfast", "threads": "1"})
        stream.width, stream.height, stream.pix_fmt = 192, 144, "yuv420p"
        for at in range(FRAMES):
            frame = stills[2 * at // FRAMES].copy()
            x, y = 10 + 6 * at, 60 + 40 * math.sin(at / 3 + which)
            ImageDraw.Draw(frame).ellipse([x, y, x + 30, y + 30], fill=colours[which % 3])
            container.mux(stream.encode(av.VideoFrame.from_image(frame)))  # type: ignore[no-untyped-call]
        container.mux(stream.encode(None))
    return path


def table(which: int) -> tuple[list[str], list[list[float]]]:
    """Names of columns and rows of numbers."""
    rows = [
        [day, 12.5 + which * 9 + 4 * math.sin(day * (0.7 + which)), 40 + 3 * day * (which + 1)] for day in range(1, 13)
    ]
    return ["day", "temperature", "visitors"], [[round(number, 2) for number in row] for row in rows]


def table_file(path: Path, which: int) -> Path:
    """The same table as a file of comma-separated values."""
    names, rows = table(which)
    lines = [names, *([str(number) for number in row] for row in rows)]
    path.write_text("\n".join(",".join(line) for line in lines) + "\n", encoding="utf-8")
    return path


def solid(path: Path, which: int) -> Path:
    """A closed mesh in Wavefront's text form: a pyramid over a polygon of four or more corners."""
    corners = 4 + which
    angles = [2 * math.pi * at / corners for at in range(corners)]
    lines = [f"v {math.cos(angle):.5f} {math.sin(angle):.5f} 0" for angle in angles] + [f"v 0 0 {1 + which}"]
    lines += [f"f {at + 1} {(at + 1) % corners + 1} {corners + 1}" for at in range(corners)]
    lines.append("f " + " ".join(str(at) for at in range(corners, 0, -1)))
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path
