"""Where the records of runs are, for commands that only look at them.

Most machines say nothing of the configuration but where the data folder is. Then there is nothing to check, and what
checks it, pydantic, is not imported: that would be half the time of `runs list`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from spacefactory import layers
from spacefactory.cli import options
from spacefactory.credentials import token_of_machine
from spacefactory.hookspecs import PluginContext
from spacefactory.paths import default_home
from spacefactory.platforms import DEFAULT_PLATFORM, SHIPPED_PLATFORMS
from spacefactory.plugins import Plugins

if TYPE_CHECKING:
    from spacefactory.providers import RunStore
    from spacefactory.settings import Settings


def store(platform: str | None = None) -> RunStore:
    """The run store of a platform, of the configured one when none is named.

    Raises:
        SettingsError: a value of the configuration cannot be used.
        PluginError: the store is not installed.
    """
    if _unconfigured() and (chosen := SHIPPED_PLATFORMS.get(platform or DEFAULT_PLATFORM)):
        return Plugins(_context).store(chosen["store"])
    return of(options.light(platform))


def of(settings: Settings) -> RunStore:
    """The run store that the settings choose.

    Raises:
        SettingsError: there is no such platform.
        PluginError: the store is not installed.
    """
    return options.plugins(settings).store(settings.providers().store)


def _unconfigured() -> bool:
    """Whether no layer says more than where the data folder is.

    Raises:
        SettingsError: a file cannot be read.
    """
    return layers.variables() <= {"home"} and not any(said for _, said in layers.files())


def _context(plugin: str) -> PluginContext:
    """What a plugin is told where nothing is configured; the same as `Settings.context` would."""
    return PluginContext(home=default_home(), plugin=plugin, hub_token=token_of_machine)
