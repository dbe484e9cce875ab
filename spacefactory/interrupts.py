"""How a run is stopped from outside: Ctrl-C cancels it, SIGTERM leaves it resumable, a request in `control/` asks."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from spacefactory.run import Run

CONTROL_POLL_S = 0.5


class Terminated(BaseException):
    """The process was told to end; the run is left so that it can be resumed."""


@contextmanager
def watched(run: Run) -> Iterator[None]:
    """While a run works: SIGTERM leaves it resumable, and a request in `control/` stops it."""
    done = threading.Event()
    main = threading.current_thread() is threading.main_thread()
    before = [signal.signal(number, handler) for number, handler in _HANDLERS.items()] if main else []
    watcher = threading.Thread(target=_control, args=(run, done, main), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()
        for number, handler in zip(_HANDLERS, before, strict=False):
            signal.signal(number, handler)


@contextmanager
def undisturbed() -> Iterator[None]:
    """While a cancelled run is settled, a second Ctrl-C changes nothing; SIGTERM still ends it."""
    main = threading.current_thread() is threading.main_thread()
    before = signal.signal(signal.SIGINT, signal.SIG_IGN) if main else None
    try:
        yield
    finally:
        if main:
            signal.signal(signal.SIGINT, before)


def _terminate(_number: int, _frame: object) -> None:
    raise Terminated


_HANDLERS = {signal.SIGTERM: _terminate, signal.SIGINT: signal.default_int_handler}
"""SIGINT is set too: a process that a shell put in the background starts with it ignored."""


def _control(run: Run, done: threading.Event, main: bool) -> None:
    """Poll for requests; the folder is the way that also works across machines."""
    while not done.wait(CONTROL_POLL_S):
        with suppress(FileNotFoundError):
            if any(path.suffix == ".json" for path in (run.folder / "control").iterdir()):
                run.stopping.set()
                if main:
                    signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
                return
