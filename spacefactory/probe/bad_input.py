"""One bad input at the end: an app should say what is wrong with it, and go on working.

How it takes that has no part in the verdict, because a model may well make something of an empty text. It is written
down for whoever uses the app.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from spacefactory.probe import kinds
from spacefactory.probe.again import slow
from spacefactory.probe.client import DEAD
from spacefactory.probe.fill import main_inputs, wrapped
from spacefactory.probe.values import shortened
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.verdict import Call, Case, Check, Endpoint

NAME = "calls.bad_input"
PURPOSE = "bad input"
LIMIT_S = 30.0
"""Seconds that the app may take to refuse it."""
TEXTS = ("text", "multimodal", "chat")
FILES = ("image", "editor", "gallery", "audio", "video", "file", "3d")
SILENT = re.compile(r"(Error|None|Exception)?\Z|.*(Traceback|has not enabled verbose error reporting)", re.DOTALL)
"""what stands for a message where an app gave none; the last one is Gradio's client"""


def bad_input(calls: Sequence[Call], endpoint: Endpoint, profile: ModelProfile | None, folder: Path) -> list[Case]:
    """The typical call with an empty text, or with a text where a picture, sound or film should be.

    Nothing for a slow app, where every call costs, for one that failed already, whose log should end with that, and for
    one that takes neither texts nor files.

    Args:
        calls: the calls so far.
        endpoint: what is called.
        profile: the model's profile, when one is known.
        folder: a made file goes here.

    Raises:
        OSError: the folder cannot be written.
    """
    able = [one for one in main_inputs(endpoint, profile) if kinds.input_kind(one) in (*TEXTS, *FILES)]
    if not able or not calls or any(call.error for call in calls) or slow(calls):
        return []
    first, typical = able[0], calls[0].case
    media = kinds.input_kind(first) in FILES
    inputs = {**typical.inputs, first.name: wrapped(first, str(_no_media(folder)) if media else "")}
    files = {*typical.files, first.name} if media else set(typical.files)
    return [Case(id="bad-input", inputs=inputs, files=tuple(sorted(files)), purpose=PURPOSE)]


def _no_media(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "sample-bad.txt"
    path.write_text("This is neither a picture nor a sound.\n", encoding="utf-8")
    return path


def is_bad(case: Case) -> bool:
    """Whether a case is the bad input."""
    return case.purpose == PURPOSE


def bad_input_check(call: Call) -> Check:
    """What the app made of a bad input; never a failure."""
    message = call.error.rpartition("|")[2].strip()
    if not call.error:
        return Check(name=NAME, passed=True, detail="a bad input was answered, not refused")
    if call.error.startswith(DEAD):
        return Check(name=NAME, passed=None, detail="after a bad input the app did not answer any more")
    if SILENT.match(message):
        return Check(name=NAME, passed=None, detail="a bad input ended with an error that does not say what is wrong")
    return Check(name=NAME, passed=True, detail=f"a bad input was refused: {shortened(message, 200)}")
