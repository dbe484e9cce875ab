"""One app with endpoints of every kind, honest ones and others, called live: each gets its verdict."""

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

pytestmark = pytest.mark.slow
SUCCESS, CANDIDATE, BLOCKED = Status.FULL_INFERENCE_SUCCESS, Status.CANDIDATE, Status.TECHNICAL_BLOCKER

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
