"""Large files by the LFS protocol: what clients without the content store use."""

from __future__ import annotations

import hashlib
from typing import Any

from spacefactory.testing.hub.answers import Answer, HubError, json_answer
from spacefactory.testing.hub.repos import PREFIXES, check_write
from spacefactory.testing.hub.routing import Call, Route
from spacefactory.testing.hub.state import World

LFS_JSON = {"Content-Type": "application/vnd.git-lfs+json"}


def batch(world: World, call: Call) -> Answer:
    """`POST /{prefix}{id}.git/info/lfs/objects/batch`."""
    repo = world.repo(call.caller, PREFIXES[call.params["prefix"]], call.param("repo"))
    check_write(call.caller, repo, world.owner(repo.owner))
    asked = call.json()
    if asked.get("operation") != "upload" or "basic" not in asked.get("transfers", ["basic"]):
        raise HubError(422, "Only uploads with the basic transfer are supported")
    objects = [_object(world, call, one) for one in asked.get("objects", [])]
    return json_answer({"transfer": "basic", "objects": objects}, headers=LFS_JSON)


def _object(world: World, call: Call, asked: dict[str, Any]) -> dict[str, Any]:
    oid, size = str(asked.get("oid")), int(asked.get("size", -1))
    found: dict[str, Any] = {"oid": oid, "size": size, "authenticated": True}
    if world.blobs.get(oid) is None:
        world.lfs_uploads.add(oid)
        verify = f"{call.base}{call.path.removesuffix('/objects/batch')}/verify"
        found["actions"] = {"upload": {"href": f"{call.base}/_lfs/{oid}"}, "verify": {"href": verify}}
    return found


def put(world: World, call: Call) -> Answer:
    """`PUT` to the address that the batch gave, without a token."""
    oid = call.param("oid")
    if oid not in world.lfs_uploads:
        raise HubError(403, "AccessDenied")
    if hashlib.sha256(call.body).hexdigest() != oid:
        raise HubError(400, "The content does not have the sha256 that was announced")
    world.blobs.put(call.body)
    return Answer()


def verify(world: World, call: Call) -> Answer:
    """`POST` to the verify address of the batch."""
    blob = world.blobs.get(str(call.json().get("oid")))
    if blob is None:
        raise HubError(404, "The object was not uploaded")
    return json_answer({}, headers=LFS_JSON)


ROUTES = (
    Route("POST", "/{prefix}{repo}.git/info/lfs/objects/batch", batch),
    Route("POST", "/{prefix}{repo}.git/info/lfs/verify", verify),
    Route("PUT", "/_lfs/{oid}", put),
)
