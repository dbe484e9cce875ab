"""report.md: readable, whole, and untrusted words in it do nothing."""

from __future__ import annotations

import re

from hypothesis import given
from hypothesis import strategies as st

from spacefactory.record.report import inert, render
from spacefactory.schema.run import Answer, RunResult, SpaceLink
from spacefactory.schema.status import Blocker, BlockerReason, Level, Status
from spacefactory.schema.verdict import Check, Latency

HOSTILE = "<img src=x onerror=alert(1)> [link](javascript:x) | `code` \x1b[31m\u202e# heading\n- item"


def result(**changes: object) -> RunResult:
    facts: dict[str, object] = {
        "run_id": "01JZZZZZZZZZZZZZZZZZZZZZZZ",
        "kind": "build",
        "reference": "examples/digits",
        "model": "digits",
        "status": Status.FULL_INFERENCE_SUCCESS,
        "level": Level.REFERENCE,
        "checks": (Check(name="image.decodes", passed=True, detail="8x8 pixels", level=Level.TYPED),),
        "answers": (Answer(case="typical", input="3.png", output="3", expected="3", artifact="artifacts/a.json"),),
        "endpoint": "/generate",
        "space": SpaceLink(id="sf-digits", url="http://127.0.0.1:7860"),
        "latency": Latency(cold_s=1.5, warm_s=0.25, calls=3),
        "recommended_duration_s": 10,
        "duration_arithmetic": "1.4 x 7 s",
        "agent": "template",
        "seconds": 12.5,
    }
    return RunResult.model_validate(facts | changes)


def test_a_report_says_what_was_asked_what_came_out_and_why() -> None:
    text = render(result(), [])
    for words in ("# digits", "full_inference_success", "reference", "/generate", "`image.decodes`", "8x8 pixels"):
        assert words in text
    for words in ("artifacts/a.json", "http://127.0.0.1:7860", "first call 1.50 s", "later calls 0.25 s", "1.4 x 7 s"):
        assert words in text


def test_an_app_that_is_known_by_its_address_alone_is_named_once() -> None:
    address = "http://127.0.0.1:7860"
    assert render(result(space=SpaceLink(id=address, url=address)), []).count(address) == 1


def test_a_blocker_is_named_with_its_next_action() -> None:
    blocker = Blocker(reason=BlockerReason.GATED, detail="terms not accepted", next_action="accept them")
    text = render(result(status=Status.TECHNICAL_BLOCKER, blocker=blocker), [])
    assert "Reason: `gated`. terms not accepted accept them" in text


def test_untrusted_words_stay_words() -> None:
    text = render(
        result(model=HOSTILE, notes=(HOSTILE,), answers=(Answer(case="x", input=HOSTILE, output=HOSTILE),)), []
    )
    assert "<img" not in text
    assert "](javascript" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert "\n- item" not in text


@given(st.text(max_size=400))
def test_inert_text_is_one_line_without_live_markup(text: str) -> None:
    line = inert(text)
    assert "\n" not in line
    assert not re.search(r"(?<!\\)[`*_\[\]|#<>!~]", line.replace("\\\\", ""))
