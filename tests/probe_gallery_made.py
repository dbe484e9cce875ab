"""What apps of the gallery make answers with: real algorithms and small models, seeded pictures, sounds and films."""

# mypy: ignore-errors
# parts of apps as their authors write them, without types

from __future__ import annotations

import hashlib
import itertools
import re
import wave
from pathlib import Path

import av
import numpy as np
from PIL import Image

RATE = 16_000
STORY = """
the sea was calm and the ship sailed slowly into the harbour where the old captain waited for the letter that
his daughter had written in the winter before the snow fell on the mountains and the rivers froze the train
left the city at dawn and crossed the wide plain while the children counted the white horses near the water
the soup was warm and the bread was fresh so the travellers stayed in the small house until the rain had
stopped a bird sang in the garden and the cook opened the window to hear it better than the clock in the tower
could tell
""".split()  # noqa: SIM905 - a text


def number_of(text):
    """A number that a text always gives."""
    return int(hashlib.sha256(str(text).encode()).hexdigest()[:8], 16)


def texture(seed, size=192):
    """A cloudy picture with the spectrum of a landscape, in colours of its own."""
    draw = np.random.default_rng(seed)
    waves = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.fftfreq(size)[None])
    waves[0, 0] = 1
    planes = [np.fft.ifft2(np.fft.fft2(draw.normal(size=(size, size))) / waves**1.3).real for _ in range(3)]
    levels = [(one - one.min()) / (one.max() - one.min()) for one in planes]
    tint = draw.uniform(0.3, 1.0, 3)
    return Image.fromarray((np.stack(levels, -1) * tint * 255).astype("uint8"))


def network(seed, size=160):
    """A picture of a network with random weights that maps places to colours."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[-1 : 1 : size * 1j, -1 : 1 : size * 1j]
    layer = np.stack([x, y, np.hypot(x, y), np.ones_like(x)], -1)
    for width in (16, 16):
        layer = np.tanh(layer @ draw.normal(0, 1.8, (layer.shape[-1], width)))
    return Image.fromarray((255 / (1 + np.exp(-layer @ draw.normal(0, 1.5, (16, 3))))).astype("uint8"))


def maze(seed, cells=21):
    """A maze with one way between any two places, dug by a walk that turns back where it is stuck."""
    draw = np.random.default_rng(seed)
    open_ = np.zeros((2 * cells + 1, 2 * cells + 1), dtype="uint8")
    way = [(1, 1)]
    open_[1, 1] = 255
    while way:
        y, x = way[-1]
        steps = [(0, 2), (2, 0), (0, -2), (-2, 0)]
        free = [(dy, dx) for dy, dx in steps if 0 < y + dy < 2 * cells and 0 < x + dx < 2 * cells]
        free = [(dy, dx) for dy, dx in free if not open_[y + dy, x + dx]]
        if not free:
            way.pop()
            continue
        dy, dx = free[int(draw.integers(len(free)))]
        open_[y + dy // 2, x + dx // 2] = open_[y + dy, x + dx] = 255
        way.append((y + dy, x + dx))
    return Image.fromarray(open_).resize((344, 344), Image.Resampling.NEAREST)


def drummed(seed):
    """Two bars of drums: a deep one that falls in pitch, and a hiss between."""
    draw = np.random.default_rng(seed)
    sound, size = np.zeros(RATE * 2), RATE // 5
    fades, times = np.exp(-np.arange(size) / RATE * 22), np.arange(size) / RATE
    for beat in range(8):
        low = np.sin(2 * np.pi * (90 - 150 * times) * times) * (beat % 2 == 0 or draw.random() < 0.4)
        high = 0.4 * draw.normal(size=size) * (draw.random() < 0.7)
        sound[beat * RATE // 4 :][:size] += (low + high) * fades
    return RATE, (sound / np.abs(sound).max() * 20_000).astype("int16")


FORMANTS = {"a": (800, 1200), "e": (450, 2100), "i": (300, 2300), "o": (480, 850), "u": (320, 700)}


def spoken(text, jitter=None):
    """A voice: pulses through two resonances per letter, and a hiss for consonants."""
    draw = jitter or np.random.default_rng(1)
    pieces = []
    for at, letter in enumerate(re.sub(r"[^a-z ]", "", text.lower())[:28] or "a"):
        size = int(RATE * (0.09 if letter in FORMANTS else 0.05) * (1 + (0.1 * draw.normal() if jitter else 0)))
        times = np.arange(size) / RATE
        if letter == " ":
            piece = np.zeros(size)
        elif letter in FORMANTS:
            pitch = 120 + 10 * np.sin(at / 3) + (4 * draw.normal() if jitter else 0)
            first, second = FORMANTS[letter]
            piece = sum(
                np.sin(2 * np.pi * pitch * n * times)
                * (1 / (1 + ((pitch * n - first) / 90) ** 2) + 0.5 / (1 + ((pitch * n - second) / 120) ** 2))
                for n in range(1, 25)
            )
        else:
            tuned = 900 + 110 * (ord(letter) - 97)
            piece = np.convolve(draw.normal(size=size), np.sin(2 * np.pi * tuned * times[:40]), "same") * 0.05
        pieces.append(piece * np.hanning(size))
    sound = np.concatenate(pieces)
    return RATE, (sound / np.abs(sound).max() * 20_000).astype("int16")


def plucked(seed, notes=5):
    """Strings after Karplus and Strong: noise that goes round a filter."""
    draw = np.random.default_rng(seed)
    pieces = []
    for _ in range(notes):
        period = int(RATE / (110 * 2 ** (draw.integers(0, 24) / 12)))
        ring, out = draw.uniform(-1, 1, period), np.zeros(RATE // 3)
        for at in range(0, len(out), period):
            part = ring[: len(out) - at]
            out[at : at + len(part)] = part
            ring = 0.5 * (ring + np.roll(ring, 1))
        pieces.append(out)
    return RATE, (np.concatenate(pieces) * 15_000).astype("int16")


def tune(seed, notes=6):
    """Bare tones one after the other."""
    draw = np.random.default_rng(seed)
    times = np.arange(RATE // 5) / RATE
    tones = [np.sin(2 * np.pi * 220 * 2 ** (draw.integers(0, 24) / 12) * times) for _ in range(notes)]
    return RATE, (np.concatenate(tones) * 12_000).astype("int16")


def film(frames, path, rate=12):
    """Frames, arrays of 8-bit colours, as an MP4 file."""
    with av.open(str(path), "w", format="mp4") as out:
        stream = out.add_stream("libx264", rate=rate)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(np.ascontiguousarray(frame), format="rgb24")))
        out.mux(stream.encode(None))
    return str(path)


def drifting(seed, count=16, size=96):
    """Frames of a cloudy picture that one flies over."""
    whole = np.asarray(texture(seed, 2 * size))
    return [whole[2 * at : 2 * at + size, 3 * at : 3 * at + size] for at in range(count)]


def frames_of(path):
    """The frames of a film."""
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


def saved(sound, path):
    """A sound as a WAV file."""
    rate, samples = sound
    with wave.open(str(path), "wb") as out:
        out.setparams((1, 2, rate, 0, "NONE", ""))
        out.writeframes(samples.tobytes())
    return str(path)


def follows():
    """For each word of the story, the words that come after it: a model of pairs, trained by counting."""
    table = {}
    for one, two in itertools.pairwise(STORY):
        table.setdefault(one, []).append(two)
    return table


TABLE = follows()


def told(text, draw, length=18):
    """The story that the model of pairs continues a text with."""
    known = [word for word in re.findall(r"[a-z]+", text.lower()) if word in TABLE]
    word = known[-1] if known else STORY[number_of(text) % len(STORY)]
    words = []
    for _ in range(length):
        options = TABLE.get(word) or STORY
        word = options[int(draw.integers(len(options)))] if draw is not None else max(set(options), key=options.count)
        words.append(word)
    return " ".join(words) + "."


GOOD, BAD = "wonderful kind delicious happy best love great fresh warm", "terrible cold broken late worst hate sad dull"


def trained():
    """Weights of a logistic regression over words, trained on the spot."""
    words = sorted({*GOOD.split(), *BAD.split()})
    weights, draw = dict.fromkeys(words, 0.0), np.random.default_rng(0)
    for _ in range(300):
        good = bool(draw.integers(2))
        chosen = draw.choice((GOOD if good else BAD).split(), 3)
        guess = 1 / (1 + np.exp(-sum(weights[word] for word in chosen)))
        for word in chosen:
            weights[word] += 0.3 * (good - guess)
    return weights


WEIGHTS = trained()


def feeling(text):
    """How good a text sounds, 0 to 1; letters have a small part in it, as tokens have."""
    words = re.findall(r"[a-z]+", text.lower())
    sum_ = sum(WEIGHTS.get(word, 0.0) for word in words) + 0.01 * (sum(map(ord, text)) % 37 - 18)
    return float(1 / (1 + np.exp(-sum_)))


def embedded(text, size=32):
    """A vector of a text: its letter triples through a random matrix, of length 1."""
    vector = np.zeros(size)
    for at in range(len(text)):
        vector += np.random.default_rng(number_of(text[at : at + 3].lower())).normal(size=size)
    return [round(float(one), 5) for one in vector / np.linalg.norm(vector)]


def named(folder: Path, content, suffix):
    """A path for content, always the same for the same."""
    return folder / f"{hashlib.sha256(repr(content).encode()).hexdigest()[:24]}{suffix}"
