"""The card's own examples: widget entries, and the inputs of its code with what the card shows as the answer.

docs/model-card-examples.md says how a card states them.
"""

from __future__ import annotations

import ast
import posixpath
import re
from collections.abc import Iterator, Sequence

from pydantic import JsonValue

from spacefactory.repository.plain import inert
from spacefactory.schema.profile import Example
from spacefactory_model_card.material import Material
from spacefactory_model_card.python_code import Call, unknown
from spacefactory_model_card.readers.widgets import entries, kind_of

MOST = 20
LONGEST_TEXT = 8000
LONGEST_ANSWER = 4000
MEDIA_KEYS = ("src", "url", "image", "img", "audio", "video")
PASSED_ON = ("source_sentence", "sentences", "context", "candidate_labels", "labels", "query", "prompt", "table")
TEXT_TASKS = frozenset(
    {"text-generation", "text2text-generation", "translation", "summarization", "text-classification", "fill-mask"}
    | {
        "token-classification",
        "text-to-image",
        "text-to-video",
        "text-to-audio",
        "text-to-speech",
        "feature-extraction",
    }
    | {"text-to-3d", "zero-shot-classification"}
)
_COMMENT = re.compile(r"^\s{0,40}#\s{0,3}(?:output|result|prints?|returns?|=>|>)?[:\s]{0,3}", re.I)


def examples(material: Material, task: str | None) -> tuple[Example, ...]:
    """Each example once, those of the widget first."""
    found: list[Example] = []
    for one in (*_widgets(material), *_code(material, task)):
        if one.inputs and one.inputs not in [other.inputs for other in found]:
            found.append(one)
    return tuple(found[:MOST])


def _widgets(material: Material) -> Iterator[Example]:
    for entry in entries(material):
        inputs = _inputs(entry, material)
        if inputs is None:
            continue
        parameters = entry.get("parameters")
        if isinstance(parameters, dict) and parameters:
            inputs["parameters"] = parameters
        title = entry.get("example_title")
        yield Example(
            title=inert(title)[:80] if isinstance(title, str | int | float) else "",
            inputs=inputs,
            expected=_expected(entry.get("output"), material),
        )


def _inputs(entry: dict[str, JsonValue], material: Material) -> dict[str, JsonValue] | None:
    """Inputs by type; None when a file of the entry is not in the repository."""
    inputs: dict[str, JsonValue] = {}
    text = entry.get("text")
    if isinstance(text, int | float | bool):
        text = str(text)
    if isinstance(text, str) and text.strip() and len(text) <= LONGEST_TEXT:
        inputs["text"] = text
    for key in MEDIA_KEYS:
        value = entry.get(key)
        if isinstance(value, str) and (kind := kind_of(value)):
            if (path := inside(value, material)) is None:
                return None
            inputs[kind] = path
    if (spoken := _spoken(entry.get("messages"))) is not None:
        inputs["text"] = spoken
    inputs |= {key: entry[key] for key in PASSED_ON if entry.get(key) not in (None, "", []) and key not in inputs}
    return inputs or None


def _spoken(messages: JsonValue) -> str | None:
    """The last thing that the user says in a chat."""
    for one in reversed(messages if isinstance(messages, list) else []):
        content = one.get("content") if isinstance(one, dict) and one.get("role") == "user" else None
        if isinstance(content, list):
            content = next((part.get("text") for part in content if isinstance(part, dict) and part.get("text")), None)
        if isinstance(content, str) and content.strip() and not unknown(content) and len(content) <= LONGEST_TEXT:
            return content
    return None


def inside(value: str, material: Material) -> str | None:
    """The path of a file of this repository that a path or an address on the Hub names; None for anything else."""
    model = re.escape(material.card.model)
    path = re.sub(rf"^https://huggingface\.co/{model}/(?:resolve|blob|raw)/[\w.-]{{1,80}}/", "", value.split("?")[0])
    if "://" in path or "\0" in path or "\\" in path or path.startswith(("/", "~")):
        return None
    path = posixpath.normpath(path)
    if path.startswith("..") or (material.card.files is not None and path not in material.paths):
        return None
    return path


def _expected(output: JsonValue, material: Material) -> JsonValue:
    """A text, a list of labels with their scores, or {"url": path of a file of the repository}."""
    if isinstance(output, dict):
        text, address = output.get("text"), output.get("url")
        if isinstance(text, str) and text.strip():
            return text[:LONGEST_ANSWER]
        path = inside(address, material) if isinstance(address, str) else None
        if path is not None:
            return {"url": path}
        return _labels([output])
    if isinstance(output, list):
        return _labels(output)
    return output[:LONGEST_ANSWER] if isinstance(output, str) and output.strip() else None


def _labels(output: Sequence[JsonValue]) -> JsonValue:
    found: list[JsonValue] = []
    for one in output[:200]:
        if not isinstance(one, dict) or isinstance(one.get("label"), dict | list | None):
            return None
        score = one.get("score")
        number = isinstance(score, int | float) and not isinstance(score, bool)
        found.append({"label": str(one["label"]), **({"score": score} if number else {})})
    return found or None


def _code(material: Material, task: str | None) -> Iterator[Example]:
    """Texts that the card's code gives to the model."""
    for call in material.code.calls:
        if not call.on_object:
            continue
        if task in ("sentence-similarity", "text-ranking", "feature-extraction") and call.method in ("encode", "embed"):
            yield from _sentences(call)
        elif task == "question-answering" and {"question", "context"} <= call.keywords.keys():
            question, context = call.keywords["question"], call.keywords["context"]
            if _is_text(question) and _is_text(context):
                yield Example(inputs={"text": question, "context": context}, expected=_shown(material, call))
        elif task in TEXT_TASKS and (text := _text(call)) is not None:
            yield Example(inputs={"text": text}, expected=_shown(material, call))


def _sentences(call: Call) -> Iterator[Example]:
    given = call.arguments[0] if call.arguments else None
    texts = [one for one in (given if isinstance(given, list) else [given]) if _is_text(one)]
    if len(texts) > 1:
        yield Example(inputs={"source_sentence": texts[0], "sentences": texts[1:20], "text": texts[0]})
    elif texts:
        yield Example(inputs={"text": texts[0]})


def _text(call: Call) -> str | None:
    """The text that a pipeline, model or tokenizer is called with."""
    keys = ("prompt", "text", "inputs", "input_text", "text_inputs", "sentence")
    given = [call.keywords[key] for key in keys if key in call.keywords] or list(call.arguments[:1])
    if call.method == "apply_chat_template" or (given and isinstance(given[0], list) and _spoken(given[0])):
        return _spoken(given[0]) if given else None
    if not (call.name.endswith("()") or call.method in ("encode", "generate", "tokenize", "predict", "__call__")):
        return None
    first = given[0] if given else None
    if isinstance(first, list):
        first = first[0] if first else None
    return first if _is_text(first) and isinstance(first, str) else None


_GAP = re.compile(
    r"\W{0,2}(?:your|insert|enter|put)\b[\w ]{0,30}(?:prompt|text|sentence|question|input|query)\b[\w ]{0,10}\W{0,4}",
    re.I,
)
"""What authors write where the user's own words go."""


def _is_text(value: JsonValue) -> bool:
    """Words for the model, and no id, path, address or name of an option."""
    if not isinstance(value, str) or unknown(value) or "\0" in value or not 3 <= len(value) <= LONGEST_TEXT:
        return False
    return (
        "://" not in value[:12]
        and not _GAP.fullmatch(value.strip())
        and (" " in value.strip() or any(ord(sign) > 0x2E80 for sign in value))
    )


def _shown(material: Material, call: Call) -> JsonValue:
    """What the card shows right below a call as its answer: labels with scores, in comments or as a session prints."""
    lines = _below(material, call.line)
    text = "".join(lines).strip()
    if not text.startswith("[") or len(text) > LONGEST_ANSWER:
        return None
    end = text.rfind("]")
    try:
        answer = ast.literal_eval(text[: end + 1])
    except (SyntaxError, ValueError, RecursionError, MemoryError, TypeError):
        return None
    if isinstance(answer, list) and len(answer) == 1 and isinstance(answer[0], list):
        answer = answer[0]
    return _labels(answer) if isinstance(answer, list) else None


def _below(material: Material, line: int) -> list[str]:
    """Comment lines, or lines without a prompt in a session, that follow a line of code."""
    for block in material.document.blocks:
        lines = block.text.split("\n")
        at = line - block.line
        if 0 <= at < len(lines):
            session = lines[at].lstrip().startswith(">>>")
            found: list[str] = []
            for one in lines[at + 1 : at + 40]:
                if one.lstrip().startswith("#"):
                    found.append(_COMMENT.sub("", one[:500]))
                elif session and one.strip() and not one.lstrip().startswith((">>>", "...")):
                    found.append(one[:500].strip())
                elif one.strip() or found:
                    break
            return found
    return []
