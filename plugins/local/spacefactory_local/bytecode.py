"""Compiled modules of environments.

An app may not write beside its environment's modules, so the first app of an environment compiles what it imports into
its own working folder. Which modules those were is remembered by name; the next start compiles exactly them, by our own
hand and on every core, for all apps to come. Nothing that an app wrote is ever executed elsewhere.

Environments have most of their packages in common, as links to the same files. What was compiled of such a file for one
environment serves the others: the first app of the next one gets a copy, and the environment itself a link.

Measured, gradio with onnxruntime, quiet machine: import 6.3 s uncompiled, 4.7 s compiled; 1,700 of 4,900 modules used.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from spacefactory.record.files import write_json

FOLDER = ".bytecode"
"""Inside an app's working folder."""
USED, COMPILED = "used.json", "compiled"
MOST = 20_000
TIMEOUT_S = 120
_COMPILE = """
import compileall, concurrent.futures, functools, json, sys
compiled = functools.partial(compileall.compile_file, quiet=2)
with concurrent.futures.ProcessPoolExecutor() as pool:
    list(pool.map(compiled, json.load(sys.stdin), chunksize=50))
"""


def is_compiled(environment: Path) -> bool:
    """Whether apps find compiled modules in the environment itself."""
    return (environment / COMPILED).exists()


def seed(environment: Path, work: Path) -> None:
    """Give the first app of an environment copies of what was compiled of the same files for others.

    Copies, because the app may write to them. What cannot be copied the app compiles by itself.
    """
    for name, compiled in _shared(environment).items():
        target = (work / FOLDER / (environment / name).relative_to("/")).with_name(compiled.name)
        if not target.exists():
            _copy(compiled, target)


def _copy(compiled: Path, target: Path) -> None:
    """Copy whole or not at all: Python cannot start with half of a compiled module."""
    with suppress(OSError):
        target.parent.mkdir(parents=True, exist_ok=True)
        part = shutil.copyfile(compiled, target.with_name(f"{target.name}.part"))
        part.replace(target)


def _shared(environment: Path) -> dict[str, Path]:
    """Module -> where it is compiled in another environment that has the very same file."""
    found: dict[str, Path] = {}
    for other in sorted(environment.parent.glob(f"*/{COMPILED}")):
        if other.parent != environment:
            found |= dict(_of(other.parent, environment, found))
    return found


def _of(other: Path, environment: Path, known: Mapping[str, Path]) -> Iterator[tuple[str, Path]]:
    try:
        used = json.loads((other / USED).read_text(encoding="utf-8"))
    except (OSError, ValueError):  # being removed, or damaged: then this one gives nothing
        return
    for name in used:
        if name not in known and _same_file(other / name, environment / name):
            compiled = compiled_at(other / name)
            if compiled.is_file():
                yield name, compiled


def _same_file(one: Path, two: Path) -> bool:
    try:
        return one.samefile(two)
    except OSError:
        return False


def compiled_at(source: Path) -> Path:
    """Where the Python of an environment keeps what it compiled of a file: lib/python3.11 has cpython-311.

    The path has a part `pythonX.Y`, as that of every module of an environment.
    """
    version = next(part for part in reversed(source.parts) if part.startswith("python3.")).removeprefix("python")
    return source.parent / "__pycache__" / f"{source.stem}.cpython-{version.replace('.', '')}.pyc"


def remember(environment: Path, work: Path) -> None:
    """Note which modules of an environment the app that has just come up uses."""
    if (environment / USED).exists() or not environment.is_dir():
        return
    names = sorted(name for _, name in zip(range(MOST), _used(environment, work / FOLDER), strict=False))
    write_json(environment / USED, names)


def _used(environment: Path, folder: Path) -> Iterator[str]:
    """Sources inside the environment, by the names of what was compiled from them."""
    root = folder / environment.relative_to("/")
    for place, _, names in os.walk(root):
        for name in names:
            source = environment / Path(place).relative_to(root) / (name.partition(".")[0] + ".py")
            if name.endswith(".pyc") and source.is_file():
                yield source.relative_to(environment).as_posix()


def compile_used(environment: Path) -> bool:
    """Compile those modules, once; says whether it did. The caller holds the environment's lock.

    The environment's Python runs without its packages (-I -S), so that none of their code does.
    """
    if is_compiled(environment) or not (environment / USED).exists():
        return False
    names = json.loads((environment / USED).read_text(encoding="utf-8"))
    for name, compiled in _shared(environment).items():
        _link(compiled, compiled_at(environment / name))
    left = [str(environment / name) for name in names if not compiled_at(environment / name).exists()]
    command = [str(environment / "bin" / "python"), "-I", "-S", "-c", _COMPILE]
    done = subprocess.run(command, input=json.dumps(left).encode(), capture_output=True, timeout=TIMEOUT_S, check=False)
    if done.returncode == 0:
        (environment / COMPILED).touch()
    return done.returncode == 0


def _link(compiled: Path, target: Path) -> None:
    """Share a compiled module between two environments, to which apps cannot write; else it is compiled again."""
    with suppress(OSError):
        target.parent.mkdir(exist_ok=True)
        os.link(compiled, target)
