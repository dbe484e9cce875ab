"""More honest apps: filters, small networks with random weights, instruments, and texts and data that are computed."""

# mypy: ignore-errors
# apps as their authors write them, without types

from __future__ import annotations

import re
from collections import Counter

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from tests import probe_gallery_made as make


def more_honest_apps(folder):
    """Function, what it takes, what it gives."""
    return [*_pictures(), *_sounds(), *_films(folder), *_words()]


def _pictures():
    weights = [
        np.random.default_rng(5).normal(0, 0.4, (8, 3, 3, 3)),
        np.random.default_rng(6).normal(0, 0.3, (3, 8, 3, 3)),
    ]

    def sharpen(image):
        return image.convert("RGB").filter(ImageFilter.SHARPEN)

    def invert(image):
        return ImageOps.invert(image.convert("RGB"))

    def turn(image):
        return image.transpose(Image.Transpose.ROTATE_90)

    def pixelate(image):
        return image.resize((32, 24), Image.Resampling.BOX).resize(image.size, Image.Resampling.NEAREST)

    def dither(image):
        return image.convert("1").convert("L")

    def few_colours(image):
        return image.convert("RGB").quantize(8, method=1).convert("RGB")

    def heat(image):
        grey = np.asarray(image.convert("L").resize((192, 144)).filter(ImageFilter.GaussianBlur(8)), dtype=float)
        level = (grey - grey.min()) / np.ptp(grey)
        return Image.fromarray((np.stack([level, 1 - np.abs(2 * level - 1), 1 - level], -1) * 255).astype("uint8"))

    def boxes_drawn(image):
        marked = image.convert("RGB").copy()
        box = image.convert("L").point(lambda level: 255 * (level > 128)).getbbox() or (0, 0, 9, 9)
        ImageDraw.Draw(marked).rectangle(box, outline="red", width=3)
        return marked

    def cut_out(image):
        pixels = np.asarray(image.convert("RGB"), dtype=float)
        apart = np.abs(pixels - pixels[0, 0]).sum(-1)
        return Image.fromarray(np.where((apart > 60)[..., None], pixels, 255).astype("uint8"))

    def random_network(image):
        layer = np.asarray(image.convert("RGB").resize((96, 72)), dtype=float).transpose(2, 0, 1) / 255
        for at, weight in enumerate(weights):
            seen = np.lib.stride_tricks.sliding_window_view(np.pad(layer, ((0, 0), (1, 1), (1, 1))), (3, 3), (1, 2))
            sums = np.einsum("chwij,ocij->ohw", seen, weight)
            layer = 1 / (1 + np.exp(-sums)) if at else np.tanh(sums)
        return Image.fromarray((layer.transpose(1, 2, 0) * 255).astype("uint8"))

    def cells(prompt):
        draw = np.random.default_rng(make.number_of(prompt))
        places, colours = draw.random((24, 2)), draw.integers(0, 256, (24, 3))
        y, x = np.mgrid[0:1:192j, 0:1:192j]
        apart = (x[..., None] - places[:, 0]) ** 2 + (y[..., None] - places[:, 1]) ** 2
        shade = np.exp(-6 * np.sqrt(apart.min(-1)))[..., None]
        return Image.fromarray((colours[apart.argmin(-1)] * shade).astype("uint8"))

    def decoded(prompt):
        draw = np.random.default_rng(9)
        hidden = np.tanh(np.array(make.embedded(prompt)) @ draw.normal(0, 2, (32, 64)))
        small = (hidden @ draw.normal(0, 1, (64, 12 * 12 * 3))).reshape(12, 12, 3)
        level = (small - small.min()) / np.ptp(small)
        return Image.fromarray((level * 255).astype("uint8")).resize((192, 192), Image.Resampling.BICUBIC)

    changed = (sharpen, invert, turn, pixelate, dither, few_colours, heat, boxes_drawn, cut_out, random_network)
    return [*((one, ("image",), "image") for one in changed), *((one, ("text",), "image") for one in (cells, decoded))]


def _sounds():
    def higher(sound):
        rate, samples = sound
        places = np.arange(0, len(samples) - 1, 1.25)
        return rate, np.interp(places, np.arange(len(samples)), samples.astype(float)).astype("int16")

    def backwards_sound(sound):
        return sound[0], sound[1][::-1].copy()

    def tremolo(sound):
        rate, samples = sound
        return rate, (samples * (0.55 + 0.45 * np.sin(12 * np.pi * np.arange(len(samples)) / rate))).astype("int16")

    def strongest_only(sound):
        rate, samples = sound
        found = np.fft.rfft(samples.astype(float))
        found[np.abs(found) < np.quantile(np.abs(found), 0.7)] = 0
        return rate, np.fft.irfft(found, len(samples)).astype("int16")

    def organ(text):
        times, notes = np.arange(4800) / make.RATE, []
        for letter in re.sub("[^a-z]", "", text.lower())[:14]:
            pitch = 110 * 2 ** ((ord(letter) - 97) / 12)
            notes.append(sum(np.sin(2 * np.pi * pitch * n * times) / n for n in range(1, 9)) * np.exp(-times * 4))
        whole = np.concatenate(notes)
        return make.RATE, (whole / np.abs(whole).max() * 20_000).astype("int16")

    changed = (higher, backwards_sound, tremolo, strongest_only)
    return [*((one, ("audio",), "audio") for one in changed), (organ, ("text",), "audio")]


def _films(folder):
    def film_inverted(video):
        frames = [255 - frame for frame in make.frames_of(video)[:20]]
        return make.film(frames, make.named(folder, ("inverted", str(video)), ".mp4"))

    def ripples(prompt):
        draw = np.random.default_rng(make.number_of(prompt))
        y, x = np.mgrid[0:96, 0:128] / 20
        sources = [(draw.uniform(0, 6), draw.uniform(0, 5), draw.uniform(1, 4)) for _ in range(5)]
        frames = []
        for at in range(20):
            high = sum(np.sin(k * np.hypot(x - a, y - b) - at / 2) for a, b, k in sources) / 3
            frames.append((127 + 120 * np.tanh(high))[..., None].repeat(3, -1).astype("uint8"))
        return make.film(frames, make.named(folder, ("ripples", prompt), ".mp4"))

    return [(film_inverted, ("video",), "video"), (ripples, ("text",), "video")]


def _words():
    known = {"the": "der", "a": "ein", "is": "ist", "was": "war", "and": "und", "to": "zu", "of": "von", "with": "mit"}

    def told_feeling(text):
        good = make.feeling(text)
        return f"The sentiment of this text is {'positive' if good > 0.5 else 'negative'} with a score of {good:.3f}."

    def word_for_word(text):
        return " ".join(known.get(word.lower().strip(".,!:"), word) for word in text.split())

    def poem(text):
        draw = np.random.default_rng(make.number_of(text))
        nouns, verbs = ["sea", "moon", "wind", "stone", "river", "bird"], ["sings", "sleeps", "waits", "burns", "falls"]
        return "\n".join(f"The {draw.choice(nouns)} {draw.choice(verbs)} by the {draw.choice(nouns)}" for _ in range(4))

    def drawn_in_signs(image):
        grey = np.asarray(image.convert("L").resize((32, 12)), dtype=int)
        return "\n".join("".join(" .:-=+*#%@"[level * 10 // 256] for level in row) for row in grey)

    def caption(image):
        mean = np.asarray(image.convert("RGB").resize((8, 8))).mean((0, 1))
        tone = "bright" if mean.mean() > 120 else "dark"
        return f"a {tone} picture with much {['red', 'green', 'blue'][int(mean.argmax())]}"

    def vowels_heard(sound):
        _, samples = sound
        parts = [samples[at : at + 2000].astype(float) for at in range(0, len(samples) - 2000, 2000)]
        found = [int(np.abs(np.fft.rfft(part)).argmax()) for part in parts]
        return " ".join("aeiou"[one % 5] + "nrstl"[one // 5 % 5] for one in found)

    def topics(text):
        counts = Counter(re.findall(r"\w{4,}", text.lower()))
        return {word: count / counts.total() for word, count in counts.most_common(4)}

    def brightest(image):
        grey = np.asarray(image.convert("L").resize((64, 48)), dtype=float)
        y, x = np.nonzero(grey > grey.mean() + grey.std())
        box = [int(one) for one in (x.min(), y.min(), x.max(), y.max())] if len(x) else []
        return [{"label": "bright", "score": round(float(grey[y, x].mean() / 255), 3), "box": box}] if len(x) else []

    def pitch(sound):
        rate, samples = sound
        power = np.abs(np.fft.rfft(samples.astype(float)))
        centre = float((power * np.arange(len(power))).sum() / power.sum() * rate / len(samples))
        return {"peak_hz": float(power.argmax() * rate / len(samples)), "centre_hz": centre}

    def guessed(image):
        pixels = np.asarray(image.convert("RGB").resize((4, 4)), dtype=float).ravel() / 255
        score = np.exp(pixels @ np.random.default_rng(2).normal(0, 1, (48, 4)))
        return {name: float(one) for name, one in zip(("cat", "dog", "car", "tree"), score / score.sum(), strict=True)}

    return [
        *((one, ("text",), "text") for one in (told_feeling, word_for_word, poem)),
        *((one, ("image",), "text") for one in (drawn_in_signs, caption)),
        (vowels_heard, ("audio",), "text"),
        (topics, ("text",), "json"),
        (brightest, ("image",), "json"),
        (pitch, ("audio",), "json"),
        (guessed, ("image",), "label"),
    ]
