"""Fixes of app.py: launch, imports, arguments, devices, dtypes, GPU functions."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator
from itertools import chain

from spacefactory.repair.fixes.files import APP, AppFiles
from spacefactory.repair.fixes.source import Change, Places, called, calls, changed, keyword, with_argument, without

BY_DEVICE = '"cuda" if torch.cuda.is_available() else "cpu"'
DTYPE_BY_DEVICE = "torch.bfloat16 if torch.cuda.is_available() else torch.float32"
LOADERS = ("from_pretrained", "from_single_file", "pipeline")
SHORTEST_S = 10
_CUDA = re.compile(r"cuda(:\d+)?\Z")
Find = Callable[[ast.Module, Places], Iterator[Change]]


def launch_set(files: AppFiles, name: str, value: str) -> bool:
    """Give `launch` an argument."""
    return _edit(files, lambda tree, at: _each(calls(tree, "launch"), lambda c: with_argument(c, name, value, at)))


def launch_drop(files: AppFiles, *names: str) -> bool:
    """Take arguments of `launch` away, and assignments of the variables that mean the same."""
    done = [_edit(files, _dropping(("launch",), name)) for name in names]
    return any(done)


def argument_set(files: AppFiles, name: str, value: str) -> bool:
    """Give an argument another value wherever it is given."""

    def find(tree: ast.Module, at: Places) -> Iterator[Change]:
        for call in calls(tree):
            if keyword(call, name) is not None:
                yield from with_argument(call, name, value, at)

    return _edit(files, find)


def argument_drop(files: AppFiles, function: str, name: str) -> bool:
    """Take an argument of a function away."""
    return _edit(files, _dropping((function,), name))


def import_first(files: AppFiles, module: str) -> bool:
    """Make the import of a module the first import of a package."""

    def find(tree: ast.Module, at: Places) -> Iterator[Change]:
        old = [one for one in tree.body if isinstance(one, ast.Import) and [a.name for a in one.names] == [module]]
        if any(alias.asname for one in old for alias in one.names):
            return
        for one in old:
            yield at.line_start(one), at.next_line(one), ""
        first = next((one for one in tree.body if one not in old and _brings(one)), None)
        where = at.line_start(first) if first else len(at.data)
        yield where, where, f"import {module}\n"

    return _edit(files, find)


def environment_first(files: AppFiles, name: str, value: str) -> bool:
    """Set an environment variable before anything is imported that reads it."""
    line = f'os.environ.setdefault("{name}", "{value}")'
    if line in files.read(APP):
        return False

    def find(tree: ast.Module, at: Places) -> Iterator[Change]:
        first = next((one for one in tree.body if _brings(one)), None)
        where = at.line_start(first) if first else len(at.data)
        yield where, where, f"import os\n\n{line}\n"

    return _edit(files, find)


def sdpa(files: AppFiles) -> bool:
    """Ask for the attention of torch itself wherever another one is named."""

    def find(tree: ast.Module, at: Places) -> Iterator[Change]:
        for call in calls(tree):
            given = keyword(call, "attn_implementation")
            if given is not None:
                yield from with_argument(call, "attn_implementation", '"sdpa"', at)
            yield from without(call, "use_flash_attention_2", at)

    return _edit(files, find)


def device_by_machine(files: AppFiles) -> bool:
    """Choose cuda only where there is one."""

    def find(tree: ast.Module, at: Places) -> Iterator[Change]:
        for call in calls(tree):
            places = [*call.args[:1]] if called(call) in ("to", "device", "Generator") else []
            places += [one.value for one in call.keywords if one.arg in ("device", "device_map")]
            for one in places:
                text = isinstance(one, ast.Constant) and isinstance(one.value, str) and _CUDA.match(one.value)
                number = isinstance(one, ast.Constant) and type(one.value) is int and one not in call.args
                if text or number:
                    yield at.start(one), at.end(one), BY_DEVICE
            if called(call) == "cuda" and isinstance(call.func, ast.Attribute) and not call.args:
                yield at.end(call.func.value), at.end(call), f".to({BY_DEVICE})"

    return _with_torch(files, find)


def dtype_by_device(files: AppFiles) -> bool:
    """Half precision on a GPU only: many operations of a CPU do not mix dtypes."""

    def find(tree: ast.Module, at: Places) -> Iterator[Change]:
        for call in calls(tree):
            for name in ("dtype", "torch_dtype"):
                given = keyword(call, name)
                if given is not None and at.text(given.value) in ("torch.float16", "torch.bfloat16", "torch.half"):
                    yield at.start(given.value), at.end(given.value), DTYPE_BY_DEVICE

    return _with_torch(files, find)


def half_precision(files: AppFiles) -> bool:
    """Load weights in bfloat16, which takes half of the memory, where no dtype is given."""

    def find(tree: ast.Module, at: Places) -> Iterator[Change]:
        for call in calls(tree, *LOADERS):
            owner = at.text(call.func).lower()
            light = any(word in owner for word in ("tokenizer", "processor", "config", "scheduler", "extractor"))
            if not light and not keyword(call, "dtype") and not keyword(call, "torch_dtype"):
                yield from with_argument(call, "dtype", "torch.bfloat16", at)

    return _with_torch(files, find)


def duration(files: AppFiles, most: str) -> bool:
    """Declare at most so many seconds for GPU functions; half of it where that was declared already."""

    def find(tree: ast.Module, at: Places) -> Iterator[Change]:
        for call in calls(tree, "GPU"):
            given = keyword(call, "duration")
            if given is None:
                yield from with_argument(call, "duration", most, at)
            elif isinstance(given.value, ast.Constant) and isinstance(given.value.value, int | float):
                seconds = int(given.value.value)
                shorter = int(most) if seconds > int(most) else max(SHORTEST_S, seconds // 2)
                yield from with_argument(call, "duration", str(shorter), at)

    return _edit(files, find)


def gpu_size(files: AppFiles, size: str) -> bool:
    """Ask for a whole GPU instead of half of one."""
    return _edit(files, lambda tree, at: _each(calls(tree, "GPU"), lambda c: with_argument(c, "size", f'"{size}"', at)))


def plain_def(files: AppFiles) -> bool:
    """Make GPU functions that are async, and await nothing, plain ones."""

    def find(tree: ast.Module, at: Places) -> Iterator[Change]:
        for node in ast.walk(tree):
            if not isinstance(node, ast.AsyncFunctionDef) or not any("GPU" in at.text(d) for d in node.decorator_list):
                continue
            if not any(isinstance(one, ast.Await | ast.AsyncFor | ast.AsyncWith) for one in ast.walk(node)):
                where = at.data.index(b"async", at.start(node))
                yield where, at.data.index(b"def", where), ""

    return _edit(files, find)


def pin_revision(files: AppFiles, revision: str) -> bool:
    """Load the commit that the card was read at."""

    def find(tree: ast.Module, at: Places) -> Iterator[Change]:
        constants = [one for one in tree.body if isinstance(one, ast.Assign)]
        values = [one.value for call in calls(tree) for one in call.keywords if one.arg == "revision"]
        values += [one.value for one in constants if at.text(one.targets[0]) == "REVISION"]
        for one in values:
            if isinstance(one, ast.Constant):
                yield at.start(one), at.end(one), repr(revision)

    return bool(re.fullmatch(r"[\w.-]{4,100}", revision)) and _edit(files, find)


def _dropping(functions: tuple[str, ...], name: str) -> Find:
    return lambda tree, at: _each(calls(tree, *functions), lambda call: without(call, name, at))


def _each(found: Iterator[ast.Call], change: Callable[[ast.Call], Iterator[Change]]) -> Iterator[Change]:
    return chain.from_iterable(map(change, found))


def _brings(node: ast.stmt) -> bool:
    """Whether a statement is an import that is not from the future."""
    return isinstance(node, ast.Import) or (isinstance(node, ast.ImportFrom) and node.module != "__future__")


def _with_torch(files: AppFiles, find: Find) -> bool:
    """An edit whose words name torch."""
    before = files.read(APP)
    if not _edit(files, find):
        return False
    if not re.search(r"^import torch\b", files.read(APP), re.M):
        lines = files.read(APP)
        first = re.search(r"^import (?!spaces\b|__future__)\w+|^from (?!__future__)\w+", lines, re.M)
        at = first.start() if first else 0
        return files.write(APP, f"{lines[:at]}import torch\n{lines[at:]}")
    return files.read(APP) != before


def _edit(files: AppFiles, find: Find) -> bool:
    return files.write(APP, changed(files.read(APP), find))
