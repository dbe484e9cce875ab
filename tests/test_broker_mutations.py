"""Every control of the doors, the gate and the redaction is needed: with any one switched off, an attack succeeds.

The parts are real; one of them is replaced by nothing.
"""

from __future__ import annotations

import json
import re
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from spacefactory.broker import model, space, upstream
from spacefactory.broker.meter import Ceiling, Meter, Prices
from spacefactory.broker.serve import serve
from spacefactory.errors import BlockedError
from spacefactory.lint import copyout, gate
from spacefactory.record import redaction

SECRET = "hf_" + "canaryOfTheDoors0123"
ASK = {"model": "another/model", "messages": [{"role": "user", "content": "hello"}], "logit_bias": {"1": 2}}
PRICES, CEILING = Prices(1.0, 10.0), Ceiling(usd=1.0)
COSTLY = {"usage": {"prompt_tokens": 10, "completion_tokens": 200_000}, "choices": []}
Seen = list[tuple[dict[str, str], Any]]


def far(seen: Seen, elsewhere: str = "") -> Starlette:
    """An endpoint that sets cookies, a Space that redirects, and a place that should see nobody."""

    async def complete(request: Request) -> Response:
        body = await request.json()
        seen.append((dict(request.headers), body))
        if body["messages"][0]["content"] == "fail":
            return JSONResponse({"error": f"bad key {SECRET}"}, 400)
        return JSONResponse(COSTLY, headers={"set-cookie": "a=b"})

    async def away(_: Request) -> Response:
        return RedirectResponse(f"{elsewhere}/stolen")

    async def show(request: Request) -> Response:
        seen.append((dict(request.headers), None))
        return JSONResponse({}, headers={"set-cookie": "a=b"})

    routes = [
        Route("/v1/chat/completions", complete, methods=["POST"]),
        Route("/away", away),
        Route("/{path:path}", show),
    ]
    return Starlette(routes=routes)


def through_the_model() -> set[str]:
    """Attacks on the door to the coding model that succeed."""
    seen: Seen = []
    with ExitStack() as stack:
        address = stack.enter_context(serve(far(seen)))
        opened = stack.enter_context(
            model.open_model(f"{address}/v1", SECRET, "ada/coder", PRICES, CEILING, lambda *_: None)
        )
        client = stack.enter_context(httpx.Client(base_url=opened.endpoint.base_url, timeout=30, trust_env=False))
        right = {"authorization": f"Bearer {opened.endpoint.key}", "cookie": "c=d", "x-evil": "1"}

        def post(content: str, headers: dict[str, str]) -> httpx.Response:
            asked = ASK | {"messages": [{"role": "user", "content": content}]}
            return client.post("/chat/completions", json=asked, headers=headers)

        guessed, answers = post("hello", {"authorization": "Bearer sf-guess"}), [post("fail", right)]
        answers += [post("hello", right) for _ in range(3)]
    first = seen[0]
    found = {
        "a guessed key": guessed.status_code == 200,
        "another model": any(body["model"] != "ada/coder" for _, body in seen),
        "unknown fields": any("logit_bias" in body for _, body in seen),
        "the caller's headers": bool({"cookie", "x-evil"} & set(first[0])),
        "the endpoint's cookies": any("set-cookie" in answer.headers for answer in answers),
        "the key in an error": any(SECRET in answer.text for answer in answers),
        "more than the budget": answers[-1].status_code == 200,
    }
    return {name for name, succeeded in found.items() if succeeded}


def through_the_space() -> set[str]:
    """Attacks on the door to a Space that succeed."""
    seen: Seen = []
    stolen: Seen = []
    with ExitStack() as stack:
        elsewhere = stack.enter_context(serve(far(stolen)))
        address = stack.enter_context(serve(far(seen, elsewhere)))
        url = stack.enter_context(space.open_space(address, SECRET))
        client = stack.enter_context(httpx.Client(base_url=url, timeout=30, trust_env=False))
        answer = client.get("/x", headers={"cookie": "c=d", "x-evil": "1", "authorization": "Bearer other"})
        client.get("/away")
    found = {
        "the caller's headers": bool({"cookie", "x-evil"} & set(seen[0][0])),
        "the Space's cookies": "set-cookie" in answer.headers,
        "a call of another host": bool(stolen),
    }
    return {name for name, succeeded in found.items() if succeeded}


def through_the_gate(folder: Path) -> set[str]:
    """What of a hostile tree is published."""
    secret, links, hidden = ({"app.py": f"x = '{SECRET[::-1]}'"}, {"app.py": "1"}, {"sitecustomize.py": "1"})
    head = {"README.md": "---\nsdk: docker\nhf_oauth: true\n---\n# x\n"}
    passed = set()
    for name, files in {"a secret": secret, "code nobody called": hidden, "a link": links, "a head": head}.items():
        tree, destination = folder / name, folder / f"{name} published"
        tree.mkdir()
        for path, text in files.items():
            (tree / path).write_text(text)
        if name == "a link":
            (tree / "data.txt").symlink_to("/etc/passwd")
        try:
            gate.publish(tree, destination, front_matter={"sdk": "gradio"}, secrets=[SECRET])
        except BlockedError:
            continue
        if name != "a head" or "hf_oauth" in (destination / "README.md").read_text():
            passed.add(name)
    return passed


def through_the_redaction() -> set[str]:
    """Forms of a secret that stay in an event."""
    unknown = "hf_" + "unknownUnknownUnknown"
    forms = {"plain": SECRET, "backwards": SECRET[::-1], "hex": SECRET.encode().hex(), "unknown": unknown}
    return {name for name, form in forms.items() if form in json.dumps(redaction.redactor([SECRET])({"said": [form]}))}


def _everything(headers: Any, _allowed: Any) -> dict[str, str]:
    return {name: value for name, value in headers.items() if name not in ("content-length", "transfer-encoding")}


def _as_asked(body: bytes, _model: str) -> tuple[bytes, bool]:
    return body, False


def _following(read_s: float) -> httpx.AsyncClient:
    return httpx.AsyncClient(timeout=read_s, follow_redirects=True, trust_env=False)


MODEL = {
    "the throw-away key": (model.Door, "_known", lambda *_: True, "a guessed key"),
    "the pinned model": (model, "request_body", _as_asked, "another model"),
    "the known fields": (model, "request_body", _as_asked, "unknown fields"),
    "the filter of headers": (model, "passing", _everything, "the endpoint's cookies"),
    "the redaction of errors": (model, "redactor", lambda _: str, "the key in an error"),
    "the budget": (Meter, "exhausted", lambda _: "", "more than the budget"),
}
SPACE = {
    "the filter of headers": (space, "passing", _everything, {"the caller's headers", "the Space's cookies"}),
    "no redirects": (upstream, "client", _following, {"a call of another host"}),
}
GATE = {
    "the search for secrets": (gate, "_refuse_secrets", lambda *_: None, "a secret"),
    "the check of names": (copyout, "_check_name", lambda *_: None, "code nobody called"),
    "the head of our own": (gate, "with_front_matter", lambda text, _: text, "a head"),
}
REDACTION = {
    "known values": (redaction, "encodings", lambda _: (), "backwards"),
    "encodings": (redaction, "encodings", lambda secret: (secret,), "hex"),
    "shapes": (redaction, "SHAPES", re.compile("(?!)"), "unknown"),
}


def test_no_attack_succeeds(tmp_path: Path) -> None:
    assert through_the_model() == through_the_space() == through_the_gate(tmp_path) == through_the_redaction() == set()


@pytest.mark.parametrize("name", MODEL)
def test_a_control_of_the_models_door_is_missed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    place, part, nothing, attack = MODEL[name]
    monkeypatch.setattr(place, part, nothing)
    assert attack in through_the_model()


@pytest.mark.parametrize("name", SPACE)
def test_a_control_of_the_spaces_door_is_missed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    place, part, nothing, attacks = SPACE[name]
    monkeypatch.setattr(place, part, nothing)
    assert attacks <= through_the_space()


@pytest.mark.parametrize("name", GATE)
def test_a_control_of_the_gate_is_missed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str) -> None:
    place, part, nothing, attack = GATE[name]
    monkeypatch.setattr(place, part, nothing)
    assert attack in through_the_gate(tmp_path)


@pytest.mark.parametrize("name", REDACTION)
def test_a_control_of_the_redaction_is_missed(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    place, part, nothing, attack = REDACTION[name]
    monkeypatch.setattr(place, part, nothing)
    assert attack in through_the_redaction()
