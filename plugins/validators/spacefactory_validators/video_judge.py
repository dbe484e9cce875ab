"""The checks of a video."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import JsonValue

from spacefactory.schema.verdict import Check
from spacefactory_validators.checks import alive, proves_something, typed
from spacefactory_validators.signature import film_signature
from spacefactory_validators.video_decode import Film
from spacefactory_validators.video_measure import CHANGE, Motion

FRAMES = 2
"""fewer are a picture, not a video"""
DEVIATION = 1.0
"""levels of 255, mean over the frames; black and single colours have 0, even a starry night more than 5"""
MOVED = 0.0005
"""share of the picture: a blinking eye in a portrait moves 0.002, encoding of a frozen picture nothing that far"""


def judge(film: Film, motion: Motion | None) -> tuple[Sequence[Check], Mapping[str, JsonValue]]:
    """The checks of a decoded video, and its figures."""
    detail = f"all {film.frames} frames of {film.width}x{film.height} decode, {film.seconds:.2f} s"
    checks = [
        typed("video.format", True, f"the content is {film.codec} in {film.container}"),
        typed("video.decodes", True, detail, film.frames, 1),
        alive("video.frames", film.frames >= FRAMES, f"there are {film.frames} frames", film.frames, FRAMES),
    ]
    if motion is not None:
        checks += [_not_blank(motion), _moves(motion), *_not_noise(motion)]
    return checks, _measures(film, motion)


def _not_blank(motion: Motion) -> Check:
    passed = motion.deviation >= DEVIATION
    detail = f"brightness deviates by {motion.deviation:.3g} within a frame"
    if not passed:
        detail = f"every frame is of one colour: {detail}"
        detail += "; black frames may come from numbers that are not finite" if motion.mean < 17 else ""
    return alive("video.not_blank", passed, detail, motion.deviation, DEVIATION)


def _moves(motion: Motion) -> Check:
    passed = motion.moved >= MOVED
    detail = f"{100 * motion.moved:.2f} % of the picture changes by more than {CHANGE} levels"
    return alive("video.moves", passed, detail if passed else f"the video is frozen: {detail}", motion.moved, MOVED)


def _not_noise(motion: Motion) -> list[Check]:
    if motion.likeness is None:
        return []
    figures = motion.likeness.measured, motion.likeness.threshold
    words = "" if motion.likeness.structured else "the frames cannot be told from noise: "
    detail = f"{words}{motion.likeness.words} {figures[0]:.3f}"
    return [proves_something("video.not_noise", motion.likeness.structured, detail, *figures)]


def _measures(film: Film, motion: Motion | None) -> Mapping[str, JsonValue]:
    facts: dict[str, JsonValue] = {
        "container": film.container,
        "codec": film.codec,
        "width": film.width,
        "height": film.height,
        "frames": film.frames,
        "seconds": round(film.seconds, 3),
        "fps": round(film.frames / film.seconds, 3) if film.seconds > 0 else None,
        "sound": film.sound,
    }
    if motion is None:
        return facts
    alike = None if motion.likeness is None else round(motion.likeness.measured, 4)
    return facts | {
        "deviation": round(motion.deviation, 3),
        "change": round(motion.change, 4),
        "moved": round(motion.moved, 6),
        "likeness": alike,
        "flat": round(motion.flat, 4),
        "signature": list(film_signature(film.seconds, motion.lowest, motion.highest)),
    }
