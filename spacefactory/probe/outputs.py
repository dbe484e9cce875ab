"""From a call's answer to outputs that can be judged, one rule per component."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pydantic import JsonValue

from spacefactory.probe.artifacts import Artifact, is_file, suffix_type
from spacefactory.probe.kinds import return_type
from spacefactory.probe.values import clean
from spacefactory.schema.verdict import Endpoint, Output, Return

NOT_FETCHED = "(a file that was not fetched: the answer holds more than a run may keep)"
"""Stands in an answer for such a file; there is no output for it."""
DEEPEST = 64


@dataclass(frozen=True)
class Collected:
    """An answer as the record keeps it, and its outputs."""

    value: JsonValue
    outputs: tuple[Output, ...]


def collect(
    value: Any, endpoint: Endpoint, keep: Callable[[dict[str, Any]], Artifact | None], more: dict[str, str]
) -> Collected:
    """Fetch the files of an answer and sort what came back by output type.

    Args:
        value: the answer, as the client gives it.
        endpoint: where it came from; its returns say which component each part belongs to.
        keep: fetches a file into the record.
        more: output types by file suffix that validators know.
    """
    fetched = _fetched(_updated(value), keep)
    outputs: list[Output] = []
    for one, part in _paired(fetched, endpoint.returns):
        outputs += [output for output in _outputs(one, part, more) if output.value != NOT_FETCHED]
    return Collected(clean(_named(fetched)), tuple(outputs))


def _updated(value: Any) -> Any:
    """`gr.update(value=...)` stands for its value; an update without one changes nothing."""
    if isinstance(value, list | tuple):
        return [_update_value(one) for one in value]
    return _update_value(value)


def _update_value(value: Any) -> Any:
    return value.get("value") if isinstance(value, dict) and value.get("__type__") == "update" else value


def _fetched(value: Any, keep: Callable[[dict[str, Any]], Artifact | None], depth: int = 0) -> Any:
    if depth >= DEEPEST:
        return "..."
    if is_file(value):
        return keep(value) or NOT_FETCHED
    if isinstance(value, dict):
        return {key: _fetched(one, keep, depth + 1) for key, one in value.items()}
    return [_fetched(one, keep, depth + 1) for one in value] if isinstance(value, list | tuple) else value


def _named(value: Any) -> Any:
    """The same value with files by their path in the record."""
    if isinstance(value, Artifact):
        return value.name
    if isinstance(value, dict):
        return {key: _named(one) for key, one in value.items()}
    return [_named(one) for one in value] if isinstance(value, list) else value


def _paired(value: Any, returns: tuple[Return, ...]) -> list[tuple[Return, Any]]:
    """Each return with its part of the answer: one return gives its value bare, several give a list."""
    if len(returns) == 1:
        return [(returns[0], value)]
    parts = value if isinstance(value, list) else [value]
    unnamed = [Return(component="Api")] * (len(parts) - len(returns))
    return list(zip([*returns, *unnamed], parts, strict=False))


def _outputs(one: Return, part: Any, more: dict[str, str]) -> list[Output]:
    component = one.component.lower()
    special = _SPECIAL.get(component)
    if special is not None:
        return special(part, more)
    kind = return_type(one)
    if isinstance(part, Artifact):
        return [_file(part, kind, more)]
    if kind in (None, "text", "json"):
        return _by_content(part, kind, more)
    files = _files(part)
    return [_file(file, kind, more) for file in files] or [Output(output_type=kind, value=clean(part))]


def _file(file: Artifact, kind: str | None, more: dict[str, str]) -> Output:
    """A file is what its component says; without a word of it, what its content says."""
    return Output(output_type=kind or suffix_type(file.path.suffix, more) or "file", path=file.path)


def _files(part: Any) -> list[Artifact]:
    if isinstance(part, Artifact):
        return [part]
    values = part.values() if isinstance(part, dict) else part if isinstance(part, list) else []
    return [file for one in values for file in _files(one)]


def _by_content(part: Any, kind: str | None, more: dict[str, str]) -> list[Output]:
    """Text and data are values; files inside them are outputs of their own."""
    files = [_file(file, None, more) for file in _files(part)]
    if files and (kind is None or kind == "text"):
        return files
    value = clean(_named(part))
    guessed = "text" if isinstance(value, str) and not is_json(value) else "json"
    found = guessed if kind is None or (kind == "json" and isinstance(value, str)) else kind
    return [Output(output_type=found, value=value), *files]


def is_json(text: str) -> bool:
    """Whether a text is a JSON object or list, as some apps write their answer into a text box."""
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        return isinstance(json.loads(text), dict | list)
    except (ValueError, RecursionError):
        return False


def _gallery(part: Any, more: dict[str, str]) -> list[Output]:
    items = part if isinstance(part, list) else []
    found = []
    for item in items:
        kind = "video" if isinstance(item, dict) and "video" in item else "image"
        found += [_file(file, kind, more) for file in _files(item)]
    return found or [Output(output_type="image", value=None)]


def _annotated(part: Any, more: dict[str, str]) -> list[Output]:
    """The parts that were found; the picture under them is the input again, and counts only when it is alone."""
    notes = part.get("annotations") if isinstance(part, dict) else None
    masks = [_file(file, "image", more) for file in _files(notes)]
    names = [clean(note.get("label")) for note in notes if isinstance(note, dict)] if isinstance(notes, list) else []
    below = [_file(file, "image", more) for file in _files(part.get("image"))[:1]] if isinstance(part, dict) else []
    return [*(masks or below), Output(output_type="json", value=names)]


def _edited(part: Any, more: dict[str, str]) -> list[Output]:
    whole = part.get("composite") or part.get("background") if isinstance(part, dict) else part
    return [_file(file, "image", more) for file in _files(whole)[:1]] or [Output(output_type="image", value=None)]


def _slider(part: Any, more: dict[str, str]) -> list[Output]:
    """Before and after: the second picture is the result."""
    files = _files(part)
    return [_file(files[-1], "image", more)] if files else [Output(output_type="image", value=None)]


def _multimodal(part: Any, more: dict[str, str]) -> list[Output]:
    said = part.get("text") if isinstance(part, dict) else part
    return [Output(output_type="text", value=clean(said)), *(_file(file, None, more) for file in _files(part))]


def _chat(part: Any, more: dict[str, str]) -> list[Output]:
    """The last turn of the assistant, in the form of messages or of pairs."""
    turns = part if isinstance(part, list) else []
    last = turns[-1] if turns else None
    if isinstance(last, dict):
        content = last.get("content") if last.get("role") == "assistant" else None
    else:
        content = last[1] if isinstance(last, list) and len(last) == 2 else None
    parts = content if isinstance(content, list) else [content]
    said = [one.get("text") if isinstance(one, dict) else one for one in parts]
    words = "\n".join(one for one in said if isinstance(one, str))
    files = [_file(file, None, more) for file in _files(parts)]
    return files if files and not words else [Output(output_type="text", value=words or None), *files]


_SPECIAL: dict[str, Callable[[Any, dict[str, str]], list[Output]]] = {
    "gallery": _gallery,
    "annotatedimage": _annotated,
    "imageeditor": _edited,
    "paint": _edited,
    "sketchpad": _edited,
    "imageslider": _slider,
    "multimodaltextbox": _multimodal,
    "chatbot": _chat,
}
