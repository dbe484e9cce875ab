"""The hooks of spacefactory, for pluggy.

A plugin is a module or package that an entry point of group `spacefactory` names. It implements any of these hooks;
each returns the providers it offers, whose names a run's settings choose from. `context` holds what a provider may
need at construction; an implementation that does not need it leaves the argument out. In place of a provider a hook may
return a `Later`, which makes the provider when a run chooses it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeAlias, TypeVar

import pluggy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic import BaseModel, JsonValue

    from spacefactory.providers import (
        Agent,
        Analyzer,
        FailureTable,
        HardwareStrategy,
        JobRunner,
        LintRule,
        ModelSource,
        Observer,
        OutputValidator,
        RunStore,
        SpaceHost,
    )

GROUP = "spacefactory"
hookspec = pluggy.HookspecMarker(GROUP)
hookimpl = pluggy.HookimplMarker(GROUP)
Model = TypeVar("Model", bound="BaseModel")
Provider = TypeVar("Provider")

Emit = Callable[[str, "dict[str, JsonValue]"], None]
"""Tells an event: its kind and its facts."""


def unheard(_kind: str, _facts: dict[str, JsonValue]) -> None:
    """Where no run listens."""


@dataclass(frozen=True)
class PluginContext:
    """What a plugin is told when it registers its providers."""

    home: Path
    """the data folder of the local platform; two homes never touch each other"""
    confined: bool = True
    """False only when the user said --unsafe-no-sandbox"""
    table: Mapping[str, JsonValue] = field(default_factory=dict)
    """the plugin's own table of the settings, [plugin.<name>], not yet checked; `_agent` may be left off the name"""
    plugin: str = ""
    """the plugin's name, for messages"""
    hub_token: Callable[[], str | None] = field(default=lambda: None, repr=False)
    """gives the user's Hub token when a provider calls the Hub in the user's name; never keep, show or pass it on"""
    emit: Emit = field(default=unheard, repr=False)
    """tells an event of the run that the provider works for, such as `retry`; outside of a run nobody hears it"""

    def options(self, model: type[Model]) -> Model:
        """The plugin's table, checked by the plugin's own model.

        Raises:
            SettingsError: a key or value is not what the model allows.
        """
        from pydantic import ValidationError

        from spacefactory.errors import SettingsError

        try:
            return model.model_validate(dict(self.table))
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(["plugin", self.plugin, *map(str, first["loc"])])
            raise SettingsError(
                f"setting {where} cannot be used: {first['msg'].lower()}", "see: spacefactory config show"
            ) from None


@dataclass(frozen=True)
class Later(Generic[Provider]):
    """A provider that is made when it is chosen, so that what it imports costs nothing where others are chosen."""

    name: str
    """the provider's name"""
    make: Callable[[], Provider] = field(repr=False)
    """gives the provider"""


Offer: TypeAlias = Provider | Later[Provider]
"""What a hook returns some of."""


@hookspec
def spacefactory_sources(context: PluginContext) -> Iterable[Offer[ModelSource]]:  # type: ignore[empty-body]
    """Offer places that models are read from."""


@hookspec
def spacefactory_analyzers(context: PluginContext) -> Iterable[Offer[Analyzer]]:  # type: ignore[empty-body]
    """Offer readers that turn a card into a profile."""


@hookspec
def spacefactory_agents(context: PluginContext) -> Iterable[Offer[Agent]]:  # type: ignore[empty-body]
    """Offer agents that write apps."""


@hookspec
def spacefactory_hardware(context: PluginContext) -> Iterable[Offer[HardwareStrategy]]:  # type: ignore[empty-body]
    """Offer ways to get hardware."""


@hookspec
def spacefactory_validators(context: PluginContext) -> Iterable[Offer[OutputValidator]]:  # type: ignore[empty-body]
    """Offer judges of outputs."""


@hookspec
def spacefactory_stores(context: PluginContext) -> Iterable[Offer[RunStore]]:  # type: ignore[empty-body]
    """Offer places that keep run records."""


@hookspec
def spacefactory_hosts(context: PluginContext) -> Iterable[Offer[SpaceHost]]:  # type: ignore[empty-body]
    """Offer owners of Spaces."""


@hookspec
def spacefactory_runners(context: PluginContext) -> Iterable[Offer[JobRunner]]:  # type: ignore[empty-body]
    """Offer ways to run a workflow elsewhere than in the caller's process."""


@hookspec
def spacefactory_failures(context: PluginContext) -> Iterable[Offer[FailureTable]]:  # type: ignore[empty-body]
    """Offer tables of known failures."""


@hookspec
def spacefactory_lint_rules(context: PluginContext) -> Iterable[Offer[LintRule]]:  # type: ignore[empty-body]
    """Offer rules for generated Spaces."""


@hookspec
def spacefactory_observers(context: PluginContext) -> Iterable[Offer[Observer]]:  # type: ignore[empty-body]
    """Offer listeners that hear every event of a run."""
