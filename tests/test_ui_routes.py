"""The page's own addresses: what other sites, strangers and odd requests get; no browser, no Gradio."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette
from ulid import ULID

from spacefactory.credentials import TOKEN_VARIABLES
from spacefactory.errors import BlockedError, UsageError
from spacefactory.record.files import write_json
from spacefactory.sample import digits
from spacefactory.schema.event import EventType
from spacefactory.schema.status import Status
from spacefactory.settings import Settings, load
from spacefactory.ui.desk import AT_ONCE, Desk, Turns
from spacefactory.ui.guard import Guard
from spacefactory.ui.routes import Site
from spacefactory.ui.visitors import LOCAL, Visitor
from tests import ui_records

HOST = "127.0.0.1:7860"
SECRET = "a long enough secret"
Ask = Callable[..., httpx.Response]


@pytest.fixture
def configured(tmp_path: Path) -> Settings:
    return load({"home": tmp_path}).settings


def asks(settings: Settings, secret: str = "", **guard: Any) -> Ask:
    """Sends one request to the addresses behind their guard."""
    app = Guard(Starlette(routes=list(Site(settings, secret).routes())), secret=secret, **guard)

    def ask(method: str, path: str, headers: dict[str, str] | None = None, **more: Any) -> httpx.Response:
        async def sent() -> httpx.Response:
            async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=f"http://{HOST}") as client:
                return await client.request(method, path, headers=headers, **more)

        return asyncio.run(sent())

    return ask


@pytest.fixture
def ask(configured: Settings) -> Ask:
    return asks(configured)


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE", "OPTIONS"])
@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://elsewhere.invalid"},
        {"Origin": "null"},
        {"Origin": "http://127.0.0.1:9999"},
        {"Origin": f"https://{HOST}.elsewhere.invalid"},
        {"Origin": "file://"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Host": "elsewhere.invalid"},
        {"Host": "127.0.0.1.elsewhere.invalid:7860"},
        {"Host": "[::1"},
        {"Host": ""},
    ],
)
def test_other_sites_can_neither_read_nor_write(ask: Ask, method: str, headers: dict[str, str]) -> None:
    for path in ("/sf/runs", f"/sf/runs/{ULID()}/cancel", "/health", "/gradio_api/queue/join"):
        assert ask(method, path, headers).status_code == 403


def test_a_link_from_another_site_may_open_the_page_and_do_nothing_else(ask: Ask) -> None:
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert ask("GET", "/health", link).status_code == 200
    assert ask("POST", f"/sf/runs/{ULID()}/cancel", link).status_code == 403


def test_own_requests_pass_and_answers_carry_safe_headers(ask: Ask) -> None:
    for headers in ({}, {"Origin": f"http://{HOST}"}, {"Sec-Fetch-Site": "same-origin"}):
        answer = ask("GET", "/sf/runs", headers)
        assert answer.status_code == 200 and "No runs yet" in answer.text
        assert answer.headers["x-content-type-options"] == "nosniff"
        assert answer.headers["x-frame-options"] == "SAMEORIGIN"
        assert "access-control-allow-origin" not in answer.headers


def test_without_the_page_s_own_header_nothing_is_changed(configured: Settings, ask: Ask) -> None:
    run_id, journal = ui_records.begun(configured)
    with journal:
        ui_records.conclude(journal)
    assert ask("POST", f"/sf/runs/{run_id}/delete").status_code == 409
    assert (configured.home / "runs" / run_id).is_dir()
    assert ask("POST", f"/sf/runs/{run_id}/delete", {"X-Spacefactory": "page"}).status_code == 200
    assert not (configured.home / "runs" / run_id).exists()


@pytest.mark.parametrize(
    "run_id",
    [
        "01K0000000000000000000000A",
        "..",
        "%2e%2e",
        "..%2f..%2fetc",
        "0" * 26 + "x",
        "0" * 25,
        "i" * 26,
        "%00",
        "a b",
        "-" * 26,
        "../runs",
    ],
)
@pytest.mark.parametrize("rest", ["stream", "report.md", "report.json", "log/run", "files/artifacts/x.png"])
def test_what_is_no_run_of_the_visitor_is_not_there(ask: Ask, run_id: str, rest: str) -> None:
    assert ask("GET", f"/sf/runs/{run_id}/{rest}").status_code in (404, 405)


@pytest.mark.parametrize("action", ["cancel", "resume", "again", "delete", "no-such-action"])
def test_nothing_is_done_with_a_run_that_is_not_there(ask: Ask, action: str) -> None:
    answer = ask("POST", f"/sf/runs/{ULID()}/{action}", {"X-Spacefactory": "page"})
    assert answer.status_code == 404 and "Traceback" not in answer.text


def test_artifacts_are_shown_only_as_what_they_are(configured: Settings, ask: Ask, tmp_path: Path) -> None:
    run_id, journal = ui_records.begun(configured)
    folder = journal.path.parent / "artifacts"
    (folder / "a.png").write_bytes(b"\x89PNG")
    (folder / "a.svg").write_text("<svg onload=alert(1)>")
    (folder / "a.html").write_text("<script>alert(1)</script>")
    (tmp_path / "outside.png").write_bytes(b"secret")
    (folder / "link.png").symlink_to(tmp_path / "outside.png")
    with journal:
        ui_records.conclude(journal)
    shown = ask("GET", f"/sf/runs/{run_id}/files/artifacts/a.png")
    assert shown.status_code == 200 and shown.headers["content-type"] == "image/png"
    for name in ("a.svg", "a.html"):
        kept = ask("GET", f"/sf/runs/{run_id}/files/artifacts/{name}")
        assert kept.headers["content-type"] == "application/octet-stream"
        assert kept.headers["content-disposition"].startswith("attachment")
        assert kept.headers["content-security-policy"].startswith("sandbox")
    for path in (
        "artifacts/link.png",
        "state.json",
        "artifacts/../events.jsonl",
        "artifacts/%2e%2e/events.jsonl",
        "/etc/passwd",
    ):
        assert ask("GET", f"/sf/runs/{run_id}/files/{path}").status_code == 404


def test_a_report_is_a_download(configured: Settings, ask: Ask) -> None:
    run_id, journal = ui_records.begun(configured)
    with journal:
        ui_records.conclude(journal, words=ui_records.HOSTILE[0])
    answer = ask("GET", f"/sf/runs/{run_id}/report.md")
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["x-content-type-options"] == "nosniff"


def told(answer: httpx.Response) -> list[tuple[str, dict[str, Any]]]:
    """The server-sent events of an answer that has ended."""
    blocks = [block.splitlines() for block in answer.text.replace("retry: 2000\n\n", "").split("\n\n") if block]
    return [(block[0].removeprefix("event: "), json.loads(block[1].removeprefix("data: "))) for block in blocks]


def test_the_stream_of_an_ended_run_tells_everything_and_ends(configured: Settings, ask: Ask) -> None:
    run_id, journal = ui_records.begun(configured)
    with journal:
        ui_records.step(journal, "resolve", "the card was read")
        ui_records.conclude(journal, words="what was said")
    events = told(ask("GET", f"/sf/runs/{run_id}/stream"))
    kinds = [kind for kind, _ in events]
    parts = {facts["name"]: facts["html"] for kind, facts in events if kind == "part"}
    assert kinds[0] == "clock" and kinds[-1] == "end"
    assert "Candidate" in parts["head"] and "what was said" in parts["outcome"]
    assert any("the card was read" in facts["html"] for kind, facts in events if kind == "log")


def test_a_damaged_record_is_told_and_not_shown(configured: Settings, ask: Ask) -> None:
    _, journal = ui_records.begun(configured)
    with journal:
        ui_records.conclude(journal)
    journal.path.write_bytes(b'{"c":"00000000","e":{}}\n' + journal.path.read_bytes())
    write_json(journal.path.parent / "state.json", {})
    assert "Damaged" in ask("GET", "/sf/runs").text


def test_runs_are_searched_filtered_sorted_and_paged(configured: Settings, ask: Ask) -> None:
    for at in range(30):
        status = Status.FAILED if at % 3 == 0 else Status.CANDIDATE
        _, journal = ui_records.begun(configured, f"model-{at:02}")
        with journal:
            ui_records.conclude(journal, status)
    first = ask("GET", "/sf/runs").text
    assert "1 to 25, older ones follow" in first and "model-29" in first and "model-04" not in first
    assert "26 to 30 of 30" in ask("GET", "/sf/runs", params={"page": "1"}).text
    assert "1 to 1 of 1" in ask("GET", "/sf/runs", params={"q": "MODEL-07"}).text
    assert "1 to 10 of 10" in ask("GET", "/sf/runs", params={"status": "failed"}).text
    by_name = ask("GET", "/sf/runs", params={"sort": "reference"}).text
    assert by_name.index("model-00") < by_name.index("model-01")
    assert "No run fits" in ask("GET", "/sf/runs", params={"q": "nothing of the kind"}).text
    for odd in ({"page": "-1"}, {"page": "x"}, {"page": "9" * 30}, {"sort": "x"}, {"status": "<b>"}):
        assert ask("GET", "/sf/runs", params=odd).status_code == 200


def test_two_runs_side_by_side(configured: Settings, ask: Ask) -> None:
    ids = []
    for name in ("one", "two"):
        run_id, journal = ui_records.begun(configured, name)
        with journal:
            ui_records.conclude(journal)
        ids.append(run_id)
    both = ask("GET", "/sf/compare", params={"run": ids}).text
    assert "one" in both and "two" in both and "text.decodes" in both
    assert ask("GET", "/sf/compare", params={"run": ids[:1]}).status_code == 409
    assert ask("GET", "/sf/compare", params={"run": [ids[0], str(ULID())]}).status_code == 404


def test_a_run_that_another_process_works_on_is_asked_to_stop(configured: Settings, ask: Ask) -> None:
    run_id, journal = ui_records.begun(configured)
    with journal:
        journal.append(EventType.STEP_INTENT, step="resolve", round=0, attempt=1)
        answer = ask("POST", f"/sf/runs/{run_id}/cancel", {"X-Spacefactory": "page"})
        assert answer.status_code == 200 and "asked to stop" in answer.json()["message"]
        assert len(list((journal.path.parent / "control").iterdir())) == 1
        assert ask("POST", f"/sf/runs/{run_id}/delete", {"X-Spacefactory": "page"}).status_code == 409


def test_nobody_has_more_runs_at_work_than_may_be(configured: Settings) -> None:
    desk = Desk(Visitor(LOCAL), configured)
    journals = [ui_records.begun(configured)[1] for _ in range(AT_ONCE)]
    with pytest.raises(UsageError, match="at work"):
        desk.start("build", str(digits()), {}, {})
    assert len(list(desk.runs())) == AT_ONCE
    for journal in journals:
        journal.close()
    with pytest.raises(UsageError, match="no model"):
        desk.start("build", "  ", {}, {})
    fresh = Turns()
    fresh.begun("ada", "01K0000000000000000000000A")
    assert fresh.fresh("ada") == {"01K0000000000000000000000A"} and fresh.fresh("eve") == frozenset()


def test_a_run_that_no_job_takes_leaves_no_record(
    configured: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in TOKEN_VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path))
    desk = Desk(Visitor(LOCAL), configured)
    with pytest.raises(BlockedError, match="nobody is signed in"):
        desk.start("build", str(digits()), {}, {"platforms": {"local": {"runner": "hf_jobs"}}})
    assert list(desk.runs()) == []


def test_a_secret_opens_by_bearer_or_by_the_cookie_of_its_form(configured: Settings) -> None:
    ask = asks(configured, SECRET, local=False)
    assert ask("GET", "/sf/runs").status_code == 401
    page = ask("GET", "/")
    assert page.status_code == 401 and "password" in page.text
    for wrong in ("Bearer wrong", "Bearer ", f"Basic {SECRET}", SECRET):
        assert ask("GET", "/sf/runs", {"Authorization": wrong}).status_code == 401
    assert ask("GET", "/sf/runs", {"Authorization": f"Bearer {SECRET}"}).status_code == 200
    assert ask("POST", "/sf/unlock", data={"secret": "wrong"}).status_code == 401
    opened = ask("POST", "/sf/unlock", data={"secret": SECRET})
    cookie = opened.headers["set-cookie"]
    assert SECRET not in cookie
    assert opened.status_code == 303 and "HttpOnly" in cookie and "samesite=strict" in cookie.lower()
    assert ask("GET", "/sf/runs", {"Cookie": cookie.partition(";")[0]}).status_code == 200
    assert (
        ask("POST", "/sf/unlock", {"Origin": "https://elsewhere.invalid"}, data={"secret": SECRET}).status_code == 403
    )


def test_static_files_are_only_our_own(ask: Ask) -> None:
    assert ask("GET", "/sf/static/ui.js").headers["content-type"].startswith("text/javascript")
    for name in ("../routes.py", "%2e%2e%2froutes.py", "nothing.js", "ui.css.map"):
        assert ask("GET", f"/sf/static/{name}").status_code == 404
