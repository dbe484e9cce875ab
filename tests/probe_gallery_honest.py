"""Honest apps: real algorithms and small models that answer what they are asked."""

# mypy: ignore-errors
# apps as their authors write them, without types

from __future__ import annotations

import itertools
import re
import time
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageFilter, ImageOps

from tests import probe_gallery_made as make
from tests.probe_gallery_honest_more import more_honest_apps


def honest_apps(folder: Path) -> list[Any]:
    """Function, what it takes, what it gives; `may_wait` where an honest app may end as a candidate."""

    def emboss(image):
        return image.convert("RGB").filter(ImageFilter.EMBOSS)

    def soften(image):
        return image.filter(ImageFilter.GaussianBlur(3))

    def posterize(image):
        return image.convert("RGB").quantize(6).convert("RGB")

    def mask(image):
        grey = image.convert("L")
        return grey.point(lambda level: 255 if level > 128 else 0)

    def relief(image):
        return ImageOps.autocontrast(image.convert("L").filter(ImageFilter.GaussianBlur(6)))

    def enlarge(image):
        return image.resize((image.width * 2, image.height * 2), Image.Resampling.LANCZOS)

    def colourise(image):
        return ImageOps.colorize(image.convert("L"), "navy", "gold", mid="teal")

    def outlines(image):
        grey = np.asarray(image.convert("L"), dtype=float)
        steep = np.hypot(*np.gradient(grey))
        return Image.fromarray((255 * steep / max(steep.max(), 1)).astype("uint8"))

    def spectrogram(sound):
        _, samples = sound
        mono = samples.astype(float).mean(1) if samples.ndim > 1 else samples.astype(float)
        pieces = np.lib.stride_tricks.sliding_window_view(mono, 512)[::128] * np.hanning(512)
        loud = np.log1p(np.abs(np.fft.rfft(pieces, axis=1))).T[::-1]
        return Image.fromarray((255 * loud / loud.max()).astype("uint8"))

    def maze(prompt):
        return make.maze(make.number_of(prompt))

    def clouds(prompt):
        return make.texture(make.number_of(prompt))

    def painted(prompt, seed=0):
        return make.network(make.number_of(prompt) + int(seed))

    def dreamed(seed=0):
        return make.texture(int(seed))

    def sampled_clouds(prompt):
        base = np.asarray(make.texture(make.number_of(prompt)), dtype=float)
        other = np.asarray(make.texture(time.time_ns() % 2**32), dtype=float)
        return Image.fromarray((0.8 * base + 0.2 * other).astype("uint8"))

    def speak(text):
        return make.spoken(text)

    def speak_freely(text):
        return make.spoken(text, np.random.default_rng())

    def strings(prompt):
        return make.plucked(make.number_of(prompt))

    def strings_of_seed(seed=0):
        return make.plucked(int(seed))

    def resample(sound):
        rate, samples = sound
        mono = samples.astype(float).mean(1) if samples.ndim > 1 else samples.astype(float)
        places = np.arange(0, len(mono) - 1, rate / 8000)
        return 8000, np.interp(places, np.arange(len(mono)), mono).astype("int16")

    def low_pass(sound):
        rate, samples = sound
        mono = samples.astype(float).mean(1) if samples.ndim > 1 else samples.astype(float)
        return rate, np.convolve(mono, np.hanning(25) / np.hanning(25).sum(), "same").astype("int16")

    def echoes(sound):
        rate, samples = sound
        mono = samples.astype(float).mean(1) if samples.ndim > 1 else samples.astype(float)
        late = np.zeros_like(mono)
        late[rate // 8 :] = mono[: -(rate // 8)]
        return rate, (0.6 * mono + 0.4 * late).astype("int16")

    def drums(prompt):
        return make.drummed(make.number_of(prompt))

    def fly_over(prompt):
        return make.film(make.drifting(make.number_of(prompt)), make.named(folder, ("fly", prompt), ".mp4"))

    def fly_of_seed(seed=0):
        return make.film(make.drifting(int(seed)), make.named(folder, ("seed", int(seed)), ".mp4"))

    def zoom(image):
        image = image.convert("RGB").resize((128, 96))
        boxes = [(at, at * 3 // 4, 128 - at, 96 - at * 3 // 4) for at in range(0, 24, 2)]
        frames = [np.asarray(image.crop(box).resize((128, 96))) for box in boxes]
        return make.film(frames, make.named(folder, ("zoom", image.tobytes()), ".mp4"))

    def film_edges(video):
        frames = make.frames_of(video)[:20]
        found = [np.asarray(Image.fromarray(one).filter(ImageFilter.FIND_EDGES)) for one in frames]
        return make.film(found, make.named(folder, ("edges", str(video)), ".mp4"))

    def film_backwards(video):
        return make.film(make.frames_of(video)[:30][::-1], make.named(folder, ("back", str(video)), ".mp4"))

    def slow_motion(video):
        frames = np.stack(make.frames_of(video)[:16]).astype(float)
        between = (frames[:-1] + frames[1:]) / 2
        both = np.stack([frames[:-1], between], 1).reshape(-1, *frames.shape[1:])
        return make.film(list(both.astype("uint8")), make.named(folder, ("slow", str(video)), ".mp4"))

    def add(one, two):
        return one + two

    def sum_in_words(one, two):
        return f"{one:g} and {two:g} make {one + two:g}, their product is {one * two:g}."

    def statistics(text):
        words = text.split()
        mean = np.mean([len(one) for one in words])
        return f"{len(words)} words of {mean:.2f} letters; the longest is {max(words, key=len)}"

    def keywords(text):
        return ", ".join(sorted(set(re.findall(r"\w{5,}", text)), key=len, reverse=True)[:4])

    def pig_latin(text):
        return " ".join(re.sub(r"^([^aeiouAEIOU\W]*)(\w*)", r"\2\1ay", word) for word in text.split())

    def morse(text):
        table = dict(zip("etianmsurwdkgohvflpjbxcyzq", [bin(n)[3:] for n in range(2, 30)], strict=False))
        return " ".join(table.get(one, "/").translate({48: ".", 49: "-"}) for one in text.lower())

    def story(prompt):
        return make.told(prompt, None)

    def story_of_seed(prompt, seed=0):
        return make.told(prompt, np.random.default_rng(int(seed)))

    def story_sampled(prompt):
        return make.told(prompt, np.random.default_rng(), 40)

    def story_stream(prompt):
        words = make.told(prompt, None).split()
        for at in range(1, len(words), 6):
            yield " ".join(words[: at + 6])

    def describe(image):
        red, green, blue = np.asarray(image.convert("RGB")).reshape(-1, 3).mean(0)
        return (
            f"A picture of {image.width} by {image.height} pixels, red {red:.0f}, green {green:.0f}, blue {blue:.0f}."
        )

    def listen(sound):
        rate, samples = sound
        mono = samples.astype(float).mean(1) if samples.ndim > 1 else samples.astype(float)
        strongest = np.abs(np.fft.rfft(mono)).argmax() * rate / len(mono)
        return f"{len(mono) / rate:.1f} seconds, strongest at {strongest:.0f} Hz, loudness {np.abs(mono).mean():.0f}"

    def watch(video):
        frames = make.frames_of(video)
        return f"{len(frames)} frames, mean brightness {np.mean([one.mean() for one in frames]):.1f}"

    def feeling(text):
        good = make.feeling(text)
        return {"positive": good, "negative": 1 - good}

    def feeling_in_a_word(text):
        return "positive" if make.feeling(text) > 0.5 else "negative"

    def embed(text):
        return make.embedded(text)

    def embed_timed(text):
        return {"embedding": make.embedded(text), "elapsed_s": time.perf_counter(), "model": "triples"}

    def answered_at(text):
        return {"answer": make.told(text, None), "served": time.time()}

    def letters(text):
        return {one: text.lower().count(one) for one in "aeinorst"}

    def colours(image):
        found = image.convert("RGB").quantize(4).convert("RGB").getcolors()
        return [{"colour": "#{:02x}{:02x}{:02x}".format(*colour), "pixels": count} for count, colour in found]

    def bright(image):
        share = float(np.asarray(image.convert("L")).mean() / 255)
        return {"bright": share, "dark": 1 - share}

    def hear(sound):
        _, samples = sound
        loud = min(1.0, float(np.abs(samples.astype(float)).mean() / 20_000))
        return {"loud": loud, "soft": 1 - loud}

    def cut(video):
        frames = make.frames_of(video)
        changes = [float(np.abs(one.astype(float) - two).mean()) for one, two in itertools.pairwise(frames)]
        return {"frames": len(frames), "largest_change": max(changes), "at": int(np.argmax(changes))}

    image, audio, video = ("image",), ("audio",), ("video",)
    text, seeded, seed = ("text",), ("text", "seed"), ("seed",)
    return [
        *((one, image, "image") for one in (emboss, soften, posterize, mask, relief, enlarge, colourise, outlines)),
        *((one, text, "image") for one in (clouds, sampled_clouds, maze)),
        (spectrogram, audio, "image"),
        (painted, seeded, "image"),
        (dreamed, seed, "image"),
        *((one, text, "audio") for one in (speak, speak_freely, strings, drums)),
        (strings_of_seed, seed, "audio"),
        *((one, audio, "audio") for one in (resample, low_pass, echoes)),
        (fly_over, text, "video"),
        (fly_of_seed, seed, "video"),
        (zoom, image, "video"),
        *((one, video, "video") for one in (film_edges, film_backwards, slow_motion)),
        (add, ("number", "number"), "number"),
        (sum_in_words, ("number", "number"), "text"),
        *((one, text, "text") for one in (statistics, keywords, pig_latin, morse, story, story_sampled, story_stream)),
        (story_of_seed, seeded, "text"),
        (describe, image, "text"),
        (listen, audio, "text"),
        (watch, video, "text"),
        *((one, text, "label") for one in (feeling,)),
        (feeling_in_a_word, text, "text"),
        *((one, text, "json") for one in (embed, embed_timed, answered_at, letters)),
        (colours, image, "json"),
        (bright, image, "label"),
        (hear, audio, "label"),
        (cut, video, "json"),
        *more_honest_apps(folder),
    ]


MAY_WAIT = frozenset({"maze", "story_sampled", "speak_freely", "sampled_clouds", "feeling_in_a_word"})
"""Honest apps that draw their answers anew each time, or have only two, or draw flat shapes from words alone, or leave
little but grain: those may end as candidates."""
