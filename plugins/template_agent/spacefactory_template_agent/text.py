"""Values from a model card as text that cannot turn into code or markup."""

from __future__ import annotations

import re

MARKDOWN = re.compile(r"([\\`*_{}\[\]()<>#|~$&@]|:(?=//)|(?<=www)\.)")
"""What Markdown, its HTML, formulas or automatic links could give a meaning to inside a line; a backslash takes it."""
HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*\Z", re.ASCII)


def literal(value: object) -> str:
    """The value as a Python literal, in double quotes where that needs no escape.

    Raises:
        TypeError: the value is not made of text, numbers, truth values, None, lists and dicts.
    """
    if isinstance(value, str):
        text = repr(value)
        return f'"{text[1:-1]}"' if text[0] == "'" and '"' not in text else text
    if value is None or isinstance(value, bool | int):
        return repr(value)
    if isinstance(value, float) and value - value == 0:  # neither infinite nor not-a-number, which have no literal
        return repr(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        return "{" + ", ".join(f"{literal(key)}: {literal(one)}" for key, one in value.items()) + "}"
    raise TypeError(f"{type(value).__name__} has no literal")


def markdown(value: str) -> str:
    """The text as Markdown that shows just this text, on one line; what cannot be seen is left out."""
    seen = "".join(one for one in " ".join(value.split()) if one.isprintable())  # no control or direction signs
    return MARKDOWN.sub(r"\\\1", seen)


def link(model: str) -> str:
    """The model's name as Markdown, with a link when it is an id of the Hub."""
    name = markdown(model)
    return f"[{name}](https://huggingface.co/{model})" if HUB_ID.match(model) else name
