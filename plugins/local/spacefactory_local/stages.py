"""What a local Space is doing now, told from its processes and not from what was last written down."""

from __future__ import annotations

from pathlib import Path

from spacefactory import confine
from spacefactory.schema.space import Runtime
from spacefactory_local.app_files import app_file
from spacefactory_local.files import log_tail
from spacefactory_local.locks import held
from spacefactory_local.ports import answers
from spacefactory_local.records import Launch, Place, State

PORT_TAKEN = "Cannot find empty port"
"""What gradio says when somebody was faster (gradio 6.31, http_server.py)."""


def runtime(space: Place, hardware: str) -> Runtime:
    """The stage, in the Hub's words, and which revision it is about."""
    state, content = space.state(), space.revision()
    if state.stage == "STARTED" and state.launch is not None:
        return _started(space, state.launch, hardware)
    if content is None or not (space.app / app_file(space.app)).is_file():
        return Runtime(stage="NO_APP_FILE", revision=content, hardware=hardware, detail="no app has been uploaded")
    stage = _resting(space, state)
    return Runtime(stage=stage, revision=content, hardware=hardware, detail=state.detail)


def _resting(space: Place, state: State) -> str:
    """A build whose process has ended is over, whatever it left written."""
    if state.stage in ("BUILDING", "STARTED"):
        return "BUILDING" if state.stage == "BUILDING" and held(space.lock("start")) else "STOPPED"
    return state.stage


def _started(space: Place, launch: Launch, hardware: str) -> Runtime:
    def about(stage: str, detail: str = "") -> Runtime:
        return Runtime(stage=stage, revision=launch.revision, hardware=hardware, detail=detail)

    if confine.alive(space.process):
        return about("RUNNING" if is_ready(space, launch) else "APP_STARTING")
    code = confine.exit_code(space.process)
    if code is None:
        return about("STOPPED", "the machine or its supervisor ended; it can be started again")
    return about("RUNTIME_ERROR", _ending(code))


def _ending(code: int) -> str:
    if code >= 0:
        return f"the app ended by itself with exit status {code}"
    reason = ", as the system does to a process that takes too much memory" if code == -9 else ""
    return f"the app was ended by signal {-code}{reason}"


def is_ready(space: Place, launch: Launch) -> bool:
    """Whether the app of this launch has answered; once it has, it is not asked again."""
    try:
        if space.ready.read_text(encoding="ascii") == launch.nonce:
            return True
    except OSError:
        pass  # it has not answered yet
    if not answers(launch.port) or not confine.alive(space.process):
        return False
    space.ready.write_text(launch.nonce, encoding="ascii")
    return True


def port_was_taken(space: Place) -> bool:
    """Whether the app ended because another program took its port between our look and its start."""
    if confine.alive(space.process) or confine.exit_code(space.process) in (None, 0):
        return False
    return PORT_TAKEN in log_tail(space.run_log, 4096)


def address(launch: Launch) -> str:
    """Where the app of a launch is."""
    return f"http://127.0.0.1:{launch.port}"


def ports_in_use(spaces: Path, apart_from: str) -> frozenset[int]:
    """Ports of other Spaces whose app is, or is about to be, up."""
    from spacefactory_local.spaces import every

    launches = (space.state().launch for space in every(spaces) if space.name != apart_from)
    return frozenset(launch.port for launch in launches if launch is not None)
