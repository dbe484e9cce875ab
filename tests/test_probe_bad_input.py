"""The bad input at the end, and texts in the languages that a model knows."""

from __future__ import annotations

import errno
from pathlib import Path
from typing import Any

import pytest

from spacefactory.errors import PlatformError
from spacefactory.probe import session
from spacefactory.probe.bad_input import PURPOSE, bad_input, bad_input_check
from spacefactory.probe.samples import sample_text
from spacefactory.schema.card import ModelLocation
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.verdict import Call, Case, Endpoint, Parameter
from tests.probe_gallery_direct import judged


def endpoint(component: str) -> Endpoint:
    return Endpoint(name="/run", parameters=(Parameter(name="given", component=component, required=True),))


def call(**more: Any) -> Call:
    case = Case(id="typical", inputs={"given": "something", "steps": 4}, files=more.pop("files", ()))
    return Call(case=case, endpoint="/run", **{"seconds": 0.1, **more})


def test_a_text_is_left_empty(tmp_path: Path) -> None:
    (case,) = bad_input([call()], endpoint("Textbox"), None, tmp_path)
    assert case.inputs == {"given": "", "steps": 4}
    assert case.purpose == PURPOSE


@pytest.mark.parametrize("component", ["Image", "Audio", "Video", "File"])
def test_a_file_is_one_that_holds_something_else(component: str, tmp_path: Path) -> None:
    (case,) = bad_input([call(files=("given",))], endpoint(component), None, tmp_path)
    assert case.files == ("given",)
    assert "neither" in Path(str(case.inputs["given"])).read_text()


def test_it_is_left_out_where_it_costs_or_says_nothing(tmp_path: Path) -> None:
    assert bad_input([call(seconds=40.0)], endpoint("Textbox"), None, tmp_path) == []
    assert bad_input([call(error="x | Error | no")], endpoint("Textbox"), None, tmp_path) == []
    assert bad_input([call()], endpoint("Number"), None, tmp_path) == []
    assert bad_input([], endpoint("Textbox"), None, tmp_path) == []


@pytest.mark.parametrize(
    ("error", "passed", "words"),
    [
        ("", True, "answered"),
        ("gradio_client.exceptions.AppError | Error | Please write something.", True, "Please write something."),
        ("gradio_client.exceptions.AppError | Error | ", None, "does not say"),
        ("gradio_client.exceptions.AppError | Error | None", None, "does not say"),
        ("x.AppError | Error | The upstream app has not enabled verbose error reporting.", None, "does not say"),
        ("x.AppError | Error | Errors are made by people.", True, "made by people"),
        ("httpx.ConnectError |  | refused", None, "did not answer any more"),
    ],
)
def test_what_the_app_made_of_it(error: str, passed: bool | None, words: str) -> None:
    check = bad_input_check(call(error=error))
    assert check.passed is passed and words in check.detail
    assert check.level is None, "it has no part in the verdict"


def test_a_full_disk_is_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> list[Case]:
        raise OSError(errno.ENOSPC, "No space left on device")

    def speaks(text: str) -> str:
        return text.upper()

    monkeypatch.setattr(session, "bad_input", full)
    with pytest.raises(PlatformError, match="No space left"):
        judged((speaks, ("text",), "text"), tmp_path / "run", monkeypatch)


def profile(task: str, *languages: str) -> ModelProfile:
    location = ModelLocation(model="owner/name", revision="r")
    return ModelProfile(location=location, task=task, facts={"languages": list(languages)})


@pytest.mark.parametrize(
    ("task", "languages", "words"),
    [
        ("text-to-speech", ("de",), "Guten Morgen"),
        ("text-classification", ("zh-CN",), "夜晚"),
        ("translation", ("German", "French"), "Wetter"),
        ("translation", ("de", "en"), "weather"),
        ("text-generation", ("ru",), "Once upon"),
        ("text-to-image", ("zh",), "boat"),
        ("text-generation", (), "Once upon"),
    ],
)
def test_texts_are_in_a_language_of_the_model(task: str, languages: tuple[str, ...], words: str) -> None:
    assert words in sample_text(profile(task, *languages), 0)
    assert len({sample_text(profile(task, *languages), at) for at in range(3)}) == 3
