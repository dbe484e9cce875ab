"""What really runs a Space: by default its app as a process of this Python; any Space host of a plugin can do it."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from spacefactory.testing.hub import processes

Say = Callable[[str], None]


class SpaceFailedError(Exception):
    """A deployment ended; `stage` is what the Hub shows."""

    def __init__(self, stage: str, message: str) -> None:
        super().__init__(message)
        self.stage, self.message = stage, message


@dataclass(frozen=True)
class Deployment:
    """A revision of a Space that is to come up."""

    space_id: str
    revision: str
    folder: Path
    app_file: str
    environment: Mapping[str, str] = field(default_factory=dict)


class App(Protocol):
    """A running app."""

    @property
    def address(self) -> str:
        """Where it answers, on the loopback address."""
        ...

    def exit_code(self) -> int | None:
        """How it ended; None while it lives."""
        ...

    def stop(self) -> None:
        """End it and everything it started."""
        ...


class SpaceRunner(Protocol):
    """Builds and starts apps."""

    def build(self, deployment: Deployment, say: Say) -> None:
        """Make it ready to start; `say` gets the lines of the build log.

        Raises:
            SpaceFailedError: it cannot be built.
        """
        ...

    def start(self, deployment: Deployment, say: Say) -> App:
        """Start it; `say` gets the lines of the run log.

        Raises:
            SpaceFailedError: it cannot be started.
        """
        ...

    def discard(self, deployment: Deployment) -> None:
        """Remove what was built and will not be started, or did not start."""
        ...


@dataclass
class ProcessApp:
    """An app in a process of its own."""

    address: str
    process: subprocess.Popen[bytes]
    mark: str
    output: threading.Thread

    def exit_code(self) -> int | None:
        """How it ended; None while it lives."""
        return self.process.poll()

    def stop(self) -> None:
        """End it and everything it started."""
        processes.end(self.process, self.mark)
        self.output.join(timeout=5)


def basic_environment(home: Path) -> dict[str, str]:
    """What a bare machine has in its environment; nothing of this process but where programs are."""
    paths = [str(Path(sys.executable).parent), os.environ.get("PATH", os.defpath)]
    return {"PATH": os.pathsep.join(paths), "HOME": str(home), "LANG": "C.UTF-8", "PYTHONUNBUFFERED": "1"}


@dataclass(frozen=True)
class ProcessRunner:
    """Runs the app with the Python that runs the emulator; requirements are taken as installed."""

    def build(self, deployment: Deployment, say: Say) -> None:
        """Say what the Hub would install."""
        say(f"===== Build of {deployment.space_id} at {deployment.revision[:7]} =====")
        requirements = deployment.folder / "requirements.txt"
        lines = requirements.read_text(encoding="utf-8", errors="replace").split("\n") if requirements.exists() else []
        for line in filter(str.strip, lines):
            say(f"taken as installed: {line}")
        say("===== Build finished =====")

    def start(self, deployment: Deployment, say: Say) -> ProcessApp:
        """Start `python app.py` on a free port."""
        port = free_port()
        environment = basic_environment(deployment.folder) | {
            "GRADIO_SERVER_NAME": "127.0.0.1",
            "GRADIO_SERVER_PORT": str(port),
            "GRADIO_ANALYTICS_ENABLED": "False",
            **deployment.environment,
        }
        mark = f"space {deployment.space_id} {port}"
        process = processes.start([sys.executable, deployment.app_file], deployment.folder, environment, mark)
        say(f"===== Application Startup of {deployment.space_id} =====")
        return ProcessApp(f"http://127.0.0.1:{port}", process, mark, processes.read_lines(process, say))

    def discard(self, deployment: Deployment) -> None:
        """Nothing was built."""


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
