"""A gallery of honest apps: hardly one is no success.

The apps are called in this process; tests/test_probe_endpoints.py and `python -m benchmarks.verdict` call served ones.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from spacefactory.schema.status import Status
from spacefactory.verdict import decide
from tests.probe_gallery import KINDS, failures, that_give
from tests.probe_gallery_direct import judged
from tests.probe_gallery_honest import MAY_WAIT, honest_apps

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", KINDS)
def test_honest_apps_are_successes(kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = {}
    for app in that_give(honest_apps(tmp_path), kind):
        name = app[0].__name__
        found = judged(app, tmp_path / "runs" / name, monkeypatch)
        status = decide(found).status
        waits = name in MAY_WAIT and status is Status.CANDIDATE
        if status is not Status.FULL_INFERENCE_SUCCESS and not waits:
            wrong[name] = (status, failures(found))
    assert not wrong


def test_the_gallery_is_large_enough(tmp_path: Path) -> None:
    assert len(honest_apps(tmp_path)) >= 40
