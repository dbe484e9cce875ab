"""A gallery of fakes, called live: none is a success."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spacefactory.schema.status import Status
from spacefactory.verdict import decide
from tests.probe_gallery import KINDS, ask, names, served
from tests.probe_gallery_canned import canned_apps
from tests.probe_gallery_fakes import fake_apps

pytestmark = pytest.mark.slow
GALLERIES: dict[str, Any] = {"fake": fake_apps, "canned": canned_apps}
SERVED = [(gallery, kind) for gallery in GALLERIES for kind in KINDS]


@pytest.mark.parametrize(("gallery", "kind"), SERVED)
def test_no_fake_is_a_success(gallery: str, kind: str, tmp_path: Path) -> None:
    passed = {}
    with served(tmp_path, gallery, kind) as app:
        for name in names(GALLERIES[gallery](tmp_path), kind):
            result = ask(app, tmp_path / name, endpoint=name, expect=kind)
            if decide(result.judgement).status is Status.FULL_INFERENCE_SUCCESS:
                passed[name] = result.judgement.checks
    assert not passed


@pytest.mark.parametrize("kind", KINDS)
def test_the_gallery_is_large_enough(kind: str, tmp_path: Path) -> None:
    assert len(names(fake_apps(tmp_path), kind)) >= 10
    assert sum(len(apps(tmp_path)) for apps in GALLERIES.values()) >= 60
