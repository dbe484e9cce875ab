"""What a validation may name: a local Space, a folder with an app, or the address of a running app."""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from spacefactory.errors import NotFoundError, UsageError
from spacefactory_local.app_files import app_file
from spacefactory_local.ports import listening


@dataclass(frozen=True)
class Address:
    """A running app on a loopback address."""

    host: str
    port: int
    path: str = ""

    @property
    def url(self) -> str:
        """Normalised, so that one app has one name."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}{self.path}"


def address(reference: str) -> Address | None:
    """The loopback address that a reference is; None when it is no address.

    Raises:
        UsageError: it is an address that is not called from here.
    """
    if "://" not in reference:
        return None
    try:
        parts = urlsplit(reference)
        host, port = parts.hostname or "", parts.port if parts.port is not None else 80
    except ValueError:
        raise UsageError("that is no address", "give one such as http://127.0.0.1:7860") from None
    if parts.scheme != "http" or parts.username or parts.password or not _loopback(host):
        raise UsageError(
            f"{parts.scheme}://{host} is not the address of an app on this machine",
            "give one such as http://127.0.0.1:7860; call a Space of the Hub as owner/name with --platform huggingface",
        )
    return Address("127.0.0.1" if host == "localhost" else host, port, parts.path.rstrip("/"))


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def running(reference: str) -> Address | None:
    """The same, when somebody listens there.

    Raises:
        UsageError: nobody does, or it is an address that is not called from here.
    """
    if (found := address(reference)) is not None and not listening(found.host, found.port):
        raise UsageError(f"nothing listens on {found.url}", "start the app, or correct the port")
    return found


def app_folder(reference: str) -> Path:
    """The folder with an app that a reference names.

    Raises:
        UsageError: it is no such folder.
        NotFoundError: nothing here has that name.
    """
    with suppress(OSError, ValueError, RuntimeError):
        path = Path(reference or "\0").expanduser()
        if path.is_dir():
            return _with_app(path.resolve(), reference)
        if path.is_file():
            raise UsageError(f"{reference!r} is a file", "give the folder that holds the app")
    if reference.count("/") == 1 and not reference.startswith((".", "/", "~")):
        raise UsageError(
            f"{reference!r} looks like a Space of the Hub, which this platform cannot call",
            f"run: spacefactory validate {reference} --platform huggingface",
        )
    raise NotFoundError(f"there is no local Space, folder or address {reference!r}", "see: spacefactory spaces list")


def _with_app(folder: Path, reference: str) -> Path:
    if not (folder / app_file(folder)).is_file():
        raise UsageError(f"the folder {reference!r} holds no {app_file(folder)}", "give the folder that holds the app")
    return folder
