"""Uploads to repositories: which way each file goes, and the commit itself."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping
from typing import Any

from spacefactory.testing.hub import readme
from spacefactory.testing.hub.answers import Answer, HubError, json_answer
from spacefactory.testing.hub.names import path_in_repo
from spacefactory.testing.hub.repos import KINDS, Commit, Repo, StoredFile, check_write
from spacefactory.testing.hub.routing import Call, Route
from spacefactory.testing.hub.spaces import on_commit
from spacefactory.testing.hub.state import World

LARGE = 10 * 1024 * 1024
LFS_SUFFIXES = (
    ".7z", ".arrow", ".bin", ".bz2", ".ckpt", ".ftz", ".gz", ".h5", ".joblib", ".lfs.", ".mlmodel", ".model",
    ".msgpack", ".npy", ".npz", ".onnx", ".ot", ".parquet", ".pb", ".pickle", ".pkl", ".pt", ".pth", ".rar",
    ".safetensors", ".tar", ".tflite", ".tgz", ".wasm", ".xz", ".zip", ".zst",
)  # fmt: skip
"""What the Hub's own .gitattributes sends to large-file storage."""
GITATTRIBUTES = "".join(f"*{suffix} filter=lfs diff=lfs merge=lfs -text\n" for suffix in LFS_SUFFIXES)
Files = dict[str, StoredFile]


def preupload(world: World, call: Call) -> Answer:
    """`POST /api/{type}s/{id}/preupload/{rev}`."""
    repo = _writable(world, call)
    commit = repo.at(call.param("rev"))
    files = [_upload_mode(world, commit, asked) for asked in call.json().get("files", [])]
    return json_answer({"files": files, "commitOid": commit.oid})


def is_large(path: str, size: int, sample: bytes) -> bool:
    """Whether the Hub keeps such a file outside git."""
    return size > LARGE or path.lower().endswith(LFS_SUFFIXES) or b"\0" in sample


def _upload_mode(world: World, commit: Commit, asked: Mapping[str, Any]) -> dict[str, Any]:
    path = path_in_repo(asked.get("path"))
    large = world.knobs.xet and is_large(path, int(asked.get("size", 0)), _unbase64(str(asked.get("sample", ""))))
    found = {"path": path, "uploadMode": "lfs" if large else "regular", "shouldIgnore": False}
    return found | ({"oid": commit.files[path].etag} if path in commit.files else {})


def commit(world: World, call: Call) -> Answer:
    """`POST /api/{type}s/{id}/commit/{rev}`."""
    repo = _writable(world, call)
    if call.param("rev") != "main":
        raise HubError(404, f"Invalid rev id: {call.param('rev')}", "RevisionNotFound")
    lines = call.ndjson()
    header = _header(lines)
    parent = header.get("parentCommit")
    if parent is not None and parent != repo.head.oid:
        raise HubError(412, "A commit has happened since. Please refresh and try again.")
    files = dict(repo.head.files)
    for line in lines[1:]:
        _apply(world, files, line)
    _check_readme(world, repo, files)
    made = repo.commit(files, header["summary"], call.caller.known().name, world.clock.now(), _app(call))
    if repo.kind == "space":
        on_commit(world, repo)
    prefix = "" if repo.kind == "model" else f"{repo.kind}s/"
    url = f"{call.base}/{prefix}{repo.id}/commit/{made.oid}"
    return json_answer({"success": True, "commitOid": made.oid, "commitUrl": url, "hookOutput": ""})


def _app(call: Call) -> str | None:
    return call.caller.token.app if call.caller.token else None


def _header(lines: list[dict[str, Any]]) -> dict[str, Any]:
    first = lines[0] if lines else {}
    value = first.get("value")
    if first.get("key") != "header" or not isinstance(value, dict) or not value.get("summary"):
        raise HubError(400, "The first line must be a header with a summary")
    if len(lines) < 2:
        raise HubError(400, "No files have been modified since last commit")
    return value


def _apply(world: World, files: Files, line: Mapping[str, Any]) -> None:
    key, value = str(line.get("key")), line.get("value")
    if key not in _OPERATIONS or not isinstance(value, dict):
        raise HubError(400, f"Unknown operation: {key}")
    _OPERATIONS[key](world, files, value)


def _add_file(world: World, files: Files, value: Mapping[str, Any]) -> None:
    path, content = path_in_repo(value.get("path")), str(value.get("content", ""))
    data = _unbase64(content) if value.get("encoding") == "base64" else content.encode()
    files[path] = StoredFile(path, world.blobs.put(data))


def _add_large(world: World, files: Files, value: Mapping[str, Any]) -> None:
    path, sha256 = path_in_repo(value.get("path")), str(value.get("oid"))
    if value.get("algo") != "sha256":
        raise HubError(400, "Only sha256 is supported")
    blob, xet_hash = world.blobs.get(sha256), world.cas.by_sha256.get(sha256)
    if blob is None and xet_hash is not None:
        blob = world.blobs.put(world.cas.read(xet_hash))
    if blob is None or blob.sha256 != sha256:
        raise HubError(
            400, f"Your push was rejected because an LFS pointer pointed to a file that does not exist: {path}"
        )
    files[path] = StoredFile(path, blob, lfs=True, xet_hash=xet_hash)


def _delete_file(_world: World, files: Files, value: Mapping[str, Any]) -> None:
    if files.pop(path_in_repo(value.get("path")), None) is None:
        raise HubError(404, "A file with this name doesn't exist", "EntryNotFound")


def _delete_folder(_world: World, files: Files, value: Mapping[str, Any]) -> None:
    folder = path_in_repo(str(value.get("path", "")).rstrip("/")) + "/"
    if not (gone := [path for path in files if path.startswith(folder)]):
        raise HubError(404, "A folder with this name doesn't exist", "EntryNotFound")
    for path in gone:
        del files[path]


_OPERATIONS: Mapping[str, Callable[[World, Files, Mapping[str, Any]], None]] = {
    "file": _add_file,
    "lfsFile": _add_large,
    "deletedFile": _delete_file,
    "deletedFolder": _delete_folder,
}


def _check_readme(world: World, repo: Repo, files: Files) -> None:
    if (file := files.get("README.md")) is None or file == repo.head.files.get("README.md"):
        return
    errors, _ = readme.check(world.blobs.read(file.blob).decode("utf-8", "replace"), repo.kind)
    if errors:
        raise HubError(400, "Invalid metadata in README.md: " + "; ".join(errors))


def _writable(world: World, call: Call) -> Repo:
    repo = world.repo(call.caller, KINDS[call.param("kind")], call.param("repo"))
    check_write(call.caller, repo, world.owner(repo.owner))
    return repo


def _unbase64(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError) as error:
        raise HubError(400, f"Invalid base64: {error}") from error


ROUTES = (
    Route("POST", "/api/{kind}/{repo}/preupload/{rev}", preupload),
    Route("POST", "/api/{kind}/{repo}/commit/{rev}", commit),
)
