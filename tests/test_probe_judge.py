"""From evidence to levels: every rule of the judge, on evidence made by hand."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from spacefactory.probe.echo import echo_check
from spacefactory.probe.evidence import Evidence, Question
from spacefactory.probe.identity import code_check, identity_checks
from spacefactory.probe.judge import judge
from spacefactory.probe.labels import scores, top
from spacefactory.probe.reference import close, same_text
from spacefactory.probe.timing import duration, latency
from spacefactory.schema.card import ModelLocation
from spacefactory.schema.profile import Claim, ModelProfile
from spacefactory.schema.status import BlockerReason, Level, Status
from spacefactory.schema.verdict import Call, Case, Check, Endpoint, Inspection, Output, Parameter, Return
from spacefactory.verdict import decide

ENDPOINT = Endpoint(
    name="/generate",
    parameters=(Parameter(name="text", component="Textbox", required=True),),
    returns=(Return(component="Textbox"),),
)
TYPED = Check(name="text.decodes", passed=True, detail="", level=Level.TYPED)
ALIVE = Check(name="text.not_empty", passed=True, detail="", level=Level.ALIVE)
BLANK = Check(name="text.not_empty", passed=False, detail="it is empty", level=Level.ALIVE)
NOISE = Check(name="image.not_noise", passed=False, detail="noise", level=Level.ALIVE, noise=True)
BROKEN = Check(name="text.decodes", passed=False, detail="broken", level=Level.TYPED)
OPEN = Check(name="text.decodes", passed=None, detail="too large", level=Level.TYPED)
DIFFERENT = Check(name="text.differs", passed=True, detail="they differ")
SAME = Check(name="text.differs", passed=False, detail="they are the same", measured=0.0, threshold=1.0)
CLOSE = Check(name="image.differs", passed=False, detail="close", measured=0.7, threshold=1.0)


def call(text: str, answer: Any, *checks: Check, **more: Any) -> Call:
    """One answered call with one output."""
    case = Case(
        id=more.pop("name", text),
        inputs={"text": text},
        expected=more.pop("expected", None),
        purpose=more.pop("purpose", ""),
    )
    given = checks or (TYPED, ALIVE)
    kind = more.pop("kind", "text")
    outputs = () if answer is None else (Output.model_validate({"output_type": kind, "value": answer}),)
    inspections = tuple(Inspection(output_type=kind, checks=given) for _ in outputs)
    return Call(
        case=case, endpoint="/generate", seconds=1.0, outputs=outputs, inspections=inspections, value=answer, **more
    )


def failed(text: str, error: str = "gradio_client.exceptions.AppError | Error | no") -> Call:
    return Call(case=Case(id=text, inputs={"text": text}), endpoint="/generate", seconds=1.0, error=error)


def evidence(*calls: Call, differ: Check = DIFFERENT, expected: str = "text", **more: Any) -> Evidence:
    questions = {Question("other", at, 0): (differ,) for at in range(1, len(calls))}
    return Evidence(endpoint=ENDPOINT, calls=calls, expected=expected, differences=questions, **more)


def proven(*calls: Call, **more: Any) -> Evidence:
    """The same, with the first call made once more: it gives the same answer."""
    first = calls[0].case.model_copy(update={"id": "again", "expected": None, "purpose": ""})
    return evidence(*calls, calls[0].model_copy(update={"case": first}), **more)


def ending(found: Evidence) -> tuple[Status, Level]:
    verdict = decide(judge(found))
    return verdict.status, verdict.level


LONG_ANSWERS = ("an answer that is long enough to be told", "another one that has nothing to do with it")


def test_two_different_answers_to_two_inputs_are_a_success() -> None:
    calls = call("one", LONG_ANSWERS[0]), call("two", LONG_ANSWERS[1])
    assert ending(proven(*calls)) == (Status.FULL_INFERENCE_SUCCESS, Level.RESPONSIVE)
    assert ending(evidence(*calls)) == (Status.CANDIDATE, Level.ALIVE)


def test_one_call_alone_proves_life_and_no_more() -> None:
    assert ending(evidence(call("one", LONG_ANSWERS[0]))) == (Status.CANDIDATE, Level.ALIVE)


@pytest.mark.parametrize(
    ("checks", "expected"),
    [
        ((BROKEN,), (Status.TECHNICAL_BLOCKER, Level.RUNNING)),
        ((OPEN,), (Status.CANDIDATE, Level.RUNNING)),
        ((TYPED, BLANK), (Status.TECHNICAL_BLOCKER, Level.TYPED)),
        ((TYPED, NOISE), (Status.CANDIDATE, Level.TYPED)),
        ((TYPED, NOISE, BLANK), (Status.TECHNICAL_BLOCKER, Level.TYPED)),
        ((TYPED, ALIVE), (Status.FULL_INFERENCE_SUCCESS, Level.RESPONSIVE)),
    ],
)
def test_what_all_answers_have_in_common_decides(checks: tuple[Check, ...], expected: tuple[Status, Level]) -> None:
    calls = [call(text, answer, *checks) for text, answer in zip(("one", "two"), LONG_ANSWERS, strict=True)]
    assert ending(proven(*calls)) == expected


@pytest.mark.parametrize("bad", [(BROKEN,), (TYPED, BLANK), (TYPED, NOISE), (OPEN,)])
def test_one_bad_answer_among_good_ones_leaves_a_candidate(bad: tuple[Check, ...]) -> None:
    calls = [call("one", LONG_ANSWERS[0]), call("two", LONG_ANSWERS[1]), call("three", "x", *bad)]
    status, level = ending(evidence(*calls))
    assert bad == (OPEN,) or (status, level) == (Status.CANDIDATE, Level.ALIVE)
    assert status is not Status.TECHNICAL_BLOCKER


def test_nothing_came_back() -> None:
    assert ending(evidence(call("one", None), call("two", None))) == (Status.TECHNICAL_BLOCKER, Level.RUNNING)


def test_no_call_was_answered() -> None:
    assert ending(evidence(failed("one"), failed("two"))) == (Status.TECHNICAL_BLOCKER, Level.RUNNING)


ERRORS = {
    "gradio_client.exceptions.AppError | Error | no": (Status.TECHNICAL_BLOCKER, BlockerReason.CALL_FAILED),
    "httpx.ReadTimeout |  | no": (Status.CANDIDATE, None),
    "gradio_client.exceptions.AppError | ZeroGPU quota exceeded | no": (Status.CANDIDATE, None),
}


@pytest.mark.parametrize("error", ERRORS)
def test_one_error_among_answers_is_named_and_no_success(error: str) -> None:
    calls = call("one", LONG_ANSWERS[0]), call("two", LONG_ANSWERS[1])
    found = judge(proven(*calls, failed("three", error)))
    verdict = decide(found)
    assert (verdict.status, verdict.blocker.reason if verdict.blocker else None) == ERRORS[error]
    assert verdict.level is Level.ALIVE
    answered = next(check for check in found.checks if check.name == "calls.answered")
    assert answered.passed is not True and "3 of 4" in answered.detail and "three ended with" in answered.detail


def test_an_error_that_passed_by_itself_leaves_a_candidate() -> None:
    calls = call("one", LONG_ANSWERS[0]), call("two", LONG_ANSWERS[1])
    assert ending(proven(*calls, failed("one"))) == (Status.CANDIDATE, Level.ALIVE)


def test_the_same_answer_to_another_input_is_a_placeholder() -> None:
    verdict = decide(judge(evidence(call("one", LONG_ANSWERS[0]), call("two", LONG_ANSWERS[0]))))
    assert verdict.blocker
    assert verdict.blocker.reason is BlockerReason.PLACEHOLDER


@pytest.mark.parametrize("answer", ["yes", 4, True, ["cat"], {"label": "cat", "confidences": None}])
def test_the_same_short_answer_may_be_right(answer: Any) -> None:
    kind = "text" if isinstance(answer, str) else "json"
    calls = [call(text, answer, kind=kind) for text in ("one", "two")]
    assert ending(evidence(*calls, expected=kind)) == (Status.CANDIDATE, Level.ALIVE)


def test_nearly_the_same_is_left_open() -> None:
    calls = [call(text, answer) for text, answer in zip(("one", "two"), LONG_ANSWERS, strict=True)]
    assert ending(evidence(*calls, differ=CLOSE)) == (Status.CANDIDATE, Level.ALIVE)


def test_a_difference_between_calls_with_one_input_proves_nothing() -> None:
    calls = [call("one", LONG_ANSWERS[0]), call("one", LONG_ANSWERS[1], name="again")]
    assert ending(evidence(*calls)) == (Status.CANDIDATE, Level.ALIVE)


def test_data_that_changes_by_itself_is_left_open() -> None:
    calls = [call("one", {"a": 1}, kind="json"), call("two", {"a": 2}, kind="json")]
    again = call("one", {"a": 3}, kind="json", name="again")
    assert ending(evidence(*calls, again, expected="json")) == (Status.CANDIDATE, Level.ALIVE)
    assert ending(proven(*calls, expected="json")) == (Status.FULL_INFERENCE_SUCCESS, Level.RESPONSIVE)


def profile(**facts: Any) -> ModelProfile:
    return ModelProfile.model_validate({"location": ModelLocation(model="owner/name", revision="r"), **facts})


LONG = "Tell me something about the sea."
OTHER = "And now about the mountains, please."


@pytest.mark.parametrize(
    ("frame", "known", "echo"),
    [
        ("{}", None, True),
        (" {}\n", None, True),
        ("You said: {}", None, True),
        ("<p>{}</p>", None, True),
        ("{} It is deep and blue, and whoever has seen it once wants to go back there again.", None, False),
        ("Something else.", None, False),
    ],
)
def test_echoes(frame: str, known: ModelProfile | None, echo: bool) -> None:
    calls = [call(text, frame.format(text)) for text in (LONG, OTHER)]
    found = echo_check(evidence(*calls, profile=known))
    assert found is not None
    assert (found.passed is False) == echo


def test_case_counts_only_where_no_model_is_known() -> None:
    calls = [call(text, text.upper()) for text in (LONG, OTHER)]
    plain, of_model = echo_check(evidence(*calls)), echo_check(evidence(*calls, profile=profile()))
    assert plain is not None
    assert of_model is not None
    assert (plain.passed, of_model.passed) == (True, False)


def test_a_corrector_may_return_a_correct_sentence() -> None:
    found = echo_check(evidence(call(LONG, LONG), call("she go home", "She goes home.")))
    assert found is not None
    assert found.passed is True


def test_data_that_holds_only_the_input_is_an_echo() -> None:
    calls = [call(text, {"text": text}, kind="json") for text in (LONG, OTHER)]
    found = echo_check(evidence(*calls, expected="json"))
    assert found is not None
    assert found.passed is False


@pytest.mark.parametrize(
    ("checks", "passed"), [((SAME, SAME), False), ((DIFFERENT, DIFFERENT), True), ((SAME, DIFFERENT), True)]
)
def test_files_that_come_back(checks: tuple[Check, Check], passed: bool) -> None:
    found = evidence(call("one", "a"), call("two", "b"))
    asked = {Question("echo", at, 0): (check,) for at, check in enumerate(checks)}
    check = echo_check(Evidence(endpoint=ENDPOINT, calls=found.calls, expected="text", differences=asked))
    assert check is not None
    assert check.passed is passed


@pytest.mark.parametrize(
    ("health", "facts", "passed"),
    [
        ({"model": "owner/name", "parameters": 1000}, {"parameters": 1000}, (True, True)),
        ({"model": "name", "parameters": 950}, {"parameters": 1000}, (True, True)),
        ({"model": "owner/name", "parameters": 800}, {"parameters": 1000}, (True, None)),
        ({"model": "owner/name", "parameters": 600}, {"parameters": 1000}, (True, False)),
        ({"model": "owner/name", "parameters": 2000}, {"parameters": 1000}, (True, False)),
        ({"model": "owner/name", "parameters": 2000}, {"parameters": 1000, "library": "diffusers"}, (True, None)),
        ({"model": "owner/name", "parameters": 200}, {"parameters": 1000, "dtype": "int4"}, (True, None)),
        ({"model": "owner/name"}, {"parameters": 1000}, (True, None)),
        ({"model": "owner/name", "parameters": True}, {"parameters": 1000}, (True, None)),
        ({"model": "owner/name", "parameters": 5}, {}, (True, None)),
        ({"model": "other/thing", "parameters": 1000}, {"parameters": 1000}, (False, True)),
        ({"model": "owner/base"}, {"base_model": "owner/base"}, (None, None)),
        ({"model": ""}, {}, (None, None)),
        ({}, {}, (None, None)),
    ],
)
def test_what_health_says(health: dict[str, Any], facts: dict[str, Any], passed: tuple[bool | None, ...]) -> None:
    found = identity_checks(evidence(call("one", "a"), health=health, profile=profile(**facts)))
    assert tuple(check.passed for check in found) == passed


def test_a_count_that_somebody_only_wrote_contradicts_nothing() -> None:
    claim = Claim(field="parameters", value=1000, reader="prose", weight=0.5)
    known = profile(parameters=1000, evidence=(claim,))
    found = identity_checks(evidence(call("one", "a"), health={"model": "name", "parameters": 10}, profile=known))
    assert [check.passed for check in found] == [True, None]


def test_an_app_of_which_nothing_is_known_is_neither_right_nor_wrong() -> None:
    assert [check.passed for check in identity_checks(evidence(call("one", "a")))] == [None]


@pytest.mark.parametrize(
    ("findings", "passed"),
    [([], True), ([{"rule": "app-no-placeholder", "message": "m"}], None), ([{"rule": "other", "message": "m"}], True)],
)
def test_what_lint_found_is_part_of_the_verdict(findings: list[Any], passed: bool | None, tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "lint.json").write_text(json.dumps(findings))
    code = code_check(tmp_path, profile())
    assert code is not None and code.passed is passed
    found = identity_checks(evidence(call("one", "a"), profile=profile(), code=code))
    assert found[0] == code
    assert code_check(tmp_path / "nothing", profile()) is None


def labelled(label: str, score: float = 0.9) -> dict[str, Any]:
    rest = "dog" if label == "cat" else "cat"
    both = [{"label": label, "confidence": score}, {"label": rest, "confidence": 1 - score}]
    return {"label": label, "confidences": both}


@pytest.mark.parametrize(
    ("answers", "expected", "outcome"),
    [
        (("cat", "dog"), ("cat", "Dog "), (Status.FULL_INFERENCE_SUCCESS, Level.REFERENCE)),
        (("cat", "dog"), ("cat", "cat"), (Status.FULL_INFERENCE_SUCCESS, Level.RESPONSIVE)),
        (("cat", "dog"), ("dog", "cat"), (Status.TECHNICAL_BLOCKER, Level.RESPONSIVE)),
        (("cat", "dog"), ("LABEL_0", "LABEL_1"), (Status.FULL_INFERENCE_SUCCESS, Level.RESPONSIVE)),
        (
            ("cat", "dog"),
            ([{"label": "cat", "score": 0.8}], [{"label": "dog", "score": 1}]),
            (Status.FULL_INFERENCE_SUCCESS, Level.REFERENCE),
        ),
    ],
)
def test_labels_of_the_card(answers: tuple[str, str], expected: tuple[Any, Any], outcome: tuple[Status, Level]) -> None:
    calls = [
        call(text, labelled(answer), kind="json", expected=wanted, purpose="reference")
        for text, answer, wanted in zip(("one", "two"), answers, expected, strict=True)
    ]
    assert ending(proven(*calls, expected="json")) == outcome


@pytest.mark.parametrize(
    ("expected", "given", "same"),
    [
        ("7", "7", True),
        ("7", "The digit is 7.", True),
        ("7", "17", False),
        ("Paris", "paris", True),
        ("Paris", "It is the city of Paris, which lies on the river Seine and has many bridges and cafés.", False),
        ("He has gone home", "he has gone home.", True),
        ("", "anything", False),
        ("\u212b", "\u00c5", True),
    ],
)
def test_texts_of_the_card(expected: str, given: str, same: bool) -> None:
    assert same_text(expected, given) is same


@pytest.mark.parametrize(
    ("expected", "given", "same"),
    [
        ({"a": 1.0}, {"a": 1.01, "b": 2}, True),
        ({"a": 1.0}, {"a": 1.1}, False),
        ([1, 2], [1, 2], True),
        ([], [], False),
        ({"a": [{"b": "X"}]}, {"a": [{"b": "x"}]}, True),
        (0, 0.0001, True),
    ],
)
def test_data_of_the_card(expected: Any, given: Any, same: bool) -> None:
    assert close(expected, given) is same


@pytest.mark.parametrize(
    ("value", "found"),
    [
        ({"cat": 0.9, "dog": 0.1}, "cat"),
        ([{"label": "b", "score": 0.1}, {"label": "a", "score": 0.9}], "a"),
        ([[{"label": "a", "score": 0.9}]], "a"),
        ({"label": "a"}, "a"),
        ([{"box": [1], "label": "a", "score": 1.0}], None),
        ("cat", None),
        ([], None),
    ],
)
def test_the_first_label(value: Any, found: str | None) -> None:
    assert top(value) == found


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["label", "score", "a"]), inner),
    max_leaves=12,
)


@given(JSON, JSON)
def test_no_value_crashes_the_judge(expected: Any, value: Any) -> None:
    scores(value), top(value), close(expected, value)
    made = Output.model_construct(output_type="json", value=value, path=None)
    one = call("one", "x").model_copy(update={"outputs": (made,), "value": value})
    two = one.model_copy(
        update={"case": Case(id="two", inputs={"text": "two"}, expected=expected, purpose="reference")}
    )
    assert judge(evidence(one, two)).level in Level


def seconds(*values: float) -> list[Call]:
    calls = [call(str(at), "x").model_copy(update={"seconds": one}) for at, one in enumerate(values)]
    return [calls[0].model_copy(update={"cold": True}), *calls[1:]] if calls else []


def test_times() -> None:
    found = latency(seconds(9.0, 2.0, 1.0, 3.0))
    assert (found.cold_s, found.warm_s, found.calls) == (9.0, 2.0, 4)
    recommended, arithmetic = duration(seconds(9.0, 2.0, 1.0, 3.0), {"device": "cpu"})
    assert recommended == 5
    assert "1.4 x the slowest of 3 warm calls (2.00, 1.00, 3.00 s) = 4.20, rounded up to 5 s" in arithmetic
    assert "7.5 s of quota a call" in arithmetic
    assert duration([], None) == (None, "")
    cold, words = duration(seconds(9.0), None)
    assert cold == 13
    assert "cold" in words


def test_an_empty_answer_to_a_made_picture_may_be_right(tmp_path: Path) -> None:
    picture = tmp_path / "sample-image-1.png"
    picture.write_bytes(b"x")
    inputs: Mapping[str, Any] = {"image": str(picture)}
    one = call("one", "", TYPED, BLANK).model_copy(
        update={"case": Case(id="one", inputs=dict(inputs), files=("image",))}
    )
    assert ending(evidence(one)) == (Status.CANDIDATE, Level.TYPED)
    own = tmp_path / "mine.png"
    own.write_bytes(b"x")
    two = one.model_copy(update={"case": Case(id="one", inputs={"image": str(own)}, files=("image",))})
    assert ending(evidence(two)) == (Status.TECHNICAL_BLOCKER, Level.TYPED)
