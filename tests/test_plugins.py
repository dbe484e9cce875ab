"""Plugins of one run: discovered by entry point, loaded when asked, each failure named with its distribution."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from spacefactory.errors import PluginError
from spacefactory.hookspecs import PluginContext
from spacefactory.plugins import HOOKS, Plugins, installed

Install = Callable[..., None]
AGENT = """
from dataclasses import dataclass
from spacefactory.hookspecs import hookimpl

@dataclass(frozen=True)
class Echo:
    name: str = {name!r}

@hookimpl
def spacefactory_agents():
    return [Echo()]
"""


@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Install:
    """Make a distribution whose module is a plugin, as an installer would leave it."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def make(distribution: str, entry: str, module: str, source: str) -> None:
        (tmp_path / f"{module}.py").write_text(source)
        info = tmp_path / f"{distribution.replace('-', '_')}-1.2.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.2\n")
        (info / "entry_points.txt").write_text(f"[spacefactory]\n{entry} = {module}\n")
        monkeypatch.delitem(sys.modules, module, raising=False)

    return make


def plugins(report: list[dict[str, str]] | None = None, disabled: tuple[str, ...] = ()) -> Plugins:
    def context(name: str) -> PluginContext:
        return PluginContext(home=Path("home"), plugin=name)

    return Plugins(context, disabled, (lambda facts: report.append(facts)) if report is not None else None)


def test_a_third_party_plugin_is_found_like_a_shipped_one(install: Install) -> None:
    install("their-echo", "echo", "their_echo", AGENT.format(name="echo"))
    found = plugins()
    assert {"echo", "template"} <= set(found.offers("spacefactory_agents"))
    fact = next(fact for fact in found.facts() if fact.name == "echo")
    assert (fact.distribution, fact.version, fact.value) == ("their-echo", "1.2", "their_echo")
    assert found.implemented("echo") == ("spacefactory_agents",)


def test_nothing_is_imported_until_a_hook_is_asked_and_disabled_ones_never(install: Install) -> None:
    install("their-echo", "echo", "their_echo", AGENT.format(name="echo"))
    found = plugins(disabled=("echo",))
    assert "their_echo" not in sys.modules
    assert "echo" not in found.offers("spacefactory_agents")
    assert "their_echo" not in sys.modules
    with pytest.raises(PluginError, match="no agent named 'echo'"):
        found.agent("echo")


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("raise RuntimeError('broken at import')", "broken at import"),
        ("import sys; sys.exit(3)", "SystemExit"),
        ("import no_such_module_at_all", "no_such_module_at_all"),
        ("def broken(:", "SyntaxError"),
        (
            "from spacefactory.hookspecs import hookimpl\n@hookimpl\ndef spacefactory_agentz():\n    return []",
            "spacefactory_agentz",
        ),
        (
            "from spacefactory.hookspecs import hookimpl\n@hookimpl\ndef spacefactory_agents(money):\n    return []",
            "money",
        ),
        (
            "from spacefactory.hookspecs import hookimpl\n@hookimpl\ndef spacefactory_agents():\n    return [object()]",
            "has no name",
        ),
        (
            "from spacefactory.hookspecs import hookimpl\n@hookimpl\ndef spacefactory_agents():\n    return 1 / 0",
            "ZeroDivisionError",
        ),
    ],
)
def test_a_broken_plugin_is_reported_with_its_distribution_and_the_others_work(
    install: Install, source: str, words: str
) -> None:
    install("their-broken", "broken", "their_broken", source)
    heard: list[dict[str, str]] = []
    found = plugins(heard)
    assert "template" in found.offers("spacefactory_agents")
    assert [facts["plugin"] for facts in heard] == ["broken"]
    assert words in heard[0]["error"]
    assert "their-broken 1.2" in heard[0]["error"]
    with pytest.raises(PluginError) as caught:
        found.agent("broken-agent")
    assert words in str(caught.value)


LATER = """
from spacefactory.hookspecs import Later, hookimpl

def make():
    import their_store
    return their_store.Store({name!r})

@hookimpl
def spacefactory_stores():
    return [Later("theirs", make)]
"""
STORE = """
class Store:
    def __init__(self, name):
        self.name = name
"""


def later(install: Install, name: str, store: str) -> Plugins:
    install("their-offer", "theirs", "their_offer", LATER.format(name=name))
    install("their-store", "not-asked", "their_store", store)
    return plugins(disabled=("not-asked",))


def test_a_provider_that_is_offered_for_later_is_made_when_it_is_chosen(install: Install) -> None:
    found = later(install, "theirs", STORE)
    assert found.store("folder").name == "folder"
    assert "their_store" not in sys.modules
    assert found.store("theirs") is found.store("theirs")
    assert "their_store" in sys.modules
    found.close()


def test_whoever_asks_for_all_providers_has_them_made(install: Install) -> None:
    found = later(install, "theirs", STORE)
    assert found.offers("spacefactory_stores")["theirs"].name == "theirs"
    assert found.owners("spacefactory_stores")["theirs"] == "theirs"


@pytest.mark.parametrize(
    ("name", "store", "words"),
    [
        ("theirs", "raise RuntimeError('broken when made')", "broken when made"),
        ("other", STORE, "offered as 'theirs', which is not its name"),
    ],
)
def test_a_provider_that_cannot_be_made_is_a_failure_of_its_plugin(
    install: Install, name: str, store: str, words: str
) -> None:
    found = later(install, name, store)
    assert found.store("folder").name == "folder"
    assert found.failed == {}
    with pytest.raises(PluginError, match="no run store named 'theirs'; installed: bucket, folder") as caught:
        found.store("theirs")
    assert words in str(caught.value)
    assert "their-offer 1.2" in found.failed["theirs"]
    assert "theirs" not in found.offers("spacefactory_stores")
    assert "theirs" not in found.owners("spacefactory_stores")


def test_two_plugins_with_one_provider_name_are_an_error_that_names_both(install: Install) -> None:
    install("their-template", "mine", "their_template", AGENT.format(name="template"))
    with pytest.raises(PluginError) as caught:
        plugins().offers("spacefactory_agents")
    assert "'template'" in str(caught.value)
    assert "their-template 1.2" in str(caught.value)
    assert "spacefactory " in str(caught.value)


def test_two_distributions_with_one_plugin_name_are_an_error_that_names_both(install: Install) -> None:
    install("their-agent", "template_agent", "their_agent", AGENT.format(name="other"))
    with pytest.raises(PluginError, match="template_agent") as caught:
        installed()
    assert "their-agent 1.2" in str(caught.value)


def test_two_runs_do_not_disturb_each_other(install: Install) -> None:
    install("their-echo", "echo", "their_echo", AGENT.format(name="echo"))
    first, second = plugins(), plugins(disabled=("echo",))
    assert "echo" in first.offers("spacefactory_agents")
    assert "echo" not in second.offers("spacefactory_agents")


def test_every_hook_of_the_design_exists() -> None:
    kinds = "sources analyzers agents hardware validators stores hosts runners failures lint_rules observers"
    assert sorted(HOOKS) == sorted(f"spacefactory_{kind}" for kind in kinds.split())
