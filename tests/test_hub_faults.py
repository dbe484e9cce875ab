"""The emulated Hub: bad days on the way, as the real client meets them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

import httpx2
import pytest
from huggingface_hub import CommitOperationAdd, HfApi
from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils._http import parse_ratelimit_headers

from spacefactory.testing.hub import (
    Cut,
    Drip,
    EmulatedHub,
    Fault,
    Refuse,
    Reset,
    Slow,
    Truncate,
    Twice,
    rate_limited,
)
from spacefactory.testing.hub.fixtures import HubClient, emulated_hub, hub_client, hub_tokens
from spacefactory.testing.hub.log import Entry, RequestLog
from spacefactory.testing.hub.seed import Tokens
from tests.hub_http import fetch, status_of

__all__ = ("emulated_hub", "hub_client", "hub_tokens")


@pytest.fixture
def api(hub_client: HubClient, hub_tokens: Tokens) -> HfApi:
    """Ada's client."""
    return hub_client(hub_tokens.ada)


@pytest.mark.parametrize("status", [401, 402, 403, 409, 429, 500, 502, 503, 504])
def test_any_status_once(emulated_hub: EmulatedHub, api: HfApi, status: int) -> None:
    emulated_hub.fail(Fault(Refuse(status, "as told"), "/api/repos/create"))
    with pytest.raises(HfHubHTTPError) as caught:
        api.create_repo("ada/x")
    assert (caught.value.response.status_code, caught.value.server_message) == (status, "as told")
    assert caught.value.request_id
    assert api.create_repo("ada/x").repo_id == "ada/x"


@pytest.mark.parametrize("retry_after", [None, "7", "Wed, 21 Oct 2026 07:28:00 GMT"])
def test_rate_limits(emulated_hub: EmulatedHub, api: HfApi, retry_after: str | None) -> None:
    emulated_hub.fail(rate_limited("whoami", retry_after=retry_after, reset_s=55))
    with pytest.raises(HfHubHTTPError) as caught:
        api.whoami()
    headers = caught.value.response.headers
    assert (caught.value.response.status_code, headers.get("retry-after")) == (429, retry_after)
    info = parse_ratelimit_headers(headers)
    assert info is not None
    assert (info.resource_type, info.reset_in_seconds) == ("api", 55)


def test_calls_in_a_window_are_counted(emulated_hub: EmulatedHub, api: HfApi, hub_tokens: Tokens) -> None:
    emulated_hub.knobs.calls_per_window = 2
    assert [status_of(api.whoami) for _ in range(3)] == [200, 200, 429]
    emulated_hub.world.clock.skew_s = 301
    assert status_of(api.whoami) == 200


def test_a_connection_that_breaks_before_and_after_the_effect(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.fail(Fault(Reset("before"), "/api/repos/create"), Fault(Reset("after"), "/api/repos/create", skip=1))
    for name, made in (("ada/one", False), ("ada/two", True)):
        with pytest.raises(httpx2.TransportError):
            api.create_repo(name)
        assert (("model", name) in emulated_hub.world.repos) is made
    assert [entry.status for entry in emulated_hub.log.find("POST", "create")] == [0, 0]


def test_an_answer_that_is_cut(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.fail(Fault(Cut(10), "whoami"))
    with pytest.raises(httpx2.TransportError):
        api.whoami()


def test_json_that_is_cut(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.fail(Fault(Truncate(10), "whoami"))
    with pytest.raises(json.JSONDecodeError):
        api.whoami()


def test_slow_answers(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.add_model("ada/x", {"README.md": "x"})
    emulated_hub.fail(Fault(Slow(30), "/api/models"))
    with pytest.raises(httpx2.ReadTimeout):
        api.model_info("ada/x", timeout=0.2)
    emulated_hub.fail(Fault(Drip(0.01, 100), "/api/models"))
    assert api.model_info("ada/x", timeout=5).id == "ada/x"


def test_a_request_that_arrives_twice(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.fail(Fault(Twice(), "/api/repos/create"), Fault(Twice(), "/api/jobs/ada$", "POST"))
    assert status_of(lambda: api.create_repo("ada/x")) == 409
    api.run_job(image="i", command=["true"], namespace="ada")
    assert len(emulated_hub.jobs()) == 2


def test_which_requests_a_fault_hits(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.fail(
        Fault(Refuse(500), "/api/whoami-v2", "GET", times=2, skip=1), Fault(Refuse(500), "whoami", "POST")
    )
    assert [status_of(api.whoami) for _ in range(5)] == [200, 500, 500, 200, 200]
    emulated_hub.fail(Fault(Refuse(503), "whoami", times=None))
    assert [status_of(api.whoami) for _ in range(3)] == [503, 503, 503]
    emulated_hub.faults.clear()
    assert status_of(api.whoami) == 200


def test_clock_skew(emulated_hub: EmulatedHub, api: HfApi) -> None:
    emulated_hub.world.clock.skew_s = 3600
    date = parsedate_to_datetime(fetch(f"{emulated_hub.endpoint}/api/whoami-v2").headers["date"])
    assert 3500 < (date - datetime.now(UTC)).total_seconds() < 3700
    emulated_hub.add_model("ada/x", {"README.md": "x"})
    created = api.model_info("ada/x").created_at
    assert created is not None
    assert (created - datetime.now(UTC)).total_seconds() > 3500
    emulated_hub.world.clock.skew_s = 8 * 3600 + 60
    assert status_of(api.whoami) == 401


def test_unknown_paths_and_bad_bodies(emulated_hub: EmulatedHub, hub_tokens: Tokens) -> None:
    assert fetch(f"{emulated_hub.endpoint}/api/agent-harnesses").status == 404
    answer = fetch(f"{emulated_hub.endpoint}/api/repos/create", hub_tokens.ada, "POST")
    assert answer.status == 400
    assert b"error" in answer.body


def test_a_token_in_the_wrong_place_is_seen() -> None:
    log = RequestLog()
    log.add(Entry("hub", "GET", "/a", "t=hf_x", {"authorization": "Bearer hf_x"}))
    log.add(Entry("space", "GET", "/hf_x", "", {"authorization": "Bearer hf_x", "cookie": "t=hf_x"}, b"hf_x"))
    places = [(one.entry.host, one.place) for one in log.misplaced("hf_x")]
    assert places == [("hub", "query"), ("space", "path"), ("space", "header:authorization"),
                      ("space", "header:cookie"), ("space", "body")]  # fmt: skip
    assert len(log.sightings("hf_x")) == 6


def test_a_token_dies_in_the_middle_of_a_commit(emulated_hub: EmulatedHub, api: HfApi, hub_tokens: Tokens) -> None:
    api.create_repo("ada/x")
    emulated_hub.token(hub_tokens.ada).calls_left = 1
    operations = [CommitOperationAdd("a.txt", b"a")]
    assert status_of(lambda: api.create_commit("ada/x", operations, commit_message="m")) == 401
    assert len(emulated_hub.repo("model", "ada/x").commits) == 1
