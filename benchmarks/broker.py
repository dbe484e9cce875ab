"""A streamed completion through the broker against a direct call to the same endpoint, and through a LiteLLM proxy.

    python -m benchmarks.broker [--rounds N] [--litellm]

Endpoint, broker and caller are three processes, as in a run. Calls alternate: a busy machine hits all alike. Aim
(DESIGN section 11): at most 5 ms more at the median, at least 90 % of the throughput. With `--litellm`, the proxy is
installed into an environment of its own for the while, and passes the same calls on in its usual way.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from spacefactory.broker.meter import Ceiling, Prices
from spacefactory.broker.model import open_model
from spacefactory.broker.serve import serve
from spacefactory.workbench import free_port

FRAMES = {"short answer": 20, "long answer": 2000}


async def _complete(request: Request) -> Response:
    count = FRAMES[(await request.json())["messages"][0]["content"]]

    async def frames() -> AsyncIterator[bytes]:
        for number in range(count):
            yield f"data: {json.dumps({'choices': [{'delta': {'content': f'word{number} ' * 8}}]})}\n\n".encode()
        yield b'data: {"choices": [], "usage": {"prompt_tokens": 3, "completion_tokens": 4}}\n\ndata: [DONE]\n\n'

    return StreamingResponse(frames(), media_type="text/event-stream")


def endpoint() -> None:
    """The process that stands for the model's endpoint: prints its address, ends with its input."""
    with serve(Starlette(routes=[Route("/v1/chat/completions", _complete, methods=["POST"])])) as address:
        print(address, flush=True)
        sys.stdin.read()


def caller(rounds: int) -> None:
    """The process that stands for the agent: reads two addresses with keys, prints medians per kind of answer."""
    asked = json.loads(sys.stdin.readline())
    with httpx.Client(timeout=60, trust_env=False) as client:
        for kind in FRAMES:
            taken: dict[str, list[float]] = {name: [] for name in asked}
            for turn in range(rounds + 1):
                for name, (address, key) in asked.items():
                    seconds = _seconds(client, address, key, kind)
                    if turn:
                        taken[name].append(seconds)
            print(
                json.dumps({name: statistics.median(one) for name, one in taken.items()} | {"kind": kind}), flush=True
            )


def _seconds(client: httpx.Client, address: str, key: str, kind: str) -> float:
    asked = {"model": "m", "stream": True, "messages": [{"role": "user", "content": kind}]}
    headers = {"authorization": f"Bearer {key}"}
    begun = time.perf_counter()
    with client.stream("POST", f"{address}/chat/completions", json=asked, headers=headers) as answer:
        for _ in answer.iter_raw():
            pass
    return time.perf_counter() - begun


def _process(*words: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "benchmarks.broker", *words]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


@contextmanager
def litellm(upstream: str) -> Iterator[tuple[str, str, int]]:
    """The address of a LiteLLM proxy before an endpoint, its key, and its process.

    Raises:
        OSError: it cannot be installed, or does not come up.
    """
    with tempfile.TemporaryDirectory() as folder:
        place, port = Path(folder), free_port()
        for words in (("venv", folder), ("pip", "install", "-q", "--python", folder, "litellm[proxy]")):
            done = subprocess.run([sys.executable, "-m", "uv", *words], capture_output=True, text=True, check=False)
            if done.returncode:
                raise OSError(" ".join(done.stderr.split())[-200:])
        model = {"model": "openai/m", "api_base": f"{upstream}/v1", "api_key": "secret"}
        config = place / "config.yaml"
        config.write_text(json.dumps({"model_list": [{"model_name": "m", "litellm_params": model}]}))
        start = [str(place / "bin" / "litellm"), "--config", str(config), "--host", "127.0.0.1", "--port", str(port)]
        key = f"sk-{secrets.token_hex(24)}"
        environment = {
            "LITELLM_MASTER_KEY": key,
            "PATH": f"{place / 'bin'}:/usr/bin:/bin",
            "HOME": folder,
            "LITELLM_LOCAL_MODEL_COST_MAP": "True",
        }
        with subprocess.Popen(
            start, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
        ) as proxy:
            try:
                _wait(f"http://127.0.0.1:{port}", proxy)
                yield f"http://127.0.0.1:{port}/v1", key, proxy.pid
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(proxy.pid, signal.SIGKILL)


def _wait(address: str, proxy: subprocess.Popen[bytes]) -> None:
    for _ in range(240):
        with suppress(httpx.HTTPError):
            if httpx.get(f"{address}/health/liveliness", trust_env=False).status_code == 200:
                return
        if proxy.poll() is not None:
            break
        time.sleep(0.5)
    raise OSError("the proxy did not come up")


def _megabytes(pid: int) -> float:
    """The most memory that a process has had."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024


def measure(rounds: int, beside: bool = False) -> tuple[list[dict[str, float | str]], dict[str, float]]:
    """Median seconds per kind of answer, and megabytes, of `direct`, `broker` and, beside them, `litellm`."""
    ceiling = Ceiling(usd=1e9, requests=10**9, tokens=10**12)
    memory: dict[str, float] = {}
    with ExitStack() as stack:
        far = stack.enter_context(_process("--endpoint"))
        stack.callback(far.communicate)
        upstream = str(far.stdout and far.stdout.readline()).strip()
        door = stack.enter_context(open_model(f"{upstream}/v1", "secret", "m", Prices(0, 0), ceiling, lambda *_: None))
        doors = {"direct": (f"{upstream}/v1", "secret"), "broker": (door.endpoint.base_url, door.endpoint.key)}
        proxy = 0
        if beside:
            try:
                address, key, proxy = stack.enter_context(litellm(upstream))
                doors["litellm"] = (address, key)
            except OSError as error:
                print(f"no LiteLLM proxy beside it: {error}")
        near = stack.enter_context(_process("--caller", "--rounds", str(rounds)))
        said, _ = near.communicate(json.dumps(doors) + "\n")
        memory = {"broker": _megabytes(os.getpid()), **({"litellm": _megabytes(proxy)} if proxy else {})}
    return [json.loads(line) for line in said.splitlines()], memory


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--endpoint", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--caller", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--litellm", action="store_true", help="measure a LiteLLM proxy, too")
    options = parser.parse_args()
    if options.endpoint or options.caller:
        endpoint() if options.endpoint else caller(options.rounds)
        return 0
    rows, memory = measure(options.rounds, options.litellm)
    for row in rows:
        print(f"{row['kind']:14} direct {float(row['direct']) * 1e3:8.2f} ms")
        for name in memory:
            near, far = float(row["direct"]), float(row[name])
            print(f"{'':14} {name:7}{far * 1e3:8.2f} ms   {(far - near) * 1e3:+.2f} ms   {near / far:.0%}")
    print("memory: " + ", ".join(f"{name} {used:.0f} MB" for name, used in memory.items()))
    print("aim: short answer at most +5 ms, long answer at least 90 %")
    return 0


if __name__ == "__main__":
    sys.exit(main())
