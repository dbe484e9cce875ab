"""Apps whose answers are fixed by the words that go in, without a model: canned ones, changed for each prompt."""

# mypy: ignore-errors
# apps as their authors write them, without types

from __future__ import annotations

import colorsys
import io

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageOps

from tests import probe_gallery_made as make
from tests.made_noise import NOISES
from tests.probe_gallery_canned_words import canned_words
from tests.probe_gallery_hashed import hashed


def canned_apps(folder):
    """Function, what it takes, what it gives."""
    return [*_pictures(folder), *_sounds(folder), *_films(folder), *canned_words(folder), *hashed(folder)]


def _pictures(folder):
    shelf = [make.texture(seed) for seed in range(50, 58)]
    stock = make.texture(11)
    detailed = make.maze(3, 9).resize((192, 192)).convert("RGB")
    detailed = Image.blend(detailed.filter(ImageFilter.GaussianBlur(2)), make.texture(14), 0.6)
    n = make.number_of

    def one_of_three(prompt):
        return shelf[n(prompt) % 3]

    def one_of_eight(prompt):
        return shelf[n(prompt) % 8]

    def tinted_stock(prompt):
        red, green, blue = colorsys.hsv_to_rgb(n(prompt) % 360 / 360, 0.6, 1)
        return Image.fromarray((np.asarray(stock) * [red, green, blue]).astype("uint8"))

    def coloured_stock(prompt):
        hue = n(prompt) % 360
        return ImageOps.colorize(stock.convert("L"), f"hsl({hue},80%,15%)", f"hsl({(hue + 140) % 360},80%,80%)")

    def turned_hue(prompt):
        hue, full, light = stock.convert("HSV").split()
        shift = n(prompt) % 256
        return Image.merge("HSV", (hue.point(lambda one: (one + shift) % 256), full, light)).convert("RGB")

    def turned_stock(prompt):
        return stock.transpose(list(Image.Transpose)[n(prompt) % 7])

    def cropped_by_prompt(prompt):
        left, top = n(prompt) % 61, n(prompt) // 61 % 61
        return stock.crop((left, top, left + 131, top + 131))

    def rolled_stock(prompt):
        return Image.fromarray(np.roll(np.asarray(stock), (n(prompt) % 192, n(prompt) // 192 % 192), (0, 1)))

    def enlarged_part(prompt):
        size = 90 + n(prompt) % 80
        left, top = n(prompt) // 80 % (192 - size), n(prompt) // 9999 % (192 - size)
        return stock.crop((left, top, left + size, top + size)).resize((256, 256))

    def lit_stock(prompt):
        lit = ImageEnhance.Brightness(stock).enhance(0.5 + n(prompt) % 100 / 100)
        return ImageEnhance.Contrast(lit).enhance(0.6 + n(prompt) // 100 % 100 / 120)

    def filtered_stock(prompt):
        ways = (ImageFilter.EDGE_ENHANCE, ImageFilter.GaussianBlur(2), ImageFilter.CONTOUR, ImageFilter.EMBOSS,
                ImageFilter.SHARPEN, ImageFilter.SMOOTH_MORE, ImageFilter.DETAIL)  # fmt: skip
        return detailed.filter(ways[n(prompt) % 7])

    def blended_stock(prompt):
        return Image.blend(shelf[0], shelf[1], n(prompt) % 100 / 100)

    def words_on_slope(prompt):
        hue = n(prompt) % 360
        image = ImageOps.colorize(Image.linear_gradient("L"), f"hsl({hue},80%,30%)", f"hsl({(hue + 90) % 360},80%,70%)")
        ImageDraw.Draw(image).text((20, 120), prompt[:34], fill="white")
        return image

    def words_on_noise(prompt):
        image = NOISES["blurred"](256, n(prompt)).convert("RGB")
        ImageDraw.Draw(image).text((20, 120), prompt[:34], fill="white")
        return image

    def card_of_prompt(prompt):
        image = ImageOps.colorize(Image.radial_gradient("L"), f"hsl({n(prompt) % 360},70%,60%)", "#222244")
        pencil = ImageDraw.Draw(image)
        pencil.rounded_rectangle((30, 70, 226, 186), 16, fill="white", outline="black")
        for at in range(0, min(len(prompt), 90), 30):
            pencil.text((42, 90 + at // 2), prompt[at : at + 30], fill="black")
        return image

    def shapes_of_prompt(prompt):
        draw = np.random.default_rng(n(prompt))
        image = Image.new("RGB", (256, 256), f"hsl({n(prompt) % 360},60%,80%)")
        for _ in range(12):
            x, y, size = draw.integers(0, 256, 3)
            ImageDraw.Draw(image).ellipse((x, y, x + size, y + size), fill=f"hsl({draw.integers(360)},80%,50%)")
        return image

    def tile_of_prompt(prompt):
        draw = np.random.default_rng(n(prompt))
        half = draw.random((5, 3)) > 0.5
        tile = np.hstack([half, half[:, 1::-1]])[..., None]
        return Image.fromarray(np.where(tile, draw.integers(60, 220, 3), 255).astype("uint8")).resize((240, 240), 0)

    def recompressed(image):
        data = io.BytesIO()
        image.convert("RGB").save(data, "JPEG", quality=40)
        return Image.open(data).convert("RGB")

    def bars_of_prompt(prompt):
        image = Image.new("RGB", (320, 200), "white")
        for at, one in enumerate(prompt[:20]):
            ImageDraw.Draw(image).rectangle(
                (8 + at * 15, 190 - ord(one) % 96 * 1.8, 20 + at * 15, 190), fill=f"hsl({ord(one) * 9 % 360},70%,50%)"
            )
        return image

    text = ("text",)
    return [(one, text, "image") for one in (
        one_of_three, one_of_eight, tinted_stock, coloured_stock, turned_hue, turned_stock,
        cropped_by_prompt, rolled_stock, enlarged_part, lit_stock, filtered_stock, blended_stock, words_on_slope,
        words_on_noise, card_of_prompt, shapes_of_prompt, bars_of_prompt, tile_of_prompt,
    )] + [(recompressed, ("image",), "image")]  # fmt: skip


def _sounds(folder):
    rate = make.RATE
    n = make.number_of
    clips = [make.spoken(words) for words in ("good morning to you", "the train is late", "open the door please")]
    times = np.arange(2 * rate) / rate

    def out(samples):
        return rate, (samples / np.abs(samples).max() * 20_000).astype("int16")

    def one_of_three_clips(text):
        return clips[n(text) % 3]

    def clip_and_beep(text):
        tone = np.sin(2 * np.pi * (300 + n(text) % 900) * times[: rate // 3]) * 9_000
        return rate, np.concatenate([clips[0][1], tone.astype("int16")])

    def beep_under_clip(text):
        clip = clips[0][1].astype(float)
        return out(clip + 6_000 * np.sin(2 * np.pi * (300 + n(text) % 900) * np.arange(len(clip)) / rate))

    def clip_and_hiss(text):
        clip = clips[0][1].astype(float)
        return out(clip + np.random.default_rng(n(text)).normal(0, 900, len(clip)))

    def late_clip(text):
        return rate, np.concatenate([np.zeros(n(text) % rate, "int16"), clips[0][1]])

    def cut_by_prompt(text):
        start = n(text) % (rate // 2)
        return rate, clips[0][1][start : start + rate]

    def rolled_clip(text):
        return rate, np.roll(clips[0][1], n(text) % len(clips[0][1]))

    def chord(text):
        draw = np.random.default_rng(n(text))
        return out(sum(np.sin(2 * np.pi * 110 * 2 ** (draw.integers(0, 36) / 12) * times) for _ in range(4)))

    def chords(text):
        draw = np.random.default_rng(n(text))
        return out(np.concatenate([
            sum(np.sin(2 * np.pi * 110 * 2 ** (draw.integers(0, 36) / 12) * times[: rate // 2]) for _ in range(3))
            for _ in range(4)
        ]))  # fmt: skip

    def beeps_in_hiss(text):
        draw = np.random.default_rng(n(text))
        part = np.arange(rate // 5) / rate
        return out(np.concatenate([
            np.sin(2 * np.pi * draw.integers(200, 900) * part) + draw.normal(0, 0.09, len(part)) for _ in range(8)
        ]))  # fmt: skip

    def hum_and_hiss(text):
        draw = np.random.default_rng(n(text))
        tone = np.sin(2 * np.pi * (80 + n(text) % 200) * times)
        return out(tone + 0.3 * draw.normal(size=len(times)))

    def siren(text):
        return out(
            np.sin(2 * np.pi * (300 + n(text) % 400) * times + 40 * np.sin(2 * np.pi * (n(text) % 5 + 1) * times))
        )

    text = ("text",)
    return [(one, text, "audio") for one in (
        one_of_three_clips, clip_and_beep, beep_under_clip, clip_and_hiss, late_clip, cut_by_prompt,
        rolled_clip, chord, chords, hum_and_hiss, siren, beeps_in_hiss,
    )]  # fmt: skip


def _films(folder):
    n = make.number_of
    shelf = [make.film(make.drifting(seed), make.named(folder, ("shelf", seed), ".mp4")) for seed in (61, 62, 63, 64)]
    frames = make.drifting(65, 24)

    def one_of_four_films(prompt):
        return shelf[n(prompt) % 4]

    def tinted_film(prompt):
        tint = np.array(colorsys.hsv_to_rgb(n(prompt) % 360 / 360, 0.6, 1))
        return make.film(
            [(one * tint).astype("uint8") for one in frames[:16]], make.named(folder, ("tf", prompt), ".mp4")
        )

    def mirrored_film(prompt):
        turned = [np.rot90(one, n(prompt) % 4) for one in frames[:16]]
        return make.film(turned, make.named(folder, ("mf", prompt), ".mp4"))

    def later_film(prompt):
        return make.film(frames[n(prompt) % 9 :][:15], make.named(folder, ("lf", prompt), ".mp4"))

    def captioned_film(prompt):
        found = []
        for one in frames[:16]:
            image = Image.fromarray(one)
            ImageDraw.Draw(image).text((4, 40), prompt[:16], fill="white")
            found.append(np.asarray(image))
        return make.film(found, make.named(folder, ("cf", prompt), ".mp4"))

    def moving_dot(prompt):
        found = []
        for at in range(16):
            image = Image.new("RGB", (96, 96), f"hsl({n(prompt) % 360},50%,30%)")
            x = (n(prompt) % 70 + 3 * at) % 80
            ImageDraw.Draw(image).ellipse((x, 30, x + 16, 46), fill="white")
            found.append(np.asarray(image))
        return make.film(found, make.named(folder, ("md", prompt), ".mp4"))

    def panned_stock(prompt):
        whole = np.asarray(make.texture(66, 192))
        x, y = n(prompt) % 60, n(prompt) // 60 % 60
        return make.film([whole[y + at : y + at + 96, x + 2 * at : x + 2 * at + 96] for at in range(16)],
                         make.named(folder, ("ps", prompt), ".mp4"))  # fmt: skip

    text = ("text",)
    return [(one, text, "video") for one in (
        one_of_four_films, tinted_film, mirrored_film, later_film, captioned_film, moving_dot, panned_stock,
    )]  # fmt: skip
