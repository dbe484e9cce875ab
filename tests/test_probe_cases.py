"""The user's cases file: what it may say, and what is said about one that cannot be used."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from spacefactory.errors import NotFoundError, UsageError
from spacefactory.probe.case_file import read_cases
from spacefactory.probe.evidence import Evidence, Question
from spacefactory.probe.expectation import Expectation, at_path, expectation_checks
from spacefactory.schema.verdict import Call, Case, Check, Endpoint, Inspection, Output, Parameter, Return

ENDPOINT = Endpoint(
    name="/generate",
    parameters=(
        Parameter(name="prompt", component="Textbox", required=True),
        Parameter(name="image", component="Image", required=False),
        Parameter(name="files", component="File", required=False, python_type="list[filepath]"),
        Parameter(name="steps", component="Slider", required=False, default=4),
    ),
    returns=(Return(component="Textbox"),),
)
DOCUMENT = Path(__file__).parents[1] / "docs" / "cases-file.md"


def read(folder: Path, document: Any) -> tuple[Case, ...]:
    path = folder / "cases.yaml"
    path.write_text(document if isinstance(document, str) else yaml.safe_dump(document), encoding="utf-8")
    return read_cases(path, ENDPOINT, None, folder / "inputs")


def test_inputs_keep_their_names_and_files_their_places(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(b"x")
    first, second = read(
        tmp_path,
        [
            {"inputs": {"prompt": "hi", "image": "a.png", "files": ["a.png", "a.png"], "steps": 9}},
            {"inputs": {"image": "a.png"}},
        ],
    )
    path = str(tmp_path / "a.png")
    assert first.inputs == {"prompt": "hi", "image": path, "files": [path, path], "steps": 9}
    assert first.files == ("files", "image")
    assert isinstance(second.inputs["prompt"], str)


@pytest.mark.parametrize(
    ("document", "error", "words"),
    [
        ("[", UsageError, "cannot be read as YAML"),
        ("", UsageError, "holds no list"),
        ("5", UsageError, "holds no list"),
        ([], UsageError, "holds no list"),
        (["text"], UsageError, "case 1 of cases.yaml"),
        ([{"input": {}}], UsageError, "case 1 of cases.yaml: input"),
        ([{"inputs": {"colour": "red"}}], UsageError, "has no input 'colour'; it has: prompt, image, files, steps"),
        ([{"inputs": {"image": "no.png"}}], NotFoundError, "there is no file no.png"),
        ([{"expect": {"regex": "("}}], UsageError, "not a regular expression"),
        ([{"expect": {"smells": "good"}}], UsageError, "expect.smells"),
        ([{"expect": {"measures": {"width": {"min": 2, "max": 1}}}}], UsageError, "min is above max"),
        ([{"expect": {"similar": "no.png"}}], NotFoundError, "there is no file no.png"),
        ([{}] * 51, UsageError, "1 to 50 cases"),
        ("&a [*a]", UsageError, "case 1"),
        ("- " + "x" * (1 << 20), UsageError, "larger than 1 MiB"),
    ],
)
def test_a_file_that_cannot_be_used(document: Any, error: type[Exception], words: str, tmp_path: Path) -> None:
    with pytest.raises(error, match=re.escape(words)):
        read(tmp_path, document)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        read_cases(tmp_path / "none.yaml", ENDPOINT, None, tmp_path)


def outcome(expect: dict[str, Any], value: Any, **more: Any) -> list[bool | None]:
    """What the checks of one case say about one answer."""
    wanted = Expectation.model_validate(expect).model_dump(mode="json", exclude_defaults=True)
    case = Case(id="case-1", inputs={"prompt": "a"}, expected=wanted, purpose="your case")
    output = Output.model_validate(
        {"output_type": more.pop("kind", "text"), **({"path": value} if isinstance(value, Path) else {"value": value})}
    )
    inspection = Inspection(output_type=output.output_type, checks=(), measures=more.pop("measures", {}))
    call = Call(case=case, endpoint="/generate", seconds=1, outputs=(output,), inspections=(inspection,), **more)
    return [
        one.passed
        for one in expectation_checks(Evidence(endpoint=ENDPOINT, calls=(call,), expected=output.output_type))
    ]


LABELS = {"label": "cat", "confidences": [{"label": "cat", "confidence": 0.9}, {"label": "dog", "confidence": 0.1}]}


@pytest.mark.parametrize(
    ("expect", "value", "passed"),
    [
        ({"contains": "PARIS"}, "in Paris", [True]),
        ({"contains": ["a", "z"]}, "abc", [True, False]),
        ({"regex": r"^\d+$"}, "17", [True]),
        ({"regex": r"^\d+$"}, "x17", [False]),
        ({"equals": "Yes"}, " yes. ", [True]),
        ({"equals": 7}, "7", [True]),
        ({"equals": {"a": 1}}, {"a": 1.001, "b": 2}, [True]),
        ({"label": "cat"}, LABELS, [True]),
        ({"label": "dog"}, LABELS, [False]),
        ({"label": "cat"}, "Cat", [True]),
        ({"json_path": {"confidences[1].label": "dog", "confidences[-1].confidence": 0.1}}, LABELS, [True, True]),
        ({"json_path": {"confidences[5].label": "dog"}}, LABELS, [False]),
        ({"type": "text"}, "a", [True]),
        ({"type": "image"}, "a", [False]),
        ({"error": True}, "a", [False]),
        ({"error": False}, "a", [True]),
        ({"measures": {"words": {"max": 3}}}, "a", [None]),
        ({"similar": "x.png"}, "a", [None]),
        ({}, "a", []),
    ],
)
def test_expectations(expect: dict[str, Any], value: Any, passed: list[bool | None]) -> None:
    assert outcome(expect, value) == passed


def test_figures(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    path.write_bytes(bytes(100))
    wanted = {"measures": {"seconds": {"min": 1, "max": 2}}, "bytes": {"min": 101}}
    assert outcome(wanted, path, kind="audio", measures={"seconds": 1.5}) == [True, False]
    assert outcome(wanted, path, kind="audio", measures={"seconds": 2.5}) == [False, False]


def test_errors() -> None:
    error = "gradio_client.exceptions.AppError | Error | Please write a text."
    case = Case(id="case-1", inputs={}, expected={"error": "please write"}, purpose="your case")
    call = Call(case=case, endpoint="/generate", seconds=1, error=error)
    for expected, passed in ({"error": "please write"}, True), ({"error": "other"}, False), ({"contains": "a"}, False):
        one = call.model_copy(update={"case": case.model_copy(update={"expected": expected})})
        found = expectation_checks(Evidence(endpoint=ENDPOINT, calls=(one,), expected="text"))
        assert [check.passed for check in found] == [passed]


@pytest.mark.parametrize("differs", [True, False, None])
def test_a_similar_file(differs: bool | None) -> None:
    case = Case(id="case-1", inputs={}, expected={"similar": "/x.png"}, purpose="your case")
    output = Output(output_type="image", path=Path("/y.png"))
    call = Call(
        case=case,
        endpoint="/generate",
        seconds=1,
        outputs=(output,),
        inspections=(Inspection(output_type="image", checks=()),),
    )
    asked = {Question("reference", 0, 0): (Check(name="image.differs", passed=differs, detail=""),)}
    found = expectation_checks(Evidence(endpoint=ENDPOINT, calls=(call,), expected="image", differences=asked))
    assert [check.passed for check in found] == [None if differs is None else not differs]


def test_places() -> None:
    value: Any = {"a": {"b": [1, {"c": 2}]}}
    assert at_path(value, "a.b[1].c") == at_path(value, "$.a.b[-1].c") == [2]
    assert at_path(value, "a.x") == at_path(value, "a.b[9]") == []


def test_every_expectation_is_documented_and_the_example_can_be_read(tmp_path: Path) -> None:
    text = DOCUMENT.read_text(encoding="utf-8")
    documented = set(re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE))
    assert documented == set(Expectation.model_fields)
    example = re.search(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert example
    cases = yaml.safe_load(example.group(1))
    assert all(Expectation.model_validate(one["expect"]) for one in cases)
