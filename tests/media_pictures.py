"""Pictures of many encoders, and broken or lifeless ones."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

from tests.made_noise import NOISES
from tests.media_made import (
    PAGE,
    Array,
    Row,
    chunk,
    encoded,
    picture,
    sound_file,
    tune,
)
from tests.media_pictures_broken import broken_pictures, sound_pictures


def good_images() -> Iterator[Row]:
    image = Image.fromarray(picture())
    clear = Image.fromarray(np.dstack([picture(), np.tile(np.linspace(0, 255, 256).astype("uint8"), (256, 1))]))
    deep = Image.fromarray(picture()[..., 0].astype("uint16") * 200)
    real = Image.fromarray(picture()[..., 0].astype("float32") / 255)
    palette, grey = image.quantize(32), image.convert("L")
    frames = [Image.fromarray(np.roll(picture(64), 6 * at, axis=1)) for at in range(5)]
    kinds: dict[str, tuple[Image.Image, str, dict[str, Any]]] = {
        "rgb.png": (image, "PNG", {}),
        "rgba.png": (clear, "PNG", {}),
        "grey.png": (grey, "PNG", {}),
        "grey-alpha.png": (Image.merge("LA", (grey, grey.rotate(90))), "PNG", {}),
        "palette.png": (palette, "PNG", {}),
        "palette-clear.png": (palette, "PNG", {"transparency": 3}),
        "bilevel.png": (image.convert("1"), "PNG", {}),
        "deep.png": (deep, "PNG", {}),
        "text-chunk.png": (image, "PNG", {"dpi": (300, 300), "optimize": True}),
        "rgb.jpg": (image, "JPEG", {"quality": 90}),
        "low.jpg": (image, "JPEG", {"quality": 20}),
        "progressive.jpg": (image, "JPEG", {"progressive": True}),
        "full.jpg": (image, "JPEG", {"subsampling": 0}),
        "grey.jpg": (grey, "JPEG", {}),
        "cmyk.jpg": (image.convert("CMYK"), "JPEG", {}),
        "rgb.webp": (image, "WEBP", {}),
        "lossless.webp": (image, "WEBP", {"lossless": True}),
        "rgba.webp": (clear, "WEBP", {}),
        "animated.webp": (frames[0], "WEBP", {"save_all": True, "append_images": frames[1:]}),
        "rgb.gif": (image, "GIF", {}),
        "animated.gif": (frames[0], "GIF", {"save_all": True, "append_images": frames[1:]}),
        "rgb.bmp": (image, "BMP", {}),
        "grey.bmp": (grey, "BMP", {}),
        "palette.bmp": (palette, "BMP", {}),
        "rgb.tiff": (image, "TIFF", {}),
        "lzw.tiff": (image, "TIFF", {"compression": "tiff_lzw"}),
        "deflate.tiff": (clear, "TIFF", {"compression": "tiff_deflate"}),
        "deep.tiff": (deep, "TIFF", {}),
        "real.tiff": (real, "TIFF", {}),
        "cmyk.tiff": (image.convert("CMYK"), "TIFF", {}),
        "pages.tiff": (frames[0], "TIFF", {"save_all": True, "append_images": frames[1:]}),
        "rgb.avif": (image.resize((96, 96)), "AVIF", {"speed": 10}),
        "rgba.avif": (clear.resize((96, 96)), "AVIF", {"speed": 10}),
        "tiny.png": (image.resize((8, 8)), "PNG", {}),
        "small.png": (image.resize((28, 28)), "PNG", {}),
        "wide.png": (image.resize((1200, 3)), "PNG", {}),
        "animated.png": (frames[0], "PNG", {"save_all": True, "append_images": frames[1:]}),
    }
    for name, (shown, kind, options) in kinds.items():
        yield name, "image", "good", encoded(shown, kind, **options)
    yield "jpeg-named.png", "image", "good", encoded(image, "JPEG")
    yield "no-suffix", "image", "good", encoded(image, "PNG")
    dark = (picture().astype("float32") * 0.03).astype("uint8")
    yield "night.png", "image", "good", encoded(Image.fromarray(dark), "PNG")
    line = np.full((512, 512), 255, "uint8")
    line[100:400, 250:254] = 0
    yield "line.png", "image", "good", encoded(Image.fromarray(line), "PNG")
    dots = Image.fromarray(picture()).convert("L").convert("1")
    yield "dithered.png", "image", "good", encoded(dots, "PNG")
    mask = np.zeros((256, 256), "uint8")
    mask[40:200, 60:180] = 255
    yield "mask.png", "image", "good", encoded(Image.fromarray(mask), "PNG")
    across, down = np.meshgrid(np.linspace(0, 9, 256), np.linspace(0, 5, 256))
    depth = ((np.sin(across) * np.cos(down) + 2) * 900 + 300 * down).astype("uint16")
    yield "depth.png", "image", "good", encoded(Image.fromarray(depth), "PNG")
    rng = np.random.default_rng(3)
    grain = np.clip(picture().astype("float32") + rng.normal(0, 25, (256, 256, 3)), 0, 255).astype("uint8")
    yield "grainy.jpg", "image", "good", encoded(Image.fromarray(grain), "JPEG", quality=80)
    edges = drawing().filter(ImageFilter.EMBOSS)
    yield "edges.png", "image", "good", encoded(edges, "PNG")
    yield "edges.webp", "image", "good", encoded(edges, "WEBP")
    yield from sound_pictures()


def drawing() -> Image.Image:
    """A ring of boxes and discs, whose edges run in all directions."""
    image = Image.new("RGB", (384, 288), "navy")
    pencil = ImageDraw.Draw(image)
    for at in range(12):
        x, y = 192 + 140 * math.cos(at * math.pi / 6), 144 + 100 * math.sin(at * math.pi / 6)
        box = (x - 26, y - 26, x + 26, y + 26)
        colour = (250 - 20 * at, 20 * at, 90 + 53 * at % 160)
        (pencil.rectangle if at % 2 else pencil.ellipse)(box, fill=colour)
    return image


def bad_images() -> Iterator[Row]:
    good, rng = picture(), np.random.default_rng(0)
    arrays = {
        "black.png": (np.zeros_like(good), "lifeless"),
        "white.png": (np.full_like(good, 255), "lifeless"),
        "grey-flat.png": (np.full_like(good, 127), "lifeless"),
        "transparent.png": (np.dstack([good, np.zeros(good.shape[:2], "uint8")]), "lifeless"),
        "pixel.png": (good[:1, :1], "lifeless"),
        "row.png": (good[:1], "lifeless"),
        "noise.png": (rng.integers(0, 256, good.shape, dtype="uint8"), "suspicious"),
        "noise-grey.png": (rng.integers(0, 256, good.shape[:2], dtype="uint8"), "suspicious"),
        "noise-normal.png": (np.clip(rng.normal(128, 40, good.shape), 0, 255).astype("uint8"), "suspicious"),
        "noise-small.png": (rng.integers(0, 256, (32, 32, 3), dtype="uint8"), "suspicious"),
        "noise-round.png": (round_noise(), "suspicious"),
    }
    for name, (array, verdict) in arrays.items():
        yield name, "image", verdict, encoded(Image.fromarray(array), "PNG")
    flat = {"black.jpg": ("JPEG", 0), "black.webp": ("WEBP", 0), "grey.gif": ("GIF", 127), "white.bmp": ("BMP", 255)}
    for name, (kind, level) in flat.items():
        yield name, "image", "lifeless", encoded(Image.new("RGB", (200, 100), (level,) * 3), kind)
    for kind, make in NOISES.items():
        yield f"noise, {kind}.png", "image", "suspicious", encoded(make(256, 7), "PNG")
        yield f"noise, {kind}.webp", "image", "suspicious", encoded(make(256, 8), "WEBP", quality=80)
    noise = Image.fromarray(rng.integers(0, 256, (128, 128, 3), dtype="uint8"))
    for kind in ("JPEG", "WEBP"):
        yield f"noise.{kind.lower()}", "image", "suspicious", encoded(noise, kind, quality=80)
    slope = Image.linear_gradient("L")
    board = Image.fromarray(((np.indices((256, 256)) // 32).sum(0) % 2 * 255).astype("uint8"))
    uneven = np.clip(np.asarray(slope) + rng.normal(0, 9, (256, 256)), 0, 255).astype("uint8")
    bars = np.tile(np.repeat(rng.integers(0, 256, (8, 3), dtype="uint8"), 32, 0)[None], (200, 1, 1))
    patterns = {
        "slope": ImageOps.colorize(slope, "navy", "gold"),
        "round": ImageOps.colorize(Image.radial_gradient("L"), "white", "red"),
        "uneven-slope": Image.fromarray(uneven),
        "bars": Image.fromarray(bars),
        "board": board,
    }
    for name, shown in patterns.items():
        yield f"{name}.png", "image", "suspicious", encoded(shown, "PNG")
        yield f"{name}.jpg", "image", "suspicious", encoded(shown, "JPEG", quality=95)
    nan = Image.fromarray(np.full((64, 64), np.nan, "float32"))
    yield "nan.tiff", "image", "lifeless", encoded(nan, "TIFF")
    yield from _broken_images(encoded(Image.fromarray(good), "PNG"))
    yield from broken_pictures()


def round_noise() -> Array:
    """Noise that fades from the middle outwards."""
    y, x = np.mgrid[-2:2:256j, -2:2:256j]
    grain = np.random.default_rng(1).normal(0, 60, (256, 256))
    return np.asarray(np.clip(128 + grain * np.exp(-x * x - y * y), 0, 255), dtype="uint8")


def _broken_images(data: bytes) -> Iterator[Row]:
    flipped = bytearray(data)
    flipped[len(data) // 2] ^= 0xFF
    head = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    bomb = chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    broken = {
        "half.png": data[: len(data) // 2],
        "empty.png": b"",
        "page.png": PAGE,
        "json.png": b'{"error": "CUDA out of memory"}',
        "flipped.png": bytes(flipped),
        "bomb.png": data[:8] + bomb,
        "signature.png": data[:8],
        "zeros.png": bytes(4096),
        "pointer.png": b"version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n",
        "text.jpg": b"the picture could not be made",
        "sound.png": sound_file(tune(), "WAV"),
        "pdf.png": b"%PDF-1.7\n" + bytes(100),
        "zip.png": b"PK\x03\x04" + bytes(100),
    }
    for name, content in broken.items():
        yield name, "image", "untyped", content
    yield "drawing.svg", "image", "unchecked", b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    yield "photo.heic", "image", "unchecked", struct.pack(">I", 24) + b"ftypheic" + bytes(60)
    large = Image.new("1", (6000, 5500))
    large.paste(1, (100, 100, 5000, 3000))
    yield "large.png", "image", "unchecked", encoded(large, "PNG")
