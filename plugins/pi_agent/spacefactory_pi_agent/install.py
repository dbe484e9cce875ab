"""Fetches Pi once: one archive of one version, known by its hash; nothing of its dependency tree, no install scripts.

The archive holds a command that is whole in itself, so that nothing else is installed.
"""

from __future__ import annotations

import base64
import hashlib
import os
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping
from pathlib import Path

from spacefactory.errors import PlatformError
from spacefactory.paths import expanded
from spacefactory_pi_agent.node import NEXT, npm

PACKAGE, VERSION = "@earendil-works/pi-coding-agent", "1.5.2"
SHA512 = "mUWI04rqF1Vd/m1q+Ps1XeWsTXEVvRUnsmRa83I3Dzua0Tx5bYS93imeqtIfrXf7PkkaR6ERz+AuQhIJlom5yA=="
CLI = Path("package", "dist", "bundle", "cli.js")
TIMEOUT_S = 300
OURS = ("PATH", "HOME", "LANG", "SSL_CERT_FILE", "NODE_EXTRA_CA_CERTS")
NETWORK = ("npm_config_", "http_proxy", "https_proxy", "no_proxy", "all_proxy")
"""Beginnings of names, in lower case, that say how a registry is reached."""


def find_pi(home: Path, node: Path, asked: str = "") -> Path:
    """Pi's cli.js: the one asked for, else the pinned version in the data folder, fetched when it is not there.

    Raises:
        PlatformError: it cannot be fetched, or what was fetched is not the pinned archive.
    """
    if asked:
        path = expanded(asked)
        if not path.is_file():
            raise PlatformError(f"there is no Pi at {path}", "mend the setting plugin.pi.cli")
        return path.resolve()
    kept = home / "cache" / "pi" / f"{VERSION}-{hashlib.sha256(SHA512.encode()).hexdigest()[:12]}"
    if not (kept / CLI).is_file():
        kept.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=kept.parent, prefix=".fetch-") as aside:
            unpack(fetch(Path(aside), node), Path(aside) / "unpacked")
            shutil.rmtree(kept, ignore_errors=True)
            _put(Path(aside) / "unpacked", kept)
    return (kept / CLI).resolve()


def fetch(folder: Path, node: Path) -> Path:
    """Have npm pack the pinned version into a folder; npm sees none of the caller's secrets."""
    command = npm()
    if command is None:
        raise PlatformError("there is no npm to fetch Pi with", f"install it with: {NEXT}")
    words = ["pack", f"{PACKAGE}@{VERSION}", "--silent", "--ignore-scripts", "--pack-destination", str(folder)]
    environment = _environment(os.environ, node, folder)
    try:
        done = subprocess.run(
            [*command, *words],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise _unfetched(str(error)) from None
    found = next(folder.glob("*.tgz"), None)
    if done.returncode != 0 or found is None:
        raise _unfetched(f"{done.stderr}{done.stdout}")
    return found


def unpack(archive: Path, target: Path) -> None:
    """Unpack the archive when it is the pinned one.

    Raises:
        PlatformError: it is another one.
    """
    if base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode() != SHA512:
        raise PlatformError(
            f"what the registry gave for Pi {VERSION} is not the pinned archive, so it was not unpacked",
            "look at the registry that npm is configured with",
        )
    with tarfile.open(archive) as packed:
        packed.extractall(target, filter="data")


def _environment(given: Mapping[str, str], node: Path, folder: Path) -> dict[str, str]:
    kept = {name: value for name, value in given.items() if name in OURS or name.lower().startswith(NETWORK)}
    path = f"{node.parent}{os.pathsep}{kept.get('PATH', os.defpath)}"
    return {**kept, "PATH": path, "npm_config_cache": str(folder / "npm"), "npm_config_update_notifier": "false"}


def _put(unpacked: Path, kept: Path) -> None:
    """In one step; another process may have been faster."""
    try:
        unpacked.rename(kept)
    except OSError:
        if not (kept / CLI).is_file():
            raise


def _unfetched(said: str) -> PlatformError:
    lines = [line for line in said.splitlines() if "error" in line.lower()] or said.strip().splitlines()
    last = " ".join((lines or ["npm gave no reason"])[-1].split())[:300]
    return PlatformError(
        f"Pi {VERSION} cannot be fetched ({last})", "check the network and the registry that npm is configured with"
    )
