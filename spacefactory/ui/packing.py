"""Installed distributions as wheel files, so that a Space installs exactly what is installed here."""

from __future__ import annotations

import base64
import hashlib
import importlib.util
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

from spacefactory.errors import PlatformError

BUILD_S = 300
FIXED_DATE = (2020, 1, 1, 0, 0, 0)
"""The same files give the same wheel."""
LEFT_OUT = re.compile(
    r"\.pyc$|\.pth$|(^|/)__pycache__/|^\.\.|\.dist-info/(RECORD|INSTALLER|REQUESTED|direct_url\.json)$"
)


def wheels(names: Iterable[str]) -> dict[str, bytes]:
    """Wheel files by file name.

    Raises:
        PlatformError: one cannot be built.
    """
    with tempfile.TemporaryDirectory() as folder:
        paths = [_wheel(distribution(name), Path(folder)) for name in sorted(set(names))]
        return {path.name: path.read_bytes() for path in paths}


def _wheel(found: Distribution, folder: Path) -> Path:
    source = _edited(found)
    return _built(source, folder) if source else _packed(found, folder)


def _edited(found: Distribution) -> Path | None:
    """The folder that an editable install shows."""
    text = found.read_text("direct_url.json")
    facts = json.loads(text) if text else {}
    address = urlsplit(str(facts.get("url", "")))
    if address.scheme != "file" or not (facts.get("dir_info") or {}).get("editable"):
        return None
    return Path(unquote(address.path))


def _built(source: Path, folder: Path) -> Path:
    """Built with the backend of this environment where it is there, else with one that uv fetches."""
    here = importlib.util.find_spec("hatchling") is not None
    isolation = ["--no-build-isolation", "--python", sys.executable] if here else []
    with tempfile.TemporaryDirectory(dir=folder) as out:
        command = [sys.executable, "-m", "uv", "build", "--quiet", "--wheel", *isolation, "--out-dir", out, str(source)]
        done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_S, check=False)
        made = sorted(Path(out).glob("*.whl"))
        if done.returncode != 0 or not made:
            last = " ".join(done.stderr.strip().splitlines()[-1:])[:300]
            raise PlatformError(
                f"no wheel can be built of {source.name}: {last}", "install it from a wheel, then try again"
            )
        return made[0].rename(folder / made[0].name)


def _packed(found: Distribution, folder: Path) -> Path:
    tags = sorted(re.findall(r"^Tag: (\S+)$", found.read_text("WHEEL") or "", re.M))
    name = re.sub(r"[-_.]+", "_", found.metadata["Name"]).lower()
    target = folder / f"{name}-{found.version}-{tags[0] if tags else 'py3-none-any'}.whl"
    contents, rows = dict(_recorded(found)), []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, source in sorted(contents.items()):
            data = source.read_bytes()
            archive.writestr(_entry(path), data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append(f"{path},sha256={digest},{len(data)}")
        info = next(path.partition(".dist-info/")[0] for path in sorted(contents) if ".dist-info/" in path)
        record = f"{info}.dist-info/RECORD"
        archive.writestr(_entry(record), "\n".join([*rows, f"{record},,", ""]))
    return target


def _entry(path: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(path, FIXED_DATE)
    entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
    return entry


def _recorded(found: Distribution) -> Iterator[tuple[str, Path]]:
    """Files of the packages and of the metadata; scripts and caches are made anew where it is installed."""
    for path in found.files or ():
        if not LEFT_OUT.search(str(path)) and (source := Path(str(path.locate()))).is_file():
            yield str(path), source
