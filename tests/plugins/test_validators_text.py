"""Texts: short right answers and many languages pass; errors, stand-ins and loops do not; nothing crashes."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from spacefactory_validators.json_output import JsonValidator
from spacefactory_validators.text import TextValidator
from spacefactory_validators.text_noise import by_lot

from spacefactory.schema.status import Level
from spacefactory.schema.verdict import Inspection, Output

HONEST = (
    "4",
    "yes",
    "No.",
    "7",
    "Paris",
    "?!42",
    "0",
    "true",
    "🙂",
    "Error-correcting codes add redundancy to a message.",
    "Errors are part of learning.",
    "Terror: a history of fear in politics",
    "Mirror: a film",
    "Once upon a time something went wrong in the kingdom, and the king could not connect the two rivers.",
    "The engine was out of memory of better days, she wrote.",
    "hello world",
    "Please try to be on time.",
    "An error of judgement cost him the match.",
    "El faro fue construido en 1857.",
    "Der Leuchtturm wurde 1857 gebaut.",
    "灯台は1857年に建てられた。",
    "등대는 1857년에 지어졌다.",
    "Маяк был построен в 1857 году.",
    "المنارة بنيت عام 1857",
    "מגדלור נבנה ב-1857",
    "ประภาคารสร้างขึ้นในปี 1857",
    "दीपस्तंभ 1857 में बना था।",
    "def add(a, b):\n    if a is None:\n        raise ValueError('a')\n    return a + b",
    "try:\n    run()\nexcept KeyError as error:\n    print(f'Error: {error}')",
    "<!DOCTYPE html>\n<html><head><title>My page</title></head><body><h1>Welcome</h1></body></html>",
    "SELECT name FROM users WHERE id = 4;",
    "| a | b |\n|---|---|\n| 1 | 2 |",
    "To fix `Traceback (most recent call last):` first read its last line.",
    "no no no no, said the cat",
    "ha ha ha",
    "1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
    "C = 3 · 10⁸ m/s",
    "<table><tr><td>1</td><td>2</td></tr><tr><td>3</td><td>4</td></tr></table>",
    "<loc_102><loc_88><loc_417><loc_300>a cat",
    "English, Русский, العربية, हिन्दी, 中文, 한국어, ไทย, ελληνικά",
    "東京タワーのＡＰＩはα版です。データ・センターも",
    "The answer is 42.</s>",
    "The model took its time; loading the dishwasher took longer.",
)
LIFELESS = (
    "",
    "   \n\t",
    "\u200b\u200b",
    "\x1b[31m\x1b[0m",
    'Traceback (most recent call last):\n  File "app.py", line 1, in <module>\nValueError: x',
    'Here is the output:\nTraceback (most recent call last):\n  File "app.py", line 1\nValueError: x',
    "ValueError: could not convert string to float",
    "torch.cuda.OutOfMemoryError: CUDA out of memory. Tried to allocate 2 GiB",
    "Error: model not found",
    "**Error:** something",
    "ERROR 500",
    "An error occurred while generating the answer.",
    "Error in generate: expected str",
    "500 Internal Server Error",
    "HTTP 503 Service Unavailable",
    "<html><head><title>502 Bad Gateway</title></head><body></body></html>",
    "<!DOCTYPE html><html><body><h1>Service Unavailable</h1></body></html>",
    "Sorry, something went wrong. Please try again later.",
    "Rate limit exceeded, please wait a minute.",
    "Model google/gemma is currently loading",
    "Invalid API key provided.",
    "Failed to generate response",
    "I'm sorry, but I am unable to process your request at this time.",
    "None",
    "nan",
    "undefined",
    "[object Object]",
    "<generator object generate at 0x7f12>",
    "Lorem ipsum dolor sit amet, consectetur adipiscing elit.",
    "Placeholder text",
    "This is a placeholder response.",
    "TODO",
    "Your text will appear here",
    "Coming soon...",
    "!" * 80,
    "❌ Error",
    "Model is loading, estimated time 23.4 seconds",
    "Model too busy, unable to get response in less than 60 second(s)",
)
LOOPS = ("the " * 40, "ab" * 30, "g" * 40, "ну " * 12)


BY_LOT = (
    "xq zvbnk trw plmk qjd wxzt bnm kjhgf rtyp lkj zxcv mnbq wert plokj hgfd cvbn qaz wsx edcr tgb yhn ujm ikol",
    "9f86d081884c7d659a2feaa0c55ad015",
    "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
    "<extra_id_7> <extra_id_81> <extra_id_3> <extra_id_55> <extra_id_9>",
    "[unused41] [unused7] [unused900] the [unused12] [unused3]",
    "<pad><pad></s><unk><pad><pad>",
    "Ѫ㓿ᕃ䗵ꁒ漢ढ़ᚠ܀ሀ㐀ಅกᐁ京ᠠԱ",
    "ab\u0378\u0379 cd\ue000",
)


def inspected(text: object) -> Inspection:
    return TextValidator().inspect(Output.model_validate({"output_type": "text", "value": text}))


@pytest.mark.parametrize("text", HONEST)
def test_honest_answers_are_alive(text: str) -> None:
    found = inspected(text)
    assert found.reached() is Level.ALIVE, [check for check in found.checks if not check.passed]


@pytest.mark.parametrize("text", LIFELESS)
def test_errors_and_stand_ins_are_not(text: str) -> None:
    found = inspected(text)
    assert found.reached() is Level.TYPED
    assert any(check.passed is False and not check.noise for check in found.checks)


@pytest.mark.parametrize("text", LOOPS)
def test_a_word_without_end_proves_nothing(text: str) -> None:
    failed = [check for check in inspected(text).checks if check.passed is False]
    assert failed
    assert all(check.noise for check in failed)


@pytest.mark.parametrize(
    ("text", "passed"),
    [
        ("... --- ...", True),
        ("-- --- .-. ... . / -.-. --- -.. .", True),
        ("...", None),
        ("?!", None),
        ("- - - - - - - - - -", None),
        ("-_-_-_-_-_-_-_-_", None),
        ("*-_-*-_-*-_-*-_-", None),
        ("\u2014", None),
    ],
)
def test_signs_alone_are_an_answer_when_they_can_be_a_code(text: str, passed: bool | None) -> None:
    checks = {check.name: check.passed for check in inspected(text).checks}
    assert checks["text.has_words"] is passed


@pytest.mark.parametrize("value", [None, ["a"], {"a": 1}])
def test_what_is_no_text(value: object) -> None:
    assert inspected(value).reached() is Level.NONE


@pytest.mark.parametrize(("text", "passed"), [("\ud800", False), ("a\0", False), ("a" * (2 << 20), None)])
def test_texts_that_cannot_be_kept(text: str, passed: bool | None) -> None:
    found = TextValidator().inspect(Output.model_construct(output_type="text", value=text, path=None))
    assert [check.passed for check in found.checks] == [passed]


@given(st.text())
def test_no_text_crashes(text: str) -> None:
    found = TextValidator().inspect(Output.model_construct(output_type="text", value=text, path=None))
    assert found.checks


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=10) | st.dictionaries(st.text(max_size=12), inner, max_size=6),
    max_leaves=30,
)


@given(VALUES)
def test_no_data_crashes(value: object) -> None:
    output = Output.model_construct(output_type="json", value=value, path=None)
    found = JsonValidator().inspect(output)
    assert found.checks
    assert JsonValidator().differ(output, output).passed in (False, None)


@given(VALUES)
def test_data_as_text_is_read_the_same(value: object) -> None:
    text = json.dumps(value, allow_nan=False) if _finite(value) else "null"
    found = JsonValidator().inspect(Output(output_type="json", value=text))
    assert found.checks


def _finite(value: object) -> bool:
    try:
        json.dumps(value, allow_nan=False)
    except ValueError:
        return False
    return True


@pytest.mark.parametrize(
    "value",
    [
        {"label": "cat", "confidences": [{"label": "cat", "confidence": 0.9}, {"label": "dog", "confidence": 0.1}]},
        [{"label": "POSITIVE", "score": 0.99}],
        [[{"label": "a", "score": 0.7}, {"label": "b", "score": 0.3}]],
        [{"text": "first", "score": 7.3}, {"text": "second", "score": -4.1}],
        [{"label": "a", "score": 7.3}, {"label": "b", "score": -4.1}],
        {"dim": 8, "embedding": [0.1, -0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8]},
        [[0.1] * 7 + [0.2], [0.0] * 8],
        [{"box": {"xmin": 1, "ymin": 2, "xmax": 3, "ymax": 4}, "label": "cup", "score": 0.9}],
        {"forecast": [1.0, 1.5, 2.0, 2.5, 3.0, 2.0, 1.0, 0.5], "unit": "kW"},
        {"headers": ["a"], "data": [[1], [2]], "metadata": None},
        [{"entity": "LOC", "word": "Paris", "score": 1.0}, {"entity": "PER", "word": "Marie", "score": 1.0}],
        {"entities": [{"word": "Paris", "entity": "LOC", "start": 0, "end": 5}]},
        {"error": 0.25, "value": 3},
        {"error": "none", "value": "7"},
        {"error": "two words", "transcript": "what was said"},
        [1, 2, 3],
        {"status": "ok", "result": "7"},
        3.5,
        False,
    ],
)
def test_honest_data_is_alive(value: object) -> None:
    found = JsonValidator().inspect(Output.model_validate({"output_type": "json", "value": value}))
    assert found.reached() is Level.ALIVE, [check for check in found.checks if not check.passed]


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"result": None},
        [None, None],
        {"error": "model is not loaded"},
        {"error": "Model too busy, try again in 60 seconds", "request": "8213"},
        {"status": "error", "message": "no"},
        {"detail": "Not Found"},
        ["Traceback (most recent call last):"],
        [0.0] * 384,
        {"embedding": [None] * 16},
        {"score": float("nan")},
        [float("inf"), 1.0],
    ],
)
def test_lifeless_data_is_not(value: object) -> None:
    found = JsonValidator().inspect(Output.model_construct(output_type="json", value=value, path=None))
    assert found.reached() is Level.TYPED
    assert any(check.passed is False and not check.noise for check in found.checks)


def test_percentages_beyond_all_bounds_are_left_open() -> None:
    for wide in (35.2, -4.0):
        scores = [{"label": "joy", "confidence": wide}, {"label": "fear", "confidence": 0.2}]
        value = {"label": "joy", "confidences": scores}
        found = JsonValidator().inspect(Output.model_validate({"output_type": "json", "value": value}))
        assert [check.name for check in found.checks if check.level is Level.ALIVE and not check.passed] == [
            "json.scores"
        ]


def test_an_empty_list_is_left_open() -> None:
    values: tuple[object, ...] = ([], {"detections": []})
    for value in values:
        found = JsonValidator().inspect(Output.model_validate({"output_type": "json", "value": value}))
        assert [check.passed for check in found.checks if check.level is Level.ALIVE] == [None]


@pytest.mark.parametrize("text", BY_LOT)
def test_letters_by_lot_are_noise(text: str) -> None:
    found = inspected(text)
    noise = next(check for check in found.checks if check.name == "text.not_noise")
    assert noise.passed is False and noise.noise and found.reached() is Level.TYPED


@settings(max_examples=200)
@given(st.lists(st.sampled_from(HONEST), min_size=1, max_size=4))
def test_honest_texts_are_not_by_lot(parts: list[str]) -> None:
    assert by_lot(" ".join(parts)) is None
