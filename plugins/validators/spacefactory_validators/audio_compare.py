"""Whether two sounds differ more than encoding makes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from spacefactory.schema.verdict import Check, Output
from spacefactory_validators.audio_decode import Sound, decode
from spacefactory_validators.checks import difference, unequal

Samples = np.ndarray[Any, np.dtype[np.float32]]

NAME = "audio.differs"
THRESHOLD, ENCODED = 1.5, 1.0
"""dB, mean over the parts of the spectrogram that are heard. MP3, Vorbis and Opus at ordinary rates stay below the
second one, another word, voice or tune gives 5 and more; between the two may be noise that was taken out"""
LOUDER = 1.0
"""dB between sounds that are else the same: a change of volume may be what an app is for, or an echo in disguise"""
LONGER = 0.15
"""seconds: lossy encoders add up to 0.1 s of padding"""
TIMES = 48
"""parts of the duration"""
BANDS = 16
"""frequency bands, evenly spaced on a logarithmic scale"""
STEP = 1024
"""samples per spectrum"""
SHIFTS = (0, 1, -1, 2, -2)
"""steps by which one sound is moved against the other: AAC puts 1,024 to 2,112 samples of silence first"""
FLOOR_DB = -40.0
"""below the loudest part; what is quieter is not compared, since lossy encoders leave it out"""


@dataclass(frozen=True)
class Heard:
    """A sound as it is compared."""

    sound: Sound
    spectra: Samples
    """power, of shape (steps, bands)"""


def read(output: Output, suffixes: tuple[str, ...]) -> Heard:
    """Decode a sound and keep its spectrogram in wide bands.

    Raises:
        RejectedError: it cannot be decoded.
    """
    return Heard(*decode(output, suffixes, _spectra))


def judge(first: Heard, second: Heard) -> Check:
    """Compare duration, rate and spectrogram, both at the same peak: loudness alone is left open."""
    one, two = first.sound, second.sound
    if abs(one.seconds - two.seconds) > LONGER:
        return unequal(NAME, f"one lasts {one.seconds:.2f} s and the other {two.seconds:.2f} s")
    if one.rate != two.rate:
        return unequal(NAME, f"one has {one.rate} samples a second and the other {two.rate}")
    distance = min(_distance(first.spectra, second.spectra, shift) for shift in SHIFTS)
    found = difference(NAME, distance, THRESHOLD, "the spectrogram by dB")
    louder = abs(_decibels(first) - _decibels(second))
    if found.passed or (distance <= ENCODED and louder <= LOUDER):
        return found
    words = f"one is {louder:.1f} dB louder" if louder > LOUDER else "encoding hardly explains it"
    detail = f"the outputs are nearly the same: the spectrogram differs by {distance:.3g} dB, and {words}"
    return found.model_copy(update={"passed": None, "detail": detail})


def _decibels(heard: Heard) -> float:
    return float(10 * np.log10(heard.spectra.sum(dtype=np.float64) + 1e-12))


def _distance(first: Samples, second: Samples, shift: int) -> float:
    """Mean difference in dB where either is heard, with the first one begun that many steps later."""
    one, two = first[max(0, shift) :], second[max(0, -shift) :]
    shorter = min(len(one), len(two))
    if not shorter:
        return float("inf")
    levels = [_levels(part[:shorter]) for part in (one, two)]
    heard = np.maximum(*levels) > FLOOR_DB
    return float(np.abs(levels[0] - levels[1])[heard].mean()) if heard.any() else 0.0


def _spectra(blocks: Iterable[Samples], _rate: int) -> Samples:
    edges = np.unique(np.geomspace(2, STEP // 2, BANDS + 1).astype(int))
    window = np.hanning(STEP).astype(np.float32)
    rows = []
    for block in blocks:
        mono = np.nan_to_num(block.mean(1), posinf=0.0, neginf=0.0)
        padded = np.pad(mono, (0, -mono.size % STEP)).reshape(-1, STEP)
        rows.append(np.add.reduceat(np.abs(np.fft.rfft(padded * window)) ** 2, edges, axis=1))
    return np.concatenate(rows).astype(np.float32)


def _levels(spectra: Samples) -> Samples:
    """Mean power of each part of the duration, in dB of the loudest, not below the floor."""
    parts = np.array_split(spectra, min(TIMES, len(spectra)))
    power = np.stack([part.mean(0) for part in parts])
    loudest = float(power.max())
    if not loudest:
        return np.full_like(power, FLOOR_DB)
    return np.asarray(10 * np.log10(np.maximum(power / loudest, 10 ** (FLOOR_DB / 10))), dtype=np.float32)
