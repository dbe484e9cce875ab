"""Gradio starts faster, and idles without work.

Every `import gradio` reads and renders anew the stub (.pyi, which only editors use) of each of its 80 components, and
writes it into the installation, which other processes are reading. That takes two fifths of the import. Here it is left
out for Gradio's own components; a component that an app defines is treated as ever, with all that may fail there.

The queue of Gradio 6 looks for work a thousand times a second, which takes one processor in fifteen of an app that
nobody uses. Here it looks fifty times a second; Gradio 4 and 5, and Gradio 6 on Windows, look twenty times.

This file stands alone, because environments of apps get a copy of it, and imports nothing: others pay nothing for it.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False  # not from `typing`, which a small process would have to import
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from importlib.machinery import ModuleSpec
    from pathlib import Path
    from types import ModuleType
    from typing import Any

COPY = "_spacefactory_lean_gradio"
PARAMETERS = ["component_class", "class_name", "events"]
"""What the function takes in Gradio 4, 5 and 6. One that takes something else may do something else, and is kept."""
LEAST_S = {"sleep_when_free": 0.02, "progress_update_sleep_when_free": 0.05}
"""How long a queue sleeps at least between two looks."""


class Finder:
    """Finds these modules where Python looks for modules, and has them changed once they are executed.

    It asks no other finder: two that ask each other would never end.
    """

    makes_lean = True

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module as it would be loaded; None for every other one."""
        if name not in CHANGES:
            return None
        from importlib.machinery import PathFinder

        found = PathFinder.find_spec(name, path, target)
        loader: Any = found and found.loader
        if hasattr(loader, "exec_module") and hasattr(loader, "__dict__"):
            loader.exec_module = _then(CHANGES[name], loader.exec_module)
        return found


def _then(change: Callable[[Any], None], execute: Callable[[ModuleType], None]) -> Callable[[ModuleType], None]:
    def executed(module: ModuleType) -> None:
        execute(module)
        change(module)

    return executed


def _without_own_stubs(module: Any) -> None:
    written: Any = getattr(module, "create_or_modify_pyi", None)
    if not _known(written):
        return

    def create_or_modify_pyi(component_class: Any, class_name: str, events: Any) -> Any:
        if str(getattr(component_class, "__module__", "")).startswith("gradio."):
            return None
        return written(component_class, class_name, events)

    module.create_or_modify_pyi = create_or_modify_pyi


def _known(function: Any) -> bool:
    import inspect

    try:
        return list(inspect.signature(function).parameters) == PARAMETERS
    except (TypeError, ValueError):
        return False


def _with_rest(module: Any) -> None:
    queue = getattr(module, "Queue", None)
    if not isinstance(queue, type):
        return
    from functools import wraps

    begin: Any = queue.__init__  # type: ignore[misc]

    @wraps(begin)
    def begun(self: Any, *given: Any, **named: Any) -> None:
        begin(self, *given, **named)
        for name, least in LEAST_S.items():
            if isinstance(told := getattr(self, name, None), (int, float)):
                setattr(self, name, max(told, least))

    queue.__init__ = begun  # type: ignore[misc]


CHANGES = {"gradio.component_meta": _without_own_stubs, "gradio.queueing": _with_rest}


def make_lean() -> None:
    """From now on in this process. Harmless where Gradio is absent, already imported, or made otherwise."""
    if not any(hasattr(finder, "makes_lean") for finder in sys.meta_path):  # perhaps that of a copy of this file
        sys.meta_path.insert(0, Finder())


def place(packages: Path) -> None:
    """The same for every process of an environment, whose `site-packages` this is; nothing fails for want of it."""
    start = f"import {COPY}; {COPY}.make_lean()\n"
    try:
        with open(__file__, encoding="utf-8") as file:  # noqa: PTH123 - pathlib is not free
            _write(packages / f"{COPY}.py", file.read())
        _write(packages / f"{COPY}.pth", start)  # last: what it names is there
    except OSError:
        return


def _write(file: Path, text: str) -> None:
    """Whole or not at all: other processes may be starting."""
    data = text.encode()
    if not file.is_file() or file.read_bytes() != data:
        part = file.with_name(f"{file.name}.part")
        part.write_bytes(data)
        part.replace(file)


def main() -> None:
    """`python -m spacefactory.lean_gradio`: for the environment that this is called in."""
    import sysconfig
    from pathlib import Path

    place(Path(sysconfig.get_path("purelib")))


if __name__ == "__main__":
    main()
