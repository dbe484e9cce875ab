"""What an environment is made of, decided before anything is installed; its key is the digest of all of it."""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
import sys
from dataclasses import asdict, dataclass
from pathlib import Path

from spacefactory.errors import PlatformError
from spacefactory_local import torch_rule
from spacefactory_local.app_files import AppFiles
from spacefactory_local.options import LocalOptions
from spacefactory_local.uv import Uv

_ASK = "import sys, platform; print(platform.python_implementation(), platform.python_version())"


@dataclass(frozen=True)
class Interpreter:
    """The Python that environments are made from."""

    path: str
    implementation: str
    version: str

    @property
    def short(self) -> tuple[int, int]:
        """Major and minor version."""
        major, minor = self.version.split(".")[:2]
        return int(major), int(minor)


@dataclass(frozen=True)
class Plan:
    """All that decides what an environment holds."""

    interpreter: Interpreter
    requirements: tuple[str, ...]
    constraints: tuple[str, ...]
    arguments: tuple[str, ...]
    machine: str
    way: str
    """digest of where packages come from"""
    notes: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """The same for every app that asks for the same."""
        facts = {name: value for name, value in asdict(self).items() if name != "notes"}
        return hashlib.sha256(json.dumps(facts, sort_keys=True).encode()).hexdigest()[:32]


def builder_list(sdk_version: str) -> tuple[str, ...]:
    """What the Hub's builder installs beside an app's own requirements (reference: build logs)."""
    return (f"gradio[oauth,mcp]=={sdk_version}", "uvicorn>=0.14.0", "websockets>=10.4", "spaces", "huggingface_hub")


def make_plan(app: AppFiles, options: LocalOptions, uv: Uv) -> Plan:
    """Decide what to install for an app.

    Raises:
        BlockedError: the app needs a build of a package that does not exist (dependency).
        PlatformError: the Python that the options name cannot be found.
    """
    interpreter = find_interpreter(options, uv)
    cuda = options.torch == "cuda" or (options.torch == "auto" and torch_rule.cuda_device() is not None)
    wheels = torch_rule.cpu_wheels(uv.find_links, interpreter.short)
    torch = torch_rule.choose(app.requirements, app.imported, wheels, cuda=cuda)
    own = (str(one) for one in app.requirements if one.name.lower() not in torch.dropped)
    sources = () if options.source_builds else ("--only-binary", ":all:")
    return Plan(
        interpreter=interpreter,
        requirements=tuple(sorted({*own, *builder_list(app.sdk_version)})),
        constraints=torch.constraints,
        arguments=(*sources, *torch.arguments, *options.uv),
        machine=f"{platform.system()} {platform.machine()} {platform.libc_ver()[0]} {'cuda' if cuda else 'cpu'}",
        way=uv.way,
        notes=(*app.notes, *torch.notes),
    )


def find_interpreter(options: LocalOptions, uv: Uv) -> Interpreter:
    """Our own Python, without starting it; else the one that the options name.

    Raises:
        PlatformError: there is none of that version or at that path.
    """
    if not options.python:
        return Interpreter(options.interpreter, platform.python_implementation(), platform.python_version())
    try:
        path = _output([uv.program, "python", "find", "--no-project", options.python], uv).strip()
        implementation, version = _output([path, "-I", "-S", "-c", _ASK], uv).split()
    except (OSError, subprocess.SubprocessError, ValueError):
        raise PlatformError(
            f"there is no Python {options.python!r} on this machine",
            f"install it, or set [plugin.local] python to another one (spacefactory runs on {sys.version.split()[0]})",
        ) from None
    return Interpreter(path, implementation, version)


def _output(argv: list[str], uv: Uv) -> str:
    return subprocess.run(
        argv,
        env=dict(uv.environment),
        capture_output=True,
        text=True,
        timeout=600,
        check=True,
        stdin=subprocess.DEVNULL,
    ).stdout


def prefixes(environment: Path) -> tuple[Path, ...]:
    """The trees that the Python of an environment must be able to read, beyond the system's own."""
    real = (environment / "bin" / "python").resolve()
    return tuple(dict.fromkeys((environment, real.parent.parent)))
