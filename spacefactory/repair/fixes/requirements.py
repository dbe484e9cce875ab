"""Fixes of requirements.txt."""

from __future__ import annotations

import re
from collections.abc import Callable

from packaging.utils import canonicalize_name

from spacefactory.lint.packages_known import BUILDER_OWNS, CUDA_SOURCE_ONLY, MODULES, SAME_MODULE
from spacefactory.repair.fixes.files import REQUIREMENTS, AppFiles

_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)\s*(\[[^\]]*\])?")
NEEDS_INDEX = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}(\[[\w,-]+\])?([<>=!~]=?[\w.*+]+(,[<>=!~]=?[\w.*+]+)*)?\Z")


def name_of(line: str) -> str:
    """The distribution that a line names, in its usual form; empty for comments and options."""
    found = _NAME.match(line)
    return canonicalize_name(found[1]) if found and not line.lstrip().startswith(("#", "-")) else ""


def require(files: AppFiles, *wanted: str) -> bool:
    """Add requirements; one that is there under another version gets the wanted one."""
    lines = files.lines(REQUIREMENTS)
    for one in filter(NEEDS_INDEX.match, wanted):
        name = name_of(one)
        bare = name == canonicalize_name(one)
        if bare and any(name_of(line) == name for line in lines):
            continue
        lines = [line for line in lines if name_of(line) != name] + [name if bare else one]
    return files.write_lines(REQUIREMENTS, lines)


def require_module(files: AppFiles, module: str) -> bool:
    """Add the distribution that holds a module, unless the module is the app's own or comes with the builder."""
    top = module.partition(".")[0]
    if not re.fullmatch(r"[A-Za-z_][\w.]*", module) or files.read(f"{top}.py"):
        return False
    names = (".".join(module.split(".")[:length]) for length in range(len(module.split(".")), 0, -1))
    known = next((MODULES[name] for name in names if name in MODULES), None)
    wanted = known or canonicalize_name(top)
    if wanted in BUILDER_OWNS:
        return False  # the lint rule req-builder-owned would take the line away again
    there = {name_of(line) for line in files.lines(REQUIREMENTS)}
    return not there & set(SAME_MODULE.get(wanted, ())) and require(files, wanted)


def unpin(files: AppFiles, *names: str) -> bool:
    """Take the versions of these distributions away, extras stay."""
    wanted = {canonicalize_name(name) for name in names}
    return _unpin(files, lambda name: name in wanted)


def unpin_all(files: AppFiles) -> bool:
    """Take every version away."""
    return _unpin(files, lambda _name: True)


def unpin_named(files: AppFiles) -> bool:
    """Take the versions of distributions away that the failure names."""
    said = {canonicalize_name(word) for word in re.findall(r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?", files.text)}
    return _unpin(files, lambda name: name in said)


def drop(files: AppFiles, *names: str) -> bool:
    """Leave distributions out."""
    wanted = {canonicalize_name(name) for name in names}
    lines = files.lines(REQUIREMENTS)
    return files.write_lines(REQUIREMENTS, [line for line in lines if name_of(line) not in wanted])


def drop_source_cuda(files: AppFiles) -> bool:
    """Leave distributions out that have no wheel and need CUDA to be built."""
    return drop(files, *CUDA_SOURCE_ONLY)


def replace(files: AppFiles, old: str, new: str) -> bool:
    """Require another distribution in the place of one."""
    names = [name_of(line) for line in files.lines(REQUIREMENTS)]
    return canonicalize_name(old) in names and drop(files, old) | require(files, new)


def drop_line(files: AppFiles, name: str, number: str) -> bool:
    """Leave a line out, counted from 1."""
    lines = files.lines(name)
    if not number.isdecimal() or not 0 < int(number) <= len(lines):
        return False
    return files.write_lines(name, [line for at, line in enumerate(lines, 1) if at != int(number)])


def _unpin(files: AppFiles, chosen: Callable[[str], bool]) -> bool:
    lines = [_bare(line) if name_of(line) and chosen(name_of(line)) else line for line in files.lines(REQUIREMENTS)]
    return files.write_lines(REQUIREMENTS, lines)


def _bare(line: str) -> str:
    """A requirement without versions; its extras and its condition stay."""
    found = _NAME.match(line)
    condition = line.partition(";")[2].partition("#")[0].strip()
    name = f"{found[1]}{found[2] or ''}" if found else line
    return f"{name}; {condition}" if condition else name
