"""One bad input at the end: an app should say what is wrong with it, and go on working.

How it takes that has no part in the verdict, because a model may well make something of an empty text. It is written
down for whoever uses the app.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from spacefactory.probe import kinds
from spacefactory.probe.again import QUICK_S
from spacefactory.probe.fill import MAIN_KINDS, main_inputs, wrapped
from spacefactory.probe.values import shortened
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.verdict import Call, Case, Check, Endpoint

NAME = "calls.bad_input"
PURPOSE = "bad input"
LIMIT_S = 30.0
"""Seconds that the app may take to refuse it."""
TEXTS = ("text", "multimodal", "chat")
SILENT = re.compile(r"(Error|None|Exception)?\Z|.*(Traceback|has not enabled verbose error reporting)", re.DOTALL)
"""what stands for a message where an app gave none; the last one is Gradio's client"""


def bad_input(calls: Sequence[Call], endpoint: Endpoint, profile: ModelProfile | None, folder: Path) -> list[Case]:
    """The typical call with an empty text, or with a text where a picture, sound or film should be.

    None for a slow app, where every call costs, for one that failed already, whose log should end with that, and for
    one that takes neither texts nor files.

    Args:
        calls: the calls so far.
        endpoint: what is called.
        profile: the model's profile, when one is known.
        folder: a made file goes here.

    Raises:
        OSError: the folder cannot be written.
    """
    main = [one for one in main_inputs(endpoint, profile) if kinds.input_kind(one) in MAIN_KINDS]
    able = [one for one in main if kinds.input_kind(one) != "tabular"]
    if not able or not calls or any(call.error for call in calls) or sum(call.seconds for call in calls) > QUICK_S:
        return []
    first, typical = able[0], calls[0].case
    content = "" if kinds.input_kind(first) in TEXTS else str(_no_media(folder))
    inputs = {**typical.inputs, first.name: wrapped(first, content)}
    return [Case(id="bad-input", inputs=inputs, files=typical.files, purpose=PURPOSE)]


def _no_media(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "sample-bad.txt"
    path.write_text("This is neither a picture nor a sound.\n", encoding="utf-8")
    return path


def is_bad(case: Case) -> bool:
    """Whether a case is the bad input."""
    return case.purpose == PURPOSE


def bad_input_check(call: Call, dead: Sequence[str]) -> Check:
    """What the app made of it; never a failure.

    Args:
        call: the call with the bad input.
        dead: how errors begin after which the app does not answer any more.
    """
    message = call.error.rpartition("|")[2].strip()
    if not call.error:
        return Check(name=NAME, passed=True, detail="a bad input was answered, not refused")
    if call.error.startswith(tuple(dead)):
        return Check(name=NAME, passed=None, detail="after a bad input the app did not answer any more")
    if SILENT.match(message):
        return Check(name=NAME, passed=None, detail="a bad input ended with an error that does not say what is wrong")
    return Check(name=NAME, passed=True, detail=f"a bad input was refused: {shortened(message, 200)}")
