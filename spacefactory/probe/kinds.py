"""What Gradio's components take and give, as data."""

from __future__ import annotations

import ast
import re

from pydantic import JsonValue

from spacefactory.schema.verdict import Parameter, Return

GIVES = {
    "image": ("image", "gallery", "imageslider", "imageeditor", "annotatedimage", "paint", "sketchpad"),
    "audio": ("audio",),
    "video": ("video",),
    "model3d": ("model3d",),
    "text": ("textbox", "markdown", "html", "code", "chatbot", "multimodaltextbox", "textarea"),
    "json": (
        *("label", "json", "dataframe", "highlightedtext", "number", "slider", "checkbox", "checkboxgroup", "dropdown"),
        *("radio", "plot", "nativeplot", "lineplot", "barplot", "scatterplot", "colorpicker", "datetime"),
        *("paramviewer", "dataset"),
    ),
}
"""Output type -> components that give it. File, DownloadButton and Api give what is in them."""

TAKES = {
    "text": ("textbox", "markdown", "code", "html", "textarea"),
    "multimodal": ("multimodaltextbox",),
    "image": ("image",),
    "editor": ("imageeditor", "paint", "sketchpad", "imagemask"),
    "gallery": ("gallery",),
    "audio": ("audio", "microphone"),
    "video": ("video", "playablevideo"),
    "file": ("file", "uploadbutton"),
    "3d": ("model3d",),
    "tabular": ("dataframe",),
    "chat": ("chatbot",),
    "number": ("number", "slider"),
    "bool": ("checkbox",),
    "choice": ("dropdown", "radio", "checkboxgroup"),
    "json": ("json", "label", "highlightedtext"),
    "colour": ("colorpicker",),
    "time": ("datetime", "calendar"),
}
"""Kind of input -> components that take it."""

_GIVES = {component: kind for kind, components in GIVES.items() for component in components}
_TAKES = {component: kind for kind, components in TAKES.items() for component in components}
_BETWEEN = re.compile(r"between (-?[\d.e+]+) and (-?[\d.e+]+)")
_WORDS = {"image": ("image", "photo", "picture"), "audio": ("audio", "speech", "sound", "voice"), "video": ("video",)}
MEDIA = ("image", "audio", "video", "3d")


def return_type(one: Return) -> str | None:
    """The output type that a component stands for; None when only its content tells."""
    component = one.component.lower()
    if component == "api":
        return _api_type(one.python_type)
    return _GIVES.get(component)


def _api_type(python_type: str) -> str | None:
    if python_type.startswith("str"):
        return "text"
    return "json" if python_type.startswith(("dict", "list", "int", "float", "bool", "tuple")) else None


def input_kind(parameter: Parameter) -> str:
    """What a parameter takes: a key of `TAKES`, or `other`."""
    component = parameter.component.lower()
    if component != "api":
        return _TAKES.get(component, "other")
    kinds = {"str": "text", "int": "number", "float": "number", "bool": "bool", "filepath": "file"}
    return next((kind for name, kind in kinds.items() if parameter.python_type.startswith(name)), "json")


def medium(parameter: Parameter, wanted: tuple[str, ...] = ()) -> str:
    """What a file parameter holds: by its name or label, else the first medium of the wanted ones, else text."""
    words = f"{parameter.name} {parameter.label}".lower()
    named = next((kind for kind, known in _WORDS.items() if any(word in words for word in known)), None)
    return named or next((kind for kind in wanted if kind in MEDIA), "tabular" if "tabular" in wanted else "text")


def choices(parameter: Parameter) -> list[JsonValue]:
    """The values that a parameter's schema allows, empty when it does not list them."""
    match = re.search(r"Literal(\[.*?\])", parameter.python_type, re.DOTALL)
    try:
        return list(ast.literal_eval(match.group(1))) if match else []
    except (ValueError, SyntaxError):
        return []


def limits(parameter: Parameter) -> tuple[float, float] | None:
    """The least and the greatest value that a parameter's schema allows, None when it does not say."""
    match = _BETWEEN.search(parameter.python_type)
    try:
        return (float(match.group(1)), float(match.group(2))) if match else None
    except ValueError:
        return None


def is_seed(parameter: Parameter) -> bool:
    """Whether a parameter is the seed of a random generator."""
    words = {parameter.name.lower(), parameter.label.lower().strip().replace(" ", "_")}
    return input_kind(parameter) == "number" and bool(words & _SEEDS)


_SEEDS = {"seed", "random_seed", "rng_seed", "noise_seed", "manual_seed"}
