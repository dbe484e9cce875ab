"""Apps that give pictures in which no model had a part."""

# mypy: ignore-errors
# apps as their authors write them, without types

from __future__ import annotations

import io
import itertools
import random
import time

import numpy as np
from PIL import Image, ImageDraw, ImageOps

from tests import probe_gallery_made as make
from tests.made_noise import NOISES

LIVE = ("doubled smoothly", "blurred", "in a white frame", "fading")
"""noises that are called as apps; all of them are judged as files"""


def fake_pictures(folder):
    """Function, what it takes, what it gives."""
    stock = [make.texture(seed) for seed in (11, 12, 13)]
    turn = itertools.count()

    def white(prompt):
        return Image.new("RGB", (128, 128), "white")

    def transparent(prompt):
        return Image.new("RGBA", (128, 128), (200, 10, 10, 0))

    def one_pixel(prompt):
        return Image.new("RGB", (1, 1), "red")

    def random_noise(prompt):
        return Image.fromarray(np.random.default_rng().integers(0, 256, (128, 128, 3), dtype="uint8"))

    def random_texture(prompt, seed=0):
        return make.texture(time.time_ns() % 2**32)

    def random_stock(prompt):
        return random.choice(stock)

    def stock_in_turn(prompt):
        return stock[next(turn) % 3]

    def cropped_stock(prompt):
        left, top = random.randrange(60), random.randrange(60)
        return stock[0].crop((left, top, left + 130, top + 130))

    def random_shapes(prompt):
        image = Image.new("RGB", (200, 200), "white")
        for _ in range(6):
            box = sorted(random.sample(range(200), 2))
            ImageDraw.Draw(image).ellipse(
                (*box[:1], box[0], box[1], box[1]), fill=f"hsl({random.randrange(360)},90%,50%)"
            )
        return image

    def prompt_on_white(prompt):
        image = Image.new("RGB", (320, 120), "white")
        ImageDraw.Draw(image).text((10, 50), prompt[:40], fill="black")
        return image

    def prompt_on_colour(prompt):
        image = Image.new("RGB", (320, 120), f"hsl({make.number_of(prompt) % 360},70%,40%)")
        ImageDraw.Draw(image).text((10, 50), prompt[:40], fill="white")
        return image

    def slope_of_prompt(prompt):
        hue = make.number_of(prompt) % 360
        return ImageOps.colorize(Image.linear_gradient("L"), f"hsl({hue},80%,30%)", f"hsl({(hue + 90) % 360},80%,70%)")

    def grainy_slope(prompt):
        draw = np.random.default_rng(make.number_of(prompt))
        slope = np.asarray(slope_of_prompt(prompt), dtype=float) + draw.normal(0, 12, (256, 256, 3))
        return Image.fromarray(slope.clip(0, 255).astype("uint8"))

    def board_of_prompt(prompt):
        size = 8 + make.number_of(prompt) % 24
        return Image.fromarray(((np.indices((192, 192)) // size).sum(0) % 2 * 255).astype("uint8"))

    def cut_off(prompt):
        data = io.BytesIO()
        make.texture(make.number_of(prompt)).save(data, "PNG")
        path = make.named(folder, ("cut", prompt), ".png")
        path.write_bytes(data.getvalue()[: data.tell() // 2])
        return str(path)

    def words_as_picture(prompt):
        path = make.named(folder, ("words", prompt), ".png")
        path.write_text(f"a picture of {prompt}")
        return str(path)

    def mirrored_for_all(image):
        return ImageOps.mirror(stock[1])

    def stock_with_words(prompt):
        image = stock[0].copy()
        ImageDraw.Draw(image).text((8, 170), prompt[:30], fill="white")
        return image

    def grained_stock(prompt):
        draw = np.random.default_rng(make.number_of(prompt))
        grained = np.asarray(stock[0], dtype=float) + draw.normal(0, 30, (192, 192, 3))
        return Image.fromarray(grained.clip(0, 255).astype("uint8"))

    def one_of_two_stock(prompt):
        return stock[make.number_of(prompt) % 2]

    def dressed(kind):
        def fake(prompt):
            return NOISES[kind](256, make.number_of(prompt))

        fake.__name__ = "noise_" + "".join(one if one.isalpha() else "_" for one in kind)
        return fake

    text, found = ("text",), (
        white, transparent, one_pixel, random_noise, random_stock, stock_in_turn, cropped_stock, random_shapes,
        prompt_on_white, prompt_on_colour, slope_of_prompt, grainy_slope, board_of_prompt, cut_off, words_as_picture,
        stock_with_words, grained_stock, one_of_two_stock, *map(dressed, LIVE),
    )  # fmt: skip
    rest = [(random_texture, ("text", "seed"), "image"), (mirrored_for_all, ("image",), "image")]
    return [*((one, text, "image") for one in found), *rest]
