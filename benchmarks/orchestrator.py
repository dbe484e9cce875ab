"""A hundred viewers of a live run: the orchestrator's page against a bare Gradio app with a timer.

    python -m benchmarks.orchestrator [--viewers N] [--seconds S]

A run's log grows by 20 events a second. The orchestrator streams it; the bare app has a `gr.Timer` as fast as the
orchestrator's own look, whose tick reads the end of the same log. An update is an answer that holds something new.
Aim (DESIGN section 11): at least 0.8x the updates, and 95 of 100 updates at most 2 s behind the log.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from ulid import ULID

from spacefactory.record.journal import LOG, Journal
from spacefactory.schema.event import EventType
from spacefactory.schema.run import RunSpec
from spacefactory.settings import Settings, load
from spacefactory.ui.watching import FASTEST_S

LEAST, LATEST_S = 0.8, 2.0
EVENTS_A_SECOND = 20
START_S = 120.0
MARK = re.compile(r"event of (\d+\.\d+)")
BARE = """
import sys
import gradio as gr

def tick():
    with open(sys.argv[1], "rb") as log:
        log.seek(max(0, log.seek(0, 2) - 2000))
        return log.read().decode(errors="replace")

with gr.Blocks() as demo:
    out = gr.Textbox()
    gr.Timer(float(sys.argv[3])).tick(tick, None, out, queue=False, api_name="tick")
demo.launch(server_port=int(sys.argv[2]), quiet=True)
"""


@dataclass
class Seen:
    """What one viewer saw: how late each update was, in seconds."""

    newest: float = 0.0
    late: list[float] = field(default_factory=list)

    def take(self, text: str) -> None:
        """An answer; it counts when it holds a newer event than the last."""
        newest = max(map(float, MARK.findall(text)), default=0.0)
        if newest > self.newest:
            self.newest = newest
            self.late.append(time.time() - newest)


def begun(settings: Settings) -> Journal:
    """A new run that this process works on."""
    run_id = str(ULID())
    folder = settings.home / "runs" / run_id
    folder.mkdir(parents=True)
    journal = Journal(folder / LOG, run_id)
    spec = RunSpec(
        run_id=run_id,
        kind="build",
        reference="a-model",
        platform=settings.platform,
        providers=settings.providers(),
        plugins=(),
        budget=settings.budget,
        version="0",
        created="2026-01-01T00:00:00+00:00",
    )
    journal.append(EventType.RUN_CREATED, spec=spec.as_json())
    return journal


@contextmanager
def growing(journal: Journal) -> Iterator[None]:
    """Let the log grow as long as the context lasts; each event says when it was written."""
    stop = threading.Event()

    def write() -> None:
        while not stop.wait(1 / EVENTS_A_SECOND):
            journal.append(EventType.STEP_PROGRESS, line=f"event of {time.time():.3f}")

    thread = threading.Thread(target=write)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()


@contextmanager
def serving(command: list[str], home: Path, port: int) -> Iterator[str]:
    """A server in a process of its own, once it answers."""
    kept = {
        name: value for name, value in os.environ.items() if not name.startswith(("HF_", "OAUTH_", "SPACEFACTORY_"))
    }
    variables = kept | {"SPACEFACTORY_HOME": str(home), "GRADIO_ANALYTICS_ENABLED": "False"}
    with subprocess.Popen(command, env=variables, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            _answers(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()


def _answers(process: subprocess.Popen[bytes], port: int) -> None:
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        with socket.socket() as trial:
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise SystemExit("a server does not start")


async def stream(client: httpx.AsyncClient, path: str, until: float, seen: Seen) -> None:
    """One viewer of the orchestrator."""
    async with client.stream("GET", path) as answer:
        async for text in _lines(answer):
            if time.time() > until:
                return
            if text.startswith("data:") and "html" in (said := json.loads(text[5:])) and "reset" in said:
                seen.take(said["html"])


async def _lines(answer: httpx.Response) -> AsyncIterator[str]:
    async for line in answer.aiter_lines():
        yield line


async def tick(client: httpx.AsyncClient, path: str, until: float, seen: Seen) -> None:
    """One viewer of the bare app: asks as a page's timer does, and not again before an answer has come."""
    while time.time() < until:
        begun = time.time()
        answer = await client.post(path, json={"data": []})
        seen.take(answer.text)
        await asyncio.sleep(max(0.0, FASTEST_S - (time.time() - begun)))


async def watched(view: Callable[..., object], url: str, path: str, viewers: int, seconds: float) -> list[Seen]:
    """What so many viewers see in so many seconds."""
    found = [Seen() for _ in range(viewers)]
    limits = httpx.Limits(max_connections=viewers, max_keepalive_connections=viewers)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
        until = time.time() + seconds
        await asyncio.gather(*(view(client, path, until, seen) for seen in found))  # type: ignore[call-overload]
    return found


def figures(name: str, found: list[Seen], seconds: float) -> dict[str, float]:
    """Updates a second and lateness in seconds; what came before a viewer had caught up does not count."""
    late = sorted(one for seen in found for one in seen.late[1:])
    if not late:
        raise SystemExit(f"{name}: nobody saw an update")
    rate = len(late) / seconds
    p95 = late[int(len(late) * 0.95)]
    print(
        f"{name:24}{rate:9.1f} updates a second   behind the log p50 {statistics.median(late):6.3f} s, p95 {p95:6.3f} s"
    )
    return {"rate": rate, "p95": p95}


def measure(viewers: int, seconds: float) -> tuple[dict[str, float], dict[str, float]]:
    """Both, one after the other, on the same log."""
    with tempfile.TemporaryDirectory() as folder:
        settings = load({"home": Path(folder)}).settings
        journal = begun(settings)
        ports = _free_ports(2)
        ours = [sys.executable, "-m", "spacefactory", "ui", "--port", str(ports[0])]
        bare = [sys.executable, "-c", BARE, str(journal.path), str(ports[1]), str(FASTEST_S)]
        with journal, growing(journal):
            with serving(bare, settings.home, ports[1]) as url:
                path = "/gradio_api/run/tick"
                second = figures("bare Gradio app", asyncio.run(watched(tick, url, path, viewers, seconds)), seconds)
            with serving(ours, settings.home, ports[0]) as url:
                path = f"/sf/runs/{journal.path.parent.name}/stream"
                first = figures("orchestrator", asyncio.run(watched(stream, url, path, viewers, seconds)), seconds)
    return first, second


def _free_ports(count: int) -> list[int]:
    held = [socket.socket() for _ in range(count)]
    for one in held:
        one.bind(("127.0.0.1", 0))
    ports = [int(one.getsockname()[1]) for one in held]
    for one in held:
        one.close()
    return ports


def main() -> int:
    """Print the table; exit status 1 when the aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--viewers", type=int, default=100)
    parser.add_argument("--seconds", type=float, default=15.0)
    options = parser.parse_args()
    ours, bare = measure(options.viewers, options.seconds)
    ratio = ours["rate"] / bare["rate"]
    aims = f"aims: >= {LEAST}x, p95 <= {LATEST_S} s"
    print(f"{options.viewers} viewers: {ratio:.2f}x the updates, p95 {ours['p95']:.2f} s behind the log ({aims})")
    return 0 if ratio >= LEAST and ours["p95"] <= LATEST_S else 1


if __name__ == "__main__":
    sys.exit(main())
