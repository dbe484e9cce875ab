"""Sound files of many encoders, and broken or lifeless ones."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Any

import numpy as np
from PIL import Image

from tests.made_noise import SOUND_NOISES
from tests.media_made import (
    PAGE,
    RATE,
    Array,
    Row,
    encoded,
    film,
    moving,
    picture,
    sound_by_av,
    sound_file,
    tune,
)


def good_sounds() -> Iterator[Row]:
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


def bad_sounds() -> Iterator[Row]:
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
    for name, maker in SOUND_NOISES.items():
        made = maker(wave.size, RATE, 5)
        samples |= {f"{name} noise.{kind.lower()}": (made, kind, "suspicious", {}) for kind in ("WAV", "MP3", "OGG")}
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
