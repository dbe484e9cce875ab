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
    yield "big-endian.wav", "audio", "good", sound_file(wave, "WAV", endian="BIG")
    yield from _good_ends(wave)
    hiss = np.random.default_rng(5).normal(0, 0.02, wave.size).astype("float32")
    yield "hissing.wav", "audio", "good", sound_file(wave + hiss, "WAV")


def _good_ends(wave: Array) -> Iterator[Row]:
    """Files that do not know their length, hold tags, or are several put one behind the other."""
    mp3, ogg, flac = (sound_file(wave, kind) for kind in ("MP3", "OGG", "FLAC"))
    opus = sound_file(wave, "OGG", subtype="OPUS")
    adts = sound_by_av(wave, "adts", "aac", RATE)
    front, behind = b"ID3\4\0\0\0\0\1\0" + bytes(128), b"TAG".ljust(128, b"\0")
    kept = b"APETAGEX" + struct.pack("<IIII", 2000, 32, 0, 0) + bytes(8)
    good = {
        "pipe.flac": from_pipe(flac),
        "tagged.flac": flac + behind,
        "tagged.mp3": front + mp3 + kept + behind,
        "twice.mp3": mp3 + mp3,
        "twice tagged.mp3": front + mp3 + front + mp3,
        "bare.mp3": mp3[second_frame(mp3) :],
        "tagged.aac": adts + behind,
        "segments.aac": adts + front + adts,
        "chained.ogg": ogg + ogg,
        "chained.opus": opus + opus,
    }
    for name, content in good.items():
        yield name, "audio", "good", content


def from_pipe(flac: bytes) -> bytes:
    """A FLAC file as it is written into a pipe: number of samples and MD5 not known, which is 0."""
    return flac[:21] + bytes([flac[21] & 0xF0]) + bytes(20) + flac[42:]


def second_frame(mp3: bytes) -> int:
    """The offset of the frame behind the one with the Xing header."""
    return mp3.index(mp3[:2], 4)


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
    yield from _broken_waves(data)
    yield from _broken_flac(flac)
    yield from _broken_mp3(sound_file(wave, "MP3"))
    yield from _broken_streams(ogg, wave)


def _broken_waves(data: bytes) -> Iterator[Row]:
    """WAV files whose header contradicts itself or the data; `data` has 16 bits and one channel."""
    wide = sound_file(tune(), "RF64")
    at = wide.index(b"ds64") + 16
    broken = {
        "odd.wav": data[:40] + struct.pack("<I", len(data) - 45) + data[44:-1],
        "align.wav": data[:32] + struct.pack("<H", 3) + data[34:],
        "bits.wav": data[:34] + struct.pack("<H", 24) + data[36:],
        "order.wav": data[:12] + data[36:] + data[12:36],
        "wide.wav": wide[:at] + struct.pack("<Q", 10**12) + wide[at + 8 :],
    }
    for name, content in broken.items():
        yield f"broken-{name}", "audio", "untyped", content


def _broken_flac(flac: bytes) -> Iterator[Row]:
    frames = [at for at in range(42, len(flac)) if flac[at : at + 2] == b"\xff\xf8"]
    total = struct.unpack(">I", flac[22:26])[0]
    lost = frames[len(frames) // 2 : len(frames) // 2 + 2]
    broken = {
        "md5.flac": flac[:26] + bytes(range(16)) + flac[42:],
        "total.flac": flac[:22] + struct.pack(">I", total // 2) + flac[26:],
        "blocks.flac": flac[:8] + bytes(4) + flac[12:],
        "rate.flac": flac[:18] + bytes([flac[18] ^ 1]) + flac[19:],
        "gap.flac": flac[: lost[0]] + flac[lost[1] :],
        "behind.flac": flac + b"something else",
        "pipe.flac": from_pipe(flac)[:-1],
    }
    for name, content in broken.items():
        yield f"broken-{name}", "audio", "untyped", content


def _broken_mp3(mp3: bytes) -> Iterator[Row]:
    first = second_frame(mp3)
    second, third = (mp3.index(mp3[:2], at) for at in (first * 8, first * 8 + 40))
    last, counted = mp3.rindex(mp3[:2]), mp3.index(b"Info" if b"Info" in mp3 else b"Xing") + 8
    frames = struct.unpack(">I", mp3[counted : counted + 4])[0]
    broken = {
        "byte.mp3": mp3[:-1],
        "frame.mp3": mp3[:last],
        "bare.mp3": mp3[first : (last + len(mp3)) // 2],
        "head.mp3": mp3[first : last + 2],
        "filled.mp3": mp3[: second + 4] + b"\xff" * (third - second - 4) + mp3[third:],
        "half.mp3": mp3[:counted] + struct.pack(">I", frames // 2) + mp3[counted + 4 :],
        "more.mp3": mp3[:counted] + struct.pack(">I", frames + 1) + mp3[counted + 4 :],
    }
    for name, content in broken.items():
        yield f"broken-{name}", "audio", "untyped", content


def _broken_streams(ogg: bytes, wave: Array) -> Iterator[Row]:
    pages = [at for at in range(len(ogg)) if ogg[at : at + 4] == b"OggS"]
    adts, webm = sound_by_av(wave, "adts", "aac", RATE), sound_by_av(wave, "webm", "libopus", 48_000)
    middle, part, duration = len(webm) // 2, len(webm) // 10, webm.index(b"\x44\x89\x88") + 3
    frame = adts.index(adts[:3], len(adts) // 2)
    broken = {
        "last.ogg": ogg[: pages[-1]],
        "gap.ogg": ogg[: pages[-2]] + ogg[pages[-1] :],
        "double.ogg": ogg[: pages[-1]] + ogg[pages[-2] :],
        "chained.ogg": ogg + ogg[: pages[-1]],
        "headless.ogg": ogg[pages[1] :],
        "byte.aac": adts[:-1],
        "between.aac": adts[:frame] + b"something" + adts[frame:],
        "behind.aac": adts + b"something else",
        "duration.webm": webm[:duration] + struct.pack(">d", 3000) + webm[duration + 8 :],
        "filled.webm": webm[:middle] + b"\xff" * part + webm[middle + part :],
    }
    for name, content in broken.items():
        yield f"broken-{name}", "audio", "untyped", content
