"""What clients ask of Spaces."""

from __future__ import annotations

from typing import Any

from spacefactory.testing.hub import hardware
from spacefactory.testing.hub.answers import Answer, HubError, Stream, json_answer
from spacefactory.testing.hub.hardware import CPU_BASIC, ZERO_GPU
from spacefactory.testing.hub.logs import sse
from spacefactory.testing.hub.names import space_key, volumes
from spacefactory.testing.hub.policy import check_oauth_hardware, check_space_plan
from spacefactory.testing.hub.repos import check_write
from spacefactory.testing.hub.routing import Call, Route
from spacefactory.testing.hub.space_stages import deploy, is_up, stop
from spacefactory.testing.hub.space_views import read_runtime, runtime, settings
from spacefactory.testing.hub.spaces import Setting, SpaceState, granted_flavor, zero_gpu_spaces
from spacefactory.testing.hub.state import World


def hardware_list(_world: World, _call: Call) -> Answer:
    """`GET /api/spaces/hardware`."""
    return json_answer(hardware.listing(for_jobs=False))


def templates(_world: World, _call: Call) -> Answer:
    """`GET /api/spaces/templates`."""
    return json_answer({"templates": []})


def get_runtime(world: World, call: Call) -> Answer:
    """`GET /api/spaces/{id}/runtime`."""
    return json_answer(read_runtime(_readable(world, call)))


def set_hardware(world: World, call: Call) -> Answer:
    """`POST /api/spaces/{id}/hardware`; with a sign-in token 401 as long as the knob says so."""
    state = _writable(world, call)
    check_oauth_hardware(world.knobs, call.caller)
    asked = call.json()
    owner, flavor = world.owner(state.repo.owner), str(asked.get("flavor"))
    others = zero_gpu_spaces(world, owner.name) - (ZERO_GPU in (state.requested, state.current))
    check_space_plan(world.knobs, owner, state.repo.sdk or "", flavor, others)
    state.requested = flavor
    if asked.get("sleepTimeSeconds") is not None:
        state.sleep_s = int(asked["sleepTimeSeconds"])
    if is_up(state):
        state.current = granted_flavor(world, state)
    return json_answer(runtime(state))


def set_sleep_time(world: World, call: Call) -> Answer:
    """`POST /api/spaces/{id}/sleeptime`."""
    state = _writable(world, call)
    check_oauth_hardware(world.knobs, call.caller)
    if state.requested == CPU_BASIC:
        raise HubError(400, "Sleep time can only be configured on upgraded hardware")
    state.sleep_s = int(call.json().get("seconds", -1))
    return json_answer(runtime(state))


def pause(world: World, call: Call) -> Answer:
    """`POST /api/spaces/{id}/pause`; works with a sign-in token."""
    state = _writable(world, call)
    stop(world, state, "PAUSED")
    return json_answer(runtime(state))


def restart(world: World, call: Call) -> Answer:
    """`POST /api/spaces/{id}/restart`."""
    state = _writable(world, call)
    check_oauth_hardware(world.knobs, call.caller)
    deploy(world, state)
    return json_answer(runtime(state))


def dev_mode(world: World, call: Call) -> Answer:
    """`POST /api/spaces/{id}/dev-mode`, for paid plans."""
    state = _writable(world, call)
    if not world.owner(state.repo.owner).paid_plan:
        raise HubError(402, "Dev mode requires a PRO, Team or Enterprise subscription.")
    state.dev_mode = bool(call.json().get("enabled"))
    return json_answer(runtime(state))


def secrets(world: World, call: Call) -> Answer:
    """`GET`, `POST`, `DELETE /api/spaces/{id}/secrets`; values never come back."""
    return _settings(world, call, "secrets")


def variables(world: World, call: Call) -> Answer:
    """`GET`, `POST`, `DELETE /api/spaces/{id}/variables`."""
    return _settings(world, call, "variables")


def _settings(world: World, call: Call, which: str) -> Answer:
    state = _writable(world, call)
    found: dict[str, Setting] = getattr(state, which)
    if call.method == "POST":
        asked = call.json()
        if not isinstance(asked.get("value"), str):
            raise HubError(400, "value must be a string")
        key = space_key(asked.get("key"))
        found[key] = Setting(asked["value"], asked.get("description"), world.clock.iso())
    elif call.method == "DELETE" and found.pop(str(call.json().get("key")), None) is None:
        raise HubError(404, "No such key")
    if call.method != "GET" and state.app is not None:
        deploy(world, state)
    return json_answer(settings(found, values=which == "variables"))


def set_volumes(world: World, call: Call) -> Answer:
    """`PUT` and `DELETE /api/spaces/{id}/volumes`: replaces all of them."""
    state = _writable(world, call)
    state.volumes = volumes(call.json().get("volumes")) if call.method == "PUT" else None
    return json_answer(runtime(state))


def build_log(world: World, call: Call) -> Stream:
    """`GET /api/spaces/{id}/logs/build`."""
    state = _writable(world, call)
    return sse(state.build_log, lambda: state.build_log, "\n", _tail(call))


def run_log(world: World, call: Call) -> Stream:
    """`GET /api/spaces/{id}/logs/run`."""
    state = _writable(world, call)
    return sse(state.run_log, lambda: state.run_log, "\n", _tail(call))


def _tail(call: Call) -> int | None:
    tail = call.option("tail")
    return int(tail) if tail else None


def _readable(world: World, call: Call) -> SpaceState:
    return world.spaces[world.repo(call.caller, "space", call.param("repo")).id]


def _writable(world: World, call: Call) -> SpaceState:
    state = _readable(world, call)
    check_write(call.caller, state.repo, world.owner(state.repo.owner))
    return state


def _routes(method: str, name: str, handler: Any) -> Route:
    return Route(method, f"/api/spaces/{{repo}}/{name}", handler)


ROUTES = (
    Route("GET", "/api/spaces/hardware", hardware_list),
    Route("GET", "/api/spaces/templates", templates),
    _routes("GET", "runtime", get_runtime),
    _routes("POST", "hardware", set_hardware),
    _routes("POST", "sleeptime", set_sleep_time),
    _routes("POST", "pause", pause),
    _routes("POST", "restart", restart),
    _routes("POST", "dev-mode", dev_mode),
    *(_routes(method, "secrets", secrets) for method in ("GET", "POST", "DELETE")),
    *(_routes(method, "variables", variables) for method in ("GET", "POST", "DELETE")),
    *(_routes(method, "volumes", set_volumes) for method in ("PUT", "DELETE")),
    _routes("GET", "logs/build", build_log),
    _routes("GET", "logs/run", run_log),
)
