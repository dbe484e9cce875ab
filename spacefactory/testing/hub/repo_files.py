"""Downloads: small files from the Hub itself, large ones by a signed address on another host, as on the real Hub."""

from __future__ import annotations

import hmac
import re
from secrets import token_hex
from urllib.parse import quote

from spacefactory.testing.hub.answers import Answer, HubError
from spacefactory.testing.hub.blobs import Blob
from spacefactory.testing.hub.repos import PREFIXES, Commit, StoredFile, check_files
from spacefactory.testing.hub.routing import Call, Route
from spacefactory.testing.hub.state import World

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")
_KEY = token_hex(16).encode()


def resolve(world: World, call: Call) -> Answer:
    """`GET /{prefix}{id}/resolve/{rev}/{file}`."""
    repo = world.repo(call.caller, PREFIXES[call.params["prefix"]], call.param("repo"))
    check_files(call.caller, repo, world.accounts.get(repo.owner))
    commit, file = repo.file(call.param("rev"), call.param("path"))
    return _redirect(world, commit, file) if file.lfs else _whole(world, call, commit, file)


def _whole(world: World, call: Call, commit: Commit, file: StoredFile) -> Answer:
    answer = ranged(world.blobs.read(file.blob), call.headers.get("range"))
    answer.headers |= {
        "X-Repo-Commit": commit.oid,
        "ETag": f'"{file.etag}"',
        "Accept-Ranges": "bytes",
        "Content-Disposition": f"inline; filename*=UTF-8''{quote(file.path.rsplit('/', 1)[-1])}",
    }
    return answer


def _redirect(world: World, commit: Commit, file: StoredFile) -> Answer:
    target = f"{world.files_endpoint}/{file.blob.sha256}?signature={_sign(file.blob.sha256)}"
    headers = {
        "Location": target,
        "X-Repo-Commit": commit.oid,
        "X-Linked-Size": str(file.blob.size),
        "X-Linked-ETag": f'"{file.etag}"',
        "ETag": f'"{file.etag}"',
    }
    return Answer(302, b"", headers)


def large_file(world: World, call: Call) -> Answer:
    """`GET /{sha256}?signature=` on the host of large files, which takes no token."""
    sha256 = call.param("sha256")
    if not hmac.compare_digest(call.option("signature"), _sign(sha256)):
        raise HubError(403, "AccessDenied")
    if (blob := world.blobs.get(sha256)) is None:
        raise HubError(404, "NoSuchKey")
    return _large(world, blob, call.headers.get("range"))


def _large(world: World, blob: Blob, asked: str | None) -> Answer:
    answer = ranged(world.blobs.read(blob), asked)
    answer.headers |= {"ETag": f'"{blob.sha256}"', "Accept-Ranges": "bytes"}
    return answer


def _sign(sha256: str) -> str:
    return hmac.new(_KEY, sha256.encode(), "sha256").hexdigest()


def ranged(data: bytes, asked: str | None) -> Answer:
    """The bytes, or the part of them that a Range header asks for.

    Raises:
        HubError: 416, it lies outside.
    """
    headers = {"Content-Type": "application/octet-stream"}
    found = _RANGE.fullmatch(asked or "")
    if not found or found.groups() == ("", ""):
        return Answer(200, data, headers)
    first, last = _bounds(found[1], found[2], len(data))
    if first > last:
        raise HubError(416, "Range Not Satisfiable", headers={"Content-Range": f"bytes */{len(data)}"})
    headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
    return Answer(206, data[first : last + 1], headers)


def _bounds(first: str, last: str, size: int) -> tuple[int, int]:
    if not first:
        return max(0, size - int(last)), size - 1
    return int(first), min(int(last) if last else size - 1, size - 1)


ROUTES = (Route("GET", "/{prefix}{repo}/resolve/{rev}/{path}", resolve),)
FILE_ROUTES = (Route("GET", "/{sha256}", large_file),)
