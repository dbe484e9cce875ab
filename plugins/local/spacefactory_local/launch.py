"""Starts an app as a confined process of its own, on a port of its own."""

from __future__ import annotations

import os
import secrets
import shutil
from collections.abc import Collection
from pathlib import Path
from urllib.parse import urlsplit

from spacefactory import confine
from spacefactory.confine import AlreadyRunning, Confinement, Limits, SandboxUnavailable
from spacefactory.errors import BlockedError, PlatformError
from spacefactory_local import bytecode
from spacefactory_local.app_files import AppFiles
from spacefactory_local.options import LocalOptions
from spacefactory_local.plan import prefixes
from spacefactory_local.ports import bindable, free_port
from spacefactory_local.records import Launch, Place

_BEGIN = """
import os, sys
content, work, name = sys.argv[1:]
os.makedirs(work)
for entry in os.listdir(content):
    os.symlink(os.path.join(content, entry), os.path.join(work, entry))
os.chdir(work)
os.execv(sys.executable, [sys.executable, "-u", os.path.join(work, name)])
"""
"""Runs confined, before the app: a working folder in which the app sees its files and may write others beside them."""
GIB = 1 << 30


def launch(space: Place, app: AppFiles, environment: Path, options: LocalOptions, **how: bool | int) -> Launch:
    """Start the content in force; returns as soon as it executes.

    Args:
        space: whose content it is.
        app: what its files say.
        environment: what it runs in.
        options: what it may use.
        how: `confined`; `port` and `tries` of this launch.

    Raises:
        BlockedError: this machine cannot confine it (sandbox_unavailable).
        PlatformError: the app of this Space runs already.
    """
    port = int(how["port"])
    made = Launch(
        revision=space.revision() or "",
        port=port,
        nonce=secrets.token_hex(16),
        environment=environment.name,
        tries=int(how["tries"]),
    )
    _prepare(space.work, environment)
    content = space.contents / made.revision
    words = [str(environment / "bin" / "python"), "-I", "-S", "-c", _BEGIN]
    words += [str(content), str(space.work / "app"), app.file]
    _start(space, words, _confinement(space, content, environment, made, options, confined=bool(how["confined"])))
    return made


def _start(space: Place, words: list[str], confinement: Confinement) -> None:
    try:
        confine.start(words, confinement, space.process, space.run_log)
    except SandboxUnavailable as refusal:
        raise BlockedError("sandbox_unavailable", str(refusal), "see: spacefactory doctor") from None
    except AlreadyRunning:
        raise PlatformError(
            f"the app of {space.name} runs already", f"stop it: spacefactory spaces stop {space.name}"
        ) from None


def pick_port(app: AppFiles, avoid: Collection[int]) -> int:
    """The port that the app insists on, else one of our own choice.

    Raises:
        PlatformError: somebody else has the app's own port.
    """
    if app.port is None:
        return free_port(avoid)
    if app.port in avoid or not bindable(app.port):
        raise PlatformError(
            f"the app wants port {app.port}, which another program has",
            "end that program, or leave server_port out of the app's call of launch",
        )
    return app.port


def _prepare(work: Path, environment: Path) -> None:
    """An empty working folder, with the compiled modules of the last start or, for the first one, of others."""
    work.mkdir(exist_ok=True)
    for entry in work.iterdir():
        if entry.is_symlink() or not entry.is_dir():
            entry.unlink()
        elif entry.name != bytecode.FOLDER:
            shutil.rmtree(entry)
    if not bytecode.is_compiled(environment):
        bytecode.seed(environment, work)


def _confinement(
    space: Place, content: Path, environment: Path, made: Launch, options: LocalOptions, *, confined: bool
) -> Confinement:
    marker = space.marker()
    model = marker.model.path if marker and marker.model else None
    local = model is not None and model.is_dir()
    return Confinement(
        workspace=space.work,
        readable=(content, *prefixes(environment), *((model,) if model is not None and local else ())),
        connect_ports=(made.port, *(() if local else _hub_port())),
        bind_ports=(made.port,),
        environment=_variables(space, environment, made)
        | ({"MODEL_PATH": str(model), **_OFFLINE} if local else _hub_variables()),
        limits=_limits(options, downloads=not local),
        network=not local,
        shared_memory=True,
        enforced=confined,
    )


def _hub_variables() -> dict[str, str]:
    """Where models come from, when that is not the public Hub; never an address that holds a login."""
    endpoint = os.environ.get("HF_ENDPOINT", "")
    return {"HF_ENDPOINT": endpoint} if endpoint and "@" not in endpoint else {}


def _hub_port() -> tuple[int, ...]:
    """The port of a Hub that has one of its own, such as an emulated one on this machine."""
    port = urlsplit(os.environ.get("HF_ENDPOINT", "")).port
    return (port,) if port else ()


_OFFLINE = {"HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}


def _variables(space: Place, environment: Path, made: Launch) -> dict[str, str]:
    work = space.work
    return {
        "PATH": f"{environment / 'bin'}:/usr/local/bin:/usr/bin:/bin",
        "VIRTUAL_ENV": str(environment),
        "PYTHONUNBUFFERED": "1",
        **_compiled(environment, work),
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_SERVER_PORT": str(made.port),
        "GRADIO_NUM_PORTS": "1",
        "GRADIO_ANALYTICS_ENABLED": "False",
        "GRADIO_TEMP_DIR": str(work / ".tmp" / "gradio"),
        "GRADIO_ALLOWED_PATHS": str(space.contents / made.revision),
        "HF_HOME": str(work / ".huggingface"),
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "MPLCONFIGDIR": str(work / ".matplotlib"),
        "SPACE_NONCE": made.nonce,
    }


def _compiled(environment: Path, work: Path) -> dict[str, str]:
    if bytecode.is_compiled(environment):
        return {"PYTHONDONTWRITEBYTECODE": "1"}
    return {"PYTHONPYCACHEPREFIX": str(work / bytecode.FOLDER)}


def _limits(options: LocalOptions, *, downloads: bool) -> Limits:
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    wanted = int(options.memory_gib * GIB) if options.memory_gib else machine
    return Limits(
        processes=options.processes,
        file_bytes=(64 if downloads else 4) * GIB,
        open_files=4096,
        total_memory_bytes=wanted,
        workspace_bytes=(200 if downloads else 16) * GIB,
    )
