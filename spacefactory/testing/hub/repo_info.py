"""What the Hub tells about repositories: info, trees, paths, branches, commits."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from spacefactory.repository.front_matter import FrontMatterError, parse, split
from spacefactory.testing.hub import safetensors
from spacefactory.testing.hub.answers import Answer, HubError, json_answer
from spacefactory.testing.hub.repos import KINDS, Commit, Repo, StoredFile, check_files, check_read
from spacefactory.testing.hub.routing import Call, Route
from spacefactory.testing.hub.space_views import space_facts
from spacefactory.testing.hub.state import World

PAGE = 1000
_CONFIG_KEYS = ("architectures", "model_type", "quantization_config", "auto_map")


def info(world: World, call: Call) -> Answer:
    """`GET /api/{type}s/{id}[/revision/{rev}]`."""
    repo = world.repo(call.caller, KINDS[call.param("kind")], call.param("repo"))
    commit = repo.at(call.param("rev") if "rev" in call.params else "main")
    facts = describe(world, call, repo, commit)
    if wanted := call.all("expand"):
        facts = {key: value for key, value in facts.items() if key in (*wanted, "_id", "id")}
    return json_answer(facts)


def listed(world: World, call: Call) -> Answer:
    """`GET /api/{type}s?author=`: what the caller may read of an author, files included with `full`."""
    kind, author = KINDS[call.param("kind")], (call.all("author") or [""])[0]
    found = [describe(world, call, repo, repo.head) for repo in list(world.repos.values())
             if repo.kind == kind and author in ("", repo.owner) and _may_read(world, call, repo)]  # fmt: skip
    if not call.flag("full"):
        found = [{key: value for key, value in facts.items() if key != "siblings"} for facts in found]
    return json_answer(found)


def _may_read(world: World, call: Call, repo: Repo) -> bool:
    try:
        check_read(call.caller, repo, world.accounts.get(repo.owner))
    except HubError:
        return False
    return True


def listing(world: World, call: Call) -> Answer:
    """`GET /api/{type}s?author=&search=&limit=`, newest first: those that the caller may see."""
    kind, author, search = KINDS[call.param("kind")], call.option("author"), call.option("search").lower()
    found = [repo for repo in reversed(world.repos.values()) if repo.kind == kind and _listed(world, call, repo)]
    found = [repo for repo in found if author in ("", repo.owner) and search in repo.id.lower()]
    limit = int(call.option("limit") or len(found))
    return json_answer([describe(world, call, repo, repo.head) for repo in found[:limit]])


def _listed(world: World, call: Call, repo: Repo) -> bool:
    try:
        check_read(call.caller, repo, world.accounts.get(repo.owner))
    except HubError:
        return False
    return True


def describe(world: World, call: Call, repo: Repo, commit: Commit) -> dict[str, Any]:
    """Everything that the Hub tells about a repository at a commit."""
    card = card_data(world, commit)
    facts: dict[str, Any] = {
        "_id": repo.hub_id,
        "id": repo.id,
        "author": repo.owner or None,
        "sha": commit.oid,
        "lastModified": world.clock.iso(commit.date),
        "createdAt": world.clock.iso(repo.created_at),
        "private": repo.private,
        "gated": repo.gated,
        "disabled": repo.disabled,
        "downloads": repo.downloads,
        "likes": repo.likes,
        "cardData": card,
        "tags": tags(repo, card),
        "usedStorage": sum(file.blob.size for file in commit.files.values()),
    }
    if _files_shown(world, call, repo):
        facts["siblings"] = [_sibling(file, call.flag("blobs")) for _, file in sorted(commit.files.items())]
    if repo.kind == "model":
        facts |= _model_facts(world, repo, commit, card, call.all("expand"))
    if repo.kind == "space":
        facts |= space_facts(world, repo, card)
    return facts


def card_data(world: World, commit: Commit) -> dict[str, Any]:
    """The front matter of the README, empty where it cannot be read."""
    if (readme := commit.files.get("README.md")) is None:
        return {}
    block, _ = split(world.blobs.read(readme.blob).decode("utf-8", "replace"))
    try:
        return _plain(parse(block)) if block else {}
    except FrontMatterError:
        return {}


def tags(repo: Repo, card: Mapping[str, Any]) -> list[str]:
    """The Hub's tags: the card's own, then what it derives."""
    own = [tag for tag in card.get("tags") or [] if isinstance(tag, str)]
    derived = [card.get("library_name"), card.get("pipeline_tag"), repo.sdk]
    licence = card.get("license")
    return own + [tag for tag in (*derived, licence and f"license:{licence}", "region:us") if isinstance(tag, str)]


def tree(world: World, call: Call) -> Answer:
    """`GET /api/{type}s/{id}/tree/{rev}[/{path}]`, paged."""
    repo = _readable(world, call)
    commit = repo.at(call.param("rev"))
    folder = call.param("path").strip("/") if "path" in call.params else ""
    entries = tree_entries(commit, folder, call.flag("recursive"))
    if folder and not entries:
        raise HubError(404, f"{folder} does not exist on {call.param('rev')!r}", "EntryNotFound")
    start = int(call.option("cursor", "0"))
    answer = json_answer(entries[start : start + PAGE])
    if start + PAGE < len(entries):
        rest = "&".join(f"{key}={value}" for key, value in call.options if key != "cursor")
        answer.headers["Link"] = f'<{call.base}{call.path}?{rest}&cursor={start + PAGE}>; rel="next"'
    return answer


def tree_entries(commit: Commit, folder: str, recursive: bool) -> list[dict[str, Any]]:
    """Files and folders below a folder, folders first seen first."""
    found: dict[str, dict[str, Any]] = {}
    prefix = f"{folder}/" if folder else ""
    for path, file in sorted(commit.files.items()):
        if not path.startswith(prefix):
            continue
        parts = path[len(prefix) :].split("/")
        depth = len(parts) if recursive else 2
        for end in range(1, min(len(parts), depth)):
            name = prefix + "/".join(parts[:end])
            found.setdefault(name, {"type": "directory", "oid": commit.oid, "size": 0, "path": name})
        if recursive or len(parts) == 1:
            found[path] = file_entry(file)
    return list(found.values())


def file_entry(file: StoredFile) -> dict[str, Any]:
    """A file as trees and paths show it."""
    entry: dict[str, Any] = {"type": "file", "oid": file.oid, "size": file.blob.size, "path": file.path}
    if file.lfs:
        entry["lfs"] = {"oid": file.blob.sha256, "size": file.blob.size, "pointerSize": len(file.blob.pointer)}
    if file.xet_hash:
        entry["xetHash"] = file.xet_hash
    return entry


def paths_info(world: World, call: Call) -> Answer:
    """`POST /api/{type}s/{id}/paths-info/{rev}` with a form (or JSON) of paths."""
    commit = _readable(world, call).at(call.param("rev"))
    if "json" in call.headers.get("content-type", ""):
        paths = list(call.json().get("paths", []))
    else:
        paths = [value for key, value in parse_qsl(call.body.decode()) if key == "paths"]
    return json_answer([entry for path in paths for entry in _path_entry(commit, path.strip("/"))])


def refs(world: World, call: Call) -> Answer:
    """`GET /api/{type}s/{id}/refs`."""
    repo = _readable(world, call)
    main = {"name": "main", "ref": "refs/heads/main", "targetCommit": repo.head.oid}
    return json_answer({"branches": [main], "converts": [], "tags": []})


def commits(world: World, call: Call) -> Answer:
    """`GET /api/{type}s/{id}/commits/{rev}`, newest first."""
    repo = _readable(world, call)
    last = repo.commits.index(repo.at(call.param("rev")))
    return json_answer([_commit_entry(world, commit) for commit in reversed(repo.commits[: last + 1])])


def _commit_entry(world: World, commit: Commit) -> dict[str, Any]:
    authors = [{"user": commit.author, "_id": commit.author}]
    return {"id": commit.oid, "title": commit.title, "message": "", "authors": authors,
            "date": world.clock.iso(commit.date)}  # fmt: skip


def _path_entry(commit: Commit, path: str) -> Iterable[dict[str, Any]]:
    if path in commit.files:
        yield file_entry(commit.files[path])
    elif any(name.startswith(f"{path}/") for name in commit.files):
        yield {"type": "directory", "oid": commit.oid, "size": 0, "path": path}


def _readable(world: World, call: Call) -> Repo:
    return world.repo(call.caller, KINDS[call.param("kind")], call.param("repo"))


def _files_shown(world: World, call: Call, repo: Repo) -> bool:
    if not (repo.gated and world.knobs.hidden_gated_files):
        return True
    try:
        check_files(call.caller, repo, world.accounts.get(repo.owner))
    except HubError:
        return False
    return True


def _sibling(file: StoredFile, blobs: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"rfilename": file.path}
    if blobs:
        found |= {"size": file.blob.size, "blobId": file.oid}
    if blobs and file.lfs:
        found["lfs"] = {"sha256": file.blob.sha256, "size": file.blob.size, "pointerSize": len(file.blob.pointer)}
    return found


def _model_facts(
    world: World, repo: Repo, commit: Commit, card: Mapping[str, Any], expand: Iterable[str]
) -> dict[str, Any]:
    config = _config(world, commit)
    weights = [world.blobs.path(file.blob) for path, file in commit.files.items() if path.endswith(".safetensors")]
    facts: dict[str, Any] = {
        "modelId": repo.id,
        "pipeline_tag": card.get("pipeline_tag"),
        "library_name": card.get("library_name"),
        "config": {key: config[key] for key in _CONFIG_KEYS if key in config},
    }
    if found := safetensors.facts(weights):
        facts["safetensors"] = found
    if "inferenceProviderMapping" in expand or repo.provider_mapping:
        facts["inferenceProviderMapping"] = repo.provider_mapping
    return facts


def _config(world: World, commit: Commit) -> dict[str, Any]:
    if (file := commit.files.get("config.json")) is None:
        return {}
    try:
        found = json.loads(world.blobs.read(file.blob))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _plain(value: Any) -> Any:
    """YAML values that JSON does not have, as text."""
    return json.loads(json.dumps(value, default=str))


ROUTES = (
    Route("GET", "/api/{kind}/{repo}/tree/{rev}", tree),
    Route("GET", "/api/{kind}/{repo}/tree/{rev}/{path}", tree),
    Route("POST", "/api/{kind}/{repo}/paths-info/{rev}", paths_info),
    Route("GET", "/api/{kind}/{repo}/refs", refs),
    Route("GET", "/api/{kind}/{repo}/commits/{rev}", commits),
    Route("GET", "/api/{kind}/{repo}/revision/{rev}", info),
    Route("GET", "/api/{kind}/{repo}", info),
    Route("GET", "/api/{kind}", listing),
    Route("GET", "/api/{kind}", listed),
)
