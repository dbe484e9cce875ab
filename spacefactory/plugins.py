"""The plugins of one run: chosen by name, loaded one by one, asked one by one.

Nothing here is global: each `Plugins` has its own pluggy manager, so two runs cannot disturb each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from importlib.metadata import EntryPoint, entry_points
from typing import TYPE_CHECKING, Any, TypeVar, cast

import pluggy

from spacefactory import hookspecs
from spacefactory.errors import PluginError, SpacefactoryError
from spacefactory.hookspecs import GROUP, Later, PluginContext

if TYPE_CHECKING:
    from spacefactory import providers
    from spacefactory.schema.choice import PluginFact

HOOKS = tuple(name for name in vars(hookspecs) if name.startswith("spacefactory_"))
Kind = TypeVar("Kind")
Report = Callable[[dict[str, str]], None]


def origin(entry: EntryPoint) -> str:
    """The distribution and version that an entry point comes from."""
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else entry.value


def installed() -> dict[str, EntryPoint]:
    """Every installed plugin by name, in order of name; none is imported.

    Raises:
        PluginError: two distributions give one name to different plugins.
    """
    found: dict[str, EntryPoint] = {}
    for entry in sorted(entry_points(group=GROUP), key=lambda entry: (entry.name, entry.value)):
        first = found.setdefault(entry.name, entry)
        if first.value != entry.value:
            raise PluginError(
                f"plugin {entry.name!r} comes from both {origin(first)} and {origin(entry)}", "uninstall one of them"
            )
    return found


def fact(entry: EntryPoint) -> PluginFact:
    """What the run record keeps about a plugin."""
    from spacefactory.schema.choice import PluginFact

    name, version = (entry.dist.name, entry.dist.version) if entry.dist else ("unknown", "unknown")
    return PluginFact(name=entry.name, distribution=name, version=version, value=entry.value)


def _now(offer: Any) -> Any:
    """A provider that was offered, made if it is to be made later."""
    if not isinstance(offer, Later):
        return offer
    provider = offer.make()
    if getattr(provider, "name", None) != offer.name:
        raise TypeError(f"{type(provider).__name__} was offered as {offer.name!r}, which is not its name")
    return provider


def _ignore(_facts: dict[str, str]) -> None:
    """Nobody wants to hear: `failed` still holds it."""


class Plugins:
    """Loads plugins when a hook is first asked for, and keeps what each of them offers.

    Args:
        context: makes a plugin's context from its name.
        disabled: names of plugins that may not speak.
        report: hears about each plugin that failed; the failure is fatal only when a provider of it was chosen.
    """

    def __init__(
        self, context: Callable[[str], PluginContext], disabled: Iterable[str] = (), report: Report | None = None
    ) -> None:
        self.available = {name: entry for name, entry in installed().items() if name not in set(disabled)}
        self.failed: dict[str, str] = {}
        self._context = context
        self._report = report or _ignore
        self._manager = pluggy.PluginManager(GROUP)
        self._manager.add_hookspecs(hookspecs)
        self._loaded = False
        self._offers: dict[str, dict[str, Any]] = {}
        self._owners: dict[str, dict[str, str]] = {}

    def facts(self) -> tuple[PluginFact, ...]:
        """Every plugin that may speak, for the record."""
        return tuple(fact(entry) for entry in self.available.values())

    def offers(self, hook: str) -> Mapping[str, Any]:
        """What the plugins register through one hook, by provider name; `choose` makes only the one that is wanted.

        Raises:
            PluginError: two plugins offer one name, or a plugin implements a hook that does not exist.
        """
        for name in tuple(self._asked(hook)):
            self._made(hook, name)
        return self._offers[hook]

    def owners(self, hook: str) -> Mapping[str, str]:
        """Which plugin each provider of a hook comes from, by provider name.

        Raises:
            PluginError: as `offers`.
        """
        self.offers(hook)
        return self._owners[hook]

    def choose(self, hook: str, name: str, what: str) -> Any:
        """The provider of that name.

        Raises:
            PluginError: there is none; the message lists what is installed and which plugins failed.
        """
        if name in self._asked(hook) and (provider := self._made(hook, name)) is not None:
            return provider
        known = ", ".join(sorted(self._offers[hook])) or "none"
        broken = "".join(f"; plugin {plugin} failed: {why}" for plugin, why in sorted(self.failed.items()))
        raise PluginError(
            f"there is no {what} named {name!r}; installed: {known}{broken}", "see: spacefactory plugins list"
        )

    def source(self, name: str) -> providers.ModelSource:
        """A model source by name."""
        return cast("providers.ModelSource", self.choose("spacefactory_sources", name, "model source"))

    def analyzer(self, name: str) -> providers.Analyzer:
        """An analyzer by name."""
        return cast("providers.Analyzer", self.choose("spacefactory_analyzers", name, "analyzer"))

    def agent(self, name: str) -> providers.Agent:
        """An agent by name."""
        return cast("providers.Agent", self.choose("spacefactory_agents", name, "agent"))

    def hardware(self, name: str) -> providers.HardwareStrategy:
        """A hardware strategy by name."""
        return cast("providers.HardwareStrategy", self.choose("spacefactory_hardware", name, "hardware strategy"))

    def store(self, name: str) -> providers.RunStore:
        """A run store by name."""
        return cast("providers.RunStore", self.choose("spacefactory_stores", name, "run store"))

    def host(self, name: str) -> providers.SpaceHost:
        """A Space host by name."""
        return cast("providers.SpaceHost", self.choose("spacefactory_hosts", name, "Space host"))

    def runner(self, name: str) -> providers.JobRunner:
        """A job runner by name."""
        return cast("providers.JobRunner", self.choose("spacefactory_runners", name, "job runner"))

    def validators(self) -> tuple[providers.OutputValidator, ...]:
        """Every validator, in order of name."""
        offers = self.offers("spacefactory_validators")
        return tuple(cast("providers.OutputValidator", offers[name]) for name in sorted(offers))

    def failure_tables(self) -> tuple[providers.FailureTable, ...]:
        """Every table of known failures, in order of name."""
        offers = self.offers("spacefactory_failures")
        return tuple(cast("providers.FailureTable", offers[name]) for name in sorted(offers))

    def lint_rules(self) -> tuple[providers.LintRule, ...]:
        """Every lint rule, in order of name."""
        offers = self.offers("spacefactory_lint_rules")
        return tuple(cast("providers.LintRule", offers[name]) for name in sorted(offers))

    def observers(self) -> tuple[providers.Observer, ...]:
        """Every observer, in order of name."""
        offers = self.offers("spacefactory_observers")
        return tuple(cast("providers.Observer", offers[name]) for name in sorted(offers))

    def implemented(self, plugin: str) -> tuple[str, ...]:
        """The hooks that a loaded plugin implements."""
        self._load()
        module = self._manager.get_plugin(plugin)
        callers = self._manager.get_hookcallers(module) if module else None
        return tuple(sorted(caller.name for caller in callers or ()))

    def close(self) -> None:
        """Let providers that hold something open, such as doors to private Spaces, give it back."""
        for provider in (one for offers in self._offers.values() for one in offers.values()):
            if callable(close := getattr(provider, "close", None)):
                close()

    def _load(self) -> None:
        if self._loaded:
            return
        self._loaded = True
        for name, entry in self.available.items():
            self._register(name, entry)

    def _register(self, name: str, entry: EntryPoint) -> None:
        try:
            module = entry.load()
            self._manager.register(module, name=name)
            self._manager.check_pending()
        except pluggy.PluginValidationError as error:
            self._manager.unregister(name=name) if self._manager.has_plugin(name) else None
            self._fail(name, f"{error} ({origin(entry)})")
        except (Exception, SystemExit) as error:  # importing a plugin runs its code, which may do anything
            self._fail(name, f"{type(error).__name__}: {error} ({origin(entry)})")

    def _asked(self, hook: str) -> dict[str, Any]:
        """What the plugins answer to one hook, made or to be made later, by provider name."""
        if hook not in self._offers:
            self._load()
            self._offers[hook] = self._ask(hook)
        return self._offers[hook]

    def _made(self, hook: str, name: str) -> Any:
        """The provider of that name; None when it cannot be made, and from then on it is not offered."""
        offers, owners = self._offers[hook], self._owners[hook]
        try:
            offers[name] = _now(offers[name])
        except SpacefactoryError:
            raise
        except Exception as error:  # the plugin boundary
            self._fail_at(hook, owners.pop(name), error)
            del offers[name]
        return offers.get(name)

    def _ask(self, hook: str) -> dict[str, Any]:
        found: dict[str, Any] = {}
        owners: dict[str, str] = {}
        for implementation in getattr(self._manager.hook, hook).get_hookimpls():
            for provider in self._offered(hook, implementation):
                if owner := owners.get(provider.name):
                    both = f"{origin(self.available[owner])} and {origin(self.available[implementation.plugin_name])}"
                    raise PluginError(f"{provider.name!r} ({hook}) is offered by both {both}", "disable one of them")
                found[provider.name], owners[provider.name] = provider, implementation.plugin_name
        self._owners[hook] = owners
        return found

    def _offered(self, hook: str, implementation: Any) -> tuple[Any, ...]:
        """What one implementation returns; called on its own, so that one that raises leaves the others alone."""
        name = implementation.plugin_name
        facts = {"context": self._context(name)}
        try:
            offered = tuple(implementation.function(*(facts[argument] for argument in implementation.argnames)) or ())
            if nameless := [provider for provider in offered if not isinstance(getattr(provider, "name", None), str)]:
                raise TypeError(f"{type(nameless[0]).__name__} has no name")
            return offered
        except SpacefactoryError:
            raise
        except Exception as error:  # the plugin boundary
            self._fail_at(hook, name, error)
            return ()

    def _fail_at(self, hook: str, plugin: str, error: Exception) -> None:
        self._fail(plugin, f"{hook}: {type(error).__name__}: {error} ({origin(self.available[plugin])})")

    def _fail(self, plugin: str, why: str) -> None:
        self.failed[plugin] = why
        self._report({"plugin": plugin, "error": why})
