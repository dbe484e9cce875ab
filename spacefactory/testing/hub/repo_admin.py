"""Repositories come, go and change: create, delete, move, settings, duplicate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from spacefactory.testing.hub.accounts import Account
from spacefactory.testing.hub.answers import Answer, HubError, json_answer, text_answer
from spacefactory.testing.hub.commits import GITATTRIBUTES
from spacefactory.testing.hub.names import pairs, repo_name, volumes
from spacefactory.testing.hub.policy import check_space_plan, namespace_role
from spacefactory.testing.hub.readme import SDKS
from spacefactory.testing.hub.repos import KINDS, Repo, RepoKind, StoredFile, check_write
from spacefactory.testing.hub.routing import Call, Route
from spacefactory.testing.hub.scopes import Ability
from spacefactory.testing.hub.spaces import Setting, add_space, on_commit, remove_space, zero_gpu_spaces
from spacefactory.testing.hub.state import World

VISIBILITIES = ("public", "private", "protected")
_README = """---
title: {name}
emoji: "\\U0001F4A1"
colorFrom: gray
colorTo: blue
sdk: {sdk}
{version}app_file: {app_file}
pinned: false
---

Check out the configuration reference of Spaces.
"""


def create(world: World, call: Call) -> Answer:
    """`POST /api/repos/create`, for Spaces with hardware, sleep time, secrets, variables and volumes in one call."""
    call.caller.need(Ability.CREATE)
    asked = call.json()
    kind = _kind(asked.get("type", "model"))
    owner = _namespace(world, call, asked.get("organization"))
    repo_id = f"{owner.name}/{repo_name(asked.get('name'))}"
    if (kind, repo_id) in world.repos:
        raise HubError(409, f"You already created this {kind} repo", extra={"url": _url(call, kind, repo_id)})
    sdk = _sdk(asked) if kind == "space" else None
    private = _private(owner, kind, asked)
    _check_space(world, owner, sdk, asked)
    repo = _new(world, call, kind, repo_id, private, sdk)
    _first_commit(world, call, repo)
    if kind == "space":
        _equip(world, repo, asked)
    return json_answer({"url": _url(call, kind, repo_id), "name": repo_id, "id": repo.hub_id})


def delete(world: World, call: Call) -> Answer:
    """`DELETE /api/repos/delete`."""
    asked = call.json()
    kind = _kind(asked.get("type", "model"))
    owner = asked.get("organization") or call.caller.known().name
    repo = world.repo(call.caller, kind, f"{owner}/{asked.get('name')}")
    _check_manage(world, call, repo)
    del world.repos[kind, repo.id]
    if kind == "space":
        remove_space(world, repo.id)
    return text_answer("OK")


def move(world: World, call: Call) -> Answer:
    """`POST /api/repos/move`; the old name redirects to the new one from now on."""
    asked = call.json()
    if asked.get("type") == "bucket":
        return _move_bucket(world, call, asked)
    kind = _kind(asked.get("type", "model"))
    old, new = str(asked.get("fromRepo")), str(asked.get("toRepo"))
    repo = world.repo(call.caller, kind, old)
    _check_manage(world, call, repo)
    _namespace(world, call, new.rpartition("/")[0])
    repo_name(new.rpartition("/")[2])
    if (kind, new) in world.repos:
        raise HubError(409, f"{new} exists already", extra={"url": _url(call, kind, new)})
    rename(world, repo, new)
    return json_answer({})


def rename(world: World, repo: Repo, new: str) -> None:
    """Give a repository another id."""
    old = repo.id
    world.repos[repo.kind, new] = world.repos.pop((repo.kind, old))
    world.moved[repo.kind, old] = new
    world.moved.pop((repo.kind, new), None)
    repo.id = new
    if repo.kind == "space":
        world.spaces[new] = world.spaces.pop(old)


def settings(world: World, call: Call) -> Answer:
    """`PUT /api/{type}s/{id}/settings`: visibility and gating."""
    repo = world.repo(call.caller, KINDS[call.param("kind")], call.param("repo"))
    _check_manage(world, call, repo)
    asked = call.json()
    if "private" in asked or "visibility" in asked:
        repo.private = bool(asked.get("private", asked.get("visibility") != "public"))
    if "gated" in asked:
        repo.gated = asked["gated"]
    return json_answer({"private": repo.private, "gated": repo.gated})


def duplicate(world: World, call: Call) -> Answer:
    """`POST /api/{type}s/{id}/duplicate`, for Spaces with the same extras as `create`."""
    call.caller.need(Ability.CREATE)
    source = world.repo(call.caller, KINDS[call.param("kind")], call.param("repo"))
    asked = call.json()
    namespace, _, name = str(asked.get("repository")).rpartition("/")
    owner = _namespace(world, call, namespace or None)
    target = f"{owner.name}/{repo_name(name)}"
    if (source.kind, target) in world.repos:
        raise HubError(409, f"You already created this {source.kind} repo",
                       extra={"url": _url(call, source.kind, target)})  # fmt: skip
    _check_space(world, owner, source.sdk, asked)
    visibility = asked.get("visibility", "private" if source.private else "public")
    repo = _new(world, call, source.kind, target, visibility != "public", source.sdk)
    repo.commit(source.head.files, "Duplicate from " + source.id, call.caller.known().name, world.clock.now())
    if repo.kind == "space":
        _equip(world, repo, asked)
        on_commit(world, repo)
    return json_answer({"url": _url(call, source.kind, target), "filesCopyPending": False})


def _new(world: World, call: Call, kind: RepoKind, repo_id: str, private: bool, sdk: str | None) -> Repo:
    repo = Repo(kind, repo_id, world.clock.now(), private=private, sdk=sdk)
    repo.app = call.caller.token.app if call.caller.token else None
    repo.hidden_reads = world.knobs.new_repo_404s
    world.repos[kind, repo_id] = repo
    world.moved.pop((kind, repo_id), None)
    return repo


def _first_commit(world: World, call: Call, repo: Repo) -> None:
    texts = {".gitattributes": GITATTRIBUTES}
    if repo.kind == "space":
        app_file = "index.html" if repo.sdk == "static" else "app.py"
        version = "sdk_version: 6.31.0\n" if repo.sdk == "gradio" else ""
        name = repo.id.rpartition("/")[2]
        texts["README.md"] = _README.format(name=name, sdk=repo.sdk, version=version, app_file=app_file)
    files = {path: StoredFile(path, world.blobs.put(text.encode())) for path, text in texts.items()}
    repo.commit(files, "initial commit", call.caller.known().name, world.clock.now())


def _check_space(world: World, owner: Account, sdk: str | None, asked: Mapping[str, Any]) -> None:
    """Refuse before anything is made."""
    if sdk is None:
        return
    check_space_plan(world.knobs, owner, sdk, asked.get("hardware"), zero_gpu_spaces(world, owner.name))
    list(pairs(asked.get("secrets") or []))
    list(pairs(asked.get("variables") or []))
    if asked.get("volumes"):
        volumes(asked["volumes"])


def _equip(world: World, repo: Repo, asked: Mapping[str, Any]) -> None:
    state = add_space(world, repo, asked.get("hardware"), asked.get("sleepTimeSeconds"))
    now = world.clock.iso()
    state.secrets = {key: Setting(value, text, now) for key, value, text in pairs(asked.get("secrets") or [])}
    state.variables = {key: Setting(value, text, now) for key, value, text in pairs(asked.get("variables") or [])}
    state.volumes = volumes(asked["volumes"]) if asked.get("volumes") else None


def _namespace(world: World, call: Call, name: Any) -> Account:
    owner = world.accounts.get(str(name or call.caller.known().name))
    if owner is None:
        raise HubError(403, f"You don't have the rights to create a repo under the namespace {name!r}.")
    namespace_role(call.caller, owner)
    return owner


def _kind(name: Any) -> RepoKind:
    if name not in ("model", "dataset", "space"):
        raise HubError(400, f"Invalid repo type: {name}")
    found: RepoKind = name
    return found


def _sdk(asked: Mapping[str, Any]) -> str:
    if (sdk := asked.get("sdk")) not in SDKS:
        raise HubError(400, f"Invalid sdk: {sdk}")
    return str(sdk)


def _private(owner: Account, kind: RepoKind, asked: Mapping[str, Any]) -> bool:
    visibility = asked.get("visibility", "private" if asked.get("private") else "public")
    if visibility not in VISIBILITIES or (visibility == "protected" and kind != "space"):
        raise HubError(400, f"Invalid visibility: {visibility}")
    if visibility == "protected" and not owner.paid_plan:
        raise HubError(402, "Protected Spaces require a PRO, Team or Enterprise subscription.")
    return bool(visibility != "public")


def _check_manage(world: World, call: Call, repo: Repo) -> None:
    owner = world.owner(repo.owner)
    check_write(call.caller, repo, owner)
    own = repo.app is not None and call.caller.token is not None and repo.app == call.caller.token.app
    if not (call.caller.can(Ability.MANAGE) or (own and call.caller.can(Ability.OWN))):
        raise HubError(403, f"Forbidden: your token does not have the permission to {Ability.MANAGE}")


def _move_bucket(world: World, call: Call, asked: Mapping[str, Any]) -> Answer:
    from spacefactory.testing.hub.buckets import check_bucket_write, readable

    bucket = readable(world, call.caller, str(asked.get("fromRepo")))
    check_bucket_write(world, call.caller, bucket)
    new = str(asked.get("toRepo"))
    if new in world.buckets:
        raise HubError(409, f"{new} exists already", extra={"url": f"{call.base}/buckets/{new}"})
    world.buckets[new] = world.buckets.pop(bucket.id)
    bucket.id = new
    return json_answer({})


def _url(call: Call, kind: RepoKind, repo_id: str) -> str:
    return f"{call.base}/{'' if kind == 'model' else kind + 's/'}{repo_id}"


ROUTES = (
    Route("POST", "/api/repos/create", create),
    Route("DELETE", "/api/repos/delete", delete),
    Route("POST", "/api/repos/move", move),
    Route("PUT", "/api/{kind}/{repo}/settings", settings),
    Route("POST", "/api/{kind}/{repo}/duplicate", duplicate),
)
