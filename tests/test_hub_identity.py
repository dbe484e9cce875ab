"""The emulated Hub: who a token belongs to and what it may do, as the real client sees it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from huggingface_hub import CommitOperationAdd, HfApi, InferenceClient

from spacefactory.testing.hub import EmulatedHub
from spacefactory.testing.hub.fixtures import HubClient, emulated_hub, hub_client, hub_tokens
from spacefactory.testing.hub.scopes import OAUTH
from spacefactory.testing.hub.seed import CODING_MODEL, SMALL_SPACE, Tokens
from tests.hub_http import fetch, status_of

__all__ = ("emulated_hub", "hub_client", "hub_tokens")


def test_whoami_of_a_sign_in_token(hub_client: HubClient, hub_tokens: Tokens) -> None:
    me = hub_client(hub_tokens.ada).whoami()
    assert (me["name"], me["type"], me["isPro"], me["canPay"], me["email"]) == ("ada", "user", True, True, None)
    assert me["auth"]["type"] == "oauth"
    assert [(org["name"], org["roleInOrg"]) for org in me["orgs"]] == [("acme", "admin")]
    left = datetime.fromisoformat(me["auth"]["expiresAt"]) - datetime.now(UTC)
    assert timedelta(hours=7) < left < timedelta(hours=9)


def test_whoami_of_classic_and_fine_grained_tokens(
    emulated_hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens
) -> None:
    assert hub_client(hub_tokens.ada_write).whoami()["auth"]["accessToken"]["role"] == "write"
    fine = emulated_hub.add_token("ada", "access_token", role="fineGrained", scopes=("repo.write", "job.write"))
    shown = hub_client(fine).whoami()["auth"]["accessToken"]
    assert shown["role"] == "fineGrained"
    assert shown["fineGrained"]["scoped"][0]["permissions"] == ["repo.write", "job.write"]


def test_without_the_billing_scope_payment_is_not_told(
    emulated_hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens
) -> None:
    api = hub_client(emulated_hub.add_token("ada", scopes=("openid", "profile")))
    assert "canPay" not in api.whoami()
    assert status_of(api.get_zero_gpu_quota) == 403


def test_organisations_must_be_granted_to_a_sign_in_token(
    emulated_hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens
) -> None:
    api = hub_client(emulated_hub.add_token("ada"))
    assert api.whoami()["orgs"] == []
    assert status_of(lambda: api.create_repo("acme/thing")) == 403
    assert status_of(lambda: hub_client(hub_tokens.ada).create_repo("acme/thing")) == 200


def test_quota_by_plan_and_use(emulated_hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens) -> None:
    fresh = hub_client(hub_tokens.ada).get_zero_gpu_quota()
    assert (fresh.base, fresh.remaining, fresh.resets_at) == (2400, 2400, None)
    emulated_hub.world.accounts["ben"].quota_s = 12
    spent = hub_client(hub_tokens.ben).get_zero_gpu_quota()
    assert (spent.base, spent.remaining) == (300, 12)
    assert spent.resets_at is not None


@pytest.mark.parametrize("end", ["expired", "revoked", "used up", "unknown"])
def test_a_dead_token_is_refused_everywhere(
    emulated_hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens, end: str
) -> None:
    value = hub_tokens.ada
    api = hub_client("hf_nobody" if end == "unknown" else value)
    if end == "expired":
        emulated_hub.token(value).expires_at = datetime.now(UTC) - timedelta(seconds=1)
    elif end == "revoked":
        emulated_hub.token(value).revoked = True
    elif end == "used up":
        emulated_hub.token(value).calls_left = 1
        assert status_of(api.whoami) == 200
    for call in (api.whoami, lambda: api.create_repo("ada/x"), lambda: list(api.list_jobs(namespace="ada"))):
        assert status_of(call) == 401


def test_nobody_is_asked_to_sign_in(emulated_hub: EmulatedHub) -> None:
    answer = fetch(f"{emulated_hub.endpoint}/api/whoami-v2")
    assert (answer.status, json.loads(answer.body)) == (401, {"error": "Invalid username or password."})
    assert len(answer.headers.get_all("date", [])) == 1


def actions(api: HfApi, hub: EmulatedHub) -> dict[str, Callable[[], object]]:
    """What a scope may be needed for; each is a call of the real client."""
    chat = InferenceClient(base_url=f"{hub.endpoint}/v1", api_key=str(api.token))
    write = [CommitOperationAdd("note.txt", b"x")]
    return {
        "create": lambda: api.create_repo("ada/new", private=True),
        "commit": lambda: api.create_commit("ada/old", write, commit_message="m"),
        "read": lambda: api.model_info("ada/old"),
        "gated": lambda: api.auth_check("meta/gated"),
        "delete": lambda: api.delete_repo("ada/older"),
        "bucket": lambda: api.create_bucket("ada/runs"),
        "job": lambda: api.run_job(image="python:3.12", command=["true"], namespace="ada"),
        "quota": api.get_zero_gpu_quota,
        "chat": lambda: chat.chat_completion([{"role": "user", "content": "hi"}], model=CODING_MODEL),
    }


ALLOWED = {
    "openid": set(),
    "profile": set(),
    "email": set(),
    "read-billing": {"quota"},
    "read-repos": {"read"},
    "gated-repos": {"gated"},
    "contribute-repos": {"create", "bucket"},
    "write-repos": {"read", "commit"},
    "manage-repos": {"read", "commit", "create", "delete", "bucket"},
    "inference-api": {"chat"},
    "jobs": {"job"},
}


@pytest.mark.parametrize("scope", OAUTH)
def test_each_scope_allows_what_is_documented_and_no_more(
    emulated_hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens, scope: str
) -> None:
    for name in ("ada/old", "ada/older"):
        emulated_hub.add_model(name, {"README.md": "text"}, private=True)
    emulated_hub.add_model("meta/gated", {"README.md": "text"}, gated="manual").granted.add("ada")
    api = hub_client(emulated_hub.add_token("ada", scopes=(scope,)))
    allowed = {name for name, call in actions(api, emulated_hub).items() if status_of(call) == 200}
    assert allowed == ALLOWED[scope]


def test_contribute_repos_reaches_only_what_the_app_made(
    emulated_hub: EmulatedHub, hub_client: HubClient, hub_tokens: Tokens
) -> None:
    emulated_hub.add_model("ada/old", {"README.md": "text"}, private=True)
    api = hub_client(emulated_hub.add_token("ada", scopes=("contribute-repos",)))
    api.create_repo("ada/new", repo_type="space", space_sdk="gradio", private=True)
    files = [CommitOperationAdd(path, text.encode()) for path, text in SMALL_SPACE.items()]
    api.create_commit("ada/new", files, commit_message="app", repo_type="space")
    assert api.space_info("ada/new").private
    assert status_of(lambda: api.model_info("ada/old")) == 404
    assert status_of(lambda: api.delete_repo("ada/new", repo_type="space")) == 200


def test_an_unknown_scope_is_a_mistake_of_the_test(emulated_hub: EmulatedHub, hub_tokens: Tokens) -> None:
    with pytest.raises(ValueError, match="unknown scope 'write-everything'"):
        emulated_hub.add_token("ada", scopes=("write-everything",))
