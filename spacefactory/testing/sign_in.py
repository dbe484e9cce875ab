"""An OpenID provider for tests of sign-in: it gives people of an emulated Hub their tokens and approves at once."""

from __future__ import annotations

import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlencode

from spacefactory.testing.serving import Servers

if TYPE_CHECKING:
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

SCOPES = "openid profile contribute-repos jobs inference-api gated-repos read-billing"


@dataclass
class SignIn:
    """The provider; what it does next may be changed while it runs.

    Args:
        tokens: name of a person -> the token that a sign-in gives.
    """

    tokens: Mapping[str, str]
    person: str = ""
    """who signs in next; the first of `tokens` when empty"""
    refuse: bool = False
    """whether the person says no"""
    scope: str | None = None
    """scopes that are granted; all that were asked for when None"""
    seconds: int = 28800
    """how long a sign-in lasts"""
    issuer: str = field(init=False, default="")
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)
    _people: dict[str, str] = field(default_factory=dict)

    def __enter__(self) -> SignIn:
        """Serve until the context ends."""
        from joserfc.jwk import RSAKey

        self._key = RSAKey.generate_key(2048, {"kid": "k1", "use": "sig", "alg": "RS256"})
        self._servers = Servers()
        self.issuer = self._servers.open(self._app()).url
        return self

    def __exit__(self, *_: object) -> None:
        """Stop serving."""
        self._servers.close()

    def environment(self) -> dict[str, str]:
        """Variables by which an orchestrator takes this provider for Hugging Face; `SPACE_HOST` must not be set."""
        return {
            "SYSTEM": "spaces",
            "SPACE_ID": "me/space",
            "OAUTH_CLIENT_ID": "local",
            "OAUTH_CLIENT_SECRET": "a secret of the tests",
            "OAUTH_SCOPES": SCOPES,
            "OPENID_PROVIDER_URL": self.issuer,
        }

    def _app(self) -> Starlette:
        from starlette.applications import Starlette
        from starlette.routing import Route

        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/oauth/jwks", self._jwks),
                Route("/oauth/authorize", self._authorize),
                Route("/oauth/token", self._token, methods=["POST"]),
                Route("/oauth/userinfo", self._userinfo),
            ]
        )

    async def _discovery(self, _request: Request) -> Response:
        return _json(
            {
                "issuer": self.issuer,
                "authorization_endpoint": f"{self.issuer}/oauth/authorize",
                "token_endpoint": f"{self.issuer}/oauth/token",
                "userinfo_endpoint": f"{self.issuer}/oauth/userinfo",
                "jwks_uri": f"{self.issuer}/oauth/jwks",
                "response_types_supported": ["code"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _jwks(self, _request: Request) -> Response:
        return _json({"keys": [self._key.as_dict(private=False)]})

    async def _authorize(self, request: Request) -> Response:
        from starlette.responses import RedirectResponse

        asked = request.query_params
        answer = {"error": "access_denied"} if self.refuse else {"code": self._code(asked)}
        joiner = "&" if "?" in asked["redirect_uri"] else "?"
        return RedirectResponse(asked["redirect_uri"] + joiner + urlencode(answer | {"state": asked["state"]}))

    def _code(self, asked: Mapping[str, str]) -> str:
        code = secrets.token_hex(8)
        person = self.person or next(iter(self.tokens))
        wanted = {name: asked[name] for name in ("nonce", "client_id", "scope") if name in asked}
        self._codes[code] = wanted | {"person": person}
        return code

    async def _token(self, request: Request) -> Response:
        from joserfc import jwt

        form = parse_qs((await request.body()).decode())
        grant = self._codes.pop(form.get("code", [""])[0], None)
        if grant is None:
            return _json({"error": "invalid_grant"}, 400)
        person, now = grant["person"], int(time.time())
        claims = {**_facts(person), "iss": self.issuer, "aud": grant["client_id"], "iat": now, "exp": now + 600}
        claims |= {"nonce": grant["nonce"]} if "nonce" in grant else {}
        self._people[self.tokens[person]] = person
        return _json(
            {
                "access_token": self.tokens[person],
                "token_type": "bearer",
                "expires_in": self.seconds,
                "scope": self.scope or grant.get("scope", "openid profile"),
                "id_token": jwt.encode({"alg": "RS256", "kid": "k1"}, claims, self._key),
            }
        )

    async def _userinfo(self, request: Request) -> Response:
        person = self._people.get(request.headers.get("authorization", "").removeprefix("Bearer "))
        return _json(_facts(person)) if person else _json({"error": "invalid_token"}, 401)


def _facts(person: str) -> dict[str, Any]:
    address = f"https://hub.invalid/{person}"
    return {
        "sub": f"id of {person}",
        "name": person.capitalize(),
        "preferred_username": person,
        "profile": address,
        "picture": f"{address}.png",
    }


def _json(content: Any, status: int = 200) -> Response:
    from starlette.responses import JSONResponse

    return JSONResponse(content, status)
