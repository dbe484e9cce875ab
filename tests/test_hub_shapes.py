"""The emulator against what is known of the real Hub: shapes of its answers, as they come over the wire.

The shapes were recorded from real answers or read in the client; none of them was taken from the emulator.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from email.utils import parsedate_to_datetime

import pytest

from spacefactory.testing.hub import EmulatedHub
from spacefactory.testing.hub.fixtures import emulated_hub, hub_tokens
from spacefactory.testing.hub.seed import SMALL_README, SMALL_SPACE, Tokens
from tests.hub_shapes import HEX24, HEX40, Ask, assert_like, like, moment

__all__ = ("emulated_hub", "hub_tokens")


@pytest.fixture
def ask(emulated_hub: EmulatedHub, hub_tokens: Tokens) -> Ask:
    """As Ada, with her sign-in token."""
    return Ask(emulated_hub, hub_tokens.ada)


def test_a_shape_can_be_missed() -> None:
    assert like({"a": [{"b": 1}], "more": 0}, {"a": [{"b": int}]})
    values: tuple[object, ...] = ({}, {"a": []}, {"a": [{"b": "1"}]}, {"a": [{"b": True}]}, {"a": [{"b": 1}, {}]})
    for value in values:
        assert not like(value, {"a": [{"b": int}]})


def test_identity(ask: Ask, hub_tokens: Tokens) -> None:
    common = {
        "type": "user",
        "id": str,
        "name": "ada",
        "fullname": str,
        "emailVerified": bool,
        "canPay": bool,
        "isPro": True,
        "avatarUrl": str,
        "periodEnd": (None, moment),
        "orgs": list,
    }
    oauth = {"type": "oauth", "expiresAt": moment, "resource": {"sub": str}}
    assert_like(ask("GET", "/api/whoami-v2").json, common | {"auth": oauth})
    classic = {"type": "access_token", "accessToken": {"displayName": str, "role": "write", "createdAt": moment}}
    assert_like(Ask(ask.hub, hub_tokens.ada_write)("GET", "/api/whoami-v2").json, common | {"auth": classic})
    refused = Ask(ask.hub, "hf_unknown_token")("GET", "/api/whoami-v2")
    assert (refused.status, refused.json) == (401, {"error": "Invalid username or password."})
    assert refused.headers["X-Error-Message"] == "Invalid credentials in Authorization header"
    ask.hub.world.accounts["ada"].quota_s = 100
    assert_like(ask("GET", "/api/spaces/zero-gpu/quota").json, {"base": int, "current": int, "resetsAt": moment})
    assert ask("GET", "/api/agent-harnesses").status == 404


def test_every_answer_has_one_date_and_an_id(ask: Ask) -> None:
    for path in ("/api/whoami-v2", "/api/models/none/such"):
        headers = ask("GET", path).headers
        (date,) = headers.get_all("Date") or []
        assert parsedate_to_datetime(date).tzinfo is not None
        assert headers["X-Request-Id"]


def test_models_and_files(ask: Ask) -> None:
    readme = b"---\npipeline_tag: fill-mask\nlibrary_name: transformers\n---\nHello"
    ask.hub.add_model("meta/tiny", {"README.md": readme, "config.json": "{}", "sub/a.txt": "a", "w.bin": b"\0" * 999})
    info = ask("GET", "/api/models/meta/tiny?blobs=true").json
    blob = hashlib.sha1(b"blob %d\0" % len(readme) + readme).hexdigest()
    assert_like(
        info,
        {
            "id": "meta/tiny",
            "sha": re.compile(HEX40),
            "author": "meta",
            "lastModified": moment,
            "createdAt": moment,
            "private": False,
            "gated": False,
            "disabled": False,
            "tags": list,
            "downloads": int,
            "likes": int,
            "library_name": "transformers",
            "pipeline_tag": "fill-mask",
            "cardData": dict,
            "config": dict,
            "siblings": [{"rfilename": str, "size": int, "blobId": str}],
        },
    )
    assert {one["rfilename"]: one["blobId"] for one in info["siblings"]}["README.md"] == blob

    head = ask("HEAD", "/meta/tiny/resolve/main/README.md")
    assert head.headers["X-Repo-Commit"] == info["sha"]
    assert (head.headers["ETag"].strip('"'), head.headers["Content-Length"]) == (blob, str(len(readme)))
    assert head.headers["X-Xet-Hash"] is None
    missing = ask("HEAD", "/meta/tiny/resolve/main/none.txt")
    assert (missing.status, missing.headers["X-Error-Code"]) == (404, "EntryNotFound")
    assert missing.headers["X-Repo-Commit"] == info["sha"]
    for path, code in (
        ("/api/models/meta/none", "RepoNotFound"),
        ("/api/models/meta/tiny/revision/no", "RevisionNotFound"),
    ):
        told = ask("GET", path)
        assert (told.status, told.headers["X-Error-Code"], type(told.json["error"])) == (404, code, str)

    tree = ask("GET", "/api/models/meta/tiny/tree/main?recursive=true&expand=false").json
    assert {(one["type"], one["path"]) for one in tree} >= {("directory", "sub"), ("file", "sub/a.txt")}
    assert_like([one for one in tree if one["type"] == "file"], [{"oid": re.compile(HEX40), "size": int, "path": str}])
    one = ask("POST", "/api/models/meta/tiny/paths-info/main", b"paths=README.md", "application/x-www-form-urlencoded")
    assert_like(one.json, [{"type": "file", "path": "README.md", "oid": blob, "size": len(readme)}])
    refs = {"branches": [{"name": "main"}], "converts": lambda value: value == [], "tags": lambda value: value == []}
    assert_like(ask("GET", "/api/models/meta/tiny/refs").json, refs)


def test_repositories_and_commits(ask: Ask) -> None:
    wanted = {
        "name": "sp",
        "organization": None,
        "type": "space",
        "sdk": "gradio",
        "private": True,
        "hardware": "zero-a10g",
    }
    url = f"{ask.hub.endpoint}/spaces/ada/sp"
    made = ask("POST", "/api/repos/create", wanted)
    assert_like(made.json, {"url": url, "name": "ada/sp", "id": re.compile(HEX24)})
    again = ask("POST", "/api/repos/create", wanted)
    assert (again.status, again.json) == (409, {"error": "You already created this space repo", "url": url})

    good = ask("POST", "/api/validate-yaml", {"content": SMALL_README, "repoType": "space"})
    assert (good.status, good.json) == (200, {"errors": [], "warnings": []})
    bad = ask("POST", "/api/validate-yaml", {"content": "---\ncolorFrom: puce\n---\n", "repoType": "space"})
    assert bad.status == 400
    assert_like(bad.json, {"errors": list, "warnings": list})

    data = b"print('hello')\n"
    sample = {"path": "app.py", "sample": base64.b64encode(data).decode(), "size": len(data)}
    pre = ask("POST", "/api/spaces/ada/sp/preupload/main", {"files": [sample]}).json
    assert_like(
        pre,
        {"files": [{"path": "app.py", "uploadMode": "regular", "shouldIgnore": False}], "commitOid": re.compile(HEX40)},
    )
    lines = [
        {"key": "header", "value": {"summary": "One", "description": "", "parentCommit": pre["commitOid"]}},
        {"key": "file", "value": {"content": sample["sample"], "path": "app.py", "encoding": "base64"}},
        {
            "key": "file",
            "value": {
                "content": base64.b64encode(SMALL_README.encode()).decode(),
                "path": "README.md",
                "encoding": "base64",
            },
        },
    ]
    body = "".join(json.dumps(line) + "\n" for line in lines).encode()
    done = ask("POST", "/api/spaces/ada/sp/commit/main", body, "application/x-ndjson").json
    assert_like(
        done,
        {
            "success": True,
            "commitOid": re.compile(HEX40),
            "commitUrl": f"{url}/commit/{done['commitOid']}",
            "hookOutput": str,
        },
    )
    moved = ask("POST", "/api/spaces/ada/sp/commit/main", body, "application/x-ndjson")
    assert moved.status == 412
    oid = hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()
    assert ask("POST", "/api/spaces/ada/sp/preupload/main", {"files": [sample]}).json["files"][0]["oid"] == oid

    batch = {
        "operation": "upload",
        "transfers": ["basic"],
        "objects": [{"oid": "0" * 64, "size": 5}],
        "hash_algo": "sha256",
    }
    lfs = ask("POST", "/spaces/ada/sp.git/info/lfs/objects/batch", batch, "application/vnd.git-lfs+json").json
    action = {"href": re.compile(r"http://127\.0\.0\.1:\d+/.+")}
    assert_like(
        lfs,
        {
            "transfer": "basic",
            "objects": [{"oid": "0" * 64, "size": 5, "actions": {"upload": action, "verify": action}}],
        },
    )
    gone = ask("DELETE", "/api/repos/delete", {"name": "sp", "organization": None, "type": "space"})
    assert (gone.status, gone.body) == (200, b"OK")


def test_spaces(ask: Ask, emulated_hub: EmulatedHub) -> None:
    emulated_hub.add_space("ada/app", SMALL_SPACE)
    emulated_hub.wait_for_stage("ada/app", "RUNNING")
    runtime = {
        "stage": "RUNNING",
        "hardware": {"current": "cpu-basic", "requested": "cpu-basic"},
        "storage": None,
        "gcTimeout": (None, int),
        "replicas": {"current": 1, "requested": 1},
        "devMode": False,
        "domains": [{"domain": str, "stage": "READY"}],
        "sha": re.compile(HEX40),
    }
    assert_like(ask("GET", "/api/spaces/ada/app/runtime").json, runtime)
    info = {
        "id": "ada/app",
        "sdk": "gradio",
        "host": str,
        "subdomain": str,
        "runtime": {"stage": str},
        "models": list,
        "datasets": list,
    }
    assert_like(ask("GET", "/api/spaces/ada/app").json, info)
    ask("POST", "/api/spaces/ada/app/secrets", {"key": "KEY", "value": "hidden"})
    ask("POST", "/api/spaces/ada/app/variables", {"key": "NAME", "value": "shown", "description": "why"})
    secrets = ask("GET", "/api/spaces/ada/app/secrets")
    assert_like(secrets.json, {"KEY": {"key": "KEY", "updatedAt": moment}})
    assert b"hidden" not in secrets.body
    variables = ask("GET", "/api/spaces/ada/app/variables").json
    assert_like(variables, {"NAME": {"value": "shown", "description": "why", "updatedAt": moment}})
    log = ask("GET", "/api/spaces/ada/app/logs/build").body.decode()
    frames = [frame for frame in log.split("\n\n") if frame not in ("", "data: ", "data:")]
    assert frames
    for frame in frames:
        assert_like(json.loads(frame.removeprefix("data: ")), {"data": str, "timestamp": moment})
    gpu = {"type": str, "model": str, "quantity": str, "vram": str, "manufacturer": str}
    priced = {
        "name": str,
        "prettyName": str,
        "cpu": str,
        "ram": str,
        "accelerator": (None, gpu),
        "unitCostMicroUSD": int,
        "unitCostUSD": (int, float),
        "unitLabel": "minute",
    }
    assert_like(ask("GET", "/api/spaces/hardware").json, [priced])
    assert_like(ask("GET", "/api/jobs/hardware").json, [priced | {"ephemeralStorage": str}])
    assert ask("GET", "/api/spaces/templates").json == {"templates": []}
