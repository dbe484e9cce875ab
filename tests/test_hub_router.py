"""The emulated Hub: the inference router, with the real inference client."""

from __future__ import annotations

import json

import pytest
from huggingface_hub import InferenceClient
from huggingface_hub.errors import HfHubHTTPError

from spacefactory.testing.hub import EmulatedHub
from spacefactory.testing.hub.fixtures import emulated_hub, hub_tokens
from spacefactory.testing.hub.seed import CODING_MODEL, Tokens
from spacefactory.testing.model_failures import FAILURES
from tests.hub_http import fetch

__all__ = ("emulated_hub", "hub_tokens")

USER = [{"role": "user", "content": "hi"}]


def client(hub: EmulatedHub, token: str) -> InferenceClient:
    """The real client with its base at the emulated router."""
    return InferenceClient(base_url=f"{hub.endpoint}/v1", api_key=token)


def test_the_catalogue(emulated_hub: EmulatedHub, hub_tokens: Tokens) -> None:
    listed = json.loads(fetch(f"{emulated_hub.endpoint}/v1/models", hub_tokens.ada).body)["data"]
    assert [one["id"] for one in listed] == [CODING_MODEL]
    assert listed[0]["providers"][0]["supports_tools"] is True


@pytest.mark.parametrize("suffix", ["", ":fastest", ":novita"])
def test_a_chat_whole_and_streamed(emulated_hub: EmulatedHub, hub_tokens: Tokens, suffix: str) -> None:
    chat = client(emulated_hub, hub_tokens.ada)
    whole = chat.chat_completion(USER, model=CODING_MODEL + suffix)
    assert whole.choices[0].message.content == "Hello from the scripted model."
    parts = [
        chunk.choices[0].delta.content or "" for chunk in chat.chat_completion(USER, model=CODING_MODEL, stream=True)
    ]
    assert "".join(parts) == "Hello from the scripted model."


def test_who_may_and_who_pays(emulated_hub: EmulatedHub, hub_tokens: Tokens) -> None:
    no_scope = emulated_hub.add_token("ada", scopes=("openid", "jobs"))
    answers = {}
    for name, token in (("ben", hub_tokens.ben), ("no scope", no_scope), ("nobody", "hf_wrong")):
        with pytest.raises(HfHubHTTPError) as caught:
            client(emulated_hub, token).chat_completion(USER, model=CODING_MODEL)
        answers[name] = (caught.value.response.status_code, caught.value.server_message or "")
    assert {name: status for name, (status, _) in answers.items()} == {"ben": 402, "no scope": 403, "nobody": 401}
    assert "depleted your monthly included credits" in answers["ben"][1]
    assert "does not have sufficient permissions to call Inference Providers" in answers["no scope"][1]


def test_an_organisation_can_be_billed(emulated_hub: EmulatedHub, hub_tokens: Tokens) -> None:
    emulated_hub.world.accounts["ada"].credits_usd = 0
    chat = InferenceClient(base_url=f"{emulated_hub.endpoint}/v1", api_key=hub_tokens.ada, bill_to="acme")
    assert chat.chat_completion(USER, model=CODING_MODEL).choices


def test_unknown_and_failing_models(emulated_hub: EmulatedHub, hub_tokens: Tokens) -> None:
    emulated_hub.add_chat_model("bad/limited", FAILURES["rate_limited"])
    for model, status in (("no/such", 400), ("bad/limited", 429)):
        with pytest.raises(HfHubHTTPError) as caught:
            client(emulated_hub, hub_tokens.ada).chat_completion(USER, model=model)
        assert caught.value.response.status_code == status
    assert emulated_hub.log.misplaced(hub_tokens.ada) == ()
