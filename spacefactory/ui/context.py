"""From a Gradio request to the desk of whoever sent it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import gradio as gr

from spacefactory.errors import UsageError
from spacefactory.ui.desk import Desk
from spacefactory.ui.routes import Site
from spacefactory.ui.visitors import NotSignedInError, Visitor, of_request

HUB_ID = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[\w.-]{1,96}\Z")


def visitor(request: gr.Request, token: gr.OAuthToken | None = None) -> Visitor | None:
    """Who sent it; None when nobody is signed in and this site asks for it."""
    underlying = getattr(request, "request", None) or request
    scope: Any = getattr(underlying, "scope", {})
    session: Mapping[str, Any] = scope.get("session") or {}
    headers = {name.lower(): value for name, value in dict(request.headers).items()}
    return of_request(session, headers, token.token if token else None)


def desk(site: Site, request: gr.Request, token: gr.OAuthToken | None = None) -> Desk:
    """The desk of whoever sent it.

    Raises:
        NotSignedInError: nobody is signed in.
    """
    found = visitor(request, token)
    if found is None:
        raise NotSignedInError
    return Desk(found, site.settings, site.turns)


def allowed(desk: Desk, reference: str) -> str:
    """A reference as this visitor may give it: somebody who signed in from elsewhere names no path of this machine.

    Raises:
        UsageError: it is none.
    """
    wanted = reference.strip()
    if desk.visitor.is_local or not wanted:
        return wanted
    if wanted.startswith("https://") and urlsplit(wanted).hostname not in (None, "localhost"):
        return wanted
    if not HUB_ID.match(wanted):
        raise UsageError("that is no id of the Hub", "write it as OWNER/NAME, or paste the page's address")
    return wanted
