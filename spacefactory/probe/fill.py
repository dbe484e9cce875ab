"""A value for every parameter of an endpoint: from the case, else a small setting, else what its component needs."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from pydantic import JsonValue

from spacefactory.probe import kinds
from spacefactory.probe.samples import has_text, sample_file, sample_table, sample_text
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.verdict import Endpoint, Parameter

SMALL = {
    **dict.fromkeys(("num_inference_steps", "inference_steps", "num_steps", "steps", "sampling_steps"), 10),
    **dict.fromkeys(("max_new_tokens", "max_tokens"), 64),
    **dict.fromkeys(("num_frames", "frames", "video_length"), 17),
    **dict.fromkeys(("width", "height", "image_size"), 512),
    **dict.fromkeys(("num_images", "num_images_per_prompt", "num_samples", "num_outputs", "batch_size"), 1),
    **dict.fromkeys(("audio_length_in_s", "duration", "duration_s", "audio_length", "seconds"), 5),
}
"""Expensive settings and the most that a first call asks for; 17 frames suit models that want 4n+1 or 8n+1."""
MAIN_KINDS = ("text", "multimodal", "image", "editor", "gallery", "audio", "video", "file", "3d", "tabular", "chat")


@dataclass(frozen=True)
class Filled:
    """Values by parameter name, and which of them hold paths of files."""

    inputs: dict[str, JsonValue] = field(default_factory=dict)
    files: frozenset[str] = frozenset()

    def over(self, other: Filled) -> Filled:
        """Both, where this one wins."""
        return Filled({**other.inputs, **self.inputs}, (other.files - self.inputs.keys()) | self.files)


CONTROLS = ("number", "choice", "bool", "colour")
"""What an answer is made from where nothing else goes in, such as the terms of a sum."""
NUMBERS = (1.0, 3.0, 7.0)
"""Numbers that go in one after another where a parameter has no limits."""
SHARES = (0.0, 0.3, 0.7)
"""The same as shares of the range between limits; the first call takes 1 where the limits allow it."""
COLOURS = ("#3366cc", "#cc6633", "#33cc66")


def main_inputs(endpoint: Endpoint, profile: ModelProfile | None) -> tuple[Parameter, ...]:
    """The parameters that the answer should depend on: what is required, and what the model takes.

    Without any of those, the first parameter that takes text or media; where none does, numbers and choices.
    """
    able = [one for one in endpoint.parameters if kinds.input_kind(one) in MAIN_KINDS]
    wanted = set(profile.input_types if profile else ())
    chosen = [
        one for one in able if one.required or (_takes(one, profile) in wanted and one is _first(able, one, profile))
    ]
    return tuple(chosen or able[:1] or _controls(endpoint))


def _controls(endpoint: Endpoint) -> list[Parameter]:
    """Numbers and choices that are required; without such and without a seed, all that are no usual setting."""
    able = [one for one in endpoint.parameters if kinds.input_kind(one) in CONTROLS and not kinds.is_seed(one)]
    needed = [one for one in able if one.required]
    seeded = any(kinds.is_seed(one) for one in endpoint.parameters)
    return needed or ([] if seeded else [one for one in able if one.name.lower() not in SMALL])


def _first(able: list[Parameter], like: Parameter, profile: ModelProfile | None) -> Parameter:
    """The first parameter that takes the same; later ones of a kind are options, such as a negative prompt."""
    return next(one for one in able if _takes(one, profile) == _takes(like, profile))


def _takes(parameter: Parameter, profile: ModelProfile | None) -> str:
    """The input type of a profile that a parameter takes."""
    kind = kinds.input_kind(parameter)
    if kind == "file":
        return kinds.medium(parameter, profile.input_types if profile else ())
    return {"multimodal": "text", "chat": "text", "editor": "image", "gallery": "image"}.get(kind, kind)


takes = _takes


def sample(endpoint: Endpoint, profile: ModelProfile | None, folder: Path, which: int) -> Filled:
    """Made values for the main inputs, and for other text parameters that the task has texts for."""
    main = main_inputs(endpoint, profile)
    others = [one for one in endpoint.parameters if one not in main and _has_own_text(one, profile)]
    filled = Filled()
    for at, one in enumerate([*main, *others]):
        shift = sum(_takes(before, profile) == _takes(one, profile) for before in main[:at]) if one in main else 0
        filled = value(one, profile, folder, which + (0 if _has_own_text(one, profile) else shift)).over(filled)
    return filled


def _has_own_text(parameter: Parameter, profile: ModelProfile | None) -> bool:
    return kinds.input_kind(parameter) == "text" and has_text(profile, parameter.name)


def required(endpoint: Endpoint, profile: ModelProfile | None, folder: Path) -> Filled:
    """Values for everything that has no default."""
    filled = Filled()
    for one in endpoint.parameters:
        if one.required:
            filled = value(one, profile, folder, 0).over(filled)
    return filled


def small(endpoint: Endpoint, profile: ModelProfile | None) -> Filled:
    """Lower values for expensive settings whose default is high, where the card recommends nothing for them."""
    recommended = profile.settings if profile else {}
    found: dict[str, JsonValue] = {}
    for one in endpoint.parameters:
        least = SMALL.get(one.name.lower())
        default = one.default
        if least is None or one.name in recommended or not isinstance(default, int | float) or default <= least:
            continue
        low = (kinds.limits(one) or (least, least))[0]
        lowered = max(least, low)
        found[one.name] = int(lowered) if isinstance(default, int) or float(lowered).is_integer() else lowered
    return Filled(found)


def value(parameter: Parameter, profile: ModelProfile | None, folder: Path, which: int) -> Filled:
    """A value that a parameter's component accepts; media and texts differ with `which`."""
    kind = kinds.input_kind(parameter)
    name = parameter.name
    if kind in ("image", "editor", "gallery", "audio", "video", "file", "3d"):
        path = str(sample_file(_takes(parameter, profile), folder, which))
        return Filled({name: wrapped(parameter, path)}, frozenset([name]))
    if kind in ("text", "multimodal", "chat"):
        return Filled({name: wrapped(parameter, sample_text(profile, which, name))})
    return Filled({name: sample_table(which) if kind == "tabular" else _plain(parameter, kind, which)})


def wrapped(parameter: Parameter, content: str) -> JsonValue:
    """A text or a path in the shape that a parameter's component takes."""
    kind = kinds.input_kind(parameter)
    if kind == "editor":
        return {"background": content, "layers": [], "composite": content}
    if kind == "gallery":
        return [{"image": content, "caption": None}]
    if kind == "multimodal":
        return {"text": content, "files": []}
    if kind == "chat":
        return [{"role": "user", "content": content}]
    return [content] if kind == "file" and parameter.python_type.startswith("list") else content


def _plain(parameter: Parameter, kind: str, which: int) -> JsonValue:
    several = parameter.python_type.startswith("list")
    if kind == "choice" and (allowed := kinds.choices(parameter)):
        chosen = allowed[which % len(allowed)]
        return [chosen] if several else chosen
    if kind == "number":
        return _number(kinds.limits(parameter), which)
    defaults: dict[str, JsonValue] = {
        "bool": which % 2 == 1,
        "colour": COLOURS[which % len(COLOURS)],
        "time": "2024-05-17 12:00:00",
        "choice": [] if several else None,
        "json": {},
    }
    return defaults.get(kind)


def _number(limits: tuple[float, float] | None, which: int) -> int | float:
    """A number within limits; whole where the limits leave room for whole numbers."""
    number = NUMBERS[which % len(NUMBERS)] + which // len(NUMBERS)
    if limits:
        low, high = limits
        first = which % len(SHARES) == 0
        number = min(max(1.0, low), high) if first else low + (high - low) * SHARES[which % len(SHARES)]
        number = float(round(number)) if high - low >= 2 * len(SHARES) else round(number, 4)
    return int(number) if number.is_integer() else number
