"""Apps of the gallery, called in this process: planned, decoded and judged as ever, but without a server between.

`python -m benchmarks.verdict` makes the same calls through Gradio.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import soundfile  # type: ignore[import-untyped]
from PIL import Image

from spacefactory.probe import child, session
from spacefactory.probe.decoders import Decoders, Ended
from spacefactory.probe.request import ProbeRequest
from spacefactory.schema.space import Connection
from spacefactory.schema.verdict import Call, Case, Endpoint, Judgement, Output, Parameter, Return
from tests.probe_gallery import JUDGED, VALIDATORS, App

JUDGED_HERE = ("image", "audio", "video", "text", "json")
COMPONENTS = {
    "text": "Textbox",
    "image": "Image",
    "audio": "Audio",
    "video": "Video",
    "seed": "Number",
    "number": "Number",
    "json": "JSON",
    "label": "Label",
}


class Here(Decoders):
    """Decoders in this process: the apps of the gallery are ours, and a process for each takes longer than they do."""

    def work(self, job: dict[str, Any], files: Sequence[Path]) -> Ended:
        """Every task of a job, answered as the confined process does."""
        outputs = [Output.model_validate(one) for one in job["outputs"]]
        judges = {kind: [one for one in self.validators if kind in one.output_types] for kind in JUDGED_HERE}
        said = [{"task": task, "answer": child.work(task, outputs, job["pairs"], judges)} for task in job["tasks"]]
        return Ended(0, "\n".join(map(json.dumps, said)).encode(), b"", early=False)


class Line:
    """What a session needs to know of where its calls go."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint

    def tell(self, _line: str) -> None:
        """Nobody listens."""


def judged(app: App, folder: Path, monkeypatch: pytest.MonkeyPatch) -> Judgement:
    """The verdict on one app.

    Args:
        app: the function, what it takes and what it gives.
        folder: where the record goes.
        monkeypatch: puts this process in the place of a server.
    """
    (folder / "tests").mkdir(parents=True)
    line = Line(_endpoint(app))
    kind = JUDGED.get(app[2], app[2])
    request = ProbeRequest(Connection(url="http://127.0.0.1:1"), None, folder, expect=kind)

    def make_calls(_line: Line, batches: Iterable[Callable[[list[Call]], list[Case]]]) -> list[Call]:
        calls: list[Call] = []
        for cases_after in batches:
            calls += [_call(app, line.endpoint, case, folder / "artifacts") for case in cases_after(calls)]
        return calls

    monkeypatch.setattr(session, "make_calls", make_calls)
    monkeypatch.setattr(session, "health", lambda *_: None)
    calls = session.called(request, line, session.planned(request, line.endpoint))  # type: ignore[arg-type]
    return session.judged(request, line.endpoint, calls, Here(VALIDATORS))[1]


def _endpoint(app: App) -> Endpoint:
    function, takes, gives = app
    names = function.__code__.co_varnames
    parameters = [
        Parameter(
            name=names[at], component=COMPONENTS[one], required=one != "seed", default=0 if one == "seed" else None
        )
        for at, one in enumerate(takes)
    ]
    returns = (Return(component=COMPONENTS[gives]),)
    return Endpoint(name=f"/{function.__name__}", parameters=tuple(parameters), returns=returns)


def _call(app: App, endpoint: Endpoint, case: Case, folder: Path) -> Call:
    function, takes, gives = app
    started = time.monotonic()
    inputs = [case.inputs.get(one.name, one.default) for one in endpoint.parameters]
    try:
        answer = function(*map(_given, takes, inputs))
        if isinstance(answer, Iterator):
            *_, answer = answer
        value, output = _output(answer, gives, folder)
    except Exception as error:
        said = f"gradio_client.exceptions.AppError | Error | {error}"
        return Call(case=case, endpoint=endpoint.name, seconds=time.monotonic() - started, error=said)
    seconds = time.monotonic() - started
    return Call(case=case, endpoint=endpoint.name, seconds=seconds, value=value, outputs=(output,))


def _given(kind: str, value: Any) -> Any:
    """An input as a component gives it to a function."""
    if kind == "image":
        with Image.open(value) as image:
            return image.copy()
    if kind == "audio":
        samples, rate = soundfile.read(value, dtype="int16")
        return rate, samples
    return value


def _output(answer: Any, gives: str, folder: Path) -> tuple[Any, Output]:
    """An answer as it comes back from a component: pictures as WebP, sounds as WAV."""
    if gives in ("image", "audio", "video"):
        return None, Output(output_type=gives, path=_saved(answer, gives, folder))
    if gives == "label":
        answer = {"label": max(answer, key=answer.get), "confidences": _confidences(answer)}
    kind = JUDGED.get(gives, gives)
    value = json.loads(json.dumps(answer)) if kind == "json" else answer
    return value, Output(output_type=kind, value=value)


def _confidences(scores: dict[str, float]) -> Sequence[dict[str, Any]]:
    return [{"label": name, "confidence": score} for name, score in scores.items()]


def _saved(answer: Any, gives: str, folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    aside = folder / "aside"
    if isinstance(answer, str):
        aside, suffix = Path(answer), Path(answer).suffix
    elif gives == "image":
        suffix = ".webp"
        answer.save(aside, "WEBP")
    else:
        suffix = ".wav"
        soundfile.write(aside, answer[1], answer[0], format="WAV")
    content = aside.read_bytes()
    path = folder / f"{hashlib.sha256(content).hexdigest()}{suffix}"
    path.write_bytes(content)
    return path
