"""The judge of texts."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

from spacefactory.schema.verdict import Check, Inspection, Output
from spacefactory_validators import limits, text_noise, text_signs
from spacefactory_validators.checks import alive, compared, inspected, proves_something, reject, typed, unequal
from spacefactory_validators.files import file_of, value_words

NAME = "text.differs"
UNREADABLE = 0.05
"""share of characters that stand for no letter (U+FFFD, or control codes) from which a text is noise: bytes drawn at
random are hardly ever UTF-8, and a single such character is an answer that was cut within a letter"""


@dataclass(frozen=True)
class TextValidator:
    """Judges texts in any script, as a value or as a file."""

    name: str = "text"
    output_types: tuple[str, ...] = ("text",)
    suffixes: tuple[str, ...] = (".txt", ".md", ".srt", ".vtt")

    def inspect(self, output: Output) -> Inspection:
        """Read the whole text and ask whether it says something."""
        return inspected(output, _look)

    def differ(self, first: Output, second: Output) -> Check:
        """Whether two texts differ in more than case, white space and the way their characters are encoded."""
        return compared(NAME, first, second, read, _compare)


def read(output: Output) -> str:
    """The text of an output.

    Raises:
        RejectedError: there is none, it is too large, or it is not text.
    """
    text = _from_file(output) if output.path is not None else _from_value(output.value)
    if "\0" in text:
        raise reject(typed("text.characters", False, "the text holds null characters, as binary data does"))
    return text


def plain(text: str) -> str:
    """The text without terminal codes and control characters."""
    return text_signs.CONTROL.sub("", text_signs.TERMINAL.sub("", text))


def normalised(text: str) -> str:
    """What two texts have in common when they say the same: compatible characters, one case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", plain(text)).casefold().split())


def _look(output: Output) -> tuple[Sequence[Check], Mapping[str, JsonValue]]:
    text = read(output)
    said = plain(text).strip(text_signs.INVISIBLE)
    size = len(text.encode())
    controls = len(text_signs.CONTROL.findall(text)) + len(text_signs.TERMINAL.findall(text))
    measures: dict[str, JsonValue] = {
        "bytes": size,
        "characters": len(said),
        "words": len(said.split()),
        "control_characters": controls,
    }
    checks = [typed("text.decodes", True, f"{len(text)} characters decode", size, limits.TEXT_BYTES), _not_empty(said)]
    if said:
        checks += [*_says_something(said), _legible(text)]
    return checks, measures


def _not_empty(said: str) -> Check:
    return alive("text.not_empty", bool(said), f"{len(said)} characters can be seen", len(said), 1)


def _says_something(said: str) -> list[Check]:
    error, stand_in, run = text_signs.error_in(said), text_signs.placeholder_in(said), text_signs.repetition(said)
    return [
        alive("text.not_error", error is None, f"the text is an error: {error}" if error else "it reads as no error"),
        alive(
            "text.not_placeholder",
            stand_in is None,
            f"the text is a stand-in: {stand_in}" if stand_in else "it is no known stand-in",
        ),
        _not_repeated(run),
        _has_words(said),
    ]


def _has_words(said: str) -> Check:
    name = "text.has_words"
    if any(unicodedata.category(character)[0] in "LNS" for character in said):
        return alive(name, True, "it has letters, digits or symbols")
    if text_signs.written_in_signs(said):
        return alive(name, True, "it is written in signs alone, as Morse code is")
    return alive(name, None, "it is a few signs of punctuation, which can be an answer or none")


def _legible(text: str) -> Check:
    """Byte-level tokens at random, which is what random weights say, decode to signs of replacement; letters by lot."""
    said = text_signs.TERMINAL.sub("", text)
    lost = said.count("\ufffd") + len(text_signs.CONTROL.findall(said))
    share = lost / max(len(said), 1)
    if lost >= 2 and share >= UNREADABLE:
        detail = f"{lost} of {len(said)} characters stand for no letter"
        return proves_something("text.not_noise", False, detail, share, UNREADABLE)
    drawn = text_noise.by_lot(said)
    detail = f"the text cannot be told from one drawn by lot: {drawn}" if drawn else "it is legible"
    return proves_something("text.not_noise", drawn is None, detail)


def _not_repeated(run: tuple[str, bool] | None) -> Check:
    """A word without end is what random weights say; a sign without end is what numbers that are not finite become."""
    name = "text.not_repeated"
    if run is None:
        return alive(name, True, "no single piece makes up the text")
    piece, word = run
    detail = f"one piece is repeated without end: {piece}"
    return proves_something(name, False, detail) if word else alive(name, False, detail)


def _compare(first: str, second: str) -> Check:
    if normalised(first) != normalised(second):
        return unequal(NAME, "the words are not the same")
    return Check(name=NAME, passed=False, detail="the outputs do not differ: the words are the same")


def _from_file(output: Output) -> str:
    file = file_of(output, "text", limits.TEXT_BYTES)
    try:
        return file.path.read_bytes().decode("utf-8-sig")
    except OSError as error:
        raise reject(typed("text.file", False, f"the file cannot be read: {error.strerror}")) from error
    except UnicodeDecodeError as error:
        detail = f"the file is {file.kind.words}: byte {error.start} is not UTF-8"
        raise reject(typed("text.decodes", False, detail, error.start)) from error


def _from_value(value: JsonValue) -> str:
    if value is None or isinstance(value, (list, dict)):
        words = "nothing" if value is None else value_words(value)
        raise reject(typed("text.value", False, f"no text came back but {words}"))
    text = value if isinstance(value, str) else str(value)
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        detail = f"character {error.start} is half of a character (a lone surrogate)"
        raise reject(typed("text.decodes", False, detail, error.start)) from error
    if size > limits.TEXT_BYTES:
        detail = f"the text has {size / 2**20:.1f} MiB, more than the {limits.TEXT_BYTES >> 20} MiB that are checked"
        raise reject(typed("text.size", None, detail, size, limits.TEXT_BYTES))
    return text
