"""The orchestrator as a Space: two people sign in, in real browsers side by side; jobs and Spaces really run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest

from spacefactory.sample import digits
from spacefactory.testing.hub import EmulatedHub
from spacefactory.testing.hub.seed import people
from spacefactory.testing.hub.space_stages import is_up
from spacefactory.testing.require import needs
from spacefactory.testing.sign_in import SCOPES, SignIn
from tests.plugins.huggingface_runs import hub_with_packages
from tests.plugins.test_huggingface_runs import ECHO_SPACE
from tests.ui_site import Served, browser, served

ADA, EVE = "hf_oauth_adaadaadaadaada", "hf_oauth_eveeveeveeveeve"
SOON_MS, LONG_MS = 120_000, 600_000
RUN = re.compile(r"\?run=([0-9A-Z]{26})$")
pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("ui_hub_browser")]
World = tuple[EmulatedHub, SignIn, Served]


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A Hub that runs Spaces confined and with what they require, a provider that signs in, an orchestrator."""
    needs("authlib", "itsdangerous", "joserfc", "onnxruntime")
    with hub_with_packages(tmp_path_factory) as hub, SignIn({"ada": ADA, "eve": EVE}) as provider:
        people(hub)
        hub.add_model("acme/digits", digits())
        hub.add_space("ada/echo", ECHO_SPACE)
        for name, token in (("ada", ADA), ("eve", EVE)):
            hub.add_token(name, value=token, scopes=tuple(SCOPES.split()))
        extra = {**provider.environment(), "HF_ENDPOINT": hub.endpoint}
        with served(tmp_path_factory.mktemp("ui"), extra, "--platform", "huggingface") as site:
            yield hub, provider, site


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with browser() as found:
        yield found


class Someone:
    """A person with a browser of their own."""

    def __init__(self, world: World, chromium: Any, name: str) -> None:
        self.provider, self.site, self.name = world[1], world[2], name
        self.page = chromium.new_context().new_page()
        self.errors: list[str] = []
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def open(self, path: str = "") -> None:
        self.page.goto(f"{self.site.url}/{path}", wait_until="domcontentloaded")
        self.page.locator("#tabs").wait_for(timeout=SOON_MS)

    def sign_in(self) -> None:
        self.provider.person = self.name
        self.page.locator("#login").click()
        self.see(f"Sign out ({self.name})")

    def see(self, text: str, timeout: int = SOON_MS) -> None:
        self.page.get_by_text(text).first.wait_for(timeout=timeout)

    def tab(self, name: str) -> None:
        self.page.get_by_role("tab", name=name, exact=True).click()

    def choose(self, field: str, option: str) -> None:
        self.page.get_by_role("combobox", name=field).click()
        self.page.get_by_role("option", name=option, exact=True).click()

    def fill(self, field: str, text: str) -> None:
        self.page.locator(f"#{field} input, #{field} textarea").first.fill(text)

    def begin(self, button: str) -> str:
        """Press a button that starts a run; the run's id."""
        self.page.locator(f"#{button}").click()
        self.page.wait_for_url(RUN, timeout=SOON_MS)
        found = RUN.search(self.page.url)
        assert found is not None
        return found.group(1)

    def ends(self, status: str) -> str:
        """Wait for the end of the run that is open; the words of its page."""
        ended = ["full_inference_success", "candidate", "manual_hardware_required", "technical_blocker", "failed"]
        self.page.locator(", ".join(f".sf-pill[data-status={one}]" for one in ended)).wait_for(timeout=LONG_MS)
        text = str(self.page.locator("sf-run").inner_text())
        assert self.page.locator(f".sf-pill[data-status={status}]").count() == 1, text
        return text

    def runs(self) -> str:
        """The list of runs."""
        self.tab("Runs")
        self.page.locator(".sf-runs a, .sf-empty").first.wait_for(timeout=SOON_MS)
        return str(self.page.locator("sf-runs").inner_text())


def give_hardware(hub: EmulatedHub, space_id: str, flavor: str) -> None:
    """What the owner does on the Space's settings page."""
    state = hub.space(space_id)
    with hub.world.lock:
        state.requested = flavor
        state.current = flavor if is_up(state) else None
    hub.wait_for_stage(space_id, "RUNNING", timeout_s=300)
    hub.wait(lambda: state.current == flavor, "the Space to have its hardware")


def test_two_people_side_by_side_build_validate_resume_and_sign_out(world: World, chromium: Any) -> None:
    hub = world[0]
    hub.world.accounts["ada"].slots = 0  # no ZeroGPU is left for her Spaces
    ada, eve = Someone(world, chromium, "ada"), Someone(world, chromium, "eve")

    ada.open()
    ada.tab("Runs")
    ada.see("this needs you to be signed in")
    ada.tab("Build")
    ada.sign_in()
    eve.open()
    eve.sign_in()

    ada.choose("Agent", "template")
    ada.fill("model", "acme/digits")
    ada.page.locator(".sf-plan").wait_for(timeout=SOON_MS)
    assert "image-classification" in ada.page.locator(".sf-plan").inner_text()
    built = ada.begin("build")
    hub.wait_for_stage("ada/echo", "RUNNING", timeout_s=300)
    eve.tab("Validate")
    eve.fill("space", "ada/echo")
    eve.see("/custom_paint")
    eve.choose("Endpoint", "/custom_paint")
    eve.choose("Expected output", "text")
    validated = eve.begin("validate")

    ada.page.locator(".sf-step-running").first.wait_for(timeout=LONG_MS)
    address = ada.page.get_by_role("link", name="Job").get_attribute("href")
    assert address.startswith(f"{hub.endpoint}/jobs/ada/")
    record = ada.page.get_by_role("link", name="Record", exact=True).get_attribute("href")
    assert record.startswith(f"{hub.endpoint}/buckets/ada/")
    assert "Time of a call" in eve.ends("full_inference_success")
    assert "acme/digits" not in eve.runs()
    eve.open(f"?run={built}")
    eve.see("There is no such run")

    assert "Set the hardware in the settings of the Space, then resume the run" in ada.ends("manual_hardware_required")
    (name,) = [one for one in hub.world.spaces if one.startswith("ada/sf-digits-")]
    assert ada.page.get_by_role("link", name="Space settings").get_attribute("href").endswith(f"{name}/settings")
    give_hardware(hub, name, "t4-small")
    ada.page.get_by_role("button", name="Resume").click()
    ada.see("The run goes on.")
    ada.page.locator(".sf-pill[data-status=running]").wait_for(timeout=SOON_MS)
    assert "reference.matches" in ada.ends("full_inference_success")
    assert [one for one in hub.world.spaces if one.startswith("ada/sf-")] == [name]
    ada.page.reload(wait_until="domcontentloaded")
    ada.see("What it answered")
    told = ada.runs()
    assert "acme/digits" in told and "Proven" in told and "ada/echo" not in told
    assert {job.labels["run"]: job.owner.name for job in hub.jobs()} == {built: "ada", validated: "eve"}

    for who in (ada, eve):
        assert not [token for token in (ADA, EVE) if token in who.page.content() or token in who.page.url]
        who.page.locator("#login").click()
        who.see("Sign in with Hugging Face")
        who.open(f"?run={built}")
        who.see("This needs you to be signed in")
        assert who.errors == []
    said = world[2].log.read_text(encoding="utf-8", errors="replace")
    assert ADA not in said and EVE not in said and "Traceback" not in said
