"""Shapes of the emulator's answers about jobs, buckets and the router, against what is known of the real Hub."""

from __future__ import annotations

import json
import re

import pytest

from spacefactory.testing.hub import EmulatedHub
from spacefactory.testing.hub.fixtures import emulated_hub, hub_tokens
from spacefactory.testing.hub.seed import Tokens
from spacefactory.testing.scripted_model import script
from tests.hub_shapes import HEX24, HEX64, Ask, assert_like, moment

__all__ = ("emulated_hub", "hub_tokens")


@pytest.fixture
def ask(emulated_hub: EmulatedHub, hub_tokens: Tokens) -> Ask:
    """As Ada, with her sign-in token."""
    return Ask(emulated_hub, hub_tokens.ada)


def test_jobs(ask: Ask, emulated_hub: EmulatedHub) -> None:
    emulated_hub.add_bucket("ada/runs")
    volume = {"type": "bucket", "source": "ada/runs", "mountPath": "/runs", "readOnly": False, "path": "r1"}
    wanted = {
        "command": ["python", "-c", "print('said')"],
        "arguments": [],
        "environment": {"RUN": "1"},
        "flavor": "cpu-basic",
        "secrets": {"HF_TOKEN": "s"},
        "timeoutSeconds": 600,
        "labels": {"app": "sf"},
        "dockerImage": "python:3.12",
        "volumes": [volume],
    }
    shape = {
        "id": re.compile(HEX24),
        "createdAt": moment,
        "startedAt": (None, moment),
        "finishedAt": (None, moment),
        "dockerImage": "python:3.12",
        "spaceId": None,
        "command": ["python", "-c", "print('said')"].__eq__,
        "arguments": [].__eq__,
        "environment": {"RUN": "1"},
        "secrets": ["HF_TOKEN"].__eq__,
        "flavor": "cpu-basic",
        "labels": {"app": "sf"},
        "volumes": [volume],
        "timeout": 600,
        "type": "job",
        "status": {"stage": str, "message": (None, str), "failureCount": int},
        "owner": {"id": str, "name": "ada", "type": "user"},
        "initiator": {"type": "user", "id": str, "name": "ada"},
        "durations": {"schedulingSecs": (None, int), "runningSecs": (None, int), "totalSecs": int},
    }
    made = ask("POST", "/api/jobs/ada", wanted).json
    assert_like(made, shape)
    job = f"/api/jobs/ada/{made['id']}"
    emulated_hub.wait(lambda: emulated_hub.job(made["id"]).ended, "the job to end")
    assert_like(ask("GET", job).json, shape | {"startedAt": moment, "finishedAt": moment})
    first, *rest = [
        json.loads(line[6:])["data"] for line in ask("GET", f"{job}/logs").body.decode().split("\n") if line
    ]
    assert first.startswith("===== Job started at ")
    assert rest == ["said"]
    assert_like(ask("GET", "/api/jobs/ada?label=app%3Dsf&stage=COMPLETED").json, [shape])
    for change in (("POST", f"{job}/cancel", None), ("PUT", f"{job}/labels", {"labels": {"app": "sf"}})):
        assert_like(ask(*change).json, shape)
    assert ask("GET", f"/api/jobs/ada/{'0' * 24}").status == 404


def test_buckets_and_their_tokens(ask: Ask) -> None:
    url = f"{ask.hub.endpoint}/buckets/ada/runs"
    assert_like(ask("POST", "/api/buckets/ada/runs", {"visibility": "private"}).json, {"url": url})
    again = ask("POST", "/api/buckets/me/runs", {})
    assert (again.status, again.json["url"]) == (409, url)
    facts = {"id": "ada/runs", "private": True, "createdAt": moment, "size": int, "totalFiles": int}
    assert_like(ask("GET", "/api/buckets/ada/runs").json, facts)
    assert_like(ask("GET", "/api/buckets/ada").json, [facts])
    told = ask("GET", "/api/buckets/ada/none")
    assert (told.status, told.headers["X-Error-Code"]) == (404, "RepoNotFound")

    add = {"type": "addFile", "path": "a/empty.txt", "xetHash": "0" * 64, "mtime": 1_700_000_000_000}
    done = ask("POST", "/api/buckets/ada/runs/batch", json.dumps(add).encode() + b"\n", "application/x-ndjson").json
    assert done == {"success": True, "processed": 1, "succeeded": 1, "failed": []}
    file = {"type": "file", "path": "a/empty.txt", "size": 0, "xetHash": re.compile(HEX64)}
    tree = ask("GET", "/api/buckets/ada/runs/tree?recursive=true").json
    assert_like([one for one in tree if one["type"] == "file"], [file])
    assert_like(ask("GET", "/api/buckets/ada/runs/tree").json, [{"type": "directory", "path": "a"}])
    assert_like(ask("POST", "/api/buckets/ada/runs/paths-info", {"paths": ["a/empty.txt", "none"]}).json, [file])

    for way in ("read", "write"):
        token = ask("GET", f"/api/buckets/ada/runs/xet-{way}-token")
        assert_like(token.json, {"accessToken": str, "exp": int, "casUrl": re.compile(r"http://127\.0\.0\.1:\d+/?.*")})
        assert token.headers["X-Xet-Cas-Url"] == token.json["casUrl"]
        assert token.headers["X-Xet-Access-Token"] == token.json["accessToken"]
        assert token.headers["X-Xet-Token-Expiration"] == str(token.json["exp"])
    head = ask("HEAD", "/buckets/ada/runs/resolve/a/empty.txt").headers
    assert (head["X-Xet-Hash"], head["X-Linked-Size"]) == ("0" * 64, "0")
    assert head["ETag"]
    assert head["Link"] == f'<{ask.hub.endpoint}/api/buckets/ada/runs/xet-read-token>; rel="xet-auth"'


def test_the_catalogue_of_the_router(ask: Ask) -> None:
    ask.hub.add_chat_model("qwen/coder", script([{"say": ["Hi"]}]))
    provider = {"provider": str, "status": "live", "context_length": int, "supports_tools": bool}
    catalogue = ask("GET", "/v1/models").json
    assert_like(catalogue, {"object": "list", "data": [{"id": str, "providers": [provider]}]})
