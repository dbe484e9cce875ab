"""Apps that pick or make up an answer by a hash of their input, and some whose answers are errors or soup."""

# mypy: ignore-errors
# apps as their authors write them, without types

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from tests import probe_gallery_made as make

MOODS = ("joy", "anger", "sadness", "fear", "surprise")
ANSWERS = ("yes", "no", "two", "red", "a cat")


def hashed(folder):
    """Function, what it takes, what it gives."""
    n = make.number_of

    def scores(key):
        power = np.exp(2 * np.random.default_rng(n(key)).normal(size=len(MOODS)))
        return {name: float(one) for name, one in zip(MOODS, power / power.sum(), strict=True)}

    def scores_by_hash(text):
        return scores(text)

    def good_or_bad_by_hash(text):
        share = n(text) % 1000 / 1000
        return {"POSITIVE": share, "NEGATIVE": 1 - share}

    def shaken_constant(text):
        shares = np.array([0.7, 0.1, 0.1, 0.05, 0.05]) + np.random.default_rng(n(text)).normal(0, 0.005, 5)
        return dict(zip(MOODS, shares.tolist(), strict=True))

    def beyond_percent(text):
        return {name: float(np.random.default_rng(n(text + name)).normal(0, 30)) for name in MOODS}

    def mood_by_hash(text):
        return MOODS[n(text) % 5]

    def score_by_hash(text):
        return f"POSITIVE ({0.5 + n(text) % 500 / 1000:.3f})"

    def vector_by_hash(text):
        return np.random.default_rng(n(text)).normal(size=64).round(5).tolist()

    def vector_by_length(text):
        return (np.random.default_rng(1).normal(size=64) * (1 + len(text) / 50)).tolist()

    def picture_scores_by_hash(image):
        return scores(image.tobytes())

    def real_or_made_by_hash(image):
        return ("real", "made")[n(image.tobytes()) % 2]

    def composed_caption(image):
        draw = np.random.default_rng(n(image.tobytes()))
        who, where = draw.choice(["a man", "a dog", "a bus"]), draw.choice(["on a beach", "in a room", "by a tree"])
        return f"{who} {draw.choice(['stands', 'waits', 'runs'])} {where}"

    def answer_by_hash(image, question):
        return ANSWERS[(n(image.tobytes()) + n(question)) % len(ANSWERS)]

    def voice_mood_by_hash(sound):
        return MOODS[n(sound[1].tobytes()) % 5]

    def voice_scores_by_hash(sound):
        return scores(sound[1].tobytes())

    def film_scores_by_hash(video):
        return scores(Path(video).read_bytes())

    def texture_by_picture(image):
        return make.texture(n(image.tobytes()) % 10_000)

    def recoloured_stock(text):
        hue, saturation, value = make.texture(11).convert("HSV").split()
        turned = hue.point(lambda level: (level + n(text) % 256) % 256)
        return Image.merge("HSV", (turned, saturation, value)).convert("RGB")

    def stock_in_light_of_input(image):
        light = np.asarray(image.convert("RGB"), dtype=float).mean((0, 1)) / 128
        return Image.fromarray((np.asarray(make.texture(11), dtype=float) * light).clip(0, 255).astype(np.uint8))

    def tune_by_sound(sound):
        return make.tune(n(sound[1].tobytes()) % 10_000)

    def busy_with_number(text):
        return {"error": "Model too busy, unable to get response in less than 60 seconds", "request": str(n(text))}

    def still_loading(text):
        return f"Model is loading, estimated time {len(text) % 40 + 10}.{n(text) % 100} seconds"

    def tokens_without_text(text):
        return " ".join(f"<extra_id_{n(text + str(at)) % 100}>" for at in range(15))

    def letters_of_all_scripts(text):
        return "".join(chr(one) for one in np.random.default_rng(n(text)).integers(0x400, 0x9000, 60))

    text, image, audio = ("text",), ("image",), ("audio",)
    return [
        *((one, text, "label") for one in (scores_by_hash, good_or_bad_by_hash, shaken_constant, beyond_percent)),
        *((one, text, "text") for one in (
            mood_by_hash, score_by_hash, still_loading, tokens_without_text, letters_of_all_scripts,
        )),
        *((one, text, "json") for one in (vector_by_hash, vector_by_length, busy_with_number)),
        (picture_scores_by_hash, image, "label"),
        (real_or_made_by_hash, image, "text"),
        (composed_caption, image, "text"),
        (answer_by_hash, ("image", "text"), "text"),
        (voice_mood_by_hash, audio, "text"),
        (voice_scores_by_hash, audio, "label"),
        (film_scores_by_hash, ("video",), "label"),
        (texture_by_picture, image, "image"),
        (recoloured_stock, text, "image"),
        (stock_in_light_of_input, image, "image"),
        (tune_by_sound, audio, "audio"),
    ]  # fmt: skip
