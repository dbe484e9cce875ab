"""A gallery of honest apps and of fakes, called live: no fake is a success, and hardly an honest one is not."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from spacefactory import probe
from spacefactory.schema.space import Connection
from spacefactory.schema.status import Level, Status
from spacefactory.verdict import decide
from tests.probe_gallery import ask, failures, served
from tests.probe_gallery_fakes import fake_apps
from tests.probe_gallery_honest import MAY_WAIT, honest_apps

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("probe_gallery")]
SUCCESS, CANDIDATE, BLOCKED = Status.FULL_INFERENCE_SUCCESS, Status.CANDIDATE, Status.TECHNICAL_BLOCKER
KINDS = ("image", "audio", "video", "text", "json")

VERDICTS = {
    "edges": (SUCCESS, Level.RESPONSIVE),
    "upper": (CANDIDATE, Level.TYPED),
    "label": (SUCCESS, Level.RESPONSIVE),
    "mood": (SUCCESS, Level.RESPONSIVE),
    "stream": (SUCCESS, Level.RESPONSIVE),
    "tone": (CANDIDATE, Level.TYPED),
    "pictures": (SUCCESS, Level.RESPONSIVE),
    "with_seed": (SUCCESS, Level.RESPONSIVE),
    "remember": (SUCCESS, Level.RESPONSIVE),
    "sound_file": (SUCCESS, Level.RESPONSIVE),
    "many_files": (SUCCESS, Level.RESPONSIVE),
    "update": (SUCCESS, Level.RESPONSIVE),
    "detect": (SUCCESS, Level.RESPONSIVE),
    "talk": (SUCCESS, Level.RESPONSIVE),
    "chat_turns": (SUCCESS, Level.RESPONSIVE),
    "multimodal": (SUCCESS, Level.RESPONSIVE),
    "draw": (SUCCESS, Level.RESPONSIVE),
    "table": (SUCCESS, Level.RESPONSIVE),
    "noise": (CANDIDATE, Level.TYPED),
    "yes": (CANDIDATE, Level.ALIVE),
    "loop": (CANDIDATE, Level.TYPED),
    "random_label": (CANDIDATE, Level.ALIVE),
    "even_label": (CANDIDATE, Level.TYPED),
    "find_nothing": (CANDIDATE, Level.TYPED),
    "read_nothing": (CANDIDATE, Level.TYPED),
    "echo_image": (BLOCKED, Level.TYPED),
    "black": (BLOCKED, Level.TYPED),
    "canned_image": (CANDIDATE, Level.TYPED),
    "page_as_png": (BLOCKED, Level.RUNNING),
    "echo": (BLOCKED, Level.TYPED),
    "framed": (BLOCKED, Level.TYPED),
    "canned": (BLOCKED, Level.ALIVE),
    "nothing": (BLOCKED, Level.RUNNING),
    "empty": (BLOCKED, Level.TYPED),
    "traceback": (BLOCKED, Level.TYPED),
    "error_object": (BLOCKED, Level.TYPED),
    "silence": (BLOCKED, Level.TYPED),
    "raises": (BLOCKED, Level.RUNNING),
    "raises_for_people": (BLOCKED, Level.RUNNING),
    "slow": (BLOCKED, Level.RUNNING),
    "endless": (BLOCKED, Level.RUNNING),
}


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Connection]:
    with served(tmp_path_factory.mktemp("gallery")) as connection:
        yield connection


@pytest.mark.parametrize("endpoint", sorted(VERDICTS))
def test_each_endpoint_gets_its_verdict(app: Connection, endpoint: str, tmp_path: Path) -> None:
    limit = 3.0 if endpoint in ("slow", "endless") else 60.0
    result = ask(app, tmp_path, endpoint=endpoint, timeout_s=limit)
    verdict = decide(result.judgement)
    assert (verdict.status, verdict.level) == VERDICTS[endpoint], failures(result.judgement)
    assert result.judgement.endpoint == f"/{endpoint}"
    for name in ("endpoint", "cases", "calls", "checks"):
        document = json.loads((tmp_path / "tests" / f"{name}.json").read_text())
        assert document["schema_version"] == 1
        assert str(tmp_path) not in json.dumps(document)
    for answer in probe.answers(result):
        assert answer.artifact is None or (tmp_path / answer.artifact).is_file()


def names(apps: list[tuple[object, tuple[str, ...], str]], kind: str) -> list[str]:
    """The apps that give a kind of answer."""
    wanted = ("json", "label", "number") if kind == "json" else (kind,)
    return [getattr(function, "__name__", "") for function, _, gives in apps if gives in wanted]


@pytest.mark.parametrize("kind", KINDS)
def test_no_fake_is_a_success(app: Connection, kind: str, tmp_path: Path) -> None:
    fakes = names(fake_apps(tmp_path), kind)
    assert len(fakes) >= 10
    passed = {}
    for name in fakes:
        result = ask(app, tmp_path / name, endpoint=name, expect=kind)
        if decide(result.judgement).status is SUCCESS:
            passed[name] = result.judgement.checks
    assert not passed


@pytest.mark.parametrize("kind", KINDS)
def test_honest_apps_are_successes(app: Connection, kind: str, tmp_path: Path) -> None:
    wrong = {}
    for name in names(honest_apps(tmp_path), kind):
        result = ask(app, tmp_path / name, endpoint=name, expect=kind)
        status = decide(result.judgement).status
        if status is not SUCCESS and not (name in MAY_WAIT and status is CANDIDATE):
            wrong[name] = (status, failures(result.judgement))
    assert not wrong


def test_the_gallery_is_large_enough(tmp_path: Path) -> None:
    assert len(fake_apps(tmp_path)) >= 60
    assert len(honest_apps(tmp_path)) >= 40
