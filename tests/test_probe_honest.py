"""A gallery of honest apps, called live: hardly one is no success."""

from __future__ import annotations

from pathlib import Path

import pytest

from spacefactory.schema.status import Status
from spacefactory.verdict import decide
from tests.probe_gallery import KINDS, ask, failures, names, served
from tests.probe_gallery_honest import MAY_WAIT, honest_apps

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", KINDS)
def test_honest_apps_are_successes(kind: str, tmp_path: Path) -> None:
    wrong = {}
    with served(tmp_path, "honest", kind) as app:
        for name in names(honest_apps(tmp_path), kind):
            result = ask(app, tmp_path / name, endpoint=name, expect=kind)
            status = decide(result.judgement).status
            waits = name in MAY_WAIT and status is Status.CANDIDATE
            if status is not Status.FULL_INFERENCE_SUCCESS and not waits:
                wrong[name] = (status, failures(result.judgement))
    assert not wrong


def test_the_gallery_is_large_enough(tmp_path: Path) -> None:
    assert len(honest_apps(tmp_path)) >= 40
