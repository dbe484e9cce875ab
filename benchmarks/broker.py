"""A streamed completion through the broker against a direct call to the same endpoint.

    python -m benchmarks.broker [--rounds N]

Endpoint, broker and caller are three processes, as in a run. Calls alternate, so that a busy machine hits both. Aim
(DESIGN section 11): at most 5 ms more at the median, at least 90 % of the throughput.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator

import httpx
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from spacefactory.broker.meter import Ceiling, Prices
from spacefactory.broker.model import open_model
from spacefactory.broker.serve import serve

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


def measure(rounds: int) -> list[dict[str, float | str]]:
    """Median seconds of `direct` and `broker`, per kind of answer."""
    ceiling = Ceiling(usd=1e9, requests=10**9, tokens=10**12)
    with _process("--endpoint") as far, _process("--caller", "--rounds", str(rounds)) as near:
        upstream = str(far.stdout and far.stdout.readline()).strip()
        with open_model(f"{upstream}/v1", "secret", "m", Prices(0, 0), ceiling, lambda *_: None) as door:
            doors = {"direct": (f"{upstream}/v1", "secret"), "broker": (door.endpoint.base_url, door.endpoint.key)}
            said, _ = near.communicate(json.dumps(doors) + "\n")
        far.communicate()
    return [json.loads(line) for line in said.splitlines()]


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=40)
    parser.add_argument("--endpoint", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--caller", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.endpoint or options.caller:
        endpoint() if options.endpoint else caller(options.rounds)
        return 0
    for row in measure(options.rounds):
        near, far = float(row["direct"]), float(row["broker"])
        more, share = (far - near) * 1e3, near / far
        print(
            f"{row['kind']:14} direct {near * 1e3:7.2f} ms   broker {far * 1e3:7.2f} ms   +{more:.2f} ms   {share:.0%}"
        )
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"aim: short answer at most +5 ms, long answer at least 90 %; the broker's process holds {used:.0f} MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
