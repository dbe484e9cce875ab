"""The pages of runs: what the record says is shown, and words of strangers stay words."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from spacefactory import api
from spacefactory.record.fold import fold
from spacefactory.sample import digits
from spacefactory.schema.event import EventType
from spacefactory.schema.run import RunSummary
from spacefactory.schema.status import Status
from spacefactory.settings import Settings, load
from spacefactory.ui import fragments, render, view, words
from spacefactory.ui.build_tab import BuildTab
from spacefactory.ui.offers import Offers
from spacefactory.ui.routes import Site
from spacefactory.ui.usual import told
from spacefactory.ui.view import Following
from tests import ui_records
from tests.ui_records import HOSTILE

TAGS = {
    "a", "article", "audio", "button", "code", "dd", "details", "div", "dl", "dt", "figcaption", "figure", "h2", "h3",
    "header", "img", "input", "li", "nav", "ol", "p", "pre", "progress", "section", "span", "strong", "summary",
    "table", "tbody", "td", "th", "thead", "time", "tr", "ul", "video",
}  # fmt: skip


class Inert(HTMLParser):
    """Fails on every tag, attribute and address that a template of ours does not write."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in TAGS, tag
        for name, value in attrs:
            assert not name.startswith("on"), (tag, name)
            if name in ("src", "href"):
                assert (value or "").startswith(("sf/runs/", "?run=", "http://127.0.0.1", "https://", "#", "login/")), (
                    value
                )

    def handle_data(self, data: str) -> None:
        self.text += data


def read(html: str) -> str:
    """The text of a page that was found to be inert."""
    parser = Inert()
    parser.feed(html)
    parser.close()
    return parser.text


@pytest.fixture
def configured(tmp_path: Path) -> Settings:
    return load({"home": tmp_path}).settings


@pytest.mark.parametrize("hostile", HOSTILE)
def test_words_of_strangers_are_text_on_every_page(configured: Settings, hostile: str) -> None:
    run_id, journal = ui_records.begun(configured, hostile)
    with journal:
        ui_records.step(journal, "resolve", hostile)
        journal.append("agent.said", text=hostile, more={"a": [hostile]})
        journal.append(EventType.STEP_INTENT, step="boot", round=1, attempt=2)
        journal.append(EventType.STEP_FAILED, step="boot", round=1, failure={"step": "boot", "summary": hostile})
        journal.append(EventType.REPAIR_DECIDED, blocker={"reason": hostile}, action=hostile)
        folder = journal.path.parent
        name = hostile.replace("/", "_").replace("\0", "_")[:80]
        (folder / "generated" / "app.py").write_text(hostile, encoding="utf-8")
        (folder / "generated" / name).write_text(hostile, encoding="utf-8")
        (folder / "artifacts" / f"{name}.png").write_bytes(b"x")
        (folder / "traces" / "round-1.diff").write_text(f"+{hostile}\n-{hostile}\n", encoding="utf-8")
        ui_records.conclude(journal, Status.TECHNICAL_BLOCKER, hostile, artifact=f"artifacts/{name}.png")
        seen = Following(folder)
        seen.read_on()
        seen.space |= {"url": "javascript:window.hurt=1", "settings_url": hostile}
        pages = [*fragments.run(seen, job_url=hostile, record_url=hostile).values(), fragments.log(seen.lines)]
    run = RunSummary(run_id=run_id, kind=hostile, reference=hostile, status=hostile, level=hostile, created=hostile)
    pages += [fragments.runs([run], 0, 25, more=False, filtered=False), fragments.compare([folder, folder])]
    pages += [fragments.notice("bad", hostile, hostile)]
    texts = [read(page) for page in pages]
    assert all("\u202e" not in text and "\x1b" not in text for text in texts)
    if hostile.isprintable():
        assert sum(hostile[:20] in text for text in texts) >= 5, "what was written is still readable"


def test_a_plan_is_inert_too(configured: Settings) -> None:
    found = api.plan(str(digits()), home=configured.home)
    for hostile in HOSTILE:
        bad = found.model_copy(update={"model": hostile, "task": hostile, "license": hostile, "notes": (hostile,)})
        read(fragments.plan(bad))
    text = read(fragments.plan(found))
    assert "Ready to build" in text and "image-classification" in text and "2.41 thousand" in text


def test_a_plan_says_what_a_build_may_take_and_cost(configured: Settings) -> None:
    choice = Offers(("template", "thinker"), frozenset({"thinker"}), (), (), assigns_hardware=False, failed={})
    asked = {"agent": "template", "usd": 2.5, "minutes": 20, "fixed_gpu": False}
    free = BuildTab(Site(configured), choice).limits(asked)
    assert free == "A build takes at most 20 min 00 s. It spends nothing: the agent template asks no model."
    assert "at most $2.50" in BuildTab(Site(configured), choice).limits(asked | {"agent": "thinker"})
    hub = load({"home": configured.home, "platform": "huggingface"}).settings
    jobs = BuildTab(Site(hub), choice).limits(asked | {"usd": None, "minutes": None})
    assert "45 min" in jobs and "at most $1.00" in jobs
    found = api.plan(str(digits()), home=configured.home)
    assert free in read(fragments.plan(found, free)) and free not in read(fragments.plan(found))


def test_a_plan_says_how_long_the_last_builds_took() -> None:
    def run(second: int, status: str = "candidate", kind: str = "build") -> RunSummary:
        at = "2026-11-28T10:00:{:02d}+00:00".format
        return RunSummary(
            run_id="x", kind=kind, reference="x", status=status, level="", created=at(0), updated=at(second)
        )

    assert told([run(3, "failed"), run(4, kind="validate")]) == ""
    assert told([run(12), run(30, "running")]) == "Your last build took 12 s."
    assert told([run(12), run(45, "full_inference_success"), run(9)]) == "Your last 3 builds took 9.0 s to 45 s."
    assert told([run(12)] * 10 + [run(59)]) == "Your last 10 builds took 12 s to 12 s."


@given(text=st.text(max_size=400))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_any_text_is_inert(text: str) -> None:
    shown = read(render.html("notice", tone="bad", title=text, text=text, link="", link_text=""))
    assert words.line(text, 400) in shown
    assert "\n" not in words.line(text) and len(words.line(text, 50)) <= 50


@pytest.mark.parametrize(
    "address",
    ["javascript:alert(1)", "data:text/html,x", "//elsewhere.invalid", "ftp://x", "http://[", "", "https:///x"],
)
def test_only_web_addresses_become_links(address: str) -> None:
    assert render.web_address(address) == "#"
    assert render.web_address("https://ada-demo.hf.space/?a=1") == "https://ada-demo.hf.space/?a=1"


def test_the_page_of_a_run_follows_its_log(configured: Settings) -> None:
    _, journal = ui_records.begun(configured)
    with journal:
        seen = Following(journal.path.parent)
        seen.read_on()
        assert [step["state"] for step in view.steps(seen)] == ["coming"] * 9
        ui_records.step(journal, "resolve", "the card was read")
        journal.append(EventType.STEP_INTENT, step="analyze", round=0, attempt=1)
        journal.append(EventType.MODEL_REQUEST, usd=0.25, status=200)
        seen.read_on()
        top, states = view.head(seen), {step["name"]: step["state"] for step in view.steps(seen)}
        assert (states["resolve"], states["analyze"], states["boot"]) == ("done", "running", "coming")
        assert top["usd"] == 0.25 and top["can_stop"] and not top["can_resume"] and not top["frozen"]
        assert fold(journal.events) == seen.state
        ui_records.conclude(journal)
        seen.read_on()
        assert view.head(seen)["title"] == "Candidate" and not view.head(seen)["can_stop"]
        journal.append(EventType.RUN_RESUMED)
        seen.read_on()
        assert seen.result is None and view.head(seen)["can_stop"]


def test_a_log_that_was_replaced_by_a_shorter_one_is_read_anew(configured: Settings) -> None:
    _, journal = ui_records.begun(configured)
    with journal:
        for at in range(20):
            ui_records.step(journal, "resolve", f"line {at}")
        seen = Following(journal.path.parent)
        seen.read_on()
        whole = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(b"".join(whole[:3]))
    seen.read_on()
    assert seen.state is not None and seen.state.events == 3


def test_a_run_that_nobody_works_on_can_be_resumed(configured: Settings) -> None:
    _, journal = ui_records.begun(configured)
    with journal:
        journal.append(EventType.STEP_INTENT, step="resolve", round=0, attempt=1)
        journal.append(EventType.RUN_INTERRUPTED)
    seen = Following(journal.path.parent)
    seen.read_on()
    top = view.head(seen)
    assert top["can_resume"] and top["status"] == "interrupted" and "Resume" in top["words"]
    assert [step["state"] for step in view.steps(seen) if step["name"] == "resolve"] == ["stopped"]


def test_a_paused_run_that_was_taken_up_again_is_at_work_before_its_job_begins(configured: Settings) -> None:
    _, journal = ui_records.begun(configured)
    with journal:
        ui_records.conclude(journal, Status.MANUAL_HARDWARE_REQUIRED)
        paused = Following(journal.path.parent)
        paused.read_on()
        assert view.head(paused)["can_resume"] and paused.result is not None
        again = Following(journal.path.parent, known=len(journal.events))
        again.read_on()
        top = view.head(again)
        assert (top["status"], top["can_resume"], top["can_stop"], again.result) == ("running", False, True, None)
        journal.append(EventType.RUN_RESUMED)
        ui_records.conclude(journal, Status.MANUAL_HARDWARE_REQUIRED)
        again.read_on()
        assert view.head(again)["can_resume"] and again.result is not None


def test_every_status_and_step_has_words() -> None:
    from spacefactory.workflows.build import HEAD, TRY, WRITE
    from spacefactory.workflows.validate import STEPS

    assert set(Status) == set(words.TITLES) == set(words.TONES)
    assert tuple(step.name for step in (*HEAD, *WRITE, *TRY)) == words.WAYS["build"]
    assert tuple(step.name for step in STEPS) == words.WAYS["validate"]
    assert words.title("interrupted") == "Interrupted" and words.tone("no such status") == "still"


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.42, "0.4 s"), (12.4, "12 s"), (185, "3 min 05 s"), (3720, "1 h 02 min"), (None, "")],
)
def test_durations(value: Any, said: str) -> None:
    assert words.seconds(value) == said


def test_a_large_file_and_log_are_cut(configured: Settings) -> None:
    _, journal = ui_records.begun(configured)
    with journal:
        (journal.path.parent / "generated" / "app.py").write_text("x = 1\n" * 40_000)
        shown = view.files(journal.path.parent)["files"][0]["text"]
    assert len(shown) < view.MOST_TEXT + 100 and shown.endswith("characters")
