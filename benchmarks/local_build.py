"""The sample build against a bare script that does venv, install, start and call; side by side, caches warm.

    python benchmarks/local_build.py [--rounds N] [--json]

The bare script runs the same app with the same packages, unconfined, and makes the three calls that the build makes.
Both take packages from uv's warm cache. The build is measured twice: with a data folder that has no environment yet,
and as a later build of the same model, which reuses what the first made. Aim (DESIGN section 11): at most 1.15.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

AIM = 1.15
SAMPLE = Path(__file__).resolve().parents[1] / "examples" / "digits"
CALLS = """
import sys
from gradio_client import Client, handle_file
client = Client(sys.argv[1], verbose=False)
for picture in sys.argv[2:]:
    client.predict(handle_file(picture), api_name="/generate")
"""


def build(home: Path) -> dict[str, object]:
    """One build by the command line; returns its document."""
    command = [sys.executable, "-m", "spacefactory", "build", str(SAMPLE), "--json"]
    done = subprocess.run(command, env=_environment(home), capture_output=True, text=True, check=False)
    document: dict[str, object] = json.loads(done.stdout)
    if document["status"] != "full_inference_success":
        raise SystemExit(f"the sample did not build: {document['status']}\n{done.stderr}")
    return document


def stop(home: Path) -> None:
    """End what a build left running."""
    command = [sys.executable, "-m", "spacefactory", "spaces", "stop", "--all"]
    subprocess.run(command, env=_environment(home), capture_output=True, check=True)


def bare(folder: Path, app: Path) -> None:
    """What a person would type: an environment, the packages, the app, three calls."""
    from spacefactory_local.app_files import read
    from spacefactory_local.plan import builder_list
    from spacefactory_local.ports import answers, free_port
    from spacefactory_local.uv import find_uv

    uv, python = find_uv(), folder / "venv" / "bin" / "python"
    found = read(app)
    packages = [*builder_list(found.sdk_version), *map(str, found.requirements)]
    for arguments in (["venv", str(folder / "venv")], ["pip", "install", "--python", str(python), *packages]):
        subprocess.run([uv.program, *arguments], env=dict(uv.environment), capture_output=True, check=True)
    port = free_port(())
    told = {"GRADIO_SERVER_PORT": str(port), "GRADIO_ANALYTICS_ENABLED": "False", "MODEL_PATH": str(SAMPLE)}
    plain = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    with subprocess.Popen(
        [python, "app.py"], cwd=app, env=plain | told, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as process:
        while not answers(port):
            if process.poll() is not None:
                raise SystemExit("the bare app ended")
            time.sleep(0.1)
        pictures = sorted(map(str, (SAMPLE / "samples").glob("*.png")))[:3]
        subprocess.run([python, "-c", CALLS, f"http://127.0.0.1:{port}", *pictures], check=True, capture_output=True)
        process.terminate()


def _environment(home: Path) -> dict[str, str]:
    return os.environ | {"SPACEFACTORY_HOME": str(home)}


def _seconds(work: Callable[[], object]) -> float:
    begun = time.perf_counter()
    work()
    return time.perf_counter() - begun


def measure(rounds: int) -> dict[str, float]:
    """Median seconds of each, and the ratios to the bare script."""
    took: dict[str, list[float]] = {"bare_s": [], "first_s": [], "again_s": []}
    with tempfile.TemporaryDirectory() as place:
        root = Path(place)
        build(root / "warm-up")
        app = _copied_app(root / "warm-up", root / "app")
        stop(root / "warm-up")
        for number in range(rounds):
            home, folder = root / f"home-{number}", root / f"bare-{number}"
            folder.mkdir()
            took["bare_s"].append(_seconds(partial(bare, folder, app)))
            took["first_s"].append(_seconds(partial(build, home)))
            stop(home)
            build(home)  # compiles what the first one imported
            stop(home)
            took["again_s"].append(_seconds(partial(build, home)))
            stop(home)
    medians = {name: statistics.median(values) for name, values in took.items()}
    ratios = {name.replace("_s", "_ratio"): medians[name] / medians["bare_s"] for name in ("first_s", "again_s")}
    return medians | ratios


def _copied_app(home: Path, target: Path) -> Path:
    (space,) = (path for path in (home / "spaces").iterdir() if not path.name.startswith("."))
    shutil.copytree(space / "app", target)
    return target


def main() -> int:
    """Print the table, or one JSON document; exit status 1 when the aim is missed."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = measure(options.rounds)
    if options.json:
        print(json.dumps(found | {"aim": AIM}))
    else:
        print(f"bare script                        {found['bare_s']:6.1f} s")
        print(f"build, no environment yet          {found['first_s']:6.1f} s  {found['first_ratio']:.2f}x")
        print(f"build, environment there           {found['again_s']:6.1f} s  {found['again_ratio']:.2f}x  aim {AIM}x")
    return int(found["again_ratio"] > AIM)


if __name__ == "__main__":
    sys.exit(main())
