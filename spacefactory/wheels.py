"""Installed distributions as wheel files, however they were installed here.

A job or a Space must run exactly what is installed here, and nothing of ours is on a package index. What was installed
to be edited is built again from its folder, everything else is packed again from the files that its RECORD lists.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
import tomllib
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote, urlsplit

from spacefactory.errors import PlatformError

BUILD_S = 300
FIXED_DATE = (2020, 1, 1, 0, 0, 0)
"""The same files give the same wheel, so that it travels once."""
LEFT_OUT = re.compile(
    r"\.pyc$|\.pth$|(^|/)__pycache__/|^\.\.|\.dist-info/(RECORD|INSTALLER|REQUESTED|direct_url\.json|uv_\w+\.json)$"
)


def wheels(names: Iterable[str]) -> dict[str, bytes]:
    """Wheel files of installed distributions, by file name.

    Raises:
        PlatformError: one cannot be built.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = [wheel(name, Path(folder)) for name in sorted(set(names))]
        return {path.name: path.read_bytes() for path in paths}


def wheel(name: str, folder: Path) -> Path:
    """A wheel of an installed distribution, written into the folder.

    Raises:
        PlatformError: it cannot be built.
    """
    found = distribution(name)
    source = _edited(found)
    if source is None:
        return _packed(found, folder, ())
    backend = _backend(source)
    if importlib.util.find_spec(backend.partition(".")[0]) is None and (packages := _packages(source, backend)):
        return _packed(found, folder, packages)
    return _built(source, folder, backend)


def normal(name: str) -> str:
    """A distribution's name as wheel files spell it."""
    return re.sub(r"[-_.]+", "_", name).lower()


def _edited(found: Distribution) -> Path | None:
    """The folder that an editable install shows."""
    text = found.read_text("direct_url.json")
    facts = json.loads(text) if text else {}
    address = urlsplit(str(facts.get("url", "")))
    if address.scheme != "file" or not (facts.get("dir_info") or {}).get("editable"):
        return None
    folder = Path(unquote(address.path))
    return folder if (folder / "pyproject.toml").is_file() else None


def _backend(source: Path) -> str:
    return str(_table(source, "build-system").get("build-backend") or "setuptools.build_meta")


def _table(source: Path, *keys: str) -> dict[str, Any]:
    found: Any = tomllib.loads((source / "pyproject.toml").read_text(encoding="utf-8"))
    for key in keys:
        found = found.get(key) if isinstance(found, dict) else None
    return found if isinstance(found, dict) else {}


def _packages(source: Path, backend: str) -> tuple[Path, ...]:
    """Folders that hatchling packs, when its table names them all: then a wheel needs no build backend."""
    named = _table(source, "tool", "hatch", "build", "targets", "wheel").get("packages") or ()
    folders = tuple(source / str(name) for name in named)
    return folders if backend == "hatchling.build" and all(folder.is_dir() for folder in folders) else ()


def _built(source: Path, folder: Path, backend: str) -> Path:
    """Built with the backend of this environment, which needs no network; else with one that uv fetches."""
    with tempfile.TemporaryDirectory(dir=folder) as out:
        here = importlib.util.find_spec(backend.partition(".")[0]) is not None
        isolation = ["--no-build-isolation", "--python", sys.executable] if here else []
        command = [sys.executable, "-m", "uv", "build", "--quiet", "--wheel", *isolation, "--out-dir", out, str(source)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_S, check=False)
        made = sorted(Path(out).glob("*.whl"))
        if done.returncode != 0 or not made:
            last = " ".join(done.stderr.strip().splitlines()[-1:])[:300]
            raise PlatformError(
                f"no wheel can be built of {source.name}: {last}", "install it from a wheel, then try again"
            )
        return made[0].rename(folder / made[0].name)


def _packed(found: Distribution, folder: Path, packages: Iterable[Path]) -> Path:
    target = folder / f"{normal(found.metadata['Name'])}-{found.version}-{_tags(found)}.whl"
    contents = dict(_recorded(found)) | dict(_source_files(packages))
    rows = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, source in sorted(contents.items()):
            data = source.read_bytes()
            _add(archive, path, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append(f"{path},sha256={digest},{len(data)}")
        info = next(path.partition(".dist-info/")[0] for path in sorted(contents) if ".dist-info/" in path)
        record = f"{info}.dist-info/RECORD"
        _add(archive, record, "\n".join([*rows, f"{record},,", ""]).encode())
    return target


def _tags(found: Distribution) -> str:
    """The tags of its WHEEL file in the one form that a file name has: `py2.py3-none-any`."""
    tags = re.findall(r"^Tag: (\S+)-(\S+)-(\S+)$", found.read_text("WHEEL") or "", re.M) or [("py3", "none", "any")]
    return "-".join(".".join(sorted(set(parts))) for parts in zip(*tags, strict=True))


def _add(archive: zipfile.ZipFile, path: str, data: bytes) -> None:
    entry = zipfile.ZipInfo(path, FIXED_DATE)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    archive.writestr(entry, data)


def _recorded(found: Distribution) -> Iterator[tuple[str, Path]]:
    """Files of the packages and of the metadata; scripts and caches are made anew where it is installed."""
    for path in found.files or ():
        if not LEFT_OUT.search(str(path)) and (source := Path(str(path.locate()))).is_file():
            yield str(path), source


def _source_files(packages: Iterable[Path]) -> Iterator[tuple[str, Path]]:
    for package in packages:
        for source in package.rglob("*"):
            path = str(PurePosixPath(package.name, source.relative_to(package).as_posix()))
            if source.is_file() and not LEFT_OUT.search(path):
                yield path, source
