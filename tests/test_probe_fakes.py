"""Galleries of fakes: none is a success.

The apps are called in this process; tests/test_probe_endpoints.py and `python -m benchmarks.verdict` call served ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spacefactory.schema.status import Status
from spacefactory.verdict import decide
from tests.probe_gallery import KINDS, names, that_give
from tests.probe_gallery_canned import canned_apps
from tests.probe_gallery_direct import judged
from tests.probe_gallery_fakes import fake_apps

pytestmark = pytest.mark.slow
GALLERIES: dict[str, Any] = {"fake": fake_apps, "canned": canned_apps}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("gallery", GALLERIES)
def test_no_fake_is_a_success(gallery: str, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passed = {}
    for app in that_give(GALLERIES[gallery](tmp_path), kind):
        name = app[0].__name__
        found = judged(app, tmp_path / "runs" / name, monkeypatch)
        if decide(found).status is Status.FULL_INFERENCE_SUCCESS:
            passed[name] = found.checks
    assert not passed


@pytest.mark.parametrize("kind", KINDS)
def test_the_gallery_is_large_enough(kind: str, tmp_path: Path) -> None:
    assert len(names(fake_apps(tmp_path), kind)) >= 10
    assert sum(len(apps(tmp_path)) for apps in GALLERIES.values()) >= 60
