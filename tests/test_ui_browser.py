"""The orchestrator on this machine, through a real browser and through its API; the sample model is built once."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from gradio_client import Client  # type: ignore[import-untyped]
from gradio_client.exceptions import AppError  # type: ignore[import-untyped]

from spacefactory.sample import digits
from spacefactory.schema.event import EventType
from spacefactory.settings import load
from spacefactory.testing.fixtures import share_environments
from tests import ui_records
from tests.ui_site import Person, Served, browser, served

LONG_MS = 300_000
SOON_MS = 60_000
pytestmark = pytest.mark.xdist_group("ui_browser")


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    with served(share_environments(tmp_path_factory.mktemp("ui"), tmp_path_factory)) as found:
        try:
            yield found
        finally:
            stop_all(found)


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as found:
        yield found


class Watched:
    """A page with what went wrong on it."""

    def __init__(self, chromium: Any, **how: Any) -> None:
        self.page = chromium.new_page(**how)
        self.errors: list[str] = []
        self.outside: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("request", lambda asked: self._asked(asked.url))

    def _asked(self, url: str) -> None:
        if not url.startswith(("http://127.0.0.1", "data:", "blob:")):
            self.outside.append(url)

    def open(self, url: str) -> Any:
        self.page.goto(url, wait_until="domcontentloaded")
        self.page.locator("#tabs").wait_for(timeout=SOON_MS)
        return self.page


def test_from_a_model_to_a_proven_space_and_back_again(site: Served, chromium: Any) -> None:
    watched = Watched(chromium)
    page = watched.open(site.url)
    page.locator("#sample").click()
    page.locator(".sf-plan").wait_for(timeout=SOON_MS)
    assert "Ready to build" in page.locator(".sf-plan").inner_text()
    page.locator("#build").click()
    page.wait_for_url(re.compile(r"\?run=[0-9A-Z]{26}"), timeout=SOON_MS)
    address = page.url
    page.locator(".sf-step-running, .sf-step-done").first.wait_for(timeout=SOON_MS)
    assert page.locator(".sf-pill[data-status=running]").count() == 1

    page.reload(wait_until="domcontentloaded")
    page.locator(".sf-step").first.wait_for(timeout=SOON_MS)
    page.locator(".sf-pill[data-status=full_inference_success]").wait_for(timeout=LONG_MS)
    assert page.locator(".sf-step-done").count() == 9 and page.locator(".sf-step-running").count() == 0
    text = page.locator("sf-run").inner_text()
    assert "What it answered" in text and "reference.matches" in text and "ended: Proven" in text
    page.get_by_text("app.py", exact=True).click()
    assert "gradio" in page.locator(".sf-file[open] pre").first.inner_text()
    with page.expect_download() as download:
        page.get_by_text("Download report").click()
    assert "full_inference_success" in Path(download.value.path()).read_text(encoding="utf-8")

    page.get_by_role("tab", name="Runs").click()
    page.locator(".sf-runs a").first.click()
    assert page.url == address
    page.get_by_text("What it answered").wait_for(timeout=SOON_MS)
    page.go_back()
    page.get_by_role("tab", name="Build", selected=True).wait_for(timeout=SOON_MS)
    assert watched.errors == [] and watched.outside == []

    run_id = address.rpartition("=")[2]
    client = Client(site.url, verbose=False)
    state = client.predict(run_id, api_name="/run_status")
    assert state["result"]["status"] == "full_inference_success"
    assert "# digits" in client.predict(run_id, api_name="/run_report")


def stop_all(site: Served) -> None:
    """Leave no process behind, however a test ended."""
    from spacefactory.runs import plugins_of

    host = plugins_of(load({"home": site.home}).settings).host("local")
    for space in host.list():
        host.stop(space.id)


def test_hostile_words_do_nothing_in_a_real_browser(site: Served, chromium: Any) -> None:
    configured = load({"home": site.home}).settings
    watched = Watched(chromium)
    for hostile in ui_records.HOSTILE:
        run_id, journal = ui_records.begun(configured, hostile)
        with journal:
            journal.append("agent.said", text=hostile)
            (journal.path.parent / "generated" / "app.py").write_text(hostile, encoding="utf-8")
            (journal.path.parent / "traces" / "round-1.diff").write_text(f"+{hostile}\n", encoding="utf-8")
            ui_records.conclude(journal, words=hostile)
    page = watched.open(f"{site.url}/?run={run_id}")
    page.locator(".sf-check").first.wait_for(timeout=SOON_MS)
    page.get_by_role("tab", name="Runs").click()
    page.locator(".sf-runs").wait_for(timeout=SOON_MS)
    for at in range(len(ui_records.HOSTILE)):
        page.get_by_role("tab", name="Runs").click()
        page.locator(".sf-runs a").nth(at).click()
        page.locator(".sf-check").first.wait_for(timeout=SOON_MS)
    page.get_by_role("tab", name="Build").click()
    for hostile in ui_records.HOSTILE[:3]:
        page.locator("#model input, #model textarea").first.fill(hostile)
        page.locator("#plan .sf-notice").wait_for(timeout=SOON_MS)
        page.locator("#model input, #model textarea").first.fill("")
        page.locator("#plan .sf-hint").wait_for(timeout=SOON_MS)
    assert page.evaluate("window.hurt") is None
    assert watched.errors == [] and watched.outside == []


def test_a_run_is_followed_stopped_and_deleted_from_the_page(site: Served, chromium: Any) -> None:
    configured = load({"home": site.home}).settings
    run_id, journal = ui_records.begun(configured, "a model with a long name")
    page = Watched(chromium, viewport={"width": 390, "height": 800}).open(f"{site.url}/?run={run_id}")
    with journal:
        page.locator(".sf-step-coming").first.wait_for(timeout=SOON_MS)
        ui_records.step(journal, "resolve", "the card was read just now")
        page.get_by_text("the card was read just now").first.wait_for(timeout=SOON_MS)
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), "it fits a phone"
        page.get_by_role("button", name="Stop").click()
        page.get_by_role("button", name="Keep it").click()
        assert list((journal.path.parent / "control").iterdir()) == []
        page.get_by_role("button", name="Stop").click()
        page.locator("dialog button", has_text="Stop").click()
        page.get_by_text("The run was asked to stop.").wait_for(timeout=SOON_MS)
        assert len(list((journal.path.parent / "control").iterdir())) == 1
        journal.append(EventType.RUN_INTERRUPTED)
        page.get_by_role("button", name="Resume").wait_for(timeout=SOON_MS)
        ui_records.conclude(journal)
        page.locator(".sf-pill[data-status=candidate]").wait_for(timeout=SOON_MS)
    page.get_by_role("tab", name="Runs").click()
    page.get_by_role("searchbox").fill("long name")
    page.get_by_text("1 to 1 of 1").wait_for(timeout=SOON_MS)
    page.locator(".sf-runs input").check()
    page.get_by_role("button", name="Delete").click()
    page.locator("dialog button", has_text="Delete").click()
    page.get_by_text("No run fits").wait_for(timeout=SOON_MS)
    assert not journal.path.parent.exists()
    page.goto(f"{site.url}/?run={run_id}", wait_until="domcontentloaded")
    page.get_by_text("There is no such run").wait_for(timeout=SOON_MS)


def test_the_endpoints_say_what_is_wrong_in_one_sentence(site: Served) -> None:
    client = Client(site.url, verbose=False)
    assert client.predict(str(digits()), api_name="/plan")["task"] == "image-classification"
    for name, given, said in (
        ("/plan", "/no/such/folder", "no folder"),
        ("/plan", "", "model"),
        ("/build", "   ", "no model"),
        ("/run_status", "../../etc", "no such run"),
        ("/run_report", "01K0000000000000000000000A", "no such run"),
        ("/cancel", "x", "no such run"),
    ):
        with pytest.raises(AppError, match=said):
            client.predict(given, api_name=name)


def test_other_sites_reach_no_endpoint_of_gradio_either(site: Served) -> None:
    person = Person(site.url)
    for path in ("gradio_api/call/cancel", "gradio_api/queue/join", "gradio_api/upload", "gradio_api/run/cancel"):
        answer = person.ask("POST", path, headers={"Origin": "https://elsewhere.invalid"}, json={"data": ["x"]})
        assert answer.status_code == 403
    for path in ("", "config", "gradio_api/info", "sf/runs"):
        assert person.ask("GET", path, headers={"Origin": "https://elsewhere.invalid"}).status_code == 403
        assert person.ask("GET", path, page=False).status_code == 200
