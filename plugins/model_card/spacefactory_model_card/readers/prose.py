"""Title, headings and sentences: what the author calls the model."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from spacefactory.schema.profile import Claim
from spacefactory_model_card.material import Material, claim
from spacefactory_model_card.readers.phrases import LIBRARIES, TASKS, compiled

READER = "prose"
_TASKS, _LIBRARIES = compiled(TASKS), compiled(LIBRARIES)
_ANY_LIBRARY = re.compile("|".join(pattern.pattern for pattern, _, _ in _LIBRARIES))
_KIND = re.compile(r"\W{0,4}(?:model type|model task|tasks?|pipeline(?: tag)?|task type)\s?:")
"""Lines of the Hub's template for cards that say what a model is."""
_VERSIONS = re.compile(r"^-? ?(transformers|peft|diffusers|sentence[- ]transformers|setfit|keras)\W{1,4}v?\d", re.I)
"""Lines below "Framework versions", as training scripts write them."""
_BESIDE = re.compile(
    r"(?:compatible with|works? (?:well )?(?:with|alongside)|alongside|in combination with)[^.]{0,30}$"
)
"""What stands behind these words is another model."""
_ABILITIES = re.compile(
    r"summari[sz]ation|question[- ]answering|translation|reasoning|text generation|cod(?:e|ing)|classification"
)
MANY_ABILITIES = 3
"""A line that lists so many things speaks of a general model and of none of its tasks."""
Place = tuple[str, float, int]
"""Text in lower case, how much a phrase counts there, and the line."""


def read(material: Material) -> Iterator[Claim]:
    """Task and library, by the place where a phrase stands."""
    for task, (weight, quote, line) in _best(_TASKS, _task_places(material)).items():
        yield claim("task", task, READER, weight, quote, line)
    for library, (weight, quote, line) in _best(_LIBRARIES, _library_places(material)).items():
        yield claim("library", library, READER, weight, quote, line)
    yield from _versions(material)
    yield from _nothing_shown(material)


def _task_places(material: Material) -> Iterator[Place]:
    document = material.document
    for at, heading in enumerate(document.headings[:40]):
        yield heading.text.lower(), 0.5 if at else 0.85, heading.line
    for at, line in enumerate(document.opening()):
        yield line.lower, 0.8 if at < 2 else 0.6, line.line
    for line in document.prose[:400]:
        if _KIND.match(line.lower):
            yield line.lower, 0.8, line.line


def _library_places(material: Material) -> Iterator[Place]:
    for heading in material.document.headings[:60]:
        yield heading.text.lower(), 1.0, heading.line
    for line in material.document.prose[:600]:
        if not line.table and _ANY_LIBRARY.search(line.lower):
            yield line.lower, 0.7, line.line


def _best(
    patterns: tuple[tuple[re.Pattern[str], str, float], ...], places: Iterable[Place]
) -> dict[str, tuple[float, str, int]]:
    """Per meaning the strongest place, with the words around the phrase."""
    best: dict[str, tuple[float, str, int]] = {}
    for text, place, line in places:
        listed = len(set(_ABILITIES.findall(text))) >= MANY_ABILITIES
        for pattern, meaning, weight in patterns:
            strength = weight * place * (0.5 if listed else 1)
            if strength > best.get(meaning, (0.0, "", 0))[0] and (found := pattern.search(text)):
                if _BESIDE.search(text[max(0, found.start() - 60) : found.start()]):
                    continue
                best[meaning] = (strength, text[max(0, found.start() - 60) : found.end() + 80], line)
    return best


def _versions(material: Material) -> Iterator[Claim]:
    for one in material.document.prose:
        if "framework" in one.section and (written := _VERSIONS.match(one.text)):
            name = re.sub(r"\s+", "-", written.group(1).lower())
            yield claim("library", name, "versions", 0.75 if name == "transformers" else 0.88, one.text, one.line)


def _nothing_shown(material: Material) -> Iterator[Claim]:
    """Cards without Python: ComfyUI is named in tags or title; a link to a code repository means its own code."""
    if material.code.imports or material.code.calls:
        return
    title = material.document.title
    if "comfyui" in material.tags or "comfyui" in title.lower().replace(" ", ""):
        yield claim("library", "comfyui", "no_code", 0.9, "comfyui, and no code for another library")
    for one in material.document.prose[:400]:
        links = [link for link in (*one.links, *one.text.split()) if "github.com/" in link]
        if link := next((link for link in links if "github.com/huggingface/" not in link), None):
            yield claim("library", "custom", "repository", 0.3, link, one.line)
            return
