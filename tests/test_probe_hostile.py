"""Spaces that attack their caller: each ends typed, within its limits, and nothing of ours reaches another address."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from spacefactory_validators import spacefactory_validators

from spacefactory import probe
from spacefactory.errors import BlockedError
from spacefactory.probe.artifacts import ALL_BYTES, ALL_FILES
from spacefactory.schema.space import Connection
from spacefactory.schema.status import Level, Status
from spacefactory.testing.serving import Receive, Scope, Send, Servers
from spacefactory.verdict import decide
from tests.probe_hostile_server import hostile

Seen = list[tuple[str, dict[str, str]]]
VALIDATORS = tuple(spacefactory_validators())
TOKEN = "hf_" + "x" * 34


class Place:
    """A hostile app, another address that must never be called, and what both of them saw."""

    def __init__(self, servers: Servers) -> None:
        self.seen: Seen = []
        self.stolen: Seen = []
        self.sink = servers.open(self._sink).url
        self.url = servers.open(hostile(lambda: self.sink, self.seen)).url

    async def _sink(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.stolen.append((scope["path"], {}))
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"{}"})


@pytest.fixture(scope="module")
def place() -> Iterator[Place]:
    servers = Servers()
    yield Place(servers)
    servers.close()


@pytest.fixture(autouse=True)
def a_token_in_the_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    saved = tmp_path / "hub"
    saved.mkdir()
    (saved / "token").write_text(TOKEN)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setenv("HF_HOME", str(saved))


def probed(place: Place, mode: str, folder: Path, timeout: float = 3.0) -> probe.ProbeResult:
    request = probe.ProbeRequest(Connection(url=f"{place.url}/{mode}"), None, folder, calls=2, timeout_s=timeout)
    return probe.probe(request, VALIDATORS, lambda line: None)


def nothing_was_stolen(place: Place) -> None:
    assert place.stolen == []
    sent = str(place.seen)
    assert TOKEN not in sent
    assert "authorization" not in sent.lower()


@pytest.mark.parametrize("mode", ["html", "redirect", "endless_config", "drip", "deep", "list", "missing", "packed"])
def test_what_is_no_app_is_refused(place: Place, mode: str, tmp_path: Path) -> None:
    url = f"{place.url}/{mode}" if mode != "missing" else "http://127.0.0.1:9"
    assert not probe.config_answers(Connection(url=url), 1.0)
    assert probe.health(Connection(url=url), 1.0) is None
    request = probe.ProbeRequest(Connection(url=url), None, tmp_path, timeout_s=1)
    with pytest.raises(BlockedError) as caught:
        probe.probe(request, VALIDATORS, lambda line: None)
    assert caught.value.reason == "no_endpoint"
    nothing_was_stolen(place)


CUT_OFF = ("endless_stream", "endless_line", "huge", "no_json", "cut", "join_redirect", "join_page")


@pytest.mark.parametrize("mode", CUT_OFF)
def test_calls_that_are_no_answers_are_errors(place: Place, mode: str, tmp_path: Path) -> None:
    result = probed(place, mode, tmp_path)
    assert result.judgement.level is Level.RUNNING
    assert all(call.error.count("|") >= 2 for call in result.calls)
    assert decide(result.judgement).status is Status.TECHNICAL_BLOCKER
    nothing_was_stolen(place)


@pytest.mark.parametrize("mode", ["file_foreign", "file_redirect", "file_missing"])
def test_files_come_from_the_app_itself_or_not_at_all(place: Place, mode: str, tmp_path: Path) -> None:
    result = probed(place, mode, tmp_path)
    assert all("spacefactory.WebError" in call.error for call in result.calls)
    assert decide(result.judgement).status is Status.TECHNICAL_BLOCKER
    assert not list((tmp_path / "artifacts").iterdir())
    nothing_was_stolen(place)


ODD = (
    "file_local",
    "file_short",
    "file_packed",
    "file_name",
    "file_path",
    "file_many",
    "file_cookie",
    "empty_answer",
    "wrong_count",
)


@pytest.mark.parametrize("mode", ODD)
def test_odd_answers_end_typed_and_within_the_caps(place: Place, mode: str, tmp_path: Path) -> None:
    result = probed(place, mode, tmp_path, timeout=20)
    verdict = decide(result.judgement)
    assert verdict.status in (Status.TECHNICAL_BLOCKER, Status.CANDIDATE)
    kept = list((tmp_path / "artifacts").rglob("*"))
    assert len(kept) <= ALL_FILES and sum(path.stat().st_size for path in kept) <= ALL_BYTES * 1.1
    assert all(path.is_relative_to(tmp_path) and "\n" not in path.name and path.suffix != ".sh" for path in kept)
    assert "root:" not in (tmp_path / "tests" / "calls.json").read_text()
    nothing_was_stolen(place)


@pytest.mark.parametrize("mode", ["many_events", "many_endpoints"])
def test_an_app_with_a_great_many_endpoints_ends_typed_and_fills_no_disk(
    place: Place, mode: str, tmp_path: Path
) -> None:
    verdict = decide(probed(place, mode, tmp_path, timeout=60).judgement)
    assert verdict.status in (Status.TECHNICAL_BLOCKER, Status.CANDIDATE)
    assert sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) < 1 << 20
    nothing_was_stolen(place)


def test_an_endless_file_is_left_out_and_proves_nothing(place: Place, tmp_path: Path) -> None:
    result = probed(place, "file_endless", tmp_path, timeout=30)
    verdict = decide(result.judgement)
    assert (verdict.status, verdict.level) == (Status.CANDIDATE, Level.RUNNING)
    assert sum(path.stat().st_size for path in (tmp_path / "artifacts").iterdir()) == 0


def test_an_error_page_named_as_a_picture_is_no_picture(place: Place, tmp_path: Path) -> None:
    verdict = decide(probed(place, "file_page", tmp_path).judgement)
    assert (verdict.status, verdict.level) == (Status.TECHNICAL_BLOCKER, Level.RUNNING)


def test_an_app_whose_api_is_elsewhere_is_refused(place: Place, tmp_path: Path) -> None:
    with pytest.raises(BlockedError):
        probed(place, "foreign_root", tmp_path)
    nothing_was_stolen(place)


def test_an_answer_deeper_than_any_component_gives_is_cut(place: Place, tmp_path: Path) -> None:
    result = probed(place, "deep_answer", tmp_path)
    assert decide(result.judgement).status is not Status.FULL_INFERENCE_SUCCESS
    assert (tmp_path / "tests" / "calls.json").stat().st_size < 1 << 20


def test_the_calling_process_has_nothing_of_the_user(tmp_path: Path) -> None:
    from spacefactory.probe.client import environment

    assert os.environ["HF_TOKEN"] == TOKEN
    given = environment()
    assert TOKEN not in str(given)
    assert given["HF_HOME"] != os.environ["HF_HOME"]
