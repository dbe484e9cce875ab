"""Inputs with a change that nobody sees: what is changed, of which apps it is asked, and what the judge makes of it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from spacefactory.probe import sample_media as media
from spacefactory.probe.evidence import Evidence
from spacefactory.probe.sample_touches import touched_file, touched_text
from spacefactory.probe.touched import SHARE, TOUCHES, is_touched, smooth_check, touched_cases
from spacefactory.schema.verdict import Call, Case, Check, Endpoint, Output, Parameter

TEXT = Endpoint(name="/run", parameters=(Parameter(name="text", component="Textbox", required=True),))


@given(st.text(min_size=1), st.integers(0, 9))
def test_a_touched_text_has_one_more_space_or_more(text: str, place: int) -> None:
    touched = touched_text(text, place)
    assert touched != text
    assert touched.replace(" ", "") == text.replace(" ", "")


def test_a_touched_picture_has_another_pixel(tmp_path: Path) -> None:
    for which in range(3):
        path = media.picture(tmp_path / f"{which}.png", which)
        copies = [touched_file(path, place, tmp_path / "touched") for place in range(2)]
        pixels = [np.asarray(Image.open(one).convert("RGB")).astype(int) for one in (path, *copies)]
        for copy in pixels[1:]:
            assert [abs(copy - pixels[0]).sum(), abs(copy - pixels[0]).max()] == [3, 1]
        assert (pixels[1] != pixels[2]).any()


def test_a_touched_sound_has_another_sample(tmp_path: Path) -> None:
    path = media.sound(tmp_path / "sound.wav", 1)
    samples, again = (
        soundfile.read(one, dtype="int16")[0].astype(int) for one in (path, touched_file(path, 0, tmp_path))
    )
    assert abs(samples - again).sum() == 1


def test_a_touched_film_is_the_same_film_in_another_file(tmp_path: Path) -> None:
    path = media.video(tmp_path / "film.mp4", 0)
    touched = touched_file(path, 0, tmp_path / "touched")
    assert touched.read_bytes() != path.read_bytes()
    frames = []
    for one in (path, touched):
        with av.open(str(one)) as film:
            frames.append([frame.to_ndarray(format="rgb24") for frame in film.decode(video=0)])
    assert np.array_equal(frames[0], frames[1])


@pytest.mark.parametrize("name", ["lies.png", "lies.wav", "model.obj", "words.txt"])
def test_what_cannot_be_changed_stays_itself(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("no picture")
    assert touched_file(path, 0, tmp_path / "touched") == path


def scored(*answers: float) -> Evidence:
    """One input after another, each twice, and the score that came back."""
    calls = [_call(f"input {at}", {"label": "a", "score": one}) for at, one in enumerate(answers) for _ in range(2)]
    return Evidence(endpoint=TEXT, calls=tuple(calls), expected="json")


def _call(text: str, value: object, *, varies: str = "", kind: str = "json") -> Call:
    case = Case(id=text, inputs={"text": text}, varies=varies)
    outputs = (Output.model_validate({"output_type": kind, "value": value}),)
    return Call(case=case, endpoint="/run", seconds=0.1, outputs=outputs)


def test_inputs_take_turns(tmp_path: Path) -> None:
    cases = touched_cases(scored(0.1, 0.5, 0.9), tmp_path)
    assert len(cases) == TOUCHES
    assert [one.varies for one in cases] == ["input 0", "input 1", "input 2", "input 0", "input 1"]
    assert len({str(one.inputs) for one in cases}) == TOUCHES
    assert len({one.id for one in cases}) == TOUCHES
    assert all(map(is_touched, cases))


def test_it_is_not_asked_of_generated_texts_of_changing_answers_or_of_known_code(tmp_path: Path) -> None:
    story = "Once upon a time there was a lighthouse at the end of the world."
    told = [_call(f"input {at}", f"{story} {at}", kind="text") for at in range(3)]
    assert touched_cases(Evidence(endpoint=TEXT, calls=tuple(told), expected="text"), tmp_path) == []
    changing = [_call("input", {"score": 0.1 * at}) for at in range(3)] + [_call("other", {"score": 0.5})]
    assert touched_cases(Evidence(endpoint=TEXT, calls=tuple(changing), expected="json"), tmp_path) == []
    known = scored(0.1, 0.5)
    traced = Check(name="model.code", passed=True, detail="")
    assert touched_cases(replace(known, code=traced), tmp_path) == []


@pytest.mark.parametrize(
    ("moved", "passed"), [((0.1, 0.5, 0.9), True), ((0.11, 0.5, 0.88), True), ((0.9, 0.1, 0.5), None)]
)
def test_scores_move_little(moved: tuple[float, ...], passed: bool | None) -> None:
    calls = tuple(_call(f"{at}", {"label": "a", "score": one}, varies=f"input {at}") for at, one in enumerate(moved))
    known = scored(0.1, 0.5, 0.9)
    check = smooth_check(replace(known, touched=calls), [])
    assert check is not None
    assert check.passed is passed
    assert (check.measured or 0) <= SHARE or passed is None


@pytest.mark.parametrize(("moved", "passed"), [("yes", True), ("no", None)])
def test_one_of_a_few_answers_stays(moved: str, passed: bool | None) -> None:
    calls = tuple(_call(f"input {at}", one, kind="text") for at, one in enumerate(("yes", "no", "yes")))
    touched = tuple(_call(f"{at}", one, varies="input 0", kind="text") for at, one in enumerate(("yes", "yes", moved)))
    check = smooth_check(Evidence(endpoint=TEXT, calls=calls, expected="text", touched=touched), [])
    assert check is not None
    assert check.passed is passed


def test_changed_inputs_that_are_not_answered_leave_a_doubt() -> None:
    failed = Call(case=Case(id="x", inputs={}, varies="input 0"), endpoint="/run", seconds=0.1, error="no")
    check = smooth_check(replace(scored(0.1, 0.5), touched=(failed,)), [])
    assert check is not None
    assert check.passed is None


def test_nothing_is_said_where_nothing_was_changed() -> None:
    assert smooth_check(scored(0.1, 0.5), []) is None
