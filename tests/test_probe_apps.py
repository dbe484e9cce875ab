"""A real Gradio app with honest and other endpoints: each ends with the verdict that it deserves."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from spacefactory import probe
from spacefactory.errors import BlockedError, UsageError
from spacefactory.schema.card import ModelLocation
from spacefactory.schema.profile import Example, ModelProfile
from spacefactory.schema.space import Connection
from spacefactory.schema.status import BlockerReason, Level, Status
from spacefactory.verdict import Verdict, decide
from tests.probe_gallery import ask, failures, served

SUCCESS, BLOCKED = Status.FULL_INFERENCE_SUCCESS, Status.TECHNICAL_BLOCKER


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with served(tmp_path_factory.mktemp("gallery")) as connection:
        yield connection


def test_an_expected_type_that_does_not_come_is_wrong(app: Connection, tmp_path: Path) -> None:
    verdict = decide(ask(app, tmp_path, endpoint="upper", expect="image").judgement)
    assert (verdict.status, verdict.level) == (BLOCKED, Level.RUNNING)
    assert verdict.blocker
    assert "image is expected, text came back" in verdict.blocker.detail


def test_a_type_that_nobody_judges_is_a_usage_error(app: Connection, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="no installed validator judges 'smell'"):
        ask(app, tmp_path, endpoint="upper", expect="smell")


def test_an_endpoint_that_does_not_exist(app: Connection, tmp_path: Path) -> None:
    with pytest.raises(BlockedError, match="no endpoint /generate") as caught:
        ask(app, tmp_path, endpoint="generate")
    assert caught.value.reason == "no_endpoint"


def test_health_is_asked_behind_the_queue_too(app: Connection) -> None:
    assert probe.health(app, 30.0) == {"model": "gallery", "parameters": 1000, "device": "cpu"}


def model(**facts: object) -> ModelProfile:
    given = {"task": "text-classification", "input_types": ("text",), "output_type": "label", **facts}
    location = ModelLocation(model="owner/gallery", revision="main")
    return ModelProfile.model_validate({"location": location, **given})


EXAMPLES = (
    Example(inputs={"text": "A wonderful day with kind people."}, expected="good"),
    Example(inputs={"text": "The soup was cold."}, expected=[{"label": "bad", "score": 0.5}]),
)


def verdict_of(result: probe.ProbeResult) -> Verdict:
    return decide(result.judgement)


def test_the_cards_own_answers_are_the_reference(app: Connection, tmp_path: Path) -> None:
    result = ask(app, tmp_path, endpoint="mood", profile=model(parameters=1010, examples=EXAMPLES))
    assert verdict_of(result).level is Level.REFERENCE, failures(result.judgement)
    first, second, *_ = probe.answers(result)
    assert (first.input, first.expected) == ("A wonderful day with kind people.", "good")
    assert second.expected == "bad"


def test_another_model_contradicts(app: Connection, tmp_path: Path) -> None:
    other = model().model_copy(update={"location": ModelLocation(model="owner/other", revision="main")})
    result = ask(app, tmp_path, endpoint="mood", profile=other)
    verdict = verdict_of(result)
    assert result.judgement.contradicted
    assert verdict.blocker
    assert verdict.blocker.reason is BlockerReason.WRONG_OUTPUT
    assert "/health names 'gallery'" in verdict.blocker.detail


def test_a_smaller_model_contradicts(app: Connection, tmp_path: Path) -> None:
    result = ask(app, tmp_path, endpoint="mood", profile=model(parameters=2_000_000))
    assert result.judgement.contradicted
    assert verdict_of(result).status is BLOCKED


def test_files_that_ship_with_the_app_are_no_answer(app: Connection, tmp_path: Path) -> None:
    first = ask(app, tmp_path / "first", endpoint="pictures")
    shipped = tmp_path / "second" / "generated" / "assets"
    shipped.mkdir(parents=True)
    for at, path in enumerate((tmp_path / "first" / "artifacts").iterdir()):
        path.rename(shipped / f"{at}{path.suffix}")
    second = ask(app, tmp_path / "second", endpoint="pictures", profile=model(output_type="image", task=None))
    assert verdict_of(first).status is SUCCESS
    assert verdict_of(second).status is BLOCKED
    assert "files that the app came with" in str(failures(second.judgement))


def test_the_users_own_cases(app: Connection, tmp_path: Path) -> None:
    cases: list[dict[str, Any]] = [
        {"inputs": {"text": "so kind"}, "expect": {"label": "good", "json_path": {"length": 7}, "type": "json"}},
        {"inputs": {"text": "so cold"}, "expect": {"equals": {"label": "bad", "score": 0.5, "length": 7}}},
        {"inputs": {"text": "more"}, "expect": {"regex": "ba[td]", "contains": "bad"}},
    ]
    (tmp_path / "cases.yaml").write_text(yaml.safe_dump({"cases": cases}))
    result = ask(app, tmp_path, endpoint="mood", cases=tmp_path / "cases.yaml")
    assert verdict_of(result).status is SUCCESS, failures(result.judgement)
    assert [call.case.id for call in result.calls] == ["case-1", "case-2", "case-3", "case-1-again"]

    cases[2]["expect"] = {"contains": "excellent"}
    (tmp_path / "cases.yaml").write_text(yaml.safe_dump(cases))
    verdict = verdict_of(ask(app, tmp_path, endpoint="mood", cases=tmp_path / "cases.yaml"))
    assert (verdict.status, verdict.level) == (BLOCKED, Level.TYPED)
    assert verdict.blocker
    assert "case-3" in verdict.blocker.detail


def test_cases_with_files_figures_and_errors(app: Connection, tmp_path: Path) -> None:
    cases = [
        {"inputs": {"text": "la la"}, "expect": {"measures": {"seconds": {"min": 1, "max": 2}}, "bytes": {"min": 99}}},
        {"inputs": {"text": "do re mi fa so"}, "expect": {"type": "audio"}},
    ]
    (tmp_path / "tone.yaml").write_text(yaml.safe_dump(cases))
    result = ask(app, tmp_path, endpoint="tone", cases=tmp_path / "tone.yaml")
    assert verdict_of(result).status is Status.CANDIDATE, "what it should be is met; bare tones prove no model"
    told = {check.name: check.passed for check in result.judgement.checks}
    assert [name for name, passed in told.items() if passed is False and name.startswith("case.")] == []

    (tmp_path / "raises.yaml").write_text(
        yaml.safe_dump([{"inputs": {"text": "a"}, "expect": {"error": "write less"}}])
    )
    result = ask(app, tmp_path, endpoint="raises_for_people", cases=tmp_path / "raises.yaml", calls=1)
    assert [check.passed for check in result.judgement.checks if check.name == "case.error"] == [True]


def test_calls_without_a_sandbox_say_the_same(app: Connection, tmp_path: Path) -> None:
    result = ask(app, tmp_path, endpoint="edges", confined=False)
    assert verdict_of(result).status is SUCCESS


def test_latency_and_duration(app: Connection, tmp_path: Path) -> None:
    result = ask(app, tmp_path, endpoint="upper", calls=4)
    assert result.judgement.latency.calls == len(result.calls) == 4
    assert [call.cold for call in result.calls] == [True, False, False, False]
    assert result.recommended_duration_s == 1 or (result.recommended_duration_s or 0) > 1
    assert "1.4 x the slowest of 3 warm calls" in result.duration_arithmetic
    assert "measured on cpu" in result.duration_arithmetic


def test_an_app_that_dies_during_the_call(tmp_path: Path) -> None:
    with served(tmp_path) as connection:
        result = ask(connection, tmp_path / "run", endpoint="die")
        verdict = verdict_of(result)
        assert (verdict.status, verdict.level) == (BLOCKED, Level.RUNNING)
        assert len(result.calls) == 1
        assert result.calls[0].error
        with pytest.raises(BlockedError) as caught:
            ask(connection, tmp_path / "again", endpoint="die", timeout_s=2.0)
        assert caught.value.reason == "no_endpoint"
