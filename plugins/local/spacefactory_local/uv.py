"""uv: where it is, what it is told of the user's way to packages, and what its failures mean."""

from __future__ import annotations

import configparser
import hashlib
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from spacefactory.errors import PlatformError

TIMEOUT_S = 3600
_PASSED = re.compile(
    r"(PATH|HOME|USER|LOGNAME|TMPDIR|LANG|LC_\w+|XDG_\w+|NETRC|SSL_CERT_FILE|SSL_CERT_DIR"
    r"|(https?|all|no)_proxy|UV_\w+)\Z",
    re.I,
)
_NOT_PASSED = frozenset({"UV_PYTHON", "UV_SYSTEM_PYTHON", "UV_BREAK_SYSTEM_PACKAGES", "UV_PROJECT_ENVIRONMENT"})
"""These would turn the environment that is made here into another one."""
_NETWORK = re.compile(
    r"error sending request|dns error|failed to lookup address|connection (?:refused|reset)|network is unreachable"
    r"|could not connect|operation timed out|request failed after|error trying to connect|client error \(connect\)"
    r"|network connectivity is disabled|network was disabled|invalid peer certificate"
    r"|certificate verify failed|tls handshake",
    re.I,
)
_DISK = re.compile(r"no space left on device|os error 28\b|disk quota exceeded|os error 122\b", re.I)


@dataclass(frozen=True)
class Uv:
    """The program and its environment."""

    program: str
    environment: Mapping[str, str]
    arguments: tuple[str, ...] = ()
    """what has no variable: `--no-index`"""

    def run(self, arguments: Sequence[str], folder: Path, log: Path, lock: int) -> int:
        """Run it with its output at the end of the log; returns its exit status.

        It also holds the lock: should we be killed, whoever comes next waits until it has ended.

        Raises:
            PlatformError: it took longer than an hour.
        """
        with log.open("ab") as output:
            try:
                return subprocess.run(
                    [self.program, *arguments, "--no-progress", "--color", "never"],
                    cwd=folder,
                    env=dict(self.environment),
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    timeout=TIMEOUT_S,
                    pass_fds=(lock,),
                    check=False,
                ).returncode
            except subprocess.TimeoutExpired:
                raise PlatformError(
                    f"uv did not end within {TIMEOUT_S // 60} minutes", "check the network, then try again"
                ) from None

    @property
    def way(self) -> str:
        """Digest of all that says where packages come from."""
        told = sorted((key, value) for key, value in self.environment.items() if key.startswith("UV_"))
        told += [("arguments", word) for word in self.arguments]
        return hashlib.sha256(repr(told).encode()).hexdigest()

    @property
    def find_links(self) -> tuple[Path, ...]:
        """The folders of this machine that packages are taken from."""
        names = self.environment.get("UV_FIND_LINKS", "").split(",")
        paths = (name.removeprefix("file://") for name in names)
        return tuple(Path(path) for path in paths if path and "://" not in path)


def find_uv(given: Mapping[str, str] | None = None) -> Uv:
    """The uv that was installed with us, else the one on PATH.

    Raises:
        PlatformError: there is none.
    """
    told = os.environ if given is None else given
    program = _installed() or shutil.which("uv", path=told.get("PATH"))
    if program is None:
        raise PlatformError("uv, which makes the environments of apps, is not installed", "run: pip install uv")
    pip = pip_settings(told)
    alone = pip.get("no-index", "").lower() in ("1", "true", "yes", "on")
    return Uv(program, environment(told, pip), ("--no-index",) if alone else ())


def _installed() -> str | None:
    try:
        from uv import find_uv_bin

        return find_uv_bin()
    except (ImportError, FileNotFoundError):
        return None


def environment(given: Mapping[str, str], pip: Mapping[str, str]) -> dict[str, str]:
    """What uv is told: its own variables, proxies, certificates, and pip's settings in its own words; no secret else.

    Source: uv's page on environment variables; uv itself reads nothing of pip's. Where uv asks further indexes only for
    what the first lacks, pip takes the best version of all: whoever has set pip so gets that.
    """
    passed = {key: value for key, value in given.items() if _PASSED.match(key) and key not in _NOT_PASSED}
    told = {
        "UV_FIND_LINKS": ",".join(pip.get("find-links", "").split()),
        "UV_INDEX": " ".join(pip.get("extra-index-url", "").split()),
        "UV_INDEX_STRATEGY": "unsafe-best-match" if pip.get("extra-index-url") else "",
        "UV_INSECURE_HOST": " ".join(pip.get("trusted-host", "").split()),
        "SSL_CERT_FILE": pip.get("cert", "") or given.get("REQUESTS_CA_BUNDLE", "") or given.get("CURL_CA_BUNDLE", ""),
    }
    if "UV_INDEX_URL" not in given:
        told["UV_DEFAULT_INDEX"] = pip.get("index-url", "")
    both = {key: value for key, value in told.items() if value} | passed
    folders = f"{both.pop('UV_FIND_LINKS', '')},{told['UV_FIND_LINKS']}".split(",")
    links = ",".join(dict.fromkeys(filter(None, folders)))  # none, and one that both are told of, make no other way
    return both | ({"UV_FIND_LINKS": links} if links else {})


def pip_settings(given: Mapping[str, str]) -> dict[str, str]:
    """What the user has told pip: its files in its own order, then the environment."""
    found: dict[str, str] = {}
    for path in _pip_files(given):
        parser = configparser.ConfigParser(interpolation=None)
        try:
            parser.read(path, encoding="utf-8")
        except (configparser.Error, UnicodeDecodeError, OSError):
            continue
        for section in ("global", "install"):
            if parser.has_section(section):
                found |= dict(parser.items(section))
    names = ("find-links", "index-url", "extra-index-url", "no-index", "trusted-host", "cert")
    told = {name: given.get("PIP_" + name.upper().replace("-", "_"), "") for name in names}
    return found | {name: value for name, value in told.items() if value}


def _pip_files(given: Mapping[str, str]) -> Iterator[Path]:
    """Source: pip's page on configuration."""
    if (named := given.get("PIP_CONFIG_FILE")) == os.devnull:
        return
    yield Path("/etc/pip.conf")
    if home := given.get("HOME"):
        yield Path(home, ".pip/pip.conf")
        yield Path(given.get("XDG_CONFIG_HOME") or Path(home, ".config"), "pip/pip.conf")
    if named:
        yield Path(named)


def network_failed(output: str) -> bool:
    """Whether uv's words say that an index could not be reached."""
    return bool(_NETWORK.search(output))


def untrusted(output: str) -> bool:
    """Whether uv's words say that it does not know who signed an index's certificate."""
    return "peer certificate" in output


def disk_full(output: str) -> bool:
    """Whether uv's words say that there is no room."""
    return bool(_DISK.search(output))
