"""Which endpoints an app has, and which of them is the one that runs the model."""

from __future__ import annotations

import re
from typing import Any

from spacefactory.errors import BlockedError
from spacefactory.probe.kinds import MEDIA, input_kind, medium, return_type
from spacefactory.probe.values import clean, text
from spacefactory.schema.profile import ModelProfile
from spacefactory.schema.verdict import Endpoint, Parameter, Return

MOST = 500
"""Endpoints, parameters and returns that are looked at; no honest app has more."""
NOT_INFERENCE = ("/health",)
USUAL = re.compile(r"/(generate|predict|infer|inference|run|process|classify|transcribe|synthesize|chat|answer)\w*\Z")
HELPERS = re.compile(
    r"/(lambda|load|clear|reset|update|toggle|on_|change|select|add_|get_|set_|show|hide|example|flag|switch|refresh)"
)
JUDGED_AS = {"label": "json", "embedding": "json", "3d": "model3d"}
"""Output types of a profile that are judged under another name."""


def endpoints(info: Any) -> tuple[Endpoint, ...]:
    """The named endpoints of an API schema, as far as they can be called without the caller's own sign-in."""
    named = info.get("named_endpoints") if isinstance(info, dict) else None
    found = list(named.items())[:MOST] if isinstance(named, dict) else []
    known = [(name, one) for name, one in found if name.startswith("/") and isinstance(one, dict)]
    return tuple(_endpoint(name, one) for name, one in known if _callable(one))


def choose(
    found: tuple[Endpoint, ...], named: str | None, profile: ModelProfile | None, expect: str | None
) -> Endpoint:
    """The endpoint to judge: the named one, else /generate, else the one that fits best.

    Apps of other authors may use /generate for something else: there an expected type counts for more than a name.

    Raises:
        BlockedError: there is none (no_endpoint); the message names what exists.
    """
    candidates = [one for one in found if one.name not in NOT_INFERENCE and (one.returns or one.parameters)]
    if named:
        wanted = "/" + named.lstrip("/")
        return next((one for one in found if one.name == wanted), None) or _none(f"endpoint {wanted}", found)
    if not candidates:
        return _none("named endpoint that could run a model", found)
    main = next((one for one in candidates if one.name == "/generate"), None)
    if main and (profile is not None or expect is None or _gives(main, judged_as(expect))):
        return main
    return max(candidates, key=lambda one: fit(one, profile, expect))


def expected_type(endpoint: Endpoint, profile: ModelProfile | None, expect: str | None) -> str | None:
    """The type that the answers must have; None when only the first answer can tell.

    A text may stand for a label or other data and the other way round: both are the answer, in another dress.
    """
    stated = [kind for one in endpoint.returns if (kind := return_type(one))]
    if expect:
        return judged_as(expect)
    if profile is None or profile.output_type is None:
        return stated[0] if stated else None
    wanted = judged_as(profile.output_type)
    if wanted in stated or profile.output_type == "embedding":
        return wanted
    return next((kind for kind in stated if {kind, wanted} == {"text", "json"}), wanted)


def judged_as(kind: str) -> str:
    """The name under which validators know an output type."""
    return JUDGED_AS.get(kind, kind)


def fit(endpoint: Endpoint, profile: ModelProfile | None, expect: str | None) -> int:
    """How well an endpoint suits what is known, higher is better; only comparable within one app."""
    wanted = judged_as(expect or (profile.output_type if profile else None) or "")
    inputs = profile.input_types if profile else ()
    taken = {medium(one, inputs) if input_kind(one) == "file" else input_kind(one) for one in endpoint.parameters}
    gives_something = any(return_type(one) in (*MEDIA, "text", "json") for one in endpoint.returns)
    return (
        8 * bool(wanted and _gives(endpoint, wanted))
        + 4 * bool(taken & set(inputs))
        + 3 * any(return_type(one) in MEDIA for one in endpoint.returns)
        + 2 * bool(USUAL.match(endpoint.name))
        + 2 * bool(taken & {"text", "image", "audio", "video", "file", "multimodal"})
        + gives_something
        - 6 * bool(HELPERS.match(endpoint.name))
        - 6 * (not endpoint.returns)
    )


def _gives(endpoint: Endpoint, kind: str) -> bool:
    return any(return_type(one) in (kind, None) for one in endpoint.returns)


def _none(what: str, found: tuple[Endpoint, ...]) -> Endpoint:
    names = ", ".join(one.name for one in found[:20]) or "none"
    raise BlockedError(
        "no_endpoint",
        f"the app has no {what}; it has: {names}",
        "name one with --endpoint, or give the event an api_name",
    )


def _callable(one: dict[str, Any]) -> bool:
    return one.get("api_visibility") != "private" and one.get("oauth_token") != "required"


def _endpoint(name: str, one: dict[str, Any]) -> Endpoint:
    return Endpoint(
        name=text(name),
        parameters=tuple(_parameter(at, part) for at, part in enumerate(_parts(one, "parameters"))),
        returns=tuple(_return(part) for part in _parts(one, "returns")),
        description=text(one.get("description") or "")[:2000],
    )


def _parts(one: dict[str, Any], key: str) -> list[dict[str, Any]]:
    parts = one.get(key)
    return [part for part in parts[:MOST] if isinstance(part, dict)] if isinstance(parts, list) else []


def _parameter(at: int, part: dict[str, Any]) -> Parameter:
    has_default = part.get("parameter_has_default") is True
    return Parameter(
        name=text(part.get("parameter_name") or f"param_{at}"),
        label=text(part.get("label") or ""),
        component=text(part.get("component") or ""),
        required=not has_default,
        default=clean(part.get("parameter_default")) if has_default else None,
        python_type=_type(part),
    )


def _return(part: dict[str, Any]) -> Return:
    return Return(
        label=text(part.get("label") or ""), component=text(part.get("component") or ""), python_type=_type(part)
    )


def _type(part: dict[str, Any]) -> str:
    """The Python type, followed by what the schema says about its limits: `float: numeric value between 1 and 9`."""
    python, schema = part.get("python_type"), part.get("type")
    name = python.get("type") if isinstance(python, dict) else python
    more = schema.get("description") if isinstance(schema, dict) else None
    return ": ".join(text(one) for one in (name, more) if one)[:2000]
