"""Whether an answer hangs on what nobody sees or hears: one pixel, one sample, a second space between two words.

A model hardly notices such a change. An app that picks one of many canned answers, or makes up scores, by a hash of its
input answers it as it would any other input: nothing else tells it from a model, because its answers differ with the
input and stay the same for the same one. Where texts alone go in, this is asked of scores, vectors and short answers
only: what is generated from a text may well turn with a single token.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from statistics import fmean

from pydantic import JsonValue

from spacefactory.probe import kinds
from spacefactory.probe.again import groups, same, slow, steady
from spacefactory.probe.evidence import Evidence, main_outputs
from spacefactory.probe.expectation import failing
from spacefactory.probe.fill import main_inputs
from spacefactory.probe.likeness import between, data_apart
from spacefactory.probe.responsive import is_short
from spacefactory.probe.sample_touches import touched_file, touched_text
from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Call, Case, Check

NAME = "responsive.smooth"
PURPOSE = "the same but for what nobody sees"
TOUCHES = 5
"""Calls: of two labels by a hash all five are as before once in 32 times."""
SHARE = 0.5
"""of the usual distance between answers to different inputs: those of models move by a tenth and less, those by a hash
by all of it. Of answers that are one of a few, such as labels without scores, none may change"""
_NUMBER = re.compile(r"\d+(?:\.\d+)?")


def is_touched(case: Case) -> bool:
    """Whether a case is another one with a change that nobody sees."""
    return case.purpose == PURPOSE


def touched_cases(evidence: Evidence, folder: Path) -> list[Case]:
    """Earlier inputs with such a change; none where the code is known, calls are slow, or the answers change anyway.

    Args:
        evidence: the calls so far.
        folder: changed copies of files go here.

    Raises:
        OSError: the folder cannot be written.
    """
    calls = evidence.calls
    answered = [at for at in evidence.answered if not failing(calls[at])]
    every = groups(calls, answered, evidence.endpoint, evidence.profile)
    if evidence.traced or slow(calls) or len(every) < 2 or not steady(calls, every):
        return []
    if not all(_asked_of(calls[group[0]], evidence.expected) for group in every):
        return []
    return list(_touched([calls[group[0]].case for group in every], evidence, folder))


def _asked_of(call: Call, expected: str | None) -> bool:
    """Whether the answer may not turn with a token: files went in, or scores, vectors or a short answer came out."""
    outputs = [call.outputs[at] for at in main_outputs(call, expected)]
    if not outputs or call.case.files:
        return bool(outputs)
    return all(one.path is None and (one.output_type == "json" or is_short(one)) for one in outputs)


def _touched(cases: Sequence[Case], evidence: Evidence, folder: Path) -> Iterator[Case]:
    """Each case in turn, changed at one place after another."""
    texts = [one.name for one in main_inputs(evidence.endpoint, evidence.profile) if kinds.input_kind(one) == "text"]
    for turn in range(TOUCHES):
        case, place = cases[turn % len(cases)], turn // len(cases)
        inputs = _changed(case, texts, place, folder)
        if inputs != case.inputs:
            name = f"{case.id}-touched{f'-{place + 1}' if place else ''}"
            yield case.model_copy(
                update={"id": name, "inputs": inputs, "expected": None, "purpose": PURPOSE, "varies": case.id}
            )


def _changed(case: Case, texts: Sequence[str], place: int, folder: Path) -> dict[str, JsonValue]:
    """The inputs with their files changed, or the first text where there are none."""
    inputs = dict(case.inputs)
    for name in case.files or texts[:1]:
        one = inputs.get(name)
        if name in case.files:
            inputs[name] = _with_files(one, place, folder)
        elif isinstance(one, str):
            inputs[name] = touched_text(one, place)
    return inputs


def _with_files(value: JsonValue, place: int, folder: Path) -> JsonValue:
    """The same value, with a changed copy for every file that such a copy can be made of."""
    if isinstance(value, dict):
        return {key: _with_files(one, place, folder) for key, one in value.items()}
    if isinstance(value, list):
        return [_with_files(one, place, folder) for one in value]
    return str(touched_file(Path(value), place, folder)) if isinstance(value, str) else value


def smooth_check(evidence: Evidence, _sound: list[int]) -> Check | None:
    """Compare the answers to changed inputs with those to the inputs as they were; None when there are none."""
    firsts = {call.case.id: call for call in evidence.calls if not call.error}
    pairs = [(firsts[call.case.varies], call) for call in evidence.touched if call.case.varies in firsts]
    changed = [_apart(*pair, evidence.expected) for pair in pairs if not pair[1].error]
    answered = [at for at in evidence.answered if not failing(evidence.calls[at])]
    every = groups(evidence.calls, answered, evidence.endpoint, evidence.profile)
    others = [
        _apart(evidence.calls[one[0]], evidence.calls[two[0]], evidence.expected) for one, two in combinations(every, 2)
    ]
    if pairs and not changed:
        return _check(None, "inputs that were changed so that nobody sees it were not answered", None, SHARE)
    known, usual = ([one for one in found if one is not None] for found in (changed, others))
    if not known or not usual or not any(usual):
        return None
    share = fmean(known) / fmean(usual)
    limit = 0.0 if {*known, *usual} <= {0.0, 1.0} else SHARE
    detail = (
        f"a change of the input that nobody sees changes {len([one for one in known if one])} of {len(known)} answers"
    )
    words = ", as another input would: so answers look like picked or made up by a hash" if share > limit else ""
    return _check(share <= limit or None, f"{detail}{words}", round(share, 4), limit)


def _check(passed: bool | None, detail: str, measured: float | None, threshold: float) -> Check:
    return Check(
        name=NAME, passed=passed, detail=detail, level=Level.RESPONSIVE, measured=measured, threshold=threshold
    )


def _apart(one: Call, two: Call, expected: str | None) -> float | None:
    """How far apart two answers are; of texts that differ in numbers only, by those."""
    if same(one, two):
        return 0.0
    said = [[call.outputs[at].value for at in main_outputs(call, expected)] for call in (one, two)]
    texts = [found[0] for found in said if len(found) == 1 and isinstance(found[0], str)]
    if len(texts) == len(said) and len({_NUMBER.sub("#", text) for text in texts}) == 1:
        one_numbers, two_numbers = ([float(number) for number in _NUMBER.findall(text)] for text in texts)
        return data_apart(list[JsonValue](one_numbers), list[JsonValue](two_numbers))
    return between(one, two, expected, frozenset())
