"""Environments of apps: one per plan, made once, whole or not there, used by many and written by none."""

from __future__ import annotations

import json
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from spacefactory import lean_gradio
from spacefactory.errors import PlatformError, SpaceCrashedError
from spacefactory_local.bytecode import compile_used
from spacefactory_local.disk import aside, sweep
from spacefactory_local.files import log_tail
from spacefactory_local.locks import locked
from spacefactory_local.plan import Plan
from spacefactory_local.uv import Uv, disk_full, network_failed, untrusted

RECORD = "environment.json"
TAIL = 64 << 10
Tell = Callable[[str], None]


def provide(root: Path, plan: Plan, uv: Uv, log: Path, tell: Tell) -> Path:
    """The environment of a plan, made now when there is none.

    Raises:
        SpaceCrashedError: the packages cannot be installed together (BUILD_ERROR).
        PlatformError: no network, no room, or no Python.
    """
    target = root / plan.key
    with locked(root / ".locks" / plan.key) as lock:
        if (target / RECORD).is_file():
            _say(log, tell, f"environment {plan.key[:12]}: already there, reused")
            _place_hook(target)
            if compile_used(target):
                _say(log, tell, f"environment {plan.key[:12]}: its modules are compiled for all later starts")
            return target
        sweep(root, f"build-{plan.key}")
        new = aside(root, f"build-{plan.key}")
        try:
            _make(new, plan, uv, log, lock, tell)
            new.rename(target)
        finally:
            shutil.rmtree(new, ignore_errors=True)
    return target


def _make(new: Path, plan: Plan, uv: Uv, log: Path, lock: int, tell: Tell) -> None:
    begun = time.monotonic()
    python = plan.interpreter
    _say(log, tell, f"environment {plan.key[:12]}: Python {python.version}, {len(plan.requirements)} requirements")
    venv = ["venv", "--relocatable", "--no-project", "--quiet", "--python", python.path, str(new)]
    if uv.run(venv, new.parent, log, lock) != 0:
        raise _failed(log, f"no environment could be made from Python {python.path}")
    (new / "requirements.txt").write_text("\n".join(plan.requirements) + "\n", encoding="utf-8")
    (new / "constraints.txt").write_text("".join(f"{line}\n" for line in plan.constraints), encoding="utf-8")
    _install(new, plan, uv, log, lock)
    packages = installed(new)
    _link_ffmpeg(new)
    _place_hook(new)
    seconds = round(time.monotonic() - begun, 2)
    _say(log, tell, f"environment {plan.key[:12]}: {len(packages)} packages installed in {seconds:g} s")
    _write(log, "\n".join(packages) + "\n")
    facts = {"python": python.version, "requirements": plan.requirements, "packages": packages, "seconds": seconds}
    (new / RECORD).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")


def _install(new: Path, plan: Plan, uv: Uv, log: Path, lock: int) -> None:
    """Try one way after the other for as long as it is the network that fails."""
    command = ["pip", "install", "--python", str(new), "--requirements", str(new / "requirements.txt"), *uv.arguments]
    command += ["--constraints", str(new / "constraints.txt")]
    said: list[str] = []
    for arguments, note in _ways(plan.arguments, said):
        _write(log, f"{note}\n" if note else "")
        begun = log.stat().st_size
        if uv.run([*command, *arguments], new, log, lock) == 0:
            return
        said.append(_since(log, begun))
        if not network_failed(said[-1]):
            break
    raise _explained(log, said[-1])


def _since(log: Path, begun: int) -> str:
    with log.open("rb") as file:
        file.seek(begun)
        return file.read().decode("utf-8", errors="replace")


def _ways(arguments: tuple[str, ...], said: list[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """What to try next, after what was said to each try before."""
    yield arguments, ""
    if untrusted(said[-1]):
        arguments = (*arguments, "--system-certs")
        yield arguments, "the index's certificate is not known to uv; the system's certificates are tried"
    plain = _without_backend(arguments)
    if plain != arguments:
        yield plain, "the CPU builds of torch could not be fetched; the index's own builds, which are larger, are tried"
    yield (*plain, "--offline"), "the package index could not be reached; what was fetched before is tried"


def _without_backend(arguments: tuple[str, ...]) -> tuple[str, ...]:
    at = arguments.index("--torch-backend") if "--torch-backend" in arguments else None
    return arguments if at is None else arguments[:at] + arguments[at + 2 :]


def _explained(log: Path, said: str) -> Exception:
    if disk_full(said):
        return PlatformError(
            "the environment could not be made: the disk is full",
            "free some space, or set SPACEFACTORY_HOME to another disk",
        )
    if network_failed(said):
        return PlatformError(
            "the app's packages could not be fetched: the package index cannot be reached",
            "check the network, or name a folder of wheels with UV_FIND_LINKS",
        )
    return _failed(log, "the app's packages cannot be installed together" + _cause(said))


def _cause(said: str) -> str:
    """The reason that uv gives, on one line."""
    marks = (said.partition(mark)[2] for mark in ("╰─▶", "cause:", "error:"))
    text = re.sub(r"[\s╰─▶│├╭]+", " ", next(filter(None, marks), ""))
    first = text.partition(" hint:")[0].strip()
    return f": {first[:400]}" if first else ""


def _failed(log: Path, message: str) -> SpaceCrashedError:
    return SpaceCrashedError(message, log_tail(log, TAIL), "BUILD_ERROR")


def installed(environment: Path) -> list[str]:
    """name==version of each installed distribution, read from the names of their folders."""
    folders = environment.glob("lib*/python*/site-packages/*.dist-info")
    names = {folder.name.removesuffix(".dist-info").replace("-", "==", 1) for folder in folders}
    return sorted(names, key=str.lower)


def _link_ffmpeg(environment: Path) -> None:
    """Programs look for `ffmpeg` on PATH; imageio-ffmpeg brings one under another name. The Hub's image has one too."""
    found = sorted(environment.glob("lib*/python*/site-packages/imageio_ffmpeg/binaries/ffmpeg-*"))
    if found and not (environment / "bin" / "ffmpeg").exists():
        (environment / "bin" / "ffmpeg").symlink_to(Path("..") / found[0].relative_to(environment))


def _place_hook(environment: Path) -> None:
    for packages in environment.glob("lib/python*/site-packages"):
        lean_gradio.place(packages)


def _say(log: Path, tell: Tell, line: str) -> None:
    tell(line)
    _write(log, line + "\n")


def _write(log: Path, text: str) -> None:
    with log.open("a", encoding="utf-8") as file:
        file.write(text)
