"""Spaces beside their repositories: stage, hardware, secrets, logs, and what a commit or a request sets going."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from spacefactory.testing.hub.hardware import CPU_BASIC, ZERO_GPU
from spacefactory.testing.hub.logs import LogBuffer
from spacefactory.testing.hub.repos import Repo
from spacefactory.testing.hub.space_runner import App
from spacefactory.testing.serving import Listener

if TYPE_CHECKING:
    from spacefactory.testing.hub.state import World

DEFAULT_SLEEP_S = 172800


@dataclass(frozen=True)
class SpaceOutcome:
    """What a deployment comes to, instead of really running.

    Args:
        stage: BUILD_ERROR, CONFIG_ERROR, RUNTIME_ERROR or any other; BUILDING never ends.
        message: what the runtime tells as its error.
        crash_after_s: with RUNTIME_ERROR, the app really runs for this long first.
    """

    stage: str
    message: str = ""
    build_log: str = ""
    run_log: str = ""
    crash_after_s: float | None = None


@dataclass(frozen=True)
class Setting:
    """A secret or a variable."""

    value: str
    description: str | None
    updated_at: str


@dataclass
class SpaceState:
    """A Space."""

    repo: Repo
    listener: Listener
    build_log: LogBuffer
    run_log: LogBuffer
    stage: str = "NO_APP_FILE"
    requested: str | None = None
    current: str | None = None
    sleep_s: int | None = None
    secrets: dict[str, Setting] = field(default_factory=dict)
    variables: dict[str, Setting] = field(default_factory=dict)
    volumes: list[dict[str, Any]] | None = None
    dev_mode: bool = False
    sha: str | None = None
    error: str = ""
    app: App | None = None
    generation: int = 0
    """Which deployment is in force; older ones find that they are not, and end."""
    stale: dict[str, Any] | None = None
    stale_polls: int = 0
    last_call: float = 0.0
    busy: Counter[str] = field(default_factory=Counter)
    """Calls that are being answered, by the address of the app that answers."""
    redirect_to: str = ""
    """Answer every call with a redirect to this address: a hostile Space."""
    foreign_url: str = ""
    """Name this address as its own in every answer: a hostile Space."""

    history: list[str] = field(default_factory=lambda: ["NO_APP_FILE"])
    """Every stage so far."""

    @property
    def id(self) -> str:
        """`owner/name`."""
        return self.repo.id

    def enter(self, stage: str, error: str = "") -> None:
        """Be in a stage from now on."""
        self.stage, self.error = stage, error
        self.history.append(stage)


def zero_gpu_spaces(world: World, owner: str) -> int:
    """How many Spaces of an account have or asked for ZeroGPU."""
    spaces = (state for state in world.spaces.values() if state.repo.owner == owner)
    return sum(ZERO_GPU in (state.requested, state.current) for state in spaces)


def add_space(world: World, repo: Repo, flavor: str | None, sleep_s: int | None) -> SpaceState:
    """A Space for a new repository; its host answers from now on."""
    from spacefactory.testing.hub.space_host import space_app

    listener = world.servers.open(space_app(world, repo))
    state = SpaceState(repo, listener, LogBuffer(world.clock), LogBuffer(world.clock), sleep_s=sleep_s)
    state.requested = flavor or (None if repo.sdk == "static" else CPU_BASIC)
    world.spaces[repo.id] = state
    return state


def remove_space(world: World, space_id: str) -> None:
    """Stop a Space and close its host."""
    from spacefactory.testing.hub.space_stages import stop

    state = world.spaces.pop(space_id)
    stop(world, state, "DELETING")
    state.listener.close()


def on_commit(world: World, repo: Repo) -> None:
    """A commit rebuilds the Space; for some reads the Hub still shows what was before."""
    from spacefactory.testing.hub.space_stages import deploy
    from spacefactory.testing.hub.space_views import runtime

    state = world.spaces[repo.id]
    state.stale, state.stale_polls = runtime(state), world.knobs.stale_sha_polls
    deploy(world, state)


def granted_flavor(world: World, state: SpaceState) -> str | None:
    """What the Space gets when it runs."""
    if world.knobs.pending_hardware and state.requested != CPU_BASIC:
        return state.current or CPU_BASIC
    if world.knobs.silent_downgrade and state.requested != CPU_BASIC:
        return CPU_BASIC
    return state.requested
