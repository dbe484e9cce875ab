"""Known failures: every row is recognised from its own text, and a failure becomes a typed reason with a next step."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from spacefactory.repair.classify import classify, find
from spacefactory.repair.diagnose import diagnose
from spacefactory.repair.logs import clean, segments
from spacefactory.repair.table import Shipped
from spacefactory.schema.status import BlockerReason, Level
from spacefactory.schema.verdict import Check
from spacefactory.schema.work import Failure, FailureRule

RULES = Shipped().rules
SAMPLES = [(rule.id, place, text) for rule in RULES for text in (rule.sample, *rule.any) if text for place in rule.seen]
BUILD_EDITS = {"unpin", "pin", "add", "drop", "bump_sdk", "readme", "packages", "config"}
VERBS = BUILD_EDITS | {"code", "launch", "duration", "size"}
VERBS |= {"retry", "wait", "hardware", "account", "block", "ask", "read_log"}


@pytest.mark.parametrize(("rule", "place", "text"), SAMPLES, ids=lambda value: str(value)[:40])
def test_every_row_is_recognised_from_its_own_text(rule: str, place: str, text: str) -> None:
    found = classify(text, place, RULES)  # type: ignore[arg-type]
    assert found is not None
    assert found.id == rule


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_row_is_complete(rule: FailureRule) -> None:
    assert BlockerReason(rule.reason)
    assert rule.fix.partition(":")[0] in VERBS
    assert rule.cause
    assert rule.any or rule.all or rule.regex
    assert rule.any or rule.sample, "a row without literals needs a sample"
    re.compile(rule.regex)


def test_ids_are_unique_and_the_whole_table_is_there() -> None:
    ids = [rule.id for rule in RULES]
    assert len(ids) == len(set(ids))
    assert len(ids) >= 113


LOG = """\x1b[31mRunning on local URL\x1b[0m
Fetching 3 files:  10%|#   |\rFetching 3 files: 100%|####|
Traceback (most recent call last):
  File "app.py", line 7, in <module>
    import soundfile
ModuleNotFoundError: No module named 'soundfile'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "app.py", line 9, in <module>
    raise RuntimeError("could not start")
RuntimeError: could not start
"""


def test_the_first_error_of_a_log_decides_not_its_echo() -> None:
    found = find(LOG, "run_log", RULES)
    assert found is not None
    assert found.rule.id == "missing-module"
    assert "soundfile" in found.line


def test_logs_are_cleaned_and_cut_into_errors() -> None:
    plain = clean(LOG)
    assert "\x1b" not in plain
    assert "10%" not in plain
    assert segments(plain)[0].splitlines()[-1].startswith("ModuleNotFoundError")


def test_a_diagnosis_quotes_the_line_and_says_what_to_do() -> None:
    blocker = diagnose(Failure(step="boot", summary="it ended", place="run_log", text=LOG), RULES)
    assert blocker.reason == BlockerReason.DEPENDENCY
    assert "soundfile" in blocker.detail
    assert blocker.next_action


@pytest.mark.parametrize(
    ("step", "place", "reason"),
    [
        ("boot", "build_log", BlockerReason.DEPENDENCY),
        ("boot", "run_log", BlockerReason.APP_CRASHED),
        ("validate", "client", BlockerReason.CALL_FAILED),
        ("lint", None, BlockerReason.LINT),
    ],
)
def test_an_unknown_failure_is_typed_by_its_step_and_place(step: str, place: str, reason: BlockerReason) -> None:
    failure = Failure.model_validate({"step": step, "summary": "strange", "place": place, "text": "zyx wvu"})
    assert diagnose(failure, RULES).reason == reason


def test_an_output_that_never_changes_is_a_placeholder() -> None:
    same = Check(name="outputs.differ", passed=False, detail="both are the same", level=Level.RESPONSIVE)
    blocker = diagnose(Failure(step="validate", summary="outputs.differ", checks=(same,)), RULES)
    assert blocker.reason == BlockerReason.PLACEHOLDER


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=2000))
def test_any_text_can_be_classified(text: str) -> None:
    found = find(text, None, RULES)
    assert found is None or found.rule in RULES
