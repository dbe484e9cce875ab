"""The gallery of apps, served by one process, and how its verdicts are asked for."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from spacefactory_validators import spacefactory_validators

from spacefactory import probe
from spacefactory.schema.space import Connection
from spacefactory.schema.verdict import Judgement

APP = Path(__file__).with_name("probe_gallery_app.py")
VALIDATORS = tuple(spacefactory_validators())
START_S = 120.0
KINDS = ("image", "audio", "video", "text", "json")
App = tuple[Callable[..., Any], tuple[str, ...], str]
"""function, what it takes, what it gives"""
JUDGED = {"label": "json", "number": "json"}
"""what the answer of some components is judged as"""


@contextmanager
def served(folder: Path, *which: str) -> Iterator[Connection]:
    """The gallery app in a process of its own, until the block ends.

    Args:
        folder: what it writes to.
        which: `honest`, `fake` or `canned`, and the kind of answer: those apps instead of the app with all components.
    """
    with socket.socket() as chosen:
        chosen.bind(("127.0.0.1", 0))
        port = chosen.getsockname()[1]
    environment = {
        **{name: os.environ[name] for name in ("PATH", "LANG") if name in os.environ},
        "GRADIO_ANALYTICS_ENABLED": "False",
        "HF_HUB_OFFLINE": "1",
        "GRADIO_NUM_PORTS": "1",
        "HOME": str(folder),
        "GRADIO_TEMP_DIR": str(folder / "gradio"),
        "MPLCONFIGDIR": str(folder),
    }
    with (folder / "app.log").open("wb") as log:
        app = subprocess.Popen(
            [sys.executable, str(APP), str(port), str(folder), *which],
            env=environment,
            stdout=log,
            stderr=log,
            cwd=folder,
        )
    try:
        yield _ready(app, Connection(url=f"http://127.0.0.1:{port}"), folder)
    finally:
        app.kill()
        app.wait()


def _ready(app: subprocess.Popen[bytes], connection: Connection, folder: Path) -> Connection:
    deadline = time.monotonic() + START_S
    while not probe.config_answers(connection, 2.0):
        assert app.poll() is None, (folder / "app.log").read_text()
        assert time.monotonic() < deadline, (folder / "app.log").read_text()
        time.sleep(0.2)
    return connection


def ask(connection: Connection, folder: Path, **options: object) -> probe.ProbeResult:
    given = {"profile": None, "timeout_s": 60.0, **options}
    request = probe.ProbeRequest(connection, folder=folder, **given)  # type: ignore[arg-type]
    return probe.probe(request, VALIDATORS, lambda line: None)


def that_give(apps: list[App], kind: str) -> list[App]:
    """The apps that give a kind of answer."""
    return [app for app in apps if JUDGED.get(app[2], app[2]) == kind]


def names(apps: list[App], kind: str) -> list[str]:
    """Their names."""
    return [app[0].__name__ for app in that_give(apps, kind)]


def failures(judgement: Judgement) -> list[str]:
    return [f"{check.name}: {check.detail}" for check in judgement.checks if check.passed is not True]
