"""Media made from nothing, each with its verdict: good ones of many encoders, and broken or lifeless ones.

good        decodes completely and is alive
untyped     not the expected type, or does not decode completely
lifeless    right type, decodes, but blank, silent, frozen, constant or not finite
suspicious  decodes and varies, but cannot be told from noise, or is a pattern or a tone without content
unchecked   of the right family, but nothing here can decode it, or it is larger than is decoded
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Any

import av
import numpy as np
import soundfile  # type: ignore[import-untyped]
from PIL import Image, ImageOps

RATE = 24_000
PAGE = b"<!DOCTYPE html><html><head><title>503</title></head><body><h1>Service Unavailable</h1></body></html>"
Array = np.ndarray[Any, np.dtype[Any]]


@dataclass(frozen=True)
class Specimen:
    """One file of the gallery."""

    name: str
    expect: str
    verdict: str
    content: bytes


def gallery() -> list[Specimen]:
    """All files, the same on every machine with the same libraries."""
    return [Specimen(name, expect, verdict, content) for name, expect, verdict, content in _all()]


def write(folder: Path, specimens: list[Specimen]) -> list[Path]:
    """Write the files into a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / one.name for one in specimens]
    for path, one in zip(paths, specimens, strict=True):
        path.write_bytes(one.content)
    return paths


Row = tuple[str, str, str, bytes]


def _all() -> Iterator[Row]:
    yield from _good_images()
    yield from _bad_images()
    yield from _good_sounds()
    yield from _bad_sounds()
    yield from _good_videos()
    yield from _bad_videos()
    yield from _documents()


# ---------------------------------------------------------------- pictures


def picture(size: int = 256) -> Array:
    """Two ramps with a box in them, uint8 RGB."""
    ramp = np.linspace(0, 255, size).astype("uint8")
    columns, rows = np.tile(ramp, (size, 1)), np.tile(ramp[:, None], (1, size))
    image = np.stack([columns, rows, np.full((size, size), 90, "uint8")], -1)
    image[size // 5 : size // 2, size // 4 : size // 2] = [220, 30, 30]
    return image


def encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    """A picture as a file of that kind."""
    data = BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def _good_images() -> Iterator[Row]:
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


def chunk(kind: bytes, data: bytes) -> bytes:
    """A chunk of a PNG file."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def _bad_images() -> Iterator[Row]:
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
    }
    for name, (array, verdict) in arrays.items():
        yield name, "image", verdict, encoded(Image.fromarray(array), "PNG")
    flat = {"black.jpg": ("JPEG", 0), "black.webp": ("WEBP", 0), "grey.gif": ("GIF", 127), "white.bmp": ("BMP", 255)}
    for name, (kind, level) in flat.items():
        yield name, "image", "lifeless", encoded(Image.new("RGB", (200, 100), (level,) * 3), kind)
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


# ---------------------------------------------------------------- sounds


def tune(seconds: float = 2.0) -> Array:
    """Three swelling tones, float32."""
    times = np.arange(int(RATE * seconds)) / RATE
    tones = sum(np.sin(2 * np.pi * pitch * times) / at for at, pitch in enumerate((220, 440, 660), 1))
    return np.asarray(tones * 0.2 * (0.5 + 0.5 * np.sin(2 * np.pi * 3 * times)), dtype="float32")


def sound_file(samples: Array, kind: str, rate: int = RATE, **options: Any) -> bytes:
    """Samples as a file of that kind, by libsndfile."""
    data = BytesIO()
    soundfile.write(data, samples, rate, format=kind, **options)
    return data.getvalue()


def sound_by_av(samples: Array, container: str, codec: str, rate: int) -> bytes:
    """Samples as a file, by FFmpeg."""
    data = BytesIO()
    with av.open(data, "w", format=container) as out:
        stream: Any = out.add_stream(codec, rate=rate, layout="mono")
        resampler = av.AudioResampler(format=stream.codec_context.format, layout="mono", rate=rate)
        frame = av.AudioFrame.from_ndarray(samples[None].astype("float32"), format="fltp", layout="mono")
        frame.sample_rate = rate
        fifo = av.AudioFifo()
        for even in resampler.resample(frame):
            even.pts = None
            fifo.write(even)
        while piece := fifo.read(stream.codec_context.frame_size or 1024, partial=True):
            out.mux(stream.encode(piece))
        out.mux(stream.encode(None))
    return data.getvalue()


def _good_sounds() -> Iterator[Row]:
    wave = tune()
    stereo = np.stack([wave, np.roll(wave, 999)], 1)
    kinds: dict[str, tuple[Array, str, dict[str, Any]]] = {
        "pcm16.wav": (wave, "WAV", {"subtype": "PCM_16"}),
        "pcm8.wav": (wave, "WAV", {"subtype": "PCM_U8"}),
        "pcm24.wav": (wave, "WAV", {"subtype": "PCM_24"}),
        "pcm32.wav": (wave, "WAV", {"subtype": "PCM_32"}),
        "float.wav": (wave, "WAV", {"subtype": "FLOAT"}),
        "double.wav": (wave, "WAV", {"subtype": "DOUBLE"}),
        "ulaw.wav": (wave, "WAV", {"subtype": "ULAW"}),
        "adpcm.wav": (wave, "WAV", {"subtype": "MS_ADPCM"}),
        "extensible.wav": (stereo, "WAVEX", {"subtype": "PCM_16"}),
        "wide.wav": (wave, "RF64", {"subtype": "PCM_16"}),
        "stereo.wav": (stereo, "WAV", {}),
        "mono.flac": (wave, "FLAC", {}),
        "deep.flac": (stereo, "FLAC", {"subtype": "PCM_24"}),
        "mono.mp3": (wave, "MP3", {}),
        "stereo.mp3": (stereo, "MP3", {}),
        "vorbis.ogg": (wave, "OGG", {"subtype": "VORBIS"}),
        "opus.ogg": (wave, "OGG", {"subtype": "OPUS"}),
        "opus.opus": (stereo, "OGG", {"subtype": "OPUS"}),
        "telephone.wav": (wave[::3], "WAV", {}),
    }
    for name, (samples, kind, options) in kinds.items():
        rate = RATE // 3 if name == "telephone.wav" else RATE
        yield name, "audio", "good", sound_file(samples, kind, rate, **options)
    yield "aac.m4a", "audio", "good", sound_by_av(wave, "ipod", "aac", RATE)
    yield "aac.mp4", "audio", "good", sound_by_av(wave, "mp4", "aac", RATE)
    yield "aac.aac", "audio", "good", sound_by_av(wave, "adts", "aac", RATE)
    yield "opus.webm", "audio", "good", sound_by_av(tune()[::1], "webm", "libopus", 48_000)
    yield "flac.mkv", "audio", "good", sound_by_av(wave, "matroska", "flac", RATE)
    yield "full.wav", "audio", "good", sound_file(wave / np.abs(wave).max(), "WAV")
    yield "short.wav", "audio", "good", sound_file(wave[: RATE // 8], "WAV")
    yield "pause.wav", "audio", "good", sound_file(np.concatenate([np.zeros(RATE, "float32"), wave]), "WAV")
    data = sound_file(wave, "WAV")
    for name, size in {"stream.wav": 0xFFFFFFFF, "stream-2g.wav": 0x7FFFFFFF, "stream-zero.wav": 0}.items():
        yield name, "audio", "good", data[:40] + struct.pack("<I", size) + data[44:]
    hiss = np.random.default_rng(5).normal(0, 0.02, wave.size).astype("float32")
    yield "hissing.wav", "audio", "good", sound_file(wave + hiss, "WAV")


def _bad_sounds() -> Iterator[Row]:
    wave, rng = tune(), np.random.default_rng(0)
    holes, endless = wave.copy(), wave.copy()
    holes[1000:5000], endless[5] = np.nan, np.inf
    click = np.zeros_like(wave)
    click[RATE : RATE + 48] = 0.9
    noise = (rng.normal(size=wave.size) * 0.2).astype("float32")
    samples: dict[str, tuple[Array, str, str, dict[str, Any]]] = {
        "silent.wav": (np.zeros_like(wave), "WAV", "lifeless", {}),
        "silent.mp3": (np.zeros_like(wave), "MP3", "lifeless", {}),
        "silent.flac": (np.zeros_like(wave), "FLAC", "lifeless", {}),
        "silent.ogg": (np.zeros_like(wave), "OGG", "lifeless", {}),
        "whisper.wav": (wave * 1e-4, "WAV", "lifeless", {"subtype": "FLOAT"}),
        "constant.wav": (np.full_like(wave, 0.5), "WAV", "lifeless", {}),
        "click.wav": (click, "WAV", "lifeless", {}),
        "nan.wav": (holes, "WAV", "lifeless", {"subtype": "FLOAT"}),
        "infinite.wav": (endless, "WAV", "lifeless", {"subtype": "FLOAT"}),
        "noise.wav": (noise, "WAV", "suspicious", {}),
        "noise.mp3": (noise, "MP3", "suspicious", {}),
        "noise.ogg": (noise, "OGG", "suspicious", {}),
        "noise-uniform.flac": (rng.uniform(-0.5, 0.5, wave.size).astype("float32"), "FLAC", "suspicious", {}),
        "clipped.wav": (np.sign(wave), "WAV", "suspicious", {}),
    }
    times = np.arange(2 * RATE) / RATE
    beep = (np.sin(2 * np.pi * 440 * times) * 0.5).astype("float32")
    samples |= {f"beep.{kind.lower()}": (beep, kind, "suspicious", {}) for kind in ("WAV", "MP3", "OGG", "FLAC")}
    swelling = beep * np.linspace(0, 1, beep.size, dtype="float32")
    samples["swelling.wav"] = (swelling, "WAV", "suspicious", {})
    for name, (made, kind, verdict, options) in samples.items():
        yield name, "audio", verdict, sound_file(made, kind, **options)
    yield from _broken_sounds(sound_file(wave, "WAV"), wave)


def _broken_sounds(data: bytes, wave: Array) -> Iterator[Row]:
    ogg, flac = sound_file(wave, "OGG"), sound_file(wave, "FLAC")
    flipped = bytearray(ogg)
    flipped[len(ogg) // 2] ^= 0xFF
    broken = {
        "third.wav": data[: len(data) // 3],
        "header.wav": data[:44],
        "stub.wav": data[:20],
        "none.wav": b"",
        "json.wav": b'{"error": "CUDA out of memory"}',
        "page.mp3": PAGE,
        "half.ogg": ogg[: len(ogg) // 2],
        "flipped.ogg": bytes(flipped),
        "half.flac": flac[: len(flac) // 2],
        "blink.wav": sound_file(wave[:200], "WAV"),
        "slow.wav": sound_file(wave, "WAV", 4000),
        "picture.wav": encoded(Image.fromarray(picture()), "PNG"),
        "zeros.mp3": bytes(4096),
        "film.wav": film(moving(8)),
    }
    for name, content in broken.items():
        yield name, "audio", "untyped", content


# ---------------------------------------------------------------- videos


def moving(count: int, size: int = 128) -> list[Array]:
    """A box that moves over a picture."""
    frames = []
    for at in range(count):
        frame = picture(size)
        left = (at * 3) % (size - 40)
        frame[30:60, left : left + 30] = [20, 220, 60]
        frames.append(frame)
    return frames


def film(
    frames: list[Array],
    container: str = "mp4",
    codec: str = "libx264",
    pixels: str = "yuv420p",
    sound: Array | None = None,
) -> bytes:
    """Frames as a file, 12 a second."""
    data = BytesIO()
    with av.open(data, "w", format=container) as out:
        stream: Any = out.add_stream(codec, rate=12)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = pixels
        track: Any = out.add_stream("aac", rate=RATE, layout="mono") if sound is not None else None
        for frame in frames:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24").reformat(format=pixels)))
        out.mux(stream.encode(None))
        if track is not None and sound is not None:
            heard = av.AudioFrame.from_ndarray(sound[None], format="fltp", layout="mono")
            heard.sample_rate = RATE
            out.mux(track.encode(heard))
            out.mux(track.encode(None))
    return data.getvalue()


def _good_videos() -> Iterator[Row]:
    frames = moving(24)
    kinds = {
        "h264.mp4": ("mp4", "libx264", "yuv420p"),
        "h264-444.mp4": ("mp4", "libx264", "yuv444p"),
        "h264.mov": ("mov", "libx264", "yuv420p"),
        "h264.mkv": ("matroska", "libx264", "yuv420p"),
        "mpeg4.mp4": ("mp4", "mpeg4", "yuv420p"),
        "mpeg4.avi": ("avi", "mpeg4", "yuv420p"),
        "mjpeg.avi": ("avi", "mjpeg", "yuvj420p"),
        "vp8.webm": ("webm", "libvpx", "yuv420p"),
        "vp9.webm": ("webm", "libvpx-vp9", "yuv420p"),
        "h264.ts": ("mpegts", "libx264", "yuv420p"),
        "mpeg2.mpg": ("mpeg", "mpeg2video", "yuv420p"),
        "h264.flv": ("flv", "libx264", "yuv420p"),
        "ffv1.mkv": ("matroska", "ffv1", "yuv420p"),
    }
    for name, (container, codec, pixels) in kinds.items():
        rows = [frame[:, :, :] for frame in frames]
        content = film(rows, container, codec, pixels) if codec != "mpeg2video" else film_25(rows)
        yield name, "video", "good", content
    yield "sound.mp4", "video", "good", film(frames, sound=tune(1.9))
    pictures = [Image.fromarray(frame) for frame in moving(8, 64)]
    yield "animation.gif", "video", "good", encoded(pictures[0], "GIF", save_all=True, append_images=pictures[1:])
    still = [picture(128) for _ in range(24)]
    for at, frame in enumerate(still):
        frame[60:66, 60:72] = [250, 250, 250] if at % 8 < 4 else [10, 10, 10]
    yield "blink.mp4", "video", "good", film(still)
    yield "two-frames.mp4", "video", "good", film([frames[0], frames[20]])


def film_25(frames: list[Array]) -> bytes:
    """Frames as MPEG-2, which knows only some rates."""
    data = BytesIO()
    with av.open(data, "w", format="mpeg") as out:
        stream: Any = out.add_stream("mpeg2video", rate=25)
        stream.height, stream.width = frames[0].shape[:2]
        stream.pix_fmt = "yuv420p"
        for frame in frames:
            out.mux(stream.encode(av.VideoFrame.from_ndarray(frame, format="rgb24")))
        out.mux(stream.encode(None))
    return data.getvalue()


def _bad_videos() -> Iterator[Row]:
    frames, rng = moving(24), np.random.default_rng(0)
    noise: list[Array] = [np.asarray(rng.integers(0, 256, frames[0].shape, dtype="uint8")) for _ in range(24)]
    flat = np.full_like(frames[0], 200)
    made: dict[str, tuple[list[Array], str]] = {
        "black.mp4": ([np.zeros_like(flat)] * 24, "lifeless"),
        "flat.mp4": ([flat] * 24, "lifeless"),
        "flash.mp4": ([flat if at % 2 else np.zeros_like(flat) for at in range(24)], "lifeless"),
        "frozen.mp4": (moving(1) * 24, "lifeless"),
        "one-frame.mp4": (moving(1), "lifeless"),
        "noise.mp4": (noise, "suspicious"),
    }
    for name, (shown, verdict) in made.items():
        yield name, "video", verdict, film(shown)
    yield "frozen.webm", "video", "lifeless", film(moving(1) * 24, "webm", "libvpx")
    data, webm = film(frames), film(frames, "webm", "libvpx")
    broken = {
        "half.mp4": data[: len(data) // 2],
        "most.mp4": data[: int(len(data) * 0.9)],
        "half.webm": webm[: len(webm) // 2],
        "page.mp4": PAGE,
        "sound.wav.mp4": sound_file(tune(), "WAV"),
        "picture.mp4": encoded(Image.fromarray(picture()), "PNG"),
        "nothing.mp4": b"",
        "fake.mp4": struct.pack(">I", 32) + b"ftypisom" + bytes(52),
        "list.mp4": b"#EXTM3U\n#EXTINF:1,\nsegment.ts\n",
        "script.mp4": b"ffconcat version 1.0\nfile 'a.mp4'\n",
        "json.webm": b'{"detail": "not found"}',
    }
    for name, content in broken.items():
        yield name, "video", "untyped", content
    yield "no-picture.mp4", "video", "untyped", sound_by_av(tune(), "mp4", "aac", RATE)


# ---------------------------------------------------------------- documents


def _documents() -> Iterator[Row]:
    texts = {
        "english.txt": ("The lighthouse was built in 1857.", "good"),
        "japanese.txt": ("今日は天気がいいです。", "good"),
        "arabic.txt": ("الطقس جميل اليوم", "good"),
        "emoji.txt": ("🙂", "good"),
        "four.txt": ("4", "good"),
        "blank.txt": (" \n\t ", "lifeless"),
        "traceback.txt": ('Traceback (most recent call last):\n  File "app.py", line 1\nValueError: x', "lifeless"),
        "lorem.txt": ("Lorem ipsum dolor sit amet, consectetur", "lifeless"),
        "null.txt": ("a\0b", "untyped"),
    }
    for name, (text, verdict) in texts.items():
        yield name, "text", verdict, text.encode()
    yield "latin.txt", "text", "untyped", "na\xefve caf\xe9".encode("latin-1")
    yield "marked.txt", "text", "good", b"\xef\xbb\xbfHello there"
    documents = {
        "object.json": (b'{"label": "cat", "score": 0.9}', "good"),
        "labels.json": (b'[{"label": "cat", "score": 0.9}, {"label": "dog", "score": 0.1}]', "good"),
        "even.json": (b'[{"label": "cat", "score": 0.5}, {"label": "dog", "score": 0.5}]', "suspicious"),
        "embedding.json": (b"[0.1, 0.2, -0.3, 0.4, 0.5, 0.6, 0.7, 0.8]", "good"),
        "zeros.json": (b"[0, 0, 0, 0, 0, 0, 0, 0, 0]", "lifeless"),
        "boxes.json": (b'[{"box": [1, 2, 3, 4], "label": "cup", "score": 0.7}]', "good"),
        "error.json": (b'{"error": "out of memory"}', "lifeless"),
        "nothing.json": (b"{}", "lifeless"),
        "nan.json": (b"[NaN]", "untyped"),
        "cut.json": (b'{"label": "c', "untyped"),
        "page.json": (PAGE, "untyped"),
        "null.json": (b"null", "untyped"),
        "empty.json": (b"", "untyped"),
    }
    for name, (content, verdict) in documents.items():
        yield name, "json", verdict, content


TRUNCATED: dict[str, Callable[[], bytes]] = {
    "cut.png": lambda: encoded(Image.fromarray(picture()), "PNG"),
    "cut.jpg": lambda: encoded(Image.fromarray(picture()), "JPEG"),
    "cut.webp": lambda: encoded(Image.fromarray(picture()), "WEBP"),
    "cut.gif": lambda: encoded(Image.fromarray(picture()), "GIF"),
    "cut.bmp": lambda: encoded(Image.fromarray(picture()), "BMP"),
    "cut.tiff": lambda: encoded(Image.fromarray(picture()), "TIFF"),
    "cut.avif": lambda: encoded(Image.fromarray(picture(96)), "AVIF", speed=10),
    "cut.wav": lambda: sound_file(tune(), "WAV"),
    "cut.flac": lambda: sound_file(tune(), "FLAC"),
    "cut.ogg": lambda: sound_file(tune(), "OGG"),
    "cut.m4a": lambda: sound_by_av(tune(), "ipod", "aac", RATE),
    "cut.mp4": lambda: film(moving(24)),
    "cut.mov": lambda: film(moving(24), "mov"),
    "cut.webm": lambda: film(moving(24), "webm", "libvpx"),
    "cut.mkv": lambda: film(moving(24), "matroska"),
    "cut.avi": lambda: film(moving(24), "avi", "mpeg4"),
}
"""Files of formats that know their length: whatever is missing at the end must be found."""


# ---------------------------------------------------------------- in numbers


def malformed() -> list[Specimen]:
    """Files of formats that know their length, cut off at many places, and pages, archives and drawings under names."""
    found = []
    for name, make in TRUNCATED.items():
        data, (stem, _, suffix) = make(), name.partition(".")
        for share in (0, 5, 25, 50, 75, 95):
            cut = data[: len(data) * share // 100]
            found.append(Specimen(f"{stem}-{share}.{suffix}", KIND_OF[suffix], "untyped", cut))
    return found


KIND_OF = {
    **dict.fromkeys(("png", "jpg", "webp", "gif", "bmp", "tiff", "avif"), "image"),
    **dict.fromkeys(("wav", "flac", "ogg", "m4a"), "audio"),
    **dict.fromkeys(("mp4", "mov", "webm", "mkv", "avi"), "video"),
}


def many_good() -> list[Specimen]:
    """Sound files beyond those of the gallery: other sizes, qualities, rates and lengths of the same encoders."""
    return [Specimen(f"more-{name}", expect, "good", content) for name, expect, content in _more()]


def _more() -> Iterator[tuple[str, str, bytes]]:
    for size in (48, 100, 333):
        image = Image.fromarray(picture(size))
        for quality in (10, 20, 35, 50, 60, 75, 85, 95):
            yield f"{size}-{quality}.jpg", "image", encoded(image, "JPEG", quality=quality)
            yield f"{size}-{quality}.webp", "image", encoded(image, "WEBP", quality=quality)
        for level in (0, 1, 9):
            yield f"{size}-{level}.png", "image", encoded(image, "PNG", compress_level=level)
    kinds = {"wav": "WAV", "flac": "FLAC", "ogg": "OGG", "mp3": "MP3"}
    for rate in (8000, 11_025, 16_000, 22_050, 24_000, 32_000, 44_100, 48_000):
        for suffix, kind in kinds.items():
            yield f"{rate}.{suffix}", "audio", sound_file(tune(1.5), kind, rate)
    for size in (64, 96, 160):
        for suffix, container, codec in (
            ("mp4", "mp4", "libx264"),
            ("webm", "webm", "libvpx"),
            ("mkv", "matroska", "libx264"),
            ("avi", "avi", "mpeg4"),
        ):
            yield f"{size}.{suffix}", "video", film(moving(10, size), container, codec)
