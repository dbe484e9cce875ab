"""Whether all texts are one and the same sentence with something of the input in it.

`What a good question about trains!` follows its input as a model's answer does, and takes no model. So what all answers
have in common, word by word, is taken out; when much was in common, and all that is left are words of the input or how
many there are, then nothing was made of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from difflib import SequenceMatcher
from functools import reduce

from spacefactory.probe.again import groups
from spacefactory.probe.echo import texts_in
from spacefactory.probe.evidence import Evidence, main_outputs
from spacefactory.probe.values import shortened
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Call, Check

NAME = "alive.not_template"
COMMON = 8
"""words that all answers share: honest answers to different sentences share a few, and keep words of them, too"""
LONGEST = 200
"""words of an answer that are compared: templates are short, and the time grows with the square and more"""
_WORD = re.compile(r"\w+")


def template_check(evidence: Evidence) -> Check | None:
    """Whether every answer is one template, filled with words of its input.

    None when no texts came for texts, or all of them are the same.
    """
    calls = evidence.calls
    firsts = [group[0] for group in groups(calls, evidence.answered, evidence.endpoint, evidence.profile)]
    answers = [_words(said) for at in firsts if (said := _said(evidence, at)) is not None]
    inputs = [texts_in(calls[at]) for at in firsts]
    if len(firsts) < 2 or len(answers) < len(firsts) or not all(inputs) or _files(calls):
        return None
    if all(answer == answers[0] for answer in answers):
        return None
    frame = reduce(_common, answers)
    copied = all(_only_given(_beyond(answer, frame), given) for answer, given in zip(answers, inputs, strict=True))
    if len(frame) < COMMON or not copied:
        return Check(name=NAME, passed=True, detail="the answers are no template, filled in", level=Level.ALIVE)
    words = shortened(" ".join(frame), 80)
    detail = f"every answer is one template with words of the input, or their number, in it: {words!r}"
    return Check(name=NAME, passed=None, detail=detail, level=Level.ALIVE)


def _files(calls: Iterable[Call]) -> bool:
    return any(call.case.files for call in calls)


def _said(evidence: Evidence, at: int) -> str | None:
    call = evidence.calls[at]
    said = [call.outputs[one].value for one in main_outputs(call, evidence.expected)]
    return said[0] if len(said) == 1 and isinstance(said[0], str) else None


def _words(text: str) -> list[str]:
    return _WORD.findall(text.casefold())[:LONGEST]


def _common(one: Sequence[str], two: Sequence[str]) -> list[str]:
    """Words that both have in the same order."""
    blocks = SequenceMatcher(None, one, two, autojunk=False).get_matching_blocks()
    return [word for block in blocks for word in one[block.a : block.a + block.size]]


def _beyond(answer: Sequence[str], frame: Sequence[str]) -> list[str]:
    """Words of an answer that are not in the frame."""
    steps = SequenceMatcher(None, answer, frame, autojunk=False).get_opcodes()
    return [word for kind, start, end, _, _ in steps if kind != "equal" for word in answer[start:end]]


def _only_given(left: Sequence[str], inputs: Sequence[str]) -> bool:
    """Whether words are all of the inputs, the beginning of one where a text was cut off, or how many there are."""
    given = {word for text in inputs for word in _words(text)}
    counts = {str(count) for text in inputs for count in (len(text), len(text.split()))}
    cut = {word for word in left if word not in given and word not in counts}
    return len(cut) <= 1 and all(any(one.startswith(word) for one in given) for word in cut)
