"""The inference router: scripted models behind the Hub's own checks."""

from __future__ import annotations

from spacefactory.testing.hub.answers import Answer, HubError, Stream, json_answer
from spacefactory.testing.hub.policy import ROUTER_CREDITS, ROUTER_FORBIDDEN
from spacefactory.testing.hub.routing import Call, Route
from spacefactory.testing.hub.scopes import Ability
from spacefactory.testing.hub.state import World
from spacefactory.testing.scripted_model import reply

CONTEXT = 262144


def models(world: World, _call: Call) -> Answer:
    """`GET /v1/models`."""
    provider = {"provider": "scripted", "status": "live", "context_length": CONTEXT, "supports_tools": True,
                "pricing": {"input": 0.2, "output": 1.5}}  # fmt: skip
    data = [{"id": name, "object": "model", "owned_by": name.partition("/")[0], "providers": [provider]}
            for name in world.models]  # fmt: skip
    return json_answer({"object": "list", "data": data})


def complete(world: World, call: Call) -> Stream:
    """`POST /v1/chat/completions`; a suffix such as `:fastest` chooses among providers, not among models."""
    account = call.caller.known()
    if not call.caller.can(Ability.INFERENCE):
        raise HubError(403, ROUTER_FORBIDDEN.format(name=account.name))
    payer = world.owner(call.headers.get("x-hf-bill-to", account.name))
    if payer.credits_usd <= 0:
        raise HubError(402, ROUTER_CREDITS)
    asked = call.json()
    name = str(asked.get("model")).partition(":")[0]
    if (found := world.models.get(name)) is None:
        text = f"The requested model '{asked.get('model')}' is not supported by any provider you have enabled."
        raise HubError(400, text, extra={"error": {"message": text, "type": "invalid_request_error",
                                                   "code": "model_not_supported"}})  # fmt: skip
    world.model_calls[name] += 1
    number = world.model_calls[name]
    answer = reply(found.turn(asked.get("messages", []), number), asked, number)
    return Stream(answer.chunks, answer.status, dict(answer.headers), breaks=answer.breaks)


ROUTES = (Route("GET", "/v1/models", models), Route("POST", "/v1/chat/completions", complete))
