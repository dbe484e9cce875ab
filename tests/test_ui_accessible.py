"""Every page of the orchestrator is checked by axe in a real browser, light and dark, wide and narrow."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from spacefactory.sample import digits
from spacefactory.settings import load
from spacefactory.testing import needs
from spacefactory.testing.fixtures import share_environments
from tests import ui_records
from tests.ui_site import Served, browser, served

SOON_MS = 60_000
SERIOUS = ("serious", "critical")
LOOKS = {
    "light": {"color_scheme": "light", "viewport": {"width": 1280, "height": 900}},
    "dark": {"color_scheme": "dark", "viewport": {"width": 1280, "height": 900}},
    "phone": {"color_scheme": "light", "viewport": {"width": 390, "height": 800}},
}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(share_environments(tmp_path_factory.mktemp("accessible"), tmp_path_factory)) as found:
        yield found


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    needs("axe_playwright_python")
    with browser() as found:
        yield found


@pytest.fixture(scope="module")
def run_id(site: Served) -> str:
    """A run with steps, checks and an end."""
    found, journal = ui_records.begun(load({"home": site.home}).settings, "a model")
    with journal:
        ui_records.step(journal, "resolve", "the card was read")
        ui_records.conclude(journal)
    return found


def _tab(name: str, shows: str) -> Any:
    def go(page: Any) -> None:
        page.get_by_role("tab", name=name).click()
        page.locator(shows).first.wait_for(timeout=SOON_MS)

    return go


def _planned(page: Any) -> None:
    page.locator("#model input, #model textarea").first.fill(str(digits()))
    page.locator(".sf-plan").wait_for(timeout=SOON_MS)


PAGES = {
    "build": _planned,
    "validate": _tab("Validate", "#space"),
    "runs": _tab("Runs", ".sf-runs a"),
    "run": lambda page: page.locator(".sf-check").first.wait_for(timeout=SOON_MS),
}


@pytest.mark.parametrize("look", LOOKS)
@pytest.mark.parametrize("name", PAGES)
def test_no_serious_barrier(site: Served, chromium: Any, run_id: str, name: str, look: str) -> None:
    from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-not-found,import-untyped,unused-ignore]

    page = chromium.new_page(**LOOKS[look])
    page.goto(f"{site.url}/?run={run_id}" if name == "run" else site.url, wait_until="domcontentloaded")
    page.locator("#tabs").wait_for(timeout=SOON_MS)
    PAGES[name](page)
    answer = Axe().run(page).response
    assert len(answer["passes"]) > 10, "axe has looked at the page"
    barriers = [
        f"{found['id']}: {node['target']} {node['html'][:160]} {node.get('failureSummary', '')}"
        for found in answer["violations"]
        if found["impact"] in SERIOUS
        for node in found["nodes"]
    ]
    assert not barriers, "\n".join(barriers)
    page.close()
