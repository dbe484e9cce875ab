"""The rule that asks a package index whether requirements and the builder's list have one solution."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from spacefactory.lint.rule import Fault, Rule
from spacefactory.lint.space_readme import SDK_VERSION
from spacefactory.lint.view import View

LIMIT_S = 120
PLATFORM = "x86_64-unknown-linux-gnu"
_MARKS = dict.fromkeys(
    map(
        ord,
        "\N{MULTIPLICATION SIGN}\N{BOX DRAWINGS LIGHT ARC UP AND RIGHT}\N{BOX DRAWINGS LIGHT HORIZONTAL}"
        "\N{BLACK RIGHT-POINTING TRIANGLE}",
    )
)
"""Signs that uv draws before its sentences."""
_VERSION = re.compile(r"\d+\.\d+\.\d+\Z")
_PASSED = (
    "PATH",
    "HOME",
    "TMPDIR",
    "UV_CACHE_DIR",
    "UV_FIND_LINKS",
    "UV_INDEX_URL",
    "UV_DEFAULT_INDEX",
    "UV_INDEX",
    "UV_OFFLINE",
    "XDG_CACHE_HOME",
    "SSL_CERT_FILE",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
    "http_proxy",
    "https_proxy",
    "no_proxy",
)


def resolves(view: View) -> Iterator[Fault]:
    """Requirements and the builder's own list can be installed together, for the Space's Python."""
    if not view.tree.resolve or any(line.problem for line in view.requirements):
        return
    front = view.front or {}
    version = str(front.get("sdk_version", SDK_VERSION))
    python = str(front.get("python_version", "3.10"))
    lines = [line.text for line in view.requirements]
    problem = resolve(lines, sdk_version=version if _VERSION.match(version) else SDK_VERSION, python=python)
    if problem is not None:
        yield Fault(problem.message, _line(view, problem.text), level="warning" if problem.unsure else None)


class Problem:
    """Why a resolve did not succeed."""

    def __init__(self, message: str, text: str = "", *, unsure: bool = False) -> None:
        self.message = message
        self.text = text
        self.unsure = unsure
        """True when the question could not be asked, which says nothing about the requirements"""


def resolve(lines: list[str], *, sdk_version: str, python: str, limit_s: float = LIMIT_S) -> Problem | None:
    """Resolve requirements as the Hub's builder does; None when there is a solution. `limit_s` is in seconds."""
    uv = _uv()
    if uv is None:
        return Problem("the requirements were not resolved, for uv is not installed; install uv", unsure=True)
    with tempfile.TemporaryDirectory(prefix="spacefactory-resolve-") as folder:
        Path(folder, "requirements.in").write_text("\n".join(lines) + "\n", encoding="utf-8")
        Path(folder, "sdk.in").write_text("\n".join(_builder(sdk_version)) + "\n", encoding="utf-8")
        command = [uv, "pip", "compile", "--quiet", "--no-config", "--python-version", python]
        command += ["--python-platform", PLATFORM, "requirements.in", "sdk.in"]
        try:
            done = subprocess.run(
                command,
                cwd=folder,
                env=_environment(),
                capture_output=True,
                text=True,
                errors="replace",
                stdin=subprocess.DEVNULL,
                timeout=limit_s,
            )
        except subprocess.TimeoutExpired:
            message = f"the requirements were not resolved within {limit_s:.0f} s; name fewer or exact versions"
            return Problem(message, unsure=True)
        except OSError as error:
            return Problem(f"the requirements were not resolved, for uv did not start ({error.strerror})", unsure=True)
    return None if done.returncode == 0 else _problem(done.stderr)


def _builder(sdk_version: str) -> list[str]:
    return [f"gradio[oauth,mcp]=={sdk_version}", "uvicorn>=0.14.0", "websockets>=10.4", "spaces"]


def _uv() -> str | None:
    """The uv beside this Python, else the one on the path."""
    own = Path(sys.executable).with_name("uv")
    return str(own) if own.is_file() else shutil.which("uv")


def _environment() -> dict[str, str]:
    """What uv needs to know of the machine, and nothing that could hold a secret."""
    return {name: os.environ[name] for name in _PASSED if name in os.environ}


def _problem(text: str) -> Problem:
    said = " ".join(re.sub(r"https?://\S+", "the index", text).translate(_MARKS).split())
    if re.search(r"Failed to fetch|error sending request|dns error|Connection refused|network", said, re.I):
        return Problem(
            "the requirements were not resolved, for the package index did not answer; try again", unsure=True
        )
    return Problem(f"the requirements cannot be installed together: {said[:400]}; loosen or remove a version", said)


def _line(view: View, said: str) -> int | None:
    """The requirement that the resolver names first."""
    places = {said.find(line.name): line.number for line in view.requirements if line.name and line.name in said}
    return places[min(places)] if places else None


RULES = (
    Rule(
        "req-resolves",
        resolves,
        file="requirements.txt",
        why="the builder installs everything in one resolve; without a solution there is no Space",
        mend="loosen or remove the version that the message names",
    ),
)
