"""Whether a provider has the shape that its Protocol asks for: members, signatures, types of its properties.

What a provider does is for the contracts in `spacefactory.testing`; this finds what would fail at the first call.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any, get_args, get_type_hints

from spacefactory import hookspecs, providers
from spacefactory.plugins import HOOKS

OPTIONAL = frozenset({"needs_model"})
"""Members that the core reads with a default, so that providers without them work."""


def protocol(hook: str) -> type[Any]:
    """The Protocol of the providers that a hook returns, read from the hook's own annotation."""
    hints = get_type_hints(getattr(hookspecs, hook), {**vars(hookspecs), **vars(providers)})
    (offer,) = get_args(hints["return"])
    return get_args(offer)[0]  # type: ignore[no-any-return]


def kinds() -> dict[str, type[Any]]:
    """Every hook with its Protocol."""
    return {hook: protocol(hook) for hook in HOOKS}


def problems(provider: object, wanted: type[Any]) -> tuple[str, ...]:
    """What is wrong with a provider, one sentence each; empty when it has the right shape."""
    return tuple(_problems(provider, wanted))


def _problems(provider: object, wanted: type[Any]) -> Iterator[str]:
    if isinstance(provider, type):
        yield f"{provider.__name__} is a class; offer an instance of it"
        return
    for name, member in _members(wanted):
        if isinstance(member, property):
            yield from _property(provider, name, member)
        else:
            yield from _method(provider, name, member)


def _members(wanted: type[Any]) -> Iterator[tuple[str, Any]]:
    """The members that a Protocol and the ones below it define."""
    known: dict[str, Any] = {}
    for base in reversed(wanted.__mro__):
        if getattr(base, "_is_protocol", False):
            known |= {name: member for name, member in vars(base).items() if not name.startswith("_")}
    yield from known.items()


def _property(provider: object, name: str, member: property) -> Iterator[str]:
    from pydantic import TypeAdapter, ValidationError

    try:
        value = getattr(provider, name)
    except AttributeError:
        if name not in OPTIONAL:
            yield f"has no {name}"
        return
    except Exception as error:  # the plugin boundary
        yield f"{name} raises {type(error).__name__}: {error}"
        return
    hint = get_type_hints(member.fget, vars(providers))["return"]
    try:
        TypeAdapter(hint).validate_python(value, strict=True)
    except ValidationError as error:
        yield f"{name} is {value!r:.80}: {error.errors()[0]['msg'].lower()}"


def _method(provider: object, name: str, member: Callable[..., Any]) -> Iterator[str]:
    found = getattr(provider, name, None)
    if not callable(found):
        yield f"has no method {name}{_arguments(member)}"
        return
    try:
        signature = inspect.signature(found)
    except (TypeError, ValueError):
        return  # a built-in or C function that does not tell
    full = list(inspect.signature(member).parameters.values())[1:]
    for arguments in (full, [one for one in full if one.default is one.empty]):
        try:
            signature.bind(*arguments)
        except TypeError as error:
            yield f"{name}{signature} cannot be called as {name}{_arguments(member)}: {error}"
            return


def _arguments(member: Callable[..., Any]) -> str:
    return f"({', '.join(list(inspect.signature(member).parameters)[1:])})"
