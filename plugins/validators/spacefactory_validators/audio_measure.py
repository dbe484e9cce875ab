"""What can be heard in a sound: figures of its samples, in one pass over blocks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import log10, sqrt
from typing import Any

import numpy as np

from spacefactory_validators.audio_noise import Texture, texture
from spacefactory_validators.signature import sound_signature, spectrum_signature

Samples = np.ndarray[Any, np.dtype[np.float32]]

WINDOW = 100
"""windows per second for loudness: 10 ms, shorter than any note or syllable"""
SPECTRUM = 2048
"""samples in one spectrum, a tenth of a second of speech"""
SHORT = 32
"""parts of a second in which one tone at a time sounds, and in which a voice still shows its harmonics"""
PROBES = 12
"""spectra per block of 8 seconds; their median is stable from ten on"""
LINES = 6
"""frequencies at one time that chords of bare tones are made of"""
ALL = 0.9995
"""share of the energy in so many lines: sums of bare tones leave less than a 5,000th, a saxophone a 500th"""
WHOLE = 1 << 16
"""samples of a block up to which all of it counts for the spectrum that is the same wherever a sound begins"""
FULL_SCALE = 0.999
"""a sample from here up is at full scale"""
OCCUPIED = 0.995
"""share of the energy that marks the upper end of the band: lossy encoders cut off what lies above"""
SMOOTHED = 8
"""neighbouring frequencies that are taken together: chance makes single ones of noise differ"""


@dataclass(frozen=True)
class Figures:
    """What the samples of all channels together amount to."""

    level: float
    """root mean square, 1 is full scale"""
    swing: float
    """the same around the mean: 0 for a constant"""
    mean: float
    peak: float
    unfinite: int
    """samples that are not finite numbers"""
    full_scale: float
    """share of samples at full scale"""
    sounding: float
    """seconds in which a window of 10 ms is within 40 dB of the loudest one"""
    flatness: float
    """flatness of the mean spectrum within its band: 0 for a tone, 1 for white noise"""
    spread: float
    """share of the band that holds half of the energy, median over spectra: 0 for a tone, 0.19 for white noise"""
    crossings: float
    """share of neighbouring samples between which the sign changes: 0.5 for white noise"""
    tone: float
    """largest share of the energy that lies around one frequency, in the mean spectrum: 1 for a bare tone"""
    purity: float
    """the same within a thirtieth of a second, median: 1 also for a row of bare tones; 1 for chords of such"""
    texture: Texture | None
    """what a spectrum and a loudness leave unexplained; None of silence"""
    signature: tuple[float, ...]
    """what similar sounds have in common"""
    spectrum: tuple[float, ...]
    """what is also alike in sounds that begin elsewhere"""


@dataclass(frozen=True)
class Part:
    """Sums over one block, to be added up."""

    count: int
    unfinite: int
    total: float
    squares: float
    peak: float
    full: int
    windows: Samples
    crossings: Samples
    powers: Samples
    """one power spectrum per piece"""
    purities: Samples
    """of short parts of those pieces, the share of energy around the strongest frequency"""
    spectrum: Samples
    """mean power of parts of half the size, of a short sound all of it"""


def measure(blocks: Iterable[Samples], rate: int) -> Figures:
    """Fold the blocks of a sound into its figures."""
    parts = [_part(block, rate) for block in blocks]
    count = max(1, sum(part.count for part in parts))
    mean = sum(part.total for part in parts) / count
    square = sum(part.squares for part in parts) / count
    crossings = _joined([part.crossings for part in parts])
    powers = _of_one_size([part.powers for part in parts])
    windows, purities = _joined([part.windows for part in parts]), _joined([part.purities for part in parts])
    flatness, spread = _evenness(powers)
    return Figures(
        level=sqrt(square),
        swing=sqrt(max(0.0, square - mean * mean)),
        mean=mean,
        peak=max((part.peak for part in parts), default=0.0),
        unfinite=sum(part.unfinite for part in parts),
        full_scale=sum(part.full for part in parts) / count,
        sounding=_sounding(windows),
        flatness=flatness,
        spread=spread,
        crossings=float(np.median(crossings)) if crossings.size else 0.0,
        tone=_tone(powers),
        purity=_purity(purities, powers),
        texture=texture(powers),
        signature=sound_signature(len(windows) / WINDOW, powers, windows),
        spectrum=spectrum_signature([part.spectrum for part in parts if part.spectrum.size]),
    )


def decibels(level: float) -> float:
    """Level in dB of full scale, not below -180."""
    return 20 * log10(max(level, 1e-9))


def _part(block: Samples, rate: int) -> Part:
    flat = block.ravel()
    unfinite = 0
    squares = float(flat @ flat)
    if not np.isfinite(squares):
        unfinite = int((~np.isfinite(flat)).sum())
        block = np.nan_to_num(block, posinf=0.0, neginf=0.0).clip(-1e6, 1e6)
        flat = block.ravel()
        squares = float(flat @ flat)
    peak = max(float(flat.max()), -float(flat.min()))
    full = int((np.abs(flat) >= FULL_SCALE).sum()) if peak >= FULL_SCALE else 0
    crossings, powers, purities = _spectra(block[:, 0], rate)
    spectrum = _spectrum(block[:, 0])
    windows = _loudness(block, rate)
    total = float(flat.sum())
    return Part(flat.size, unfinite, total, squares, peak, full, windows, crossings, powers, purities, spectrum)


def _loudness(block: Samples, rate: int) -> Samples:
    """Mean square of every window of 10 ms; the rest of a last, shorter block is a window of its own."""
    size = rate // WINDOW * block.shape[1]
    flat = block.ravel()
    whole = flat[: flat.size // size * size].reshape(-1, size)
    rest = flat[whole.size :]
    means = np.einsum("ij,ij->i", whole, whole) / size
    return np.append(means, rest @ rest / rest.size) if rest.size else means


def _sounding(windows: Samples) -> float:
    if not windows.size:
        return 0.0
    return float((windows > windows.max() * 1e-4).sum()) / WINDOW


def _spectra(channel: Samples, rate: int) -> tuple[Samples, Samples, Samples]:
    """Zero crossings of evenly spread pieces of one channel, their power spectra, and the purity of parts of them."""
    size = min(SPECTRUM, channel.size)
    starts = np.linspace(0, channel.size - size, min(PROBES, max(1, channel.size // size)), dtype=int)
    pieces = np.stack([channel[start : start + size] for start in starts])
    heard = pieces[np.einsum("ij,ij->i", pieces, pieces) > 1e-7 * size]  # silence has the flatness of noise
    if size < 64 or not len(heard):
        return np.empty(0, np.float32), np.empty((0, 0), np.float32), np.empty(0, np.float32)
    heard = heard - heard.mean(1, keepdims=True)
    crossings = np.diff(np.signbit(heard), axis=1).mean(1).astype(np.float32)
    return crossings, _powers(heard), _purities(heard, min(size, rate // SHORT))


def _spectrum(channel: Samples) -> Samples:
    """Mean power spectrum of parts that overlap by a half; of a long sound, of some of them."""
    size = SPECTRUM // 2
    if channel.size < size:
        return np.empty(0, np.float32)
    step = size // 2 if channel.size <= WHOLE else channel.size // PROBES
    mean: Samples = _powers(np.lib.stride_tricks.sliding_window_view(channel, size)[::step]).mean(0)
    return mean


def _powers(pieces: Samples) -> Samples:
    spectrum = np.fft.rfft(pieces * np.hanning(pieces.shape[1]).astype(np.float32))[:, 1:]
    return (spectrum.real**2 + spectrum.imag**2 + 1e-12).astype(np.float32)


def _purities(pieces: Samples, size: int) -> Samples:
    """Share of energy in the strongest frequency and its two neighbours on each side, of parts that sound."""
    parts = pieces[:, : pieces.shape[1] // size * size].reshape(-1, size)
    powers = _powers(parts[np.einsum("ij,ij->i", parts, parts) > 1e-6 * size])
    near = powers.argmax(1)[:, None] + np.arange(-2, 3)
    inside = (near >= 0) & (near < powers.shape[1])
    around = np.take_along_axis(powers, near.clip(0, powers.shape[1] - 1), 1) * inside
    shares: Samples = (around.sum(1) / powers.sum(1)).astype(np.float32)
    return shares


def _purity(purities: Samples, powers: Samples) -> float:
    """The median share of energy around one frequency, and 1 where few lines hold all of it."""
    if not purities.size or not powers.size:
        return 0.0
    return 1.0 if float(np.median(_in_lines(powers.copy()))) >= ALL else float(np.median(purities))


def _in_lines(left: Samples) -> Samples:
    """Share of each spectrum's energy in its strongest lines, of three frequencies on each side: all of the window."""
    whole, rows = left.sum(1, dtype=np.float64), np.arange(len(left))[:, None]
    for _ in range(LINES):
        near = (left.argmax(1)[:, None] + np.arange(-3, 4)).clip(0, left.shape[1] - 1)
        left[rows, near] = 0
    shares: Samples = 1 - left.sum(1, dtype=np.float64) / whole
    return shares


def _of_one_size(powers: list[Samples]) -> Samples:
    """The spectra of whole pieces; a last, shorter block has others, which count only when there are no more."""
    largest = max((found.shape[1] for found in powers), default=0)
    return (
        np.concatenate([found for found in powers if found.shape[1] == largest])
        if largest
        else np.empty((0, 0), np.float32)
    )


def _evenness(powers: Samples) -> tuple[float, float]:
    """Flatness of the mean spectrum and the median spread of the single ones, both within the band."""
    if not powers.size:
        return 0.0, 0.0
    mean = powers.mean(0)
    band = int(np.searchsorted(np.cumsum(mean) / mean.sum(), OCCUPIED)) + 1
    step = max(1, min(SMOOTHED, band // 4))
    smooth = mean[: band // step * step].reshape(-1, step).mean(1)
    flatness = float(np.exp(np.log(smooth).mean()) / smooth.mean())
    shares = np.sort(powers / powers.sum(1, keepdims=True), axis=1)[:, ::-1].cumsum(1)
    return flatness, float(np.median((shares < 0.5).sum(1) + 1)) / band


def _tone(powers: Samples) -> float:
    """Share of the energy in the strongest frequency and its two neighbours on each side, the width of the window."""
    if not powers.size:
        return 0.0
    mean = powers.mean(0)
    strongest = int(mean.argmax())
    return float(mean[max(0, strongest - 2) : strongest + 3].sum() / mean.sum())


def _joined(pieces: list[Samples]) -> Samples:
    return np.concatenate(pieces) if pieces else np.empty(0, np.float32)
