"""Whether answers depend on the input: chance is counted, and what is drawn by lot hardly ever passes."""

from __future__ import annotations

import random
from collections.abc import Callable
from itertools import combinations, pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import JsonValue

from spacefactory.probe import again, cases
from spacefactory.probe.depends import depends_check
from spacefactory.probe.doubt import further
from spacefactory.probe.evidence import Evidence
from spacefactory.probe.likeness import data_apart, distance, given_words, words, words_apart
from spacefactory.probe.permutation import deal
from spacefactory.probe.plain import drawn_check, how, rearranged_check
from spacefactory.schema.card import ModelLocation
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.verdict import Call, Case, Check, Endpoint, Inspection, Output, Parameter

TEXT = Endpoint(name="/run", parameters=(Parameter(name="text", component="Textbox", required=True),))
ORDER = tuple(one.id for one in cases.plan(TEXT, None, Path()))
FIRST = str(cases.plan(TEXT, None, Path())[0].inputs["text"])
Answerer = Callable[[str, random.Random], JsonValue]


def called(app: Answerer, seed: int = 0, kind: str = "text") -> Evidence:
    """What a session would see of an app: the planned calls, and more where those leave a doubt."""
    lot = random.Random(seed)
    found = [_call(one, app, lot, kind) for one in cases.plan(TEXT, None, Path())]
    found += [_call(one, app, lot, kind) for one in again.more(found, TEXT, None)]
    found += [_call(one, app, lot, kind) for one in further(Evidence(endpoint=TEXT, calls=tuple(found), expected=kind))]
    return Evidence(endpoint=TEXT, calls=tuple(found), expected=kind)


def _call(case: Case, app: Answerer, lot: random.Random, kind: str) -> Call:
    value = app(str(case.inputs["text"]), lot)
    found = Inspection(output_type=kind, checks=())
    output = Output(output_type=kind, value=value)
    return Call(case=case, endpoint="/run", seconds=0.1, value=value, outputs=(output,), inspections=(found,))


def depends(evidence: Evidence) -> Check:
    return depends_check(evidence, list(range(len(evidence.calls))))


HONEST: dict[str, Answerer] = {
    "computed": lambda text, _: f"{len(text)} letters, {text.count('e')} of them e",
    "one of two labels": lambda text, _: "long" if text == FIRST else "short",
    "with a clock": lambda text, lot: {"vector": [ord(one) for one in text[:20]], "at": 17e8 + lot.random()},
    "scores that round": lambda text, lot: [{"label": text[:9], "score": 0.8 + lot.random() / 500}],
    "with jitter": lambda text, lot: [ord(one) + lot.random() / 9 for one in text[:20]],
}
WORDS = ["red", "green", "blue", "stone", "river", "cloud", "tree", "wind", "fire"]


def one_of(count: int) -> Answerer:
    return lambda _, lot: f"canned answer number {lot.randrange(count)} of many"


LOTS: dict[str, Answerer] = {
    **{f"one of {count}": one_of(count) for count in (2, 3, 4, 6, 20)},
    "yes or no": lambda _, lot: lot.choice(["yes", "no"]),
    "numbers": lambda _, lot: [lot.random() for _ in range(8)],
    "a clock": lambda _, lot: {"label": "cat", "at": 17e8 + lot.random()},
    "a label with some score": lambda _, lot: {"cat": 0.9 + lot.random() / 20, "dog": 0.05},
    "the label that fits, sure by lot": lambda text, lot: [{"label": text[:9], "score": 0.8 + lot.random() / 6}],
    "words": lambda _, lot: " ".join(lot.choices(WORDS, k=12)),
    "a receipt": lambda _, lot: f"Request {lot.getrandbits(64):016x} was processed with success.",
    "the prompt and words": lambda text, lot: f"{text} {' '.join(lot.choices(WORDS, k=9))}",
}


@pytest.mark.parametrize("name", sorted(HONEST))
def test_what_depends_on_the_input_passes(name: str) -> None:
    found = depends(called(HONEST[name], kind="text" if "one of" in name or name == "computed" else "json"))
    assert found.passed, found.detail


@pytest.mark.parametrize("name", sorted(LOTS))
def test_what_is_drawn_by_lot_does_not_pass(name: str) -> None:
    kind = (
        "json"
        if name in ("numbers", "a clock", "a label with some score", "the label that fits, sure by lot")
        else "text"
    )
    assert not [seed for seed in range(20) if depends(called(LOTS[name], seed, kind)).passed]


def test_one_of_two_by_lot_does_not_pass_in_many_trials() -> None:
    """Ten calls would let two of these through, seventeen hardly ever one."""
    assert not [seed for seed in range(250) if depends(called(one_of(2), seed)).passed]


def in_turn(count: int) -> Answerer:
    turn = iter(range(100))
    return lambda _text, _lot: f"canned answer {next(turn) % count} of some"


@pytest.mark.parametrize("count", range(2, 12))
def test_canned_answers_that_are_given_in_turn_do_not_pass(count: int) -> None:
    assert depends(called(in_turn(count))).passed is None


def test_answers_that_drift_do_not_pass() -> None:
    turn = iter(range(100))
    assert depends(called(lambda _text, _lot: {"count": next(turn)}, kind="json")).passed is None


def test_the_order_of_calls_never_repeats_an_input_at_once() -> None:
    inputs = [one.inputs["text"] for one in cases.plan(TEXT, None, Path())]
    assert all(one != two for one, two in pairwise(inputs))
    assert ORDER == ("typical", "other-input", "again", "input-3", "other-input-again", "again-2")


def test_words_that_went_in_count_for_no_answer() -> None:
    """Random answers must not be alike for lacking a word of their own prompt: one of its inputs says `was`."""
    seen = called(lambda _, lot: f"It was {lot.getrandbits(99):x}")
    assert "was" in given_words(seen)
    apart = {distance(seen, *pair, given_words(seen)) for pair in combinations(range(len(seen.calls)), 2)}
    assert len(apart) == 1


def test_ways_are_counted() -> None:
    answers = ["a", "a", "a", "b", "b", "c"]
    dealt = deal([[0, 1, 2], [3, 4], [5]], lambda one, two: float(answers[one] != answers[two]))
    assert (dealt.ways, dealt.alike) == (60, 1)


@given(st.lists(st.integers(0, 3), min_size=6, max_size=6))
def test_what_happened_is_one_of_the_ways(answers: list[int]) -> None:
    dealt = deal([[0, 2, 5], [1, 4], [3]], lambda one, two: float(answers[one] != answers[two]))
    assert 1 <= dealt.alike <= dealt.ways == 60


def test_an_app_that_takes_nothing_cannot_depend_on_it() -> None:
    bare = Endpoint(name="/run")
    call = _call(Case(id="typical", inputs={"text": ""}), lambda *_: "words", random.Random(0), "text")
    found = depends_check(Evidence(endpoint=bare, calls=(call, call), expected="text"), [0, 1])
    assert found.passed is None and "takes no input" in found.detail


@given(st.text(max_size=60), st.text(max_size=60))
def test_distances_of_texts(one: str, two: str) -> None:
    there, back = words_apart(words(one), words(two)), words_apart(words(two), words(one))
    assert there == pytest.approx(back) and 0 <= there <= 1
    assert words_apart(words(one), words(one)) == pytest.approx(0, abs=1e-9)


DATA = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["label", "score", "a"]), inner),
    max_leaves=12,
)


@given(DATA, DATA)
def test_distances_of_data(one: JsonValue, two: JsonValue) -> None:
    assert 0 <= data_apart(one, two) <= 1.0001
    assert data_apart(one, one) == pytest.approx(0, abs=1e-9)


PROMPT = "A quiet harbour at dawn, with 3 boats"


@pytest.mark.parametrize(
    ("said", "way"),
    [
        ("A QUIET HARBOUR AT DAWN WITH 3 BOATS!", "capitals"),
        (PROMPT[::-1], "backwards"),
        ("dawn, boats 3 with at quiet A harbour", "another order"),
        ("N dhvrg uneobhe ng qnja, jvgu 3 obngf", "cipher"),
        ("B rvjfu ibscpvs bu ebxo, xjui 3 cpbut", "cipher"),
        ("qt hrbr t dwn, wth 3 bts", "left out"),
        ("A quiet harbour at da...", "cut off"),
        ("4 qu13t h4rb0ur 4t d4wn, w1th 3 b04ts", "cipher"),
        ("abht rtiuaqotsoawrdnahbeuit3a", None),
        ("The sun rises over quiet boats.", None),
        ("3", None),
        ("", None),
    ],
)
def test_rearranged_texts(said: str, way: str | None) -> None:
    found = how(said, [PROMPT])
    assert (way in found) if way and found else found is way


@pytest.mark.parametrize(("known", "passed"), [(False, None), (True, False)])
def test_rearranged_answers_are_a_doubt_and_with_a_named_model_a_fault(known: bool, passed: bool | None) -> None:
    evidence = called(lambda text, _: text[::-1])
    profile = ModelProfile(location=ModelLocation(model="owner/name", revision="r"))
    given_ = Evidence(TEXT, evidence.calls, "text", profile=profile if known else None)
    check = rearranged_check(given_)
    assert check is not None and check.passed is passed
    other = rearranged_check(called(lambda text, _: f"{text[::-1]} has {len(text)} letters"))
    assert other is not None and other.passed


@pytest.mark.parametrize(("flat", "passed"), [(0.97, None), (0.4, True)])
def test_drawn_pictures_are_a_doubt_where_only_words_went_in(flat: float, passed: bool | None, tmp_path: Path) -> None:
    picture = tmp_path / "a.png"
    picture.write_bytes(b"x")
    output = Output(output_type="image", path=picture)
    seen = Inspection(output_type="image", checks=(), measures={"flat": flat})
    case = Case(id="typical", inputs={"text": "words"})
    call = Call(case=case, endpoint="/run", seconds=1, outputs=(output,), inspections=(seen,))
    check = drawn_check(Evidence(TEXT, (call,), "image"))
    assert check is not None and check.passed is passed
    with_file = call.model_copy(update={"case": case.model_copy(update={"files": ("text",)})})
    assert drawn_check(Evidence(TEXT, (with_file,), "image")) is None
