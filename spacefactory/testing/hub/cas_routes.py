"""The content store over HTTP, and the short-lived tokens for it."""

from __future__ import annotations

import re
import secrets

from spacefactory.testing.hub.answers import Answer, HubError, json_answer
from spacefactory.testing.hub.buckets import check_bucket_write
from spacefactory.testing.hub.repos import KINDS, check_files, check_write
from spacefactory.testing.hub.routing import Call, Route
from spacefactory.testing.hub.state import World

TOKEN_S = 3600


def repo_token(world: World, call: Call) -> Answer:
    """`GET /api/{type}s/{id}/xet-{read|write}-token/{rev}`."""
    repo = world.repo(call.caller, KINDS[call.param("kind")], call.param("repo"))
    if call.param("mode") == "write":
        check_write(call.caller, repo, world.owner(repo.owner))
    else:
        check_files(call.caller, repo, world.accounts.get(repo.owner))
    return _token(world, call)


def bucket_token(world: World, call: Call) -> Answer:
    """`GET /api/buckets/{id}/xet-{read|write}-token`."""
    from spacefactory.testing.hub.buckets import readable

    bucket = readable(world, call.caller, call.param("bucket"))
    if call.param("mode") == "write":
        check_bucket_write(world, call.caller, bucket)
    return _token(world, call)


def _token(world: World, call: Call) -> Answer:
    value, expires = f"xet_{secrets.token_hex(16)}", int(world.clock.time()) + TOKEN_S
    url = f"{call.base}/_cas/{world.cas.name}"
    world.cas.tokens.add(value)
    headers = {"X-Xet-Cas-Url": url, "X-Xet-Access-Token": value, "X-Xet-Token-Expiration": str(expires)}
    return json_answer({"accessToken": value, "exp": expires, "casUrl": url}, headers=headers)


def put_xorb(world: World, call: Call) -> Answer:
    """`POST /v1/xorbs/default/{hash}`."""
    _signed(world, call)
    world.cas.put_xorb(call.param("hash"), call.body)
    return json_answer({"was_inserted": True})


def put_shard(world: World, call: Call) -> Answer:
    """`POST /v1/shards`."""
    _signed(world, call)
    try:
        world.cas.put_shard(call.body)
    except ValueError as error:
        raise HubError(400, str(error)) from error
    return json_answer({"result": 1})


def reconstruction(world: World, call: Call) -> Answer:
    """`GET /v1/reconstructions/{hash}`."""
    _signed(world, call)
    if call.param("hash") not in world.cas.files:
        raise HubError(404, "File not found")
    return json_answer(world.cas.reconstruction(call.param("hash"), f"{call.base}/_cas/{world.cas.name}"))


def xorb(world: World, call: Call) -> Answer:
    """`GET /xorb/{hash}` with a range: the address that a reconstruction gives, which needs no token."""
    found = re.fullmatch(r"bytes=(\d+)-(\d+)", call.headers.get("range", ""))
    body = world.cas.xorbs.get(call.param("hash"))
    if body is None or found is None:
        raise HubError(404, "No such range")
    first, last = int(found[1]), int(found[2])
    return Answer(206, body[first : last + 1], {"Content-Range": f"bytes {first}-{last}/{len(body)}"})


def missing(_world: World, call: Call) -> Answer:
    """What newer stores offer; clients go on without it."""
    raise HubError(404, f"not offered: {call.path}")


def _signed(world: World, call: Call) -> None:
    if world.knobs.cas_down:
        raise HubError(500, "Internal Server Error")
    if call.headers.get("authorization", "").removeprefix("Bearer ") not in world.cas.tokens:
        raise HubError(401, "Unauthorized")


ROUTES = (
    Route("GET", "/api/{kind}/{repo}/xet-{mode}-token/{rev}", repo_token),
    Route("GET", "/api/buckets/{bucket}/xet-{mode}-token", bucket_token),
)
CAS_ROUTES = (
    Route("POST", "/_cas/{store}/v1/xorbs/default/{hash}", put_xorb),
    Route("POST", "/_cas/{store}/v1/shards", put_shard),
    Route("GET", "/_cas/{store}/v1/reconstructions/{hash}", reconstruction),
    Route("GET", "/_cas/{store}/xorb/{hash}", xorb),
    Route("GET", "/_cas/{path}", missing),
    Route("POST", "/_cas/{path}", missing),
)
"""Served without the Hub's own tokens: the store has tokens of its own."""
