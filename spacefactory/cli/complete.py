"""What the shell offers for a word that is being typed. A completion that cannot be made offers nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from itertools import islice

LIMIT = 100


def _quietly(offers: Callable[[], Iterable[str]]) -> list[str]:
    try:
        return sorted(islice(offers(), LIMIT))
    except Exception:  # a shell has no place for an error while a word is typed
        return []


def platforms(incomplete: str) -> list[str]:
    """Names of platforms."""
    return [name for name in _quietly(_platforms) if name.startswith(incomplete)]


def agents(incomplete: str) -> list[str]:
    """Names of agents."""
    return [name for name in _quietly(_agents) if name.startswith(incomplete)]


def runs(incomplete: str) -> list[str]:
    """Ids of runs."""
    return [name for name in _quietly(_runs) if name.startswith(incomplete.upper())]


def spaces(incomplete: str) -> list[str]:
    """Names of Spaces."""
    return [name for name in _quietly(_spaces) if name.startswith(incomplete)]


def plugin_names(incomplete: str) -> list[str]:
    """Names of plugins."""
    return [name for name in _quietly(_plugins) if name.startswith(incomplete)]


def _platforms() -> Iterable[str]:
    from spacefactory.settings import load

    return load().settings.platforms


def _agents() -> Iterable[str]:
    from spacefactory.cli.options import light, plugins

    return plugins(light()).offers("spacefactory_agents")


def _runs() -> Iterable[str]:
    from spacefactory.cli import records

    return (run.run_id for run in records.store().list())


def _spaces() -> Iterable[str]:
    from spacefactory.cli.options import light, plugins

    settings = light()
    return (space.id for space in plugins(settings).host(settings.providers().host).list())


def _plugins() -> Iterable[str]:
    from spacefactory.plugins import installed

    return installed()
