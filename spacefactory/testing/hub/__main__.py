"""`python -m spacefactory.testing.hub`: an emulated Hub to try things by hand."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from spacefactory.errors import SpacefactoryError, UsageError
from spacefactory.sample import digits
from spacefactory.settings import Settings
from spacefactory.testing.hub.hosted_runner import HostedRunner
from spacefactory.testing.hub.hub import EmulatedHub
from spacefactory.testing.hub.seed import SAMPLE_MODEL, people
from spacefactory.testing.hub.space_runner import ProcessRunner, SpaceRunner

PACKAGE_VARIABLES = (
    "UV_FIND_LINKS",
    "PIP_FIND_LINKS",
    "UV_CACHE_DIR",
    "UV_INDEX_URL",
    "PIP_INDEX_URL",
    "SSL_CERT_FILE",
)
"""What a job's machine takes over from ours, so that it can install packages."""


def main(argv: Sequence[str] | None = None) -> int:
    """Serve until interrupted; prints the endpoint and the tokens."""
    options = _parser().parse_args(argv)
    try:
        models = [(SAMPLE_MODEL, digits()), *map(_named_folder, options.model)]
        with _runner(options.space_host) as runner, EmulatedHub(
            options.port, space_runner=runner, job_environment=_package_environment()
        ) as hub:  # fmt: skip
            tokens = people(hub)
            for repo_id, folder in models:
                hub.add_model(repo_id, folder)
            print(_greeting(hub, tokens.all(), [name for name, _ in models], options.json), flush=True)  # noqa: T201
            _until_interrupted()
            if options.log:
                print("\n".join(entry.line() for entry in hub.log.entries()), file=sys.stderr)  # noqa: T201
    except SpacefactoryError as error:
        print(error, file=sys.stderr)  # noqa: T201
        return error.exit_code
    except OSError as error:
        print(f"the emulated Hub cannot start: {error.strerror}; choose another --port", file=sys.stderr)  # noqa: T201
        return 1
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser("python -m spacefactory.testing.hub", description="An emulated Hugging Face Hub.")
    parser.add_argument("--port", type=int, default=0, help="by default a free one")
    parser.add_argument("--model", action="append", default=[], metavar="OWNER/NAME=FOLDER", help="seed one more model")
    parser.add_argument(
        "--space-host",
        metavar="NAME",
        default=Settings().providers().host,
        help="run Spaces on this Space host of a plugin (%(default)s); '' runs them with the Python of the emulator",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--log", action="store_true", help="at the end print every request")
    return parser


def _named_folder(text: str) -> tuple[str, Path]:
    name, _, folder = text.partition("=")
    if name.count("/") != 1 or not Path(folder).is_dir() or not folder:
        raise UsageError(f"--model {text} does not name a model and a folder", "write OWNER/NAME=FOLDER")
    return name, Path(folder)


@contextmanager
def _runner(host: str) -> Iterator[SpaceRunner]:
    """The runner of Spaces; a host keeps what it makes in a data folder of its own, removed at the end."""
    if not host:
        yield ProcessRunner()
        return
    from spacefactory.runs import plugins_of

    with TemporaryDirectory(prefix="emulated-hub-spaces-") as home:
        yield HostedRunner(plugins_of(Settings(home=Path(home))).host(host))


def _package_environment() -> dict[str, str]:
    return {name: os.environ[name] for name in PACKAGE_VARIABLES if name in os.environ}


def _greeting(hub: EmulatedHub, tokens: dict[str, str], models: list[str], as_json: bool) -> str:
    if as_json:
        return json.dumps({"endpoint": hub.endpoint, "tokens": tokens, "models": models})
    lines = [f"HF_ENDPOINT={hub.endpoint}", *(f"token of {name}: {value}" for name, value in tokens.items())]
    return "\n".join([*lines, *(f"model: {name}" for name in models), "Ctrl-C ends it."])


def _until_interrupted() -> None:
    done = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: done.set())
    done.wait()


if __name__ == "__main__":
    sys.exit(main())
