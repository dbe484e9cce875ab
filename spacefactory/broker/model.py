"""The door to the coding model: pinned model and endpoint, a throw-away key, a hard budget.

Works for any agent that speaks the OpenAI chat protocol. What an agent's command could do with the key is to spend the
run's own budget on the run's own model, until 402.
"""

from __future__ import annotations

import asyncio
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from spacefactory.broker import retrying
from spacefactory.broker.completion import LARGEST_BODY, NotAcceptableError, error_body, request_body
from spacefactory.broker.far import Answer, Far, FarError, closing
from spacefactory.broker.meter import Ceiling, Meter, Prices
from spacefactory.broker.serve import serve
from spacefactory.broker.upstream import FROM_UPSTREAM, passing
from spacefactory.broker.usage import UsageReader
from spacefactory.providers import Emit
from spacefactory.record.redaction import redactor
from spacefactory.schema.work import ModelEndpoint

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import Receive, Scope, Send

LARGEST_ANSWER = 16 << 20
IDLE_S = 120.0
BUDGET_CODE = "spacefactory_budget_exceeded"


@dataclass
class Door:
    """One coding model behind a loopback port.

    Args:
        upstream: base address of the endpoint, ending in /v1 or the like.
        secret: the endpoint's key, sent there and nowhere else; empty when it takes none.
        model: the only model that is asked.
        meter: counts and limits.
        tell: hears of each request.
    """

    upstream: str
    secret: str = field(repr=False)
    model: str
    meter: Meter
    tell: Emit
    key: str = field(default_factory=lambda: f"sf-{secrets.token_urlsafe(24)}", repr=False)

    def app(self) -> Starlette:
        """The application that forwards completions and lists the one model."""
        from starlette.applications import Starlette
        from starlette.routing import Route

        self._far, self._one_at_a_time = Far(self.upstream, IDLE_S), asyncio.Lock()
        return Starlette(
            routes=[
                Route("/v1/chat/completions", self._complete, methods=["POST"]),
                Route("/v1/models", self._models, methods=["GET"]),
            ],
            lifespan=lambda _: closing(self._far),
        )

    async def _models(self, request: Request) -> Response:
        from starlette.responses import JSONResponse

        if not self._known(request):
            return _refusal(401, "the key is not the one of this run", "invalid_api_key")
        return JSONResponse({"object": "list", "data": [{"id": self.model, "object": "model"}]})

    async def _complete(self, request: Request) -> Response:
        if not self._known(request):
            return _refusal(401, "the key is not the one of this run", "invalid_api_key")
        try:
            body, streamed = request_body(await _body(request), self.model)
        except NotAcceptableError as error:
            return _refusal(400, str(error), "invalid_request_error")
        return _deferred(lambda *channel: self._forward(body, streamed, *channel))

    async def _forward(self, body: bytes, streamed: bool, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one request on. Only one is on its way at a time, so a budget is passed by one request at most."""
        async with self._one_at_a_time:
            if why := self.meter.exhausted():
                self.tell("model.refused", {"why": why})
                await _refusal(402, f"{BUDGET_CODE}: {why}", BUDGET_CODE)(scope, receive, send)
                return
            await self._ask(body, streamed, scope, receive, send)

    async def _ask(self, body: bytes, streamed: bool, scope: Scope, receive: Receive, send: Send) -> None:
        begun, reader = time.monotonic(), UsageReader(len(body), streamed)
        try:
            answer = await retrying.send(lambda: self._sent(body), self._left())
        except FarError as error:
            self._count(502, begun, 0, 0, None)
            await _refusal(502, f"the model's endpoint cannot be reached: {error}", "upstream_unreachable")(
                scope, receive, send
            )
            return
        good = answer.status == 200
        count = _once(lambda: self._count(answer.status, begun, *(reader.finish() if good else (0, 0, None))))
        try:
            if good:
                await self._pass_on(answer, reader, count, receive, send)
            else:
                await (await self._failed(answer))(scope, receive, send)
        finally:  # also when the agent went away in the middle
            count()
            answer.close()

    async def _sent(self, body: bytes) -> Answer:
        headers = {"content-type": "application/json", "accept": "*/*", "accept-encoding": "identity"}
        if self.secret:
            headers["authorization"] = f"Bearer {self.secret}"
        return await self._far.post("/chat/completions", headers, body)

    async def _pass_on(
        self, answer: Answer, reader: UsageReader, count: Callable[[], None], receive: Receive, send: Send
    ) -> None:
        """The body as it comes, up to its limits; counted before the agent sees its end."""
        headers = passing(answer.headers, FROM_UPSTREAM).items()
        encoded = [(name.encode("latin-1"), value.encode("latin-1")) for name, value in headers]
        await send({"type": "http.response.start", "status": 200, "headers": encoded})
        gone = asyncio.create_task(_until_gone(receive, answer.abort))
        try:
            async for piece in answer.pieces():
                reader.feed(piece)
                if reader.seen > LARGEST_ANSWER or self._left() <= 0:
                    break
                await send({"type": "http.response.body", "body": piece, "more_body": True})
            count()
            await send({"type": "http.response.body", "body": b""})
        finally:
            gone.cancel()

    async def _failed(self, answer: Answer) -> Response:
        """An error of the endpoint in our own form: its status, and its words without anything secret."""
        said = (await _head(answer)).decode("utf-8", "replace")
        words = " ".join(str(redactor([self.secret, self.key])(said)).split())[:500]
        status = answer.status if answer.status >= 400 else 502
        return _refusal(status, f"the model's endpoint answered {answer.status}: {words}", "upstream_error")

    def _count(self, status: int, begun: float, tokens_in: int, tokens_out: int, stated: float | None) -> None:
        usd = self.meter.add(tokens_in, tokens_out, stated)
        self.tell(
            "model.request",
            {
                "status": status,
                "tokens_in": tokens_in,
                "tokens_out": tokens_out,
                "usd": round(usd, 8),
                "seconds": round(time.monotonic() - begun, 3),
            },
        )

    def _left(self) -> float:
        return self.meter.ceiling.seconds - (time.monotonic() - self.meter.started)

    def _known(self, request: Request) -> bool:
        given = request.headers.get("authorization", "")
        return hmac.compare_digest(given.encode(), f"Bearer {self.key}".encode())


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for piece in request.stream():
        body += piece
        if len(body) > LARGEST_BODY:
            break
    return bytes(body)


async def _head(answer: Answer) -> bytes:
    """The first 8 KiB of a body, or what there is of it."""
    found = bytearray()
    with suppress(FarError):
        async for piece in answer.pieces():
            found += piece
            if len(found) > 8192:
                break
    return bytes(found[:8192])


async def _until_gone(receive: Receive, then: Callable[[], None]) -> None:
    """Do something when the agent goes away."""
    while (await receive())["type"] != "http.disconnect":
        pass
    then()


def _deferred(work: Callable[[Scope, Receive, Send], Awaitable[None]]) -> Response:
    """A response that does its work when it is sent, so that what it holds is given back however that ends."""
    from starlette.responses import Response

    class Deferred(Response):
        async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
            await work(scope, receive, send)

    return Deferred()


def _once(work: Callable[[], None]) -> Callable[[], None]:
    """The same, but only the first time."""
    left = [work]
    return lambda: left.pop()() if left else None


def _refusal(status: int, message: str, code: str) -> Response:
    from starlette.responses import JSONResponse

    return JSONResponse(error_body(message, code), status)


@dataclass(frozen=True)
class OpenModel:
    """A door that is open: what the agent gets, and what it has spent."""

    endpoint: ModelEndpoint
    meter: Meter


@contextmanager
def open_model(
    upstream: str, secret: str, model: str, prices: Prices, ceiling: Ceiling, tell: Emit
) -> Iterator[OpenModel]:
    """The coding model behind a loopback port, while the context lasts.

    Args:
        upstream: base address of an endpoint that speaks the OpenAI chat protocol.
        secret: its key; empty when it takes none.
        model: the id that is asked for, whatever the agent says.
        prices: catalogue prices, used where the endpoint states none.
        ceiling: the run's budget.
        tell: writes the events `model.request` and `model.refused`.

    Raises:
        PlatformError: no loopback port can be opened.
    """
    door = Door(upstream.rstrip("/"), secret, model, Meter(prices, ceiling), tell)
    with serve(door.app()) as url:
        yield OpenModel(ModelEndpoint(base_url=f"{url}/v1", key=door.key, model=model), door.meter)
