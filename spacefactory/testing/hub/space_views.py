"""What the Hub shows of a Space."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from spacefactory.testing.hub.repos import Repo
from spacefactory.testing.hub.spaces import DEFAULT_SLEEP_S, Setting, SpaceState

if TYPE_CHECKING:
    from spacefactory.testing.hub.state import World


def subdomain(space_id: str) -> str:
    """The name under which the real Hub serves it."""
    return space_id.replace("/", "-").replace(".", "-").replace("_", "-").lower()


def runtime(state: SpaceState) -> dict[str, Any]:
    """The runtime as it is; see `read_runtime` for what a client gets to see."""
    replicas = 1 if state.app else 0
    static = state.repo.sdk == "static"
    found: dict[str, Any] = {
        "stage": state.stage,
        "hardware": {"current": None if static else state.current, "requested": None if static else state.requested},
        "storage": None,
        "gcTimeout": DEFAULT_SLEEP_S if state.sleep_s is None else state.sleep_s,
        "replicas": {"current": replicas, "requested": 1},
        "devMode": state.dev_mode,
        "domains": [{"domain": state.listener.url.removeprefix("http://"), "stage": "READY"}],
        "sha": state.sha or state.repo.commits[0].oid,
    }
    if state.error:
        found["errorMessage"] = state.error
    if state.volumes is not None:
        found["volumes"] = state.volumes
    return found


def read_runtime(state: SpaceState) -> dict[str, Any]:
    """What a client sees: for some reads after a commit, the state of before."""
    if state.stale is not None and state.stale_polls > 0:
        state.stale_polls -= 1
        return state.stale
    return runtime(state)


def space_facts(world: World, repo: Repo, card: Mapping[str, Any]) -> dict[str, Any]:
    """What `space_info` has beside the facts of every repository."""
    state = world.spaces[repo.id]
    return {
        "sdk": repo.sdk,
        "subdomain": subdomain(repo.id),
        "host": state.listener.url,
        "runtime": read_runtime(state),
        "models": [name for name in card.get("models") or [] if isinstance(name, str)],
        "datasets": [name for name in card.get("datasets") or [] if isinstance(name, str)],
    }


def settings(found: Mapping[str, Setting], values: bool) -> dict[str, Any]:
    """Secrets without, variables with their values."""
    return {key: _setting(key, one, values) for key, one in found.items()}


def _setting(key: str, one: Setting, values: bool) -> dict[str, Any]:
    shown: dict[str, Any] = {"key": key, "updatedAt": one.updated_at}
    if values:
        shown["value"] = one.value
    if one.description is not None:
        shown["description"] = one.description
    return shown
