"""Layered configuration: defaults < user file < spacefactory.toml < SPACEFACTORY_* < options.

Every value knows where it came from. Platforms are data: a platform is a set of provider names, which any layer may
change, so that nothing in the code asks which platform it is on.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError, field_validator

from spacefactory import layers
from spacefactory.errors import SettingsError
from spacefactory.hookspecs import Emit, PluginContext, unheard
from spacefactory.layers import PREFIX, Layer, flatten, merge
from spacefactory.paths import data_folder, default_home
from spacefactory.platforms import DEFAULT_PLATFORM, SHIPPED_PLATFORMS
from spacefactory.schema.choice import Budget, Providers


class Section(BaseModel):
    """A table of the configuration."""

    model_config = ConfigDict(extra="forbid", frozen=True, defer_build=True)


class CodingModel(Section):
    """The model that a coding agent thinks with."""

    id: str = Field(default="Qwen/Qwen3-Coder-Next", description="model id; suffixes such as :fastest pass through")
    base_url: str = Field(
        default="https://router.huggingface.co/v1", description="any endpoint that speaks the OpenAI chat protocol"
    )
    api_key_env: str = Field(default="HF_TOKEN", description="environment variable that holds the key of that endpoint")
    usd_per_million_input: float = Field(
        default=0.2,
        ge=0,
        description="price where the endpoint states none; the catalogue's price of the default model",
    )
    usd_per_million_output: float = Field(
        default=1.5,
        ge=0,
        description="price where the endpoint states none; the catalogue's price of the default model",
    )


class Limits(Section):
    """How long to be patient, in seconds."""

    boot_silence_s: float = Field(
        default=180,
        gt=0,
        description="an app that neither opens its port nor writes to its log for so long is given up",
    )
    call_s: float = Field(default=600, gt=0, description="one live call")


class PluginSettings(Section):
    """Which plugins may speak."""

    disabled: tuple[str, ...] = Field(default=(), description="names of plugins that are never imported")


class Platform(Section):
    """Who does the work on a platform, by provider name."""

    sources: tuple[str, ...] = Field(description="model sources, asked in this order")
    analyzers: tuple[str, ...] = Field(default=("model_card",), description="analyzers, run in this order")
    agent: str = Field(description="agent used when `agent` is not set")
    host: str = Field(description="where Spaces live")
    store: str = Field(description="where run records are kept")
    runner: str = Field(description="where detached runs work")
    runs_in: Literal["caller", "job"] = Field(
        default="caller", description="whether a run that is not detached works in the calling process or in a job"
    )


PLATFORMS = {name: Platform(**names) for name, names in SHIPPED_PLATFORMS.items()}


class Settings(Section):
    """The effective configuration of one command."""

    home: Path = Field(default_factory=default_home, description="data folder of the local platform")
    platform: str = Field(default=DEFAULT_PLATFORM, description="name of an entry in `platforms`")
    agent: str | None = Field(default=None, description="agent; the platform's own when not set")
    draft: str = Field(
        default="template", description="agent whose app an agent with a coding model starts from; empty for none"
    )
    hardware: tuple[str, ...] = Field(
        default=("zerogpu", "fixedgpu"),
        description="hardware strategies, tried in this order where a host assigns hardware",
    )
    coding_model: CodingModel = CodingModel()
    budget: Budget = Budget()
    limits: Limits = Limits()
    plugins: PluginSettings = PluginSettings()
    plugin: dict[str, dict[str, JsonValue]] = Field(
        default_factory=dict, description="a plugin's own table, checked by the plugin's own model"
    )
    platforms: dict[str, Platform] = Field(default=PLATFORMS, description="provider names per platform")
    unsafe_no_sandbox: bool = Field(
        default=False,
        description="run untrusted code without confinement where the machine has none; kept in the record",
    )

    @field_validator("home")
    @classmethod
    def _absolute(cls, home: Path) -> Path:
        return data_folder(home)

    def providers(self) -> Providers:
        """The provider names of this configuration.

        Raises:
            SettingsError: the platform has no entry.
        """
        if self.platform not in self.platforms:
            known = ", ".join(sorted(self.platforms))
            raise SettingsError(f"there is no platform named {self.platform!r}", f"choose one of: {known}")
        chosen = self.platforms[self.platform]
        return Providers(
            sources=chosen.sources,
            analyzers=chosen.analyzers,
            agent=self.agent or chosen.agent,
            hardware=self.hardware,
            host=chosen.host,
            store=chosen.store,
            runner=chosen.runner,
            runs_in=chosen.runs_in,
        )

    def context(
        self, plugin: str, hub_token: Callable[[], str | None] = lambda: None, emit: Emit = unheard
    ) -> PluginContext:
        """What a plugin is told when it registers its providers; the table of `x_agent` may also be called `x`."""
        return PluginContext(
            home=self.home,
            confined=not self.unsafe_no_sandbox,
            table={**self.plugin.get(plugin.removesuffix("_agent"), {}), **self.plugin.get(plugin, {})},
            plugin=plugin,
            hub_token=hub_token,
            emit=emit,
        )


class Loaded(BaseModel):
    """Settings and where each value came from, by dotted key."""

    model_config = ConfigDict(frozen=True)

    settings: Settings
    origins: dict[str, str]


def load(options: Mapping[str, Any] | None = None) -> Loaded:
    """Read all layers; `options` is a nested mapping of what the command line says, without what it leaves open.

    Raises:
        SettingsError: a file cannot be read, or a value cannot be used; the message names the layer and the key.
    """
    values: dict[str, Any] = {}
    origins: dict[str, str] = {}
    for name, layer in [*layers.files(), _environment(), ("option", dict(options or {}))]:
        values = merge(values, layer)
        origins |= {key: name for key, _ in flatten(layer)}
    try:
        with_defaults = values if "platforms" not in values else values | {"platforms": _platforms(values["platforms"])}
        settings = Settings.model_validate(with_defaults)
    except ValidationError as error:
        raise _explained(error, origins) from None
    return Loaded(settings=settings, origins=origins)


def _platforms(named: Mapping[str, Any]) -> dict[str, Any]:
    return merge({name: platform.model_dump() for name, platform in PLATFORMS.items()}, named)


def _environment() -> Layer:
    """Only what SPACEFACTORY_ variables say, before validation; their reader is imported when there is one to read."""
    if layers.variables() & Settings.model_fields.keys() <= {"home"}:
        return "environment", layers.home()
    from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

    class FromEnvironment(Settings, BaseSettings):
        model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__", env_ignore_empty=True)

    try:
        return "environment", EnvSettingsSource(FromEnvironment)()
    except ValueError as error:
        raise SettingsError(f"a {PREFIX} variable cannot be used: {error}", "unset or mend it") from None


def _explained(error: ValidationError, origins: Mapping[str, str]) -> SettingsError:
    first = error.errors()[0]
    key = ".".join(map(str, first["loc"]))
    layer = next((origins[known] for known in origins if known == key or known.startswith(key + ".")), "defaults")
    return SettingsError(
        f"setting {key} ({layer}) cannot be used: {first['msg'].lower()}", "see: spacefactory config show"
    )
