"""Who asks: this machine's user, or somebody who signed in with Hugging Face. A token lives in one request's memory."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NoReturn

from spacefactory.errors import SpacefactoryError
from spacefactory.ui.scopes import without

LOCAL = "local"
ENDS_SOON_S = 3600.0


class NotSignedInError(SpacefactoryError):
    """Somebody has to sign in first."""

    exit_code = 5

    def __init__(self, what: str = "this needs you to be signed in") -> None:
        super().__init__(what, "sign in with Hugging Face, then try again")


@dataclass(frozen=True, repr=False)
class Visitor:
    """One person for one request."""

    key: str
    """tells people apart; made from the verified `sub` of a sign-in, never from a name"""
    name: str = ""
    token: str | None = field(default=None, repr=False)
    scope: str = ""
    """scopes that were granted; empty when they are not known"""
    expires_at: float = 0.0

    @property
    def is_local(self) -> bool:
        """Whether this is the user of the machine, who works with what it is set up with."""
        return self.key == LOCAL

    @property
    def lacking(self) -> tuple[str, ...]:
        """Scopes that a build needs and that were not granted."""
        return without(self.scope) if self.scope else ()

    @property
    def seconds_left(self) -> float | None:
        """How long the sign-in lasts; None where that is not known."""
        return self.expires_at - time.time() if self.expires_at else None

    def __repr__(self) -> str:
        """Never the token."""
        return f"Visitor({self.key[:8]})"

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: that is how a token travels unseen."""
        raise TypeError("a visitor stays in the process that serves it")


def signs_in() -> bool:
    """Whether people sign in here; without that, only this machine's user is served."""
    return bool(os.environ.get("OAUTH_CLIENT_ID"))


def of_request(session: Mapping[str, Any], headers: Mapping[str, str], token: str | None = None) -> Visitor | None:
    """Who sent a request: by the session's verified sign-in, else by a token that the caller sent along.

    Args:
        session: the signed session of the request.
        headers: its headers, for `Authorization: Bearer`.
        token: a token that an API caller gave apart from the headers.
    """
    if not signs_in():
        return Visitor(LOCAL)
    info = session.get("oauth_info")
    if isinstance(info, Mapping) and info.get("access_token"):
        return _signed_in(info)
    scheme, _, sent = headers.get("authorization", "").partition(" ")
    given = token or (sent.strip() if scheme.lower() == "bearer" else "")
    return Visitor(_digest(f"token {given}"), token=given) if given else None


def _signed_in(info: Mapping[str, Any]) -> Visitor | None:
    expires = float(info.get("expires_at") or 0)
    user = info.get("userinfo") or {}
    if (expires and expires < time.time()) or not user.get("sub"):
        return None
    return Visitor(
        _digest(f"sub {user['sub']}"),
        str(user.get("preferred_username") or ""),
        str(info["access_token"]),
        str(info.get("scope") or ""),
        expires,
    )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
