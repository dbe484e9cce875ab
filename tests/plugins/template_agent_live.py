"""Run generated apps for real: as a module in a process of their own, or served and called by a client."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

DRIVER = """
import json, runpy, sys
app = runpy.run_path("app.py")
answers = [app["generate"](*arguments) for arguments in json.loads(sys.argv[1])]
print(json.dumps({"answers": answers, "health": app["health"]()}))
"""


def _environment(model: Path, home: Path) -> dict[str, str]:
    home.mkdir(exist_ok=True)
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home),
        "MODEL_PATH": str(model),
        "HF_HUB_OFFLINE": "1",
        "GRADIO_ANALYTICS_ENABLED": "False",
        "GRADIO_TEMP_DIR": str(home),
        "SPACE_NONCE": "nonce-1",
    }


def run(app: Path, model: Path, *calls: list[Any]) -> subprocess.CompletedProcess[str]:
    """Import the app in a fresh process and call `generate` with each list of arguments, then `health`."""
    command = [sys.executable, "-c", DRIVER, json.dumps(calls)]
    environment = _environment(model, app.parent / "home")
    return subprocess.run(command, cwd=app, env=environment, capture_output=True, text=True, timeout=300)


def answers(app: Path, model: Path, *calls: list[Any]) -> tuple[list[Any], dict[str, Any]]:
    """What `generate` gave for each call, and what `health` said."""
    done = run(app, model, *calls)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout.splitlines()[-1])
    return told["answers"], told["health"]


@contextmanager
def served(app: Path, model: Path) -> Iterator[str]:
    """The address of the app, served by a process of its own that has ended afterwards."""
    import httpx

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = _environment(model, app.parent / "home") | {
        "GRADIO_SERVER_NAME": "127.0.0.1",
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_NUM_PORTS": "1",
    }
    log = (app.parent / "log").open("w+")
    process = subprocess.Popen(
        [sys.executable, "app.py"], cwd=app, env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log
    )
    try:
        with httpx.Client(timeout=5) as client:  # one for all looks: each reads all certificates
            for _ in range(1200):
                assert process.poll() is None, (app.parent / "log").read_text()
                try:
                    if client.get(f"http://127.0.0.1:{port}/config").status_code == 200:
                        break
                except httpx.TransportError:
                    time.sleep(0.1)
        yield f"http://127.0.0.1:{port}/"
    finally:
        process.terminate()
        process.wait(30)
        log.close()
