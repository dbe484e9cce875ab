"""Bad days of the Hub: whatever it answers, one typed sentence with the next step, and nothing made twice."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import httpx2
import pytest
from huggingface_hub.errors import HfHubHTTPError
from hypothesis import given
from hypothesis import strategies as st
from spacefactory_huggingface import calls, creation, retries
from spacefactory_huggingface.account import seconds_left
from spacefactory_huggingface.calls import explained, may_pass, read, retry_after
from spacefactory_huggingface.client import Hub
from spacefactory_huggingface.host import HubHost
from spacefactory_huggingface.source import HubSource

from spacefactory import api
from spacefactory.errors import BlockedError, PlatformError, SpacefactoryError
from spacefactory.hookspecs import PluginContext
from spacefactory.lint.gate import MARKER
from spacefactory.schema.run import RunResult
from spacefactory.schema.space import HardwareProposal, SpaceRequest
from spacefactory.testing.hub import EmulatedHub, Fault, Refuse, Reset, SpaceOutcome, rate_limited
from spacefactory.testing.hub.fixtures import emulated_hub, hub_tokens
from spacefactory.testing.hub.seed import SMALL_APP, SMALL_README, SMALL_SPACE, Tokens
from tests.plugins.huggingface_places import RUN, hub_for

__all__ = ("emulated_hub", "hub_tokens")

DIGITS = Path(__file__).parent.parent.parent / "examples" / "digits"
ZERO = HardwareProposal(strategy="zerogpu", flavor="zero-a10g", reason="fits")
CREATED = ("POST", "/api/repos/create$")


@pytest.fixture
def host(emulated_hub: EmulatedHub, hub_tokens: Tokens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> HubHost:
    """Ada's Spaces."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    return HubHost(hub_for(emulated_hub, tmp_path, hub_tokens.ada))


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A generated app, as the gate leaves it."""
    folder = tmp_path / "generated"
    folder.mkdir()
    marker = json.dumps({"format": "spacefactory-space/1", "run_id": RUN})
    for name, text in {"app.py": SMALL_APP, "README.md": SMALL_README, MARKER: marker}.items():
        (folder / name).write_text(text)
    return folder


def request(name: str = "demo") -> SpaceRequest:
    return SpaceRequest(name=name, run_id=RUN, hardware=ZERO)


def answer(status: int, headers: dict[str, str] | None = None, said: str = "said") -> HfHubHTTPError:
    response = httpx2.Response(status, headers=headers, request=httpx2.Request("GET", "https://hub.example/api/x"))
    return HfHubHTTPError("message", response=response, server_message=said)


def nobody(heard: list[dict[str, Any]] | None = None) -> Hub:
    """Access without a token, for calls that are made up here; `heard` gets the facts of each retry."""
    told = [] if heard is None else heard
    return Hub(PluginContext(home=Path(), emit=lambda kind, facts: told.append({"type": kind} | facts)))


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (400, PlatformError, ""),
        (401, BlockedError, "not_signed_in"),
        (402, BlockedError, "plan_required"),
        (403, BlockedError, "not_permitted"),
        (404, PlatformError, ""),
        (409, PlatformError, ""),
        (413, PlatformError, ""),
        (422, PlatformError, ""),
        (429, PlatformError, ""),
        (500, PlatformError, ""),
        (504, PlatformError, ""),
    ],
)
def test_every_status_has_one_typed_sentence(status: int, kind: type[SpacefactoryError], reason: str) -> None:
    error = explained("reading x", answer(status, said="the server's words"))
    assert type(error) is kind
    assert getattr(error, "reason", "") == reason
    assert error.message.startswith("reading x ")
    assert "the server's words" in error.message
    assert error.next_step


@given(st.integers(400, 599))
def test_only_what_may_pass_is_tried_again(status: int) -> None:
    assert may_pass(answer(status)) == (status in {408, 429, 500, 502, 503, 504})


def test_retry_after_is_read_in_every_form() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=40), usegmt=True)
    assert retry_after(answer(429, {"Retry-After": "7"})) == 7
    assert 30 < (retry_after(answer(503, {"Retry-After": date})) or 0) <= 40
    assert retry_after(answer(429, {"RateLimit": '"api";r=0;t=55'})) == 55
    assert retry_after(answer(429, {"RateLimit": '"api";r=3;t=55'})) is None
    assert retry_after(answer(503)) is None
    assert retry_after(httpx2.ReadTimeout("slow")) is None


def test_a_wait_that_is_too_long_is_told_instead() -> None:
    asked = []

    def busy() -> None:
        asked.append(1)
        raise answer(429, {"Retry-After": "1800"})

    with pytest.raises(PlatformError, match="slow down") as caught:
        read(nobody(), "reading x", busy)
    assert caught.value.next_step == "try again in 30 minutes"
    assert len(asked) == 1


@pytest.mark.parametrize("error", [ConnectionError("Network error: reset"), httpx2.ReadTimeout("slow"), TimeoutError()])
def test_no_answer_is_told_as_such(error: Exception, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "wait", lambda _state: 0.0)

    def fail() -> None:
        raise error

    with pytest.raises(PlatformError, match="did not answer"):
        read(nobody(), "reading x", fail)


def test_errors_of_transfers_and_of_offline_mode_are_typed() -> None:
    from hf_xet import XetAuthenticationError, XetObjectNotFoundError  # type: ignore[import-untyped]
    from huggingface_hub.errors import OfflineModeIsEnabled, XetDownloadError

    for error in (XetAuthenticationError("x"), XetObjectNotFoundError("x"), XetDownloadError("x")):
        with pytest.raises(PlatformError, match="could not be moved"):
            read(nobody(), "reading x", _raising(error))
    with pytest.raises(PlatformError, match="stay offline") as caught:
        read(nobody(), "reading x", _raising(OfflineModeIsEnabled("x")))
    assert caught.value.next_step == "unset HF_HUB_OFFLINE"


def test_a_fault_of_ours_stays_one() -> None:
    with pytest.raises(ZeroDivisionError):
        read(nobody(), "reading x", lambda: 1 // 0)


def test_each_retry_is_told_with_call_status_attempt_and_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "wait", lambda _state: 0.01)
    heard: list[dict[str, Any]] = []
    answers: list[Exception] = [answer(503), httpx2.ReadTimeout("slow")]

    def third_time_lucky() -> str:
        if answers:
            raise answers.pop(0)
        return "there"

    assert read(nobody(heard), "reading x", third_time_lucky) == "there"
    common = {"type": "retry", "call": "reading x", "wait_s": 0.01}
    assert heard == [
        common | {"status": 503, "error": "HfHubHTTPError", "attempt": 1},
        common | {"status": None, "error": "ReadTimeout", "attempt": 2},
    ]


def test_what_fails_five_times_in_a_row_is_left_alone_for_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "wait", lambda _state: 0.0)
    hub, made = nobody(), []

    def down() -> None:
        made.append(1)
        raise answer(503)

    with pytest.raises(PlatformError, match="answered 503"):
        read(hub, "reading x", down)
    assert len(made) == retries.BREAKER
    with pytest.raises(PlatformError, match="failed 5 times in a row, so it is not tried for"):
        read(hub, "reading x", down)
    assert len(made) == retries.BREAKER
    assert read(hub, "reading y", lambda: "there") == "there"
    monkeypatch.setattr(retries, "PAUSE_S", 0.0)
    hub.retries.failed("reading x")
    with pytest.raises(PlatformError, match="answered 503"):
        read(hub, "reading x", down)
    assert len(made) == retries.BREAKER + 1
    assert read(hub, "reading x", lambda: "there") == "there"
    hub.retries.admit("reading x")


def test_the_retries_of_a_run_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "wait", lambda _state: 0.0)
    heard: list[dict[str, Any]] = []
    hub = nobody(heard)
    for number in range(retries.BUDGET):
        with pytest.raises(PlatformError, match="answered 500"):
            read(hub, f"reading {number}", _raising(answer(500)))
    assert len(heard) == retries.BUDGET
    assert read(hub, "reading more", lambda: "there") == "there"


def test_a_refusal_is_no_failure_of_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calls, "wait", lambda _state: 0.0)
    hub = nobody()
    for _ in range(2 * retries.BREAKER):
        with pytest.raises(BlockedError):
            read(hub, "reading x", _raising(answer(403)))


def _raising(error: Exception) -> Callable[[], None]:
    def fail() -> None:
        raise error

    return fail


def test_what_was_just_made_may_be_unknown_for_a_while(emulated_hub: EmulatedHub, host: HubHost, app: Path) -> None:
    emulated_hub.knobs.new_repo_404s = 4
    created = host.create(request())
    assert created.space is not None
    assert created.hardware.current == "zero-a10g"
    revision = host.upload("ada/demo", app)
    assert emulated_hub.repo("space", "ada/demo").head.oid == revision
    assert len(emulated_hub.log.find(*CREATED)) == 1


@pytest.mark.parametrize(
    "fault", [Reset("after"), Reset("before"), Refuse(500), Refuse(503, headers={"Retry-After": "0"})]
)
def test_an_upload_is_one_commit_whatever_happens_on_the_way(
    emulated_hub: EmulatedHub, host: HubHost, app: Path, fault: Any
) -> None:
    host.create(request())
    before = len(emulated_hub.repo("space", "ada/demo").commits)
    emulated_hub.fail(Fault(fault, "/commit/main", "POST"))
    host.upload("ada/demo", app)
    assert len(emulated_hub.repo("space", "ada/demo").commits) == before + 1


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_create_call_that_fails_on_the_way_makes_one_space(
    emulated_hub: EmulatedHub, host: HubHost, when: Any
) -> None:
    emulated_hub.knobs.new_repo_404s = 1
    emulated_hub.fail(Fault(Reset(when), "/api/repos/create", "POST"))
    created = host.create(request())
    assert created.space is not None
    assert created.space.run_id == RUN
    assert list(emulated_hub.world.spaces) == ["ada/demo"]


@pytest.mark.parametrize(
    "said", ["Cannot create repo: another conflicting operation is in progress", "conflicting operation"]
)
def test_a_create_call_that_the_hub_refuses_for_its_own_work_ends(
    emulated_hub: EmulatedHub, host: HubHost, monkeypatch: pytest.MonkeyPatch, said: str
) -> None:
    from spacefactory_huggingface import client

    monkeypatch.setattr(client, "CONFLICT_WAIT_S", 0.0)
    monkeypatch.setattr(calls, "wait", lambda _state: 0.0)
    emulated_hub.fail(Fault(Refuse(409, said), "/api/repos/create", "POST", times=None))
    with pytest.raises(PlatformError, match="making the Space ada/demo failed"):
        host.create(request())
    looped = client.CONFLICT_TRIES * creation.TRIES
    assert len(emulated_hub.log.find(*CREATED)) == (looped if said.startswith("Cannot") else 1)


def test_a_rate_limit_is_waited_for(emulated_hub: EmulatedHub, host: HubHost) -> None:
    soon = format_datetime(datetime.now(UTC), usegmt=True)
    emulated_hub.fail(rate_limited("/api/whoami-v2", retry_after="0"), rate_limited("/hardware", retry_after=soon))
    assert host.account().flavors


def test_a_renamed_model_is_followed(emulated_hub: EmulatedHub, host: HubHost) -> None:
    emulated_hub.add_model("meta/old", {"README.md": "---\npipeline_tag: text-generation\n---\n# M\n", "a.txt": "x"})
    emulated_hub.rename("model", "meta/old", "meta/new")
    card = HubSource(host.hub).fetch("meta/old")
    assert card.location.model == "meta/new"
    assert "# M" in card.text


def test_a_space_that_sleeps_is_woken_and_one_that_is_paused_says_what_to_do(
    emulated_hub: EmulatedHub, host: HubHost
) -> None:
    emulated_hub.add_space("ada/own", SMALL_SPACE)
    emulated_hub.add_space("eve/hers", SMALL_SPACE)
    for name in ("ada/own", "eve/hers"):
        emulated_hub.wait_for_stage(name, "RUNNING")
        emulated_hub.stop_space(name, "SLEEPING")
    told: list[str] = []
    host.start("ada/own", told.append)
    assert told == ["ada/own is sleeping: waking it"]
    emulated_hub.wait_for_stage("ada/own", "RUNNING")
    assert host.resolve("eve/hers", RUN).managed is False
    emulated_hub.wait_for_stage("eve/hers", "RUNNING")
    emulated_hub.stop_space("ada/own", "PAUSED")
    with pytest.raises(BlockedError, match="paused and this token may not restart it") as caught:
        host.start("ada/own", told.append)
    assert caught.value.next_step.endswith("/spaces/ada/own/settings")


def test_a_log_that_breaks_off_is_what_there_is(emulated_hub: EmulatedHub, host: HubHost, app: Path) -> None:
    from spacefactory.testing.hub import Cut

    host.create(request())
    host.upload("ada/demo", app)
    emulated_hub.wait_for_stage("ada/demo", "RUNNING")
    assert "the small app is up" in host.logs("ada/demo", "run")
    emulated_hub.fail(Fault(Cut(90), "/logs/", times=1))
    assert "the small app is up" not in host.logs("ada/demo", "run")
    emulated_hub.fail(Fault(Refuse(500), "/logs/", times=None))
    assert host.logs("ada/demo", "build") == ""


@given(st.integers(-100, 100_000), st.sampled_from(["Z", "+00:00", "", ".123Z"]))
def test_the_end_of_a_sign_in_is_read_in_every_form(seconds: int, zone: str) -> None:
    until = (datetime.now(UTC) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%S") + zone
    left = seconds_left({"auth": {"expiresAt": until}})
    assert left is not None
    assert abs(left - seconds) < 5
    assert seconds_left({"auth": {"expiresAt": "soon"}}) is None
    assert seconds_left({}) is None


Build = Callable[..., RunResult]


@pytest.fixture
def build(emulated_hub: EmulatedHub, hub_tokens: Tokens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Build:
    """A build in this process that is not patient."""
    for name, value in {"HF_HOME": "hf", "SPACEFACTORY_HOME": "home", "XDG_CONFIG_HOME": "config"}.items():
        monkeypatch.setenv(name, str(tmp_path / value))
    emulated_hub.add_model("ada/digits", DIGITS)

    def call(token: str = hub_tokens.ada, **more: Any) -> RunResult:
        return api.build(
            "ada/digits",
            token=token,
            platform="huggingface",
            agent="template",
            repair_rounds=0,
            platforms={"huggingface": {"runs_in": "caller"}},
            plugin={"huggingface": {"endpoint": emulated_hub.endpoint}},
            **{"limits": {"boot_silence_s": 5}, **more},
        )

    return call


OUTCOMES = {
    "build error": SpaceOutcome("BUILD_ERROR", "exit code 1", build_log="ERROR: No matching distribution found for x"),
    "configuration error": SpaceOutcome("CONFIG_ERROR", "unknown sdk"),
    "runtime error": SpaceOutcome("RUNTIME_ERROR", "exit code 1", run_log="ModuleNotFoundError: No module named 'x'"),
    "never built": SpaceOutcome("BUILDING"),
}


@pytest.mark.slow
@pytest.mark.parametrize("outcome", OUTCOMES)
def test_a_space_that_does_not_come_up_is_a_typed_blocker(
    emulated_hub: EmulatedHub, build: Build, outcome: str
) -> None:
    emulated_hub.plan_spaces(OUTCOMES[outcome])
    result = build()
    assert result.status == "technical_blocker"
    assert result.blocker is not None
    expected = {"never built": "app_unresponsive"}.get(outcome, "dependency" if "error" in outcome else "")
    assert result.blocker.reason in (expected, "app_crashed")
    assert result.blocker.next_action
    assert result.space is not None
    assert emulated_hub.space(result.space.id).stage == "PAUSED"


@pytest.mark.slow
def test_a_space_that_its_owner_pauses_meanwhile_says_so(
    emulated_hub: EmulatedHub, build: Build, monkeypatch: pytest.MonkeyPatch
) -> None:
    from spacefactory.steps import boot

    monkeypatch.setattr(boot, "STALE_S", 1.0)
    emulated_hub.knobs.stage_s = 60.0

    def pause() -> None:
        emulated_hub.wait(lambda: any(name.startswith("ada/sf-") for name in emulated_hub.world.spaces), "a Space", 60)
        (name,) = [name for name in emulated_hub.world.spaces if name.startswith("ada/sf-")]
        emulated_hub.wait_for_stage(name, "BUILDING")
        time.sleep(1.0)
        emulated_hub.stop_space(name, "PAUSED")

    thread = threading.Thread(target=pause)
    thread.start()
    result = build(limits={"boot_silence_s": 60})
    thread.join()
    assert (result.status, result.blocker and result.blocker.reason) == ("technical_blocker", "app_unresponsive")
    assert result.blocker is not None
    assert "is paused" in result.blocker.detail
    assert "/settings" in result.blocker.next_action


@pytest.mark.slow
def test_a_sign_in_that_dies_in_the_middle_leaves_a_record_and_says_what_to_do(
    emulated_hub: EmulatedHub, hub_tokens: Tokens, build: Build, tmp_path: Path
) -> None:
    emulated_hub.plan_spaces(SpaceOutcome("BUILDING"))

    def die() -> None:
        emulated_hub.wait(lambda: bool(emulated_hub.log.find("POST", "/commit/main$", 200)), "the upload", 60)
        emulated_hub.token(hub_tokens.ada).revoked = True

    thread = threading.Thread(target=die)
    thread.start()
    with pytest.raises(PlatformError, match="not whole in the bucket") as caught:
        build(limits={"boot_silence_s": 60})
    thread.join()
    assert "runs resume" in caught.value.next_step
    (report,) = (tmp_path / "home" / "records").glob("*/runs/*/report.json")
    kept = json.loads(report.read_text())
    assert (kept["status"], kept["blocker"]["reason"]) == ("technical_blocker", "not_signed_in")
    assert "sign in again" in kept["blocker"]["next_action"]
