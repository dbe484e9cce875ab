"""Apps that give sounds and films in which no model had a part."""

# mypy: ignore-errors
# apps as their authors write them, without types

from __future__ import annotations

import random
import time
from pathlib import Path

import numpy as np

from tests import probe_gallery_made as make
from tests.made_noise import NOISES, SOUND_NOISES


def fake_sounds(folder):
    """Function, what it takes, what it gives."""
    rate = make.RATE
    clips = [make.spoken(words) for words in ("good morning to you", "the train is late", "open the door please")]
    rest = np.zeros(rate, "int16")

    def click(text):
        sound = rest.copy()
        sound[rate // 2 : rate // 2 + 40] = 20_000
        return rate, sound

    def hiss(text):
        return rate, (np.random.default_rng().normal(size=rate) * 5_000).astype("int16")

    def one_of_two_clips(text):
        return clips[make.number_of(text) % 2]

    def coloured(kind):
        def fake(text):
            return rate, (SOUND_NOISES[kind](2 * rate, rate, make.number_of(text)) * 32_767).astype("int16")

        fake.__name__ = f"noise_{kind}"
        return fake

    def tone_of_length(text):
        return rate, (np.sin(2 * np.pi * (200 + 7 * len(text)) * np.arange(rate) / rate) * 9_000).astype("int16")

    def beeps(text):
        times = np.arange(rate // 10) / rate
        tones = [np.sin(2 * np.pi * (300 + 25 * (ord(one) % 32)) * times) for one in text[:15]]
        return rate, (np.concatenate(tones) * 9_000).astype("int16")

    def same_clip(text):
        return clips[0]

    def random_clip(text):
        return random.choice(clips)

    def random_tune(text):
        return make.tune(None)

    def random_strings(text):
        return make.plucked(None)

    def cut_clip(text):
        start = random.randrange(rate // 4)
        return rate, np.tile(clips[1][1], 2)[start : start + rate]

    def constant(text):
        return rate, np.full(rate, 9_000, "int16")

    def square(text):
        return rate, (np.sign(np.sin(2 * np.pi * 150 * np.arange(rate) / rate)) * 32_767).astype("int16")

    def half_file(text):
        path = make.named(folder, ("half", text), ".wav")
        data = Path(make.saved(make.spoken(text), path)).read_bytes()
        path.write_bytes(data[: len(data) // 3])
        return str(path)

    def page_as_sound(text):
        path = make.named(folder, ("page", text), ".wav")
        path.write_text("<!DOCTYPE html><html><body><h1>502 Bad Gateway</h1></body></html>")
        return str(path)

    def sound_again(sound):
        return sound

    def quieter(sound):
        return sound[0], (sound[1] * 0.5).astype("int16")

    text, found = ("text",), (
        click, hiss, tone_of_length, beeps, same_clip, random_clip, random_tune, random_strings, cut_clip, constant,
        square, half_file, page_as_sound, one_of_two_clips, *map(coloured, ("pink", "stretched")),
    )  # fmt: skip
    return [
        *((one, text, "audio") for one in found),
        (sound_again, ("audio",), "audio"),
        (quieter, ("audio",), "audio"),
    ]


def fake_films(folder):
    """Function, what it takes, what it gives."""
    still = np.asarray(make.texture(21, 112))
    clips = [make.film(make.drifting(seed), make.named(folder, ("clip", seed), ".mp4")) for seed in (31, 32, 33)]
    black = make.film([np.zeros((96, 96, 3), "uint8")] * 12, make.named(folder, "black", ".mp4"))
    frozen = make.film([still[:96, :96]] * 12, make.named(folder, "frozen", ".mp4"))
    single = make.film([still[:96, :96]], make.named(folder, "single", ".mp4"))

    def black_film(prompt):
        return black

    def frozen_film(prompt):
        return frozen

    def single_frame(prompt):
        return single

    def same_film(prompt):
        return clips[0]

    def random_film(prompt):
        return random.choice(clips)

    def random_flight(prompt):
        return make.film(make.drifting(time.time_ns() % 2**32), make.named(folder, time.time_ns(), ".mp4"))

    def noise_film(prompt):
        draw = np.random.default_rng(make.number_of(prompt))
        frames = [draw.integers(0, 256, (96, 96, 3), dtype="uint8") for _ in range(12)]
        return make.film(frames, make.named(folder, ("noise", prompt), ".mp4"))

    def soft_noise_film(prompt):
        seed = make.number_of(prompt) % 1_000_000
        frames = [np.asarray(NOISES["doubled smoothly"](160, seed + at)) for at in range(12)]
        return make.film(frames, make.named(folder, ("soft", prompt), ".mp4"))

    def shaken_still(prompt):
        places = [(random.randrange(16), random.randrange(16)) for _ in range(12)]
        frames = [still[top : top + 96, left : left + 96] for top, left in places]
        return make.film(frames, make.named(folder, time.time_ns(), ".mp4"))

    def half_film(prompt):
        path = make.named(folder, ("half", prompt), ".mp4")
        data = Path(make.film(make.drifting(make.number_of(prompt)), path)).read_bytes()
        path.write_bytes(data[: len(data) // 2])
        return str(path)

    def picture_as_film(prompt):
        path = make.named(folder, ("picture", prompt), ".mp4")
        make.texture(make.number_of(prompt)).save(path, "PNG")
        return str(path)

    def page_as_film(prompt):
        path = make.named(folder, ("page", prompt), ".mp4")
        path.write_text("<!DOCTYPE html><html><body><h1>404 Not Found</h1></body></html>")
        return str(path)

    def film_again(video):
        return video

    text, found = ("text",), (
        black_film, frozen_film, single_frame, same_film, random_film, random_flight, noise_film,
        soft_noise_film, shaken_still, half_film, picture_as_film, page_as_film,
    )  # fmt: skip
    return [*((one, text, "video") for one in found), (film_again, ("video",), "video")]
