"""The checks of a sound."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from spacefactory.schema.verdict import Check
from spacefactory_validators import limits
from spacefactory_validators.audio_decode import Sound
from spacefactory_validators.audio_measure import Figures, decibels
from spacefactory_validators.audio_noise import LINED
from spacefactory_validators.checks import alive, proves_something, typed

SILENT_DB = -60.0
"""dB of full scale: the noise floor of a cassette tape. Speech and music have -40 to -10, digital silence -180, and
silence that went through a lossy encoder stays below -90"""
SWING = 0.001
"""deviation around the mean: the same -60 dB, for a sound that is only a constant offset"""
CLICK_SECONDS = 0.03
"""seconds that sound at all: a door click or a failed vocoder's single pulse lasts less, a drum stroke longer"""
CLICK_OF = 0.3
"""a sound must last so many seconds before a single click in it is too little"""
CLIPPED = 0.2
"""share of samples at full scale: loud music reaches a hundredth, a waveform that lost its shape a fifth"""
FLAT = 0.45
"""flatness of the mean spectrum: white noise 0.97 and more, also after MP3 and Vorbis at low rates; high-passed noise
0.5, a rising tone 0.5, speech up to 0.25, music below 0.1"""
SPREAD = 0.1
"""share of the band that holds half of the energy at one time: white noise 0.19, after lossy coding 0.14 and more; a
rising tone 0.005, speech 0.012"""
BARE = 0.95
"""share of the energy around one frequency over the whole sound: a bare tone has 0.99 and more, also when it swells; a
flute, the purest instrument, below 0.9, and any tune or word spreads further"""
CROSSED = 0.15
"""share of sign changes: white noise 0.5, with its upper half cut off by an encoder 0.2; a row of clicks has none"""


def judge(sound: Sound, figures: Figures) -> tuple[Sequence[Check], Mapping[str, JsonValue]]:
    """The checks of a decoded sound, and its figures."""
    decoded = f"{sound.seconds:.2f} s decode ({sound.frames} samples, {sound.rate} a second, {sound.channels} channels)"
    checks = [
        typed("audio.format", True, f"the content is {sound.format}"),
        typed("audio.decodes", True, decoded, sound.seconds, limits.AUDIO_SHORTEST),
        _finite(figures),
        _not_silent(figures),
        _not_constant(figures),
        _not_click(sound, figures),
        _not_clipped(figures),
        _not_noise(figures),
        _not_bare(figures),
    ]
    return checks, _measures(sound, figures)


def _finite(figures: Figures) -> Check:
    detail = f"{figures.unfinite} samples are not finite numbers"
    return alive("audio.finite", not figures.unfinite, detail, figures.unfinite, 0)


def _not_silent(figures: Figures) -> Check:
    level = decibels(figures.level)
    passed = level >= SILENT_DB
    detail = f"the level is {level:.0f} dB of full scale"
    if not passed:
        detail = f"the sound is silent: {detail}; a single number that is not finite in the model does this too"
    return alive("audio.not_silent", passed, detail, level, SILENT_DB)


def _not_constant(figures: Figures) -> Check:
    detail = f"the samples deviate by {figures.swing:.3g} from their mean of {figures.mean:.3g}"
    return alive("audio.not_constant", figures.swing >= SWING, detail, figures.swing, SWING)


def _not_click(sound: Sound, figures: Figures) -> Check:
    passed = sound.seconds < CLICK_OF or figures.sounding >= CLICK_SECONDS
    detail = f"{figures.sounding:.2f} s of {sound.seconds:.2f} s sound"
    return alive("audio.not_click", passed, detail, figures.sounding, CLICK_SECONDS)


def _not_clipped(figures: Figures) -> Check:
    detail = f"{100 * figures.full_scale:.1f} % of the samples are at full scale"
    return proves_something("audio.not_clipped", figures.full_scale <= CLIPPED, detail, figures.full_scale, CLIPPED)


def _not_noise(figures: Figures) -> Check:
    white = figures.flatness > FLAT and figures.spread > SPREAD and figures.crossings > CROSSED
    found = figures.texture
    noise = white or (found is not None and found.noise)
    words = "the sound cannot be told from noise: " if noise else ""
    detail = f"{words}its spectrum has a flatness of {figures.flatness:.2f} and a spread of {figures.spread:.3f}"
    if white or found is None:
        return proves_something("audio.not_noise", not noise, detail, figures.flatness, FLAT)
    detail = f"{words}beside its spectrum and its loudness, lines have {found.lines:.2f} and changes {found.moves:.1f}"
    return proves_something("audio.not_noise", not noise, f"{detail} times what chance gives", found.lines, LINED)


def _not_bare(figures: Figures) -> Check:
    bare = figures.tone >= BARE
    words = "the sound is one bare tone: " if bare else ""
    detail = f"{words}{100 * figures.tone:.0f} % of its energy lie around one frequency"
    return proves_something("audio.not_tone", not bare, detail, figures.tone, BARE)


def _measures(sound: Sound, figures: Figures) -> Mapping[str, JsonValue]:
    return {
        "format": sound.format,
        "seconds": round(sound.seconds, 3),
        "rate": sound.rate,
        "channels": sound.channels,
        "level_db": round(decibels(figures.level), 1),
        "peak": round(figures.peak, 4),
        "sounding_s": round(figures.sounding, 2),
        "full_scale": round(figures.full_scale, 4),
        "flatness": round(figures.flatness, 4),
        "spread": round(figures.spread, 4),
        "crossings": round(figures.crossings, 4),
        "tone": round(figures.tone, 4),
        "purity": round(figures.purity, 4),
        "signature": list(figures.signature),
        "unordered": list(figures.spectrum),
    }
