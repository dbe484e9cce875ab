"""The doors that hold a token: who gets in, what gets out, what it may cost."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from spacefactory.broker.completion import MOST_TOKENS, NotAcceptableError, request_body
from spacefactory.broker.meter import Ceiling, Prices
from spacefactory.broker.model import BUDGET_CODE, OpenModel, open_model
from spacefactory.broker.retrying import wait_of
from spacefactory.broker.serve import serve
from spacefactory.broker.space import checked, open_space
from spacefactory.broker.usage import UsageReader
from spacefactory.errors import UsageError

SECRET = "hf_" + "brokertestsecret0123456789"
PRICES = Prices(input=1.0, output=10.0)
ASK = {"model": "another/model", "messages": [{"role": "user", "content": "hello"}], "api_key": "x"}


@dataclass
class Upstream:
    """A chat endpoint: remembers what it was sent and answers with the next entry of its script."""

    script: list[Response] = field(default_factory=list)
    seen: list[tuple[dict[str, str], dict[str, Any]]] = field(default_factory=list)

    def app(self) -> Starlette:
        return Starlette(routes=[Route("/v1/chat/completions", self.complete, methods=["POST"])])

    async def complete(self, request: Request) -> Response:
        self.seen.append((dict(request.headers), await request.json()))
        return self.script.pop(0) if self.script else streamed(7, 11)


def streamed(tokens_in: int, tokens_out: int, **more: float) -> Response:
    async def frames() -> AsyncIterator[str]:
        for word in ("one ", "two ", "three"):
            yield f"data: {json.dumps({'choices': [{'delta': {'content': word}}]})}\n\n"
        usage = {"prompt_tokens": tokens_in, "completion_tokens": tokens_out, **more}
        yield f"data: {json.dumps({'choices': [], 'usage': usage})}\n\ndata: [DONE]\n\n"

    return StreamingResponse(frames(), media_type="text/event-stream", headers={"set-cookie": "a=b"})


@contextmanager
def opened(upstream: Upstream, **ceiling: Any) -> Iterator[tuple[OpenModel, httpx.Client, list[tuple[str, Any]]]]:
    told: list[tuple[str, Any]] = []
    with ExitStack() as stack:
        address = stack.enter_context(serve(upstream.app()))
        limits = Ceiling(**({"usd": 1.0} | ceiling))
        tell = lambda kind, facts: told.append((kind, facts))  # noqa: E731 - a listener of one line
        door = stack.enter_context(open_model(f"{address}/v1", SECRET, "ada/coder:fastest", PRICES, limits, tell))
        headers = {"authorization": f"Bearer {door.endpoint.key}"}
        client = stack.enter_context(
            httpx.Client(base_url=door.endpoint.base_url, headers=headers, timeout=30, trust_env=False)
        )
        yield door, client, told


def test_a_request_leaves_with_the_pinned_model_the_real_key_and_known_fields_only() -> None:
    upstream = Upstream()
    with opened(upstream) as (door, client, told):
        asked = ASK | {"stream": True, "store": True, "max_tokens": 10**9}
        answer = client.post("/chat/completions", json=asked, headers={"cookie": "c=d", "x-evil": "1"})
        assert answer.status_code == 200
        assert answer.text.count("data:") == 5
        assert "set-cookie" not in answer.headers
        assert (door.meter.tokens_in, door.meter.tokens_out) == (7, 11)
        assert door.meter.usd == pytest.approx((7 * 1 + 11 * 10) / 1e6)
    headers, body = upstream.seen[0]
    assert headers["authorization"] == f"Bearer {SECRET}"
    assert not {"cookie", "x-evil"} & set(headers)
    assert body["model"] == "ada/coder:fastest"
    assert body["stream_options"] == {"include_usage": True}
    assert body["max_tokens"] == MOST_TOKENS
    assert not {"store", "api_key"} & set(body)
    assert [kind for kind, _ in told] == ["model.request"]
    assert SECRET not in json.dumps(told)


@pytest.mark.parametrize("key", ["", "Bearer sf-guess", f"Bearer {SECRET}"])
def test_only_the_throw_away_key_opens(key: str) -> None:
    upstream = Upstream()
    with opened(upstream) as (_, client, _told):
        assert client.post("/chat/completions", json=ASK, headers={"authorization": key}).status_code == 401
        assert client.get("/models", headers={"authorization": key}).status_code == 401
        assert client.get("/models").json()["data"][0]["id"] == "ada/coder:fastest"
        assert client.post("/embeddings", json=ASK).status_code == 404
    assert upstream.seen == []


@pytest.mark.parametrize("body", [b"not json", b"[]", b'{"messages": "x"}', b"x" * (5 << 20)])
def test_what_is_no_completion_request_never_leaves(body: bytes) -> None:
    upstream = Upstream()
    with opened(upstream) as (_, client, _told):
        assert client.post("/chat/completions", content=body).status_code == 400
    assert upstream.seen == []


def test_the_budget_is_passed_by_one_request_at_most_also_when_many_ask_at_once() -> None:
    upstream = Upstream(script=[streamed(1000, 30_000) for _ in range(40)])
    with opened(upstream, usd=1.0) as (door, client, told):
        statuses: list[int] = []

        def ask() -> None:
            statuses.extend(client.post("/chat/completions", json=ASK | {"stream": True}).status_code for _ in range(5))

        threads = [threading.Thread(target=ask) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        refused = client.post("/chat/completions", json=ASK)
        assert refused.status_code == 402
        assert BUDGET_CODE in refused.json()["error"]["message"]
        assert statuses.count(200) == len(upstream.seen) == 4
        assert door.meter.usd == pytest.approx(4 * 0.301)
    assert sum(facts["usd"] for kind, facts in told if kind == "model.request") == pytest.approx(4 * 0.301)


def test_a_price_that_the_endpoint_states_wins() -> None:
    upstream = Upstream(script=[streamed(7, 11, cost=0.25)])
    with opened(upstream) as (door, client, _told):
        client.post("/chat/completions", json=ASK | {"stream": True})
        assert door.meter.usd == 0.25


def test_answers_without_usage_are_estimated_and_not_free() -> None:
    upstream = Upstream(script=[JSONResponse({"choices": [{"message": {"content": "x" * 4000}}]})])
    with opened(upstream) as (door, client, _told):
        client.post("/chat/completions", json=ASK)
        assert door.meter.tokens_out >= 1000
        assert door.meter.usd > 0


@pytest.mark.parametrize("status", [400, 401, 402, 403, 404, 500])
def test_errors_of_the_endpoint_keep_their_status_and_lose_every_secret(status: int) -> None:
    upstream = Upstream(script=[JSONResponse({"error": f"bad key {SECRET}"}, status)])
    with opened(upstream) as (_, client, told):
        answer = client.post("/chat/completions", json=ASK)
        assert answer.status_code == status
        assert f"answered {status}" in answer.json()["error"]["message"]
        assert SECRET not in answer.text
    assert [facts["status"] for _, facts in told] == [status]


def test_later_is_asked_again_as_retry_after_says() -> None:
    upstream = Upstream(script=[PlainTextResponse("later", 429, headers={"retry-after": "0"}), streamed(1, 1)])
    with opened(upstream) as (door, client, _told):
        assert client.post("/chat/completions", json=ASK | {"stream": True}).status_code == 200
        assert door.meter.requests == 1
    assert len(upstream.seen) == 2


def test_too_long_a_wait_is_handed_to_the_agent() -> None:
    upstream = Upstream(script=[PlainTextResponse("later", 429, headers={"retry-after": "3600"})])
    with opened(upstream) as (_, client, _told):
        answer = client.post("/chat/completions", json=ASK)
        assert answer.status_code == 429
    assert len(upstream.seen) == 1


def test_an_agent_that_goes_away_in_the_middle_is_counted_and_blocks_nobody() -> None:
    async def endless() -> AsyncIterator[str]:
        for _ in range(10_000):
            yield f"data: {json.dumps({'choices': [{'delta': {'content': 'word ' * 100}}]})}\n\n"
            await asyncio.sleep(0.001)

    upstream = Upstream(script=[StreamingResponse(endless(), media_type="text/event-stream")])
    with opened(upstream) as (door, client, _told):
        with client.stream("POST", "/chat/completions", json=ASK | {"stream": True}) as answer:
            next(answer.iter_bytes())
        assert client.post("/chat/completions", json=ASK | {"stream": True}).status_code == 200
        assert door.meter.requests == 2
        assert door.meter.tokens_out > 11


def test_an_endpoint_that_is_not_there_is_a_502() -> None:
    with (
        open_model("http://127.0.0.1:9/v1", SECRET, "m", PRICES, Ceiling(usd=1), lambda *_: None) as door,
        httpx.Client(base_url=door.endpoint.base_url, trust_env=False) as client,
    ):
        headers = {"authorization": f"Bearer {door.endpoint.key}"}
        assert client.post("/chat/completions", json=ASK, headers=headers).status_code == 502


@given(st.binary(max_size=300))
def test_any_body_is_bounded_or_refused(body: bytes) -> None:
    try:
        passed, _ = request_body(body, "m")
    except NotAcceptableError:
        return
    assert json.loads(passed)["model"] == "m"


@given(pieces=st.lists(st.integers(1, 40), min_size=1, max_size=20))
def test_usage_is_found_however_the_stream_is_cut(pieces: list[int]) -> None:
    text = b'data: {"choices": []}\n\ndata: {"usage": {"prompt_tokens": 3, "completion_tokens": 4}}\n\ndata: [DONE]\n\n'
    reader, at = UsageReader(100, True), 0
    while at < len(text):
        size = pieces[at % len(pieces)]
        reader.feed(text[at : at + size])
        at += size
    assert reader.finish() == (3, 4, None)


def test_retry_after_in_seconds_dates_and_nonsense() -> None:
    assert wait_of("3", 0) == 3
    assert wait_of("Wed, 21 Oct 2015 07:28:00 GMT", 0) == 0
    assert [wait_of(None, attempt) for attempt in range(3)] == [1, 2, 4]
    assert wait_of("soon", 1) == 2


async def _show(request: Request) -> Response:
    return JSONResponse({"path": request.url.path, "query": request.url.query, "headers": dict(request.headers)})


async def _away(_request: Request) -> Response:
    return RedirectResponse("http://127.0.0.1:9/steal")


async def _endless(request: Request) -> Response:
    async def pieces() -> AsyncIterator[bytes]:
        while not await request.is_disconnected():  # nobody tells a generator that nobody reads
            yield b"x" * (1 << 20)

    return StreamingResponse(pieces())


@pytest.fixture(scope="module")
def space() -> Iterator[httpx.Client]:
    """A client of a private Space, through the door."""
    routes = [Route("/away", _away), Route("/endless", _endless), Route("/{path:path}", _show, methods=["GET", "POST"])]
    with (
        serve(Starlette(routes=routes)) as upstream,
        open_space(upstream, SECRET) as url,
        httpx.Client(base_url=url, timeout=60, trust_env=False, follow_redirects=True) as client,
    ):
        yield client


def test_the_space_gets_the_token_and_nothing_of_the_callers_login(space: httpx.Client) -> None:
    headers = {"authorization": "Bearer other", "cookie": "a=b", "x-hf-authorization": "Bearer other"}
    told = space.get("/gradio_api/info", params={"a": "b c"}, headers=headers).json()
    assert told["path"] == "/gradio_api/info"
    assert told["query"] == "a=b+c"
    assert told["headers"]["authorization"] == f"Bearer {SECRET}"
    assert not {"cookie", "x-hf-authorization"} & set(told["headers"])


@pytest.mark.parametrize("path", ["//127.0.0.1:9/x", "/file=/tmp/a%2Fb", "/%2e%2e/x", "/http://127.0.0.1:9/"])
def test_no_path_leaves_the_host(space: httpx.Client, path: str) -> None:
    told = space.get(httpx.URL(f"{str(space.base_url).rstrip('/')}{path}"))
    assert told.status_code == 200
    assert told.json()["headers"]["authorization"] == f"Bearer {SECRET}"


def test_redirects_are_refused(space: httpx.Client) -> None:
    answer = space.get("/away")
    assert answer.status_code == 502
    assert "location" not in answer.headers


def test_a_body_without_end_is_cut_off(space: httpx.Client) -> None:
    with pytest.raises(httpx.HTTPError), space.stream("GET", "/endless") as answer:
        for _ in answer.iter_bytes():
            pass


def test_methods_beyond_calls_are_refused(space: httpx.Client) -> None:
    assert space.delete("/anything").status_code == 405


@pytest.mark.parametrize(
    "address",
    ["http://ada-demo.hf.space", "ftp://ada", "https://", "https://user@host", "file:///etc/passwd", "//host", ""],
)
def test_a_token_is_sent_over_https_or_to_this_machine_only(address: str) -> None:
    with pytest.raises(UsageError, match="no address"):
        checked(address)


def test_the_path_of_an_address_is_dropped() -> None:
    assert checked("https://ada-demo.hf.space/x?y") == "https://ada-demo.hf.space"
    assert checked("http://127.0.0.1:7860/") == "http://127.0.0.1:7860"
