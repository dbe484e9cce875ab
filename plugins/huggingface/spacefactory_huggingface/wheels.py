"""The distributions of a run's plugins as wheel files, however they were installed here.

A job must run exactly what the run's spec names, and nothing of ours is on a package index. What was installed from a
folder is built again; what was installed from a wheel is packed again from the files that its RECORD lists.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterable
from importlib.metadata import Distribution, distribution
from pathlib import Path
from urllib.parse import unquote, urlsplit

from spacefactory.errors import PlatformError

BUILD_S = 300


def wheel(name: str, folder: Path) -> Path:
    """A wheel of an installed distribution, written into the folder.

    Raises:
        PlatformError: it cannot be built.
    """
    found = distribution(name)
    source = _source_folder(found)
    return _built(source, folder) if source else _packed(found, folder)


def _source_folder(found: Distribution) -> Path | None:
    """The folder that an editable or local install came from."""
    text = found.read_text("direct_url.json")
    facts = json.loads(text) if text else {}
    address = urlsplit(str(facts.get("url", "")))
    folder = Path(unquote(address.path))
    return folder if address.scheme == "file" and (folder / "pyproject.toml").is_file() else None


def _built(source: Path, folder: Path) -> Path:
    before = set(folder.glob("*.whl"))
    command = [sys.executable, "-m", "uv", "build", "--quiet", "--wheel", "--out-dir", str(folder), str(source)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=BUILD_S, check=False)
    made = sorted(set(folder.glob("*.whl")) - before) or sorted(folder.glob("*.whl"))
    if done.returncode != 0 or not made:
        last = " ".join(done.stderr.strip().splitlines()[-1:])[:300]
        raise PlatformError(
            f"no wheel can be built of {source.name}: {last}", "install it from a wheel, then try again"
        )
    return made[-1]


def _packed(found: Distribution, folder: Path) -> Path:
    tags = sorted(re.findall(r"^Tag: (\S+)$", found.read_text("WHEEL") or "", re.M))
    name = re.sub(r"[-_.]+", "_", found.metadata["Name"])
    target = folder / f"{name}-{found.version}-{tags[0] if tags else 'py3-none-any'}.whl"
    rows = []
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in _contents(found):
            entry = zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0))
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            rows.append(f"{path},sha256={digest},{len(data)}")
        record = next(row.partition(",")[0].rpartition("/")[0] for row in rows if ".dist-info/" in row) + "/RECORD"
        archive.writestr(record, "\n".join([*rows, f"{record},,", ""]))
    return target


def _contents(found: Distribution) -> Iterable[tuple[str, bytes]]:
    """Files of the packages and of the metadata; scripts and caches are made anew where it is installed."""
    left_out = re.compile(r"\.pyc$|(^|/)(RECORD|INSTALLER|REQUESTED|direct_url\.json)$|^\.\.")
    for path in sorted(found.files or (), key=str):
        if not left_out.search(str(path)) and (source := Path(str(path.locate()))).is_file():
            yield str(path), source.read_bytes()


def wheels(names: Iterable[str]) -> dict[str, bytes]:
    """Wheel files of distributions, by file name."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [wheel(name, Path(folder)) for name in sorted(set(names))]
        return {path.name: path.read_bytes() for path in paths}
