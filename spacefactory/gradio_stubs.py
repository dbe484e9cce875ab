"""Gradio starts without rewriting its own type stubs.

Every `import gradio` reads and renders anew the stub (.pyi, which only editors use) of each of its 80 components, and
writes it into the installation, which other processes are reading. That takes two fifths of the import. Here it is left
out for Gradio's own components; a component that an app defines is treated as ever, with all that may fail there.

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

COPY = "_spacefactory_gradio_stubs"
MODULE, FUNCTION = "gradio.component_meta", "create_or_modify_pyi"
PARAMETERS = ["component_class", "class_name", "events"]
"""What it takes in Gradio 4, 5 and 6. A function that takes something else may do something else, and is kept."""


class Finder:
    """Finds that one module as the others do, and has the function replaced once it is executed."""

    leaves_out = FUNCTION

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The module as it would be loaded; None for every other one."""
        if name != MODULE:
            return None
        others = (one.find_spec for one in sys.meta_path if not _is_ours(one) and hasattr(one, "find_spec"))
        found = next(filter(None, (find(name, path, target) for find in others)), None)
        if found is not None and hasattr(found.loader, "exec_module") and hasattr(found.loader, "__dict__"):
            found.loader.exec_module = _then_replace(found.loader.exec_module)  # type: ignore[union-attr,method-assign]
        return found


def _is_ours(finder: object) -> bool:
    """Also that of a copy of this file, and then not the same class."""
    return getattr(finder, "leaves_out", None) == FUNCTION


def _then_replace(execute: Callable[[ModuleType], None]) -> Callable[[ModuleType], None]:
    def executed(module: ModuleType) -> None:
        execute(module)
        written = getattr(module, FUNCTION, None)
        if _known(written):
            setattr(module, FUNCTION, _without_gradios_own(written))

    return executed


def _known(function: Any) -> bool:
    import inspect

    try:
        return list(inspect.signature(function).parameters) == PARAMETERS
    except (TypeError, ValueError):
        return False


def _without_gradios_own(written: Any) -> Callable[..., Any]:
    def create_or_modify_pyi(component_class: Any, class_name: str, events: Any) -> Any:
        if str(getattr(component_class, "__module__", "")).startswith("gradio."):
            return None
        return written(component_class, class_name, events)

    return create_or_modify_pyi


def leave_out() -> None:
    """From now on in this process. Harmless where Gradio is absent, already imported, or has no such function."""
    if not any(map(_is_ours, sys.meta_path)):
        sys.meta_path.insert(0, Finder())


def place(packages: Path) -> None:
    """Leave it out in every process of an environment, whose `site-packages` this is; nothing fails for want of it."""
    start = f"import {COPY}; {COPY}.leave_out()\n"
    try:
        with open(__file__, encoding="utf-8") as file:  # noqa: PTH123 - pathlib is not free
            _write(packages / f"{COPY}.py", file.read())
        _write(packages / f"{COPY}.pth", start)  # last: what it names is there
    except OSError:
        return


def _write(file: Path, text: str) -> None:
    """Whole or not at all: other processes may be starting."""
    if not file.is_file() or file.read_text(encoding="utf-8") != text:
        part = file.with_name(f"{file.name}.part")
        part.write_text(text, encoding="utf-8")
        part.replace(file)


def main() -> None:
    """`python -m spacefactory.gradio_stubs`: for the environment that this is called in."""
    import sysconfig
    from pathlib import Path

    place(Path(sysconfig.get_path("purelib")))


if __name__ == "__main__":
    main()
