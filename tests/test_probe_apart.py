"""Answers from a shelf, and templates: what more inputs show, and what the judge makes of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from spacefactory.probe.apart import CLOSE, CLOSE_SOUND, apart_check, to_call_next
from spacefactory.probe.cases import MORE_FILES, MORE_INPUTS, further_inputs, plan
from spacefactory.probe.evidence import Evidence
from spacefactory.probe.template import template_check
from spacefactory.schema.verdict import Call, Case, Check, Endpoint, Inspection, Output, Parameter

TEXT = Endpoint(name="/run", parameters=(Parameter(name="text", component="Textbox", required=True),))
PICTURE = Endpoint(name="/run", parameters=(Parameter(name="image", component="Image", required=True),))
NUMBER = Endpoint(name="/run", parameters=(Parameter(name="seed", component="Number", required=False, default=0),))
LONG = "A long answer that says a good deal about what was asked, number {}, and then some more."


def texts(*answers: str) -> Evidence:
    """One call with another input for each answer."""
    calls = [_call(f"input {at}", Output(output_type="text", value=one)) for at, one in enumerate(answers)]
    return Evidence(endpoint=TEXT, calls=tuple(calls), expected="text")


def files(folder: Path, kind: str, *answers: tuple[str, dict[str, list[float]]], given: bool = False) -> Evidence:
    """One call with another input for each answer: what is in the file, and what was measured."""
    calls = []
    for at, (content, measures) in enumerate(answers):
        path = folder / f"{content}.bin"
        path.write_text(content)
        calls.append(_call(f"input {at}", Output(output_type=kind, path=path), dict(measures), given=given))
    return Evidence(endpoint=TEXT, calls=tuple(calls), expected=kind)


def _call(text: str, output: Output, measures: dict[str, list[float]] | None = None, *, given: bool = False) -> Call:
    seen = Inspection.model_validate({"output_type": output.output_type, "checks": (), "measures": measures or {}})
    case = Case(id=text, inputs={"text": text}, files=("text",) if given else ())
    return Call(case=case, endpoint="/run", seconds=0.1, outputs=(output,), inspections=(seen,))


def passed(evidence: Evidence) -> bool | str | None:
    check = apart_check(evidence, list(range(len(evidence.calls))))
    return "not asked" if check is None else check.passed


@pytest.mark.parametrize(
    ("answers", "expected"), [([1, 2, 3, 4], True), ([1, 1, 2, 3, 4, 5, 6, 7], True), ([1, 2, 1, 2, 3, 3, 4, 5], None)]
)
def test_a_few_long_texts_may_be_shared(answers: list[int], expected: bool | None) -> None:
    assert passed(texts(*(LONG.format(one) for one in answers))) is expected


def test_short_texts_may_all_be_the_same() -> None:
    assert passed(texts("yes", "yes", "no")) == "not asked"


@pytest.mark.parametrize(("kind", "close"), [("image", CLOSE), ("audio", CLOSE_SOUND), ("video", CLOSE)])
@pytest.mark.parametrize("measure", ["signature", "unordered"])
def test_files_that_are_nearly_the_same_prove_nothing(kind: str, close: float, measure: str, tmp_path: Path) -> None:
    def answered(apart: float) -> Evidence:
        other = {"signature": [9.0, 0.0]} if measure == "unordered" else {}
        one, two = {"signature": [0.0, 0.0], measure: [0.0, 0.0]}, {**other, measure: [0.0, apart]}
        return files(tmp_path, kind, ("one", one), ("two", two))

    assert passed(answered(close * 1.1)) is True
    assert passed(answered(close * 0.9)) is None


def test_of_files_that_answer_files_only_the_very_same_count(tmp_path: Path) -> None:
    near = {"signature": [0.0]}
    assert passed(files(tmp_path, "image", ("one", near), ("two", near), given=True)) is True
    assert passed(files(tmp_path, "image", ("one", near), ("one", near), given=True)) is None


def test_files_may_be_alike_where_the_code_shows_the_model(tmp_path: Path) -> None:
    found = files(tmp_path, "image", ("one", {"signature": [0.0]}), ("two", {"signature": [0.01]}))
    code = Check(name="model.code", passed=True, detail="")
    assert passed(found) is None
    assert passed(replace(found, code=code)) is True
    assert passed(replace(files(tmp_path, "image", ("one", {}), ("one", {})), code=code)) is None
    assert to_call_next(found) == "other inputs"
    assert to_call_next(replace(found, code=code)) == "the same inputs"


def test_more_inputs_go_in_where_no_two_share_an_answer(tmp_path: Path) -> None:
    assert to_call_next(files(tmp_path, "image", ("one", {}), ("two", {}))) == "other inputs"
    assert to_call_next(files(tmp_path, "image", ("one", {}), ("one", {}))) == "nothing"
    assert to_call_next(texts(LONG.format(1), LONG.format(1))) == "other inputs"
    assert to_call_next(texts("yes", "no")) == "the same inputs"
    slow = files(tmp_path, "image", ("one", {}), ("two", {}))
    calls = tuple(one.model_copy(update={"seconds": 20.0}) for one in slow.calls)
    assert to_call_next(Evidence(endpoint=TEXT, calls=calls, expected="image")) == "the same inputs"


@pytest.mark.parametrize("endpoint", [TEXT, PICTURE])
def test_further_inputs_are_inputs_that_no_call_had(endpoint: Endpoint, tmp_path: Path) -> None:
    planned = list(plan(endpoint, None, tmp_path))
    added = further_inputs(endpoint, None, tmp_path, planned)
    count = MORE_FILES if endpoint is PICTURE else MORE_INPUTS
    assert len(added) == count
    name = endpoint.parameters[0].name
    values = [str(one.inputs[name]) for one in [*planned, *added]]
    assert len(set(values)) == 3 + count
    assert len({one.id for one in [*planned, *added]}) == len(planned) + count
    if endpoint is PICTURE:
        assert len({Path(one).read_bytes() for one in values}) == 3 + count
    assert further_inputs(NUMBER, None, tmp_path, []) == []


TEMPLATES: dict[str, Callable[[str], str]] = {
    "the first word": lambda text: f"A good question about {text.split()[0]}, which many people care about these days.",
    "the beginning": lambda text: f"You asked about {text[:20]}... and that is a question that deserves a long answer.",
    "its length": lambda text: f"Your request of {len(text)} characters was received and the model has answered it.",
    "a continuation": lambda text: f"{text} And so it went on until everybody was happy and went home.",
}
INPUTS = ("Once upon a time a robot lived by the sea.", "What is in the box?", "Trains were late, and it rained.")


def answered(app: Callable[[str], str]) -> Evidence:
    calls = [_call(text, Output(output_type="text", value=app(text))) for text in INPUTS]
    return Evidence(endpoint=TEXT, calls=tuple(calls), expected="text")


@pytest.mark.parametrize("name", sorted(TEMPLATES))
def test_a_template_that_is_filled_in_is_a_doubt(name: str) -> None:
    check = template_check(answered(TEMPLATES[name]))
    assert check is not None and check.passed is None


@pytest.mark.parametrize(
    "app",
    [
        lambda text: (
            f"The text has {text.count('e')} times an e, {text.count('a')} times an a, and that is all there is."
        ),
        lambda text: f"The answer to this question is: {text.split()[-1]}",
        lambda text: text.replace("a", "e"),
    ],
)
def test_what_is_computed_is_no_template(app: Callable[[str], str]) -> None:
    check = template_check(answered(app))
    assert check is not None and check.passed


def test_answers_that_are_all_the_same_are_another_question() -> None:
    assert template_check(answered(lambda text: LONG)) is None


def test_a_text_that_is_cut_off_by_its_input_is_one_text() -> None:
    whole = "The lighthouse stands at the end of the world, where the sea is grey and the wind never rests, and so on."
    assert passed(texts(*(whole[:length] for length in (70, 80, 90, 100)))) is None
    assert passed(texts(*(f"{at} {whole[:70]}" for at in range(4)))) is True
