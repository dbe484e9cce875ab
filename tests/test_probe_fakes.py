"""A gallery of fakes, called live: none is a success."""

from __future__ import annotations

from pathlib import Path

import pytest

from spacefactory.schema.status import Status
from spacefactory.verdict import decide
from tests.probe_gallery import KINDS, ask, names, served
from tests.probe_gallery_fakes import fake_apps

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("kind", KINDS)
def test_no_fake_is_a_success(kind: str, tmp_path: Path) -> None:
    fakes = names(fake_apps(tmp_path), kind)
    assert len(fakes) >= 10
    passed = {}
    with served(tmp_path, kind) as app:
        for name in fakes:
            result = ask(app, tmp_path / name, endpoint=name, expect=kind)
            if decide(result.judgement).status is Status.FULL_INFERENCE_SUCCESS:
                passed[name] = result.judgement.checks
    assert not passed


def test_the_gallery_is_large_enough(tmp_path: Path) -> None:
    assert len(fake_apps(tmp_path)) >= 60
