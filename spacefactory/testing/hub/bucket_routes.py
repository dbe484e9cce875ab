"""What clients ask of buckets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from spacefactory.testing.hub.answers import Answer, HubError, json_answer
from spacefactory.testing.hub.buckets import Bucket, BucketFile, check_bucket_write, put_hash, readable
from spacefactory.testing.hub.names import bucket_name, path_in_repo
from spacefactory.testing.hub.policy import namespace_role
from spacefactory.testing.hub.repo_files import ranged
from spacefactory.testing.hub.routing import Call, Route
from spacefactory.testing.hub.scopes import Ability
from spacefactory.testing.hub.state import World

PAGE = 1000


def create(world: World, call: Call) -> Answer:
    """`POST /api/buckets/{ns|me}/{name}`."""
    call.caller.need(Ability.CREATE)
    bucket_id = f"{_namespace(call)}/{bucket_name(call.param('name'))}"
    if (owner := world.accounts.get(bucket_id.partition("/")[0])) is None:
        raise HubError(403, f"You don't have the rights to create a bucket under the namespace {call.param('ns')!r}.")
    namespace_role(call.caller, owner)
    if world.knobs.buckets_refused:
        raise HubError(403, "Buckets are not available for this account")
    url = f"{call.base}/buckets/{bucket_id}"
    if bucket_id in world.buckets:
        raise HubError(409, "You already created this bucket", extra={"url": url})
    app = call.caller.token.app if call.caller.token else None
    private = call.json().get("visibility") == "private"
    world.buckets[bucket_id] = Bucket(bucket_id, world.clock.iso(), private, app)
    return json_answer({"url": url})


def info(world: World, call: Call) -> Answer:
    """`GET /api/buckets/{id}`."""
    return json_answer(readable(world, call.caller, call.param("bucket")).info())


def listing(world: World, call: Call) -> Answer:
    """`GET /api/buckets/{ns|me}`, those that the caller may see."""
    namespace, search = _namespace(call), call.option("search")
    ids = [one for one in sorted(world.buckets) if one.startswith(f"{namespace}/") and search in one]
    return json_answer([world.buckets[one].info() for one in ids if _seen(world, call, one)])


def delete(world: World, call: Call) -> Answer:
    """`DELETE /api/buckets/{id}`."""
    bucket = _writable(world, call)
    del world.buckets[bucket.id]
    return json_answer({})


def settings(world: World, call: Call) -> Answer:
    """`PUT /api/buckets/{id}/settings`."""
    bucket = _writable(world, call)
    bucket.private = bool(call.json().get("private"))
    return json_answer(bucket.info())


def tree(world: World, call: Call) -> Answer:
    """`GET /api/buckets/{id}/tree[/{prefix}]`; the prefix is lexical: `logs` finds `logs.json`, too."""
    bucket = readable(world, call.caller, call.param("bucket"))
    prefix = call.param("path") if "path" in call.params else ""
    entries = _entries(bucket.visible(), prefix, call.flag("recursive"))
    start = int(call.option("cursor", "0"))
    answer = json_answer(entries[start : start + PAGE])
    if start + PAGE < len(entries):
        rest = "&".join(f"{key}={value}" for key, value in call.options if key != "cursor")
        answer.headers["Link"] = f'<{call.base}{call.path}?{rest}&cursor={start + PAGE}>; rel="next"'
    return answer


def _entries(files: Mapping[str, BucketFile], prefix: str, recursive: bool) -> list[dict[str, Any]]:
    """What lies below a prefix; not recursive: down to one level more than the prefix has."""
    found: dict[str, dict[str, Any]] = {}
    depth = len(prefix.strip("/").split("/")) + 1 if prefix.strip("/") else 1
    for path in sorted(path for path in files if path.startswith(prefix)):
        parts = path.split("/")
        if recursive or len(parts) <= depth:
            found[path] = files[path].entry()
        else:
            folder = "/".join(parts[:depth])
            found.setdefault(folder, {"type": "directory", "path": folder, "uploadedAt": files[path].uploaded_at})
    return list(found.values())


def paths_info(world: World, call: Call) -> Answer:
    """`POST /api/buckets/{id}/paths-info`."""
    files = readable(world, call.caller, call.param("bucket")).visible()
    return json_answer([files[path].entry() for path in call.json().get("paths", []) if path in files])


def batch(world: World, call: Call) -> Answer:
    """`POST /api/buckets/{id}/batch`: each line by itself, no transaction."""
    bucket = _writable(world, call)
    bucket.listed, bucket.lag = dict(bucket.files), world.knobs.bucket_list_lag
    lines, failed = call.ndjson(), []
    for line in lines:
        try:
            _change(world, call, bucket, line)
        except HubError as error:
            failed.append({"path": line.get("path"), "error": error.message})
    good = len(lines) - len(failed)
    found = {"success": not failed, "processed": len(lines), "succeeded": good, "failed": failed}
    return json_answer(found, 422 if failed and not good else 200)


def _change(world: World, call: Call, bucket: Bucket, line: Mapping[str, Any]) -> None:
    path = path_in_repo(line.get("path"))
    if world.knobs.bucket_batch_failure and re.search(world.knobs.bucket_batch_failure, path):
        raise HubError(500, "Internal error while writing the file")
    kind = line.get("type")
    if kind == "deleteFile":
        bucket.files.pop(path, None)
    elif kind == "addFile":
        put_hash(world, bucket, path, str(line.get("xetHash")), _mtime(world, line))
    elif kind == "copyFile":
        _check_source(world, call, line)
        put_hash(world, bucket, path, str(line.get("xetHash")), _mtime(world, line))
    else:
        raise HubError(400, f"Unknown operation: {kind}")


def _check_source(world: World, call: Call, line: Mapping[str, Any]) -> None:
    source = str(line.get("sourceRepoId"))
    if line.get("sourceRepoType") == "bucket":
        readable(world, call.caller, source)
    else:
        world.repo(call.caller, line["sourceRepoType"], source)


def _mtime(world: World, line: Mapping[str, Any]) -> str | None:
    stamp = line.get("mtime")
    return world.clock.iso(datetime.fromtimestamp(int(stamp) / 1000, UTC)) if stamp else None


def resolve(world: World, call: Call) -> Answer:
    """`HEAD` and `GET /buckets/{id}/resolve/{path}`."""
    bucket = readable(world, call.caller, call.param("bucket"))
    if (file := bucket.files.get(call.param("path"))) is None:
        raise HubError(404, "Entry not found", "EntryNotFound")
    answer = ranged(world.cas.read(file.xet_hash), call.headers.get("range") if call.method == "GET" else None)
    answer.headers |= {
        "X-Xet-Hash": file.xet_hash,
        "X-Linked-Size": str(file.size),
        "ETag": f'"{file.xet_hash}"',
        "Link": f'<{call.base}/api/buckets/{bucket.id}/xet-read-token>; rel="xet-auth"',
    }
    return answer


def _namespace(call: Call) -> str:
    return call.caller.known().name if call.param("ns") == "me" else call.param("ns")


def _seen(world: World, call: Call, bucket_id: str) -> bool:
    try:
        readable(world, call.caller, bucket_id)
    except HubError:
        return False
    return True


def _writable(world: World, call: Call) -> Bucket:
    bucket = readable(world, call.caller, call.param("bucket"))
    check_bucket_write(world, call.caller, bucket)
    return bucket


ROUTES = (
    Route("GET", "/api/buckets/{ns}", listing),
    Route("POST", "/api/buckets/{ns}/{name}", create),
    Route("GET", "/api/buckets/{bucket}", info),
    Route("DELETE", "/api/buckets/{bucket}", delete),
    Route("PUT", "/api/buckets/{bucket}/settings", settings),
    Route("GET", "/api/buckets/{bucket}/tree", tree),
    Route("GET", "/api/buckets/{bucket}/tree/{path}", tree),
    Route("POST", "/api/buckets/{bucket}/paths-info", paths_info),
    Route("POST", "/api/buckets/{bucket}/batch", batch),
    Route("GET", "/buckets/{bucket}/resolve/{path}", resolve),
)
