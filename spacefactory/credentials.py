"""The user's secrets, held in memory by the process that works for the user, and never shown.

They come from the caller (one signed-in user's token), else from the environment or the token file of the Hub's own
command line. They are no settings: nothing here is written, printed, pickled or handed to a child process.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn

from spacefactory.hookspecs import Emit, PluginContext, unheard
from spacefactory.paths import expanded

if TYPE_CHECKING:
    from spacefactory.settings import Settings

TOKEN_VARIABLES = ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN")
LONGEST = 4096


@dataclass(frozen=True, repr=False)
class Credentials:
    """What a run may use in the user's name."""

    hub_token: str | None = None
    """token of the Hugging Face Hub"""
    model_key: str | None = None
    """key of the coding model's endpoint"""

    def secrets(self) -> tuple[str, ...]:
        """The values that must never reach a record, longest first."""
        known = {value for value in (self.hub_token, self.model_key) if value and len(value) >= 8}
        return tuple(sorted(known, key=len, reverse=True))

    def __repr__(self) -> str:
        """Whether they are there, never what they are."""
        return (
            f"Credentials(hub_token={'set' if self.hub_token else None}, model_key={'set' if self.model_key else None})"
        )

    def __reduce__(self) -> NoReturn:
        """Refuse to be pickled: that is how a secret travels unseen."""
        raise TypeError("credentials stay in the process that holds them")


def context_of(settings: Settings, credentials: Credentials, emit: Emit = unheard) -> Callable[[str], PluginContext]:
    """Makes the contexts of plugins that work with these credentials; `emit` hears their events."""
    return lambda plugin: settings.context(plugin, lambda: credentials.hub_token, emit)


def of_token(token: str, settings: Settings) -> Credentials:
    """What a signed-in user brings; the coding model's key is that token where the endpoint takes it."""
    return Credentials(hub_token=token, model_key=token if _takes_hub_token(settings) else _variable(settings))


def from_machine(settings: Settings) -> Credentials:
    """What this machine's user has set up."""
    token = token_of_machine()
    return Credentials(hub_token=token, model_key=_variable(settings) or _shared(token, settings))


def token_of_machine() -> str | None:
    """The token of this machine's user for the Hub: variables first, then the Hub's token file."""
    named = (os.environ.get(name, "").strip() for name in TOKEN_VARIABLES)
    return next(filter(None, named), None) or _token_file()


def without_secrets(environment: Mapping[str, str], settings: Settings) -> dict[str, str]:
    """An environment for a process that gets its secrets another way."""
    names = {*TOKEN_VARIABLES, settings.coding_model.api_key_env}
    return {name: value for name, value in environment.items() if name not in names}


def to_pipe(credentials: Credentials) -> int:
    """The reading end of a pipe that holds them, which a process that is started next inherits."""
    held = json.dumps([credentials.hub_token, credentials.model_key]).encode()
    reading, writing = os.pipe()
    os.write(writing, held[: 2 * LONGEST + 64])
    os.close(writing)
    os.set_inheritable(reading, True)
    return reading


def from_pipe(reading: int) -> Credentials:
    """What `to_pipe` left for this process, once."""
    with os.fdopen(reading, "rb") as pipe:
        hub_token, model_key = json.loads(pipe.read())
    return Credentials(hub_token=hub_token, model_key=model_key)


def _takes_hub_token(settings: Settings) -> bool:
    return settings.coding_model.api_key_env in TOKEN_VARIABLES


def _shared(token: str | None, settings: Settings) -> str | None:
    return token if _takes_hub_token(settings) else None


def _variable(settings: Settings) -> str | None:
    return os.environ.get(settings.coding_model.api_key_env, "").strip() or None


def _token_file() -> str | None:
    """Where `hf auth login` keeps the token."""
    cache = os.environ.get("XDG_CACHE_HOME", "~/.cache")
    home = os.environ.get("HF_HOME") or f"{cache}/huggingface"
    path = expanded(os.environ.get("HF_TOKEN_PATH") or f"{home}/token")
    try:
        return path.read_text(encoding="utf-8")[:LONGEST].strip() or None
    except (OSError, UnicodeDecodeError):
        return None
