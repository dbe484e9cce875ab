"""The source `hub`: reads a model's card, file list, configs and weight headers from the Hub, without its weights."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from pydantic import JsonValue

from spacefactory.errors import BlockedError, SpacefactoryError, UsageError
from spacefactory.schema.card import ModelCard, ModelLocation, RepoFile
from spacefactory_huggingface.calls import read
from spacefactory_huggingface.client import Hub, message_of, status_of
from spacefactory_huggingface.names import model_reference

if TYPE_CHECKING:
    from huggingface_hub import ModelInfo

TIMEOUT_S = 30.0


@dataclass(frozen=True)
class HubSource:
    """Reads models of the Hub; public ones without a token."""

    hub: Hub = field(repr=False)
    name: str = "hub"

    def accepts(self, reference: str) -> bool:
        """Whether this is an id or address of a model; a folder that exists is none."""
        return model_reference(reference, self.hub.endpoint) is not None and not Path(reference).is_dir()

    def fetch(self, reference: str) -> ModelCard:
        """Read one model at the commit that its revision names now.

        Raises:
            UsageError: there is no such model, or this account may not see it.
            BlockedError: the token is not accepted, or the model is gated and even its card is kept back.
            PlatformError: the Hub does not answer.
        """
        from spacefactory.repository import read_card

        named = model_reference(reference, self.hub.endpoint)
        if named is None:
            raise UsageError(f"{reference!r} is no model of the Hub", "give owner/name or the address of its page")
        info = self._info(*named)
        location = ModelLocation(model=info.id, revision=info.sha or "main")
        files = tuple(RepoFile(path=one.rfilename, size=one.size) for one in info.siblings or ())
        read_part, accessible = _Reader(self.hub, location).read, self._accessible(info)
        try:
            card = read_card(location, self.name, files, read_part, gated=bool(info.gated), private=bool(info.private))
        except UsageError:
            if accessible is False:
                raise _gated(info.id, self.hub) from None
            raise
        return card.model_copy(update={"accessible": accessible, "index": _index(info)})

    def file(self, location: ModelLocation, path: str, most: int) -> bytes:
        """A file of a model, at most so many bytes of it.

        Raises:
            OSError: it cannot be read.
        """
        return _Reader(self.hub, location).read(path, 0, most)

    def _info(self, model: str, revision: str | None) -> ModelInfo:
        try:
            return read(
                self.hub,
                f"reading {model}",
                lambda: self.hub.api.model_info(model, revision=revision, files_metadata=True, timeout=TIMEOUT_S),
            )
        except SpacefactoryError as error:
            raise _missing(model, revision, error, self.hub.signed_in) or error from None

    def _accessible(self, info: ModelInfo) -> bool | None:
        """Whether this account may download the files; asked only where it can be in doubt."""
        if not (info.gated or info.private):
            return True
        try:
            read(self.hub, f"asking for access to {info.id}", lambda: self.hub.api.auth_check(info.id))
        except BlockedError:
            return False
        except SpacefactoryError:
            return None
        return True


def _gated(model: str, hub: Hub) -> BlockedError:
    who = "this account has not been given" if hub.signed_in else "nobody is signed in, so there is no"
    return BlockedError(
        "gated",
        f"{model} is gated, and {who} access to its files",
        f"accept its terms at {hub.endpoint}/{model}, then try again",
    )


def _index(info: ModelInfo) -> dict[str, JsonValue]:
    mapping = getattr(info, "inference_provider_mapping", None) or ()
    providers: list[JsonValue] = [str(one.provider) for one in mapping if getattr(one, "status", "live") == "live"]
    found: dict[str, JsonValue] = {
        "pipeline_tag": info.pipeline_tag,
        "library_name": info.library_name,
        "tags": list[JsonValue](info.tags or ()),
        "providers": providers,
    }
    return {key: value for key, value in found.items() if value}


def _missing(model: str, revision: str | None, error: SpacefactoryError, signed_in: bool) -> UsageError | None:
    """The Hub answers 404, or 401 to strangers, for what does not exist; a bad token has words of its own."""
    status, said = status_of(error.__cause__ or error), message_of(error.__cause__ or error)
    if status == 404 and "revision" in f"{said} {type(error.__cause__).__name__}".lower():
        return UsageError(f"{model} has no revision {revision!r}", "see its page for branches and tags")
    if status == 404 or (status == 401 and not signed_in):
        more = "check the name" if signed_in else "check the name, or sign in if it is private: hf auth login"
        return UsageError(f"there is no model {model!r} on the Hub, or this account may not see it", more)
    return None


@dataclass(frozen=True)
class _Reader:
    """Ranged reads of a model's files at one commit."""

    hub: Hub
    location: ModelLocation

    def read(self, path: str, offset: int, length: int) -> bytes:
        """At most that many bytes of a file.

        Raises:
            OSError: the file cannot be read.
        """
        url = f"{self.hub.endpoint}/{self.location.model}/resolve/{self.location.revision}/{quote(path, safe='/')}"
        try:
            return read(self.hub, f"reading {path}", lambda: self._range(url, offset, length))
        except SpacefactoryError as error:
            raise OSError(f"{path} cannot be read from the Hub: {error}") from None

    def _range(self, url: str, offset: int, length: int) -> bytes:
        """The bytes; a server that sends the whole file is read no further than their end."""
        from huggingface_hub.utils import (  # type: ignore[attr-defined]
            build_hf_headers,
            get_session,
            hf_raise_for_status,
        )

        headers = build_hf_headers(token=self.hub.api.token) | {"Range": f"bytes={offset}-{offset + length - 1}"}
        with get_session().stream("GET", url, headers=headers) as response:
            if response.status_code == 416:
                return b""
            if response.status_code >= 400:
                response.read()
            hf_raise_for_status(response)
            first = 0 if response.status_code == 206 else offset
            found = bytearray()
            for piece in response.iter_bytes():
                found += piece
                if len(found) >= first + length:
                    break
        return bytes(found[first : first + length])
