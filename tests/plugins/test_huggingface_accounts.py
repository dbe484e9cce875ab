"""The table of accounts: each situation ends as documented, with the next action, and makes no Space in vain."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from spacefactory import api
from spacefactory.errors import BlockedError
from spacefactory.schema.run import PlanResult, RunResult
from spacefactory.testing import needs
from spacefactory.testing.hub import EmulatedHub
from spacefactory.testing.hub.fixtures import emulated_hub
from tests.plugins.huggingface_accounts import GATED, MODEL, PAGE, READY, SITUATIONS, Situation, page

__all__ = ("emulated_hub",)

DIGITS = Path(__file__).parent.parent.parent / "examples" / "digits"


@pytest.fixture
def hub(emulated_hub: EmulatedHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> EmulatedHub:
    """A Hub with an open and a gated model; nobody is signed in on this machine."""
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("SPACEFACTORY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    emulated_hub.add_model(MODEL, DIGITS)
    emulated_hub.add_model(GATED, DIGITS, gated="manual")
    return emulated_hub


def options(hub: EmulatedHub, one: Situation) -> dict[str, Any]:
    plugin = {"endpoint": hub.endpoint, **dict(one.options.get("plugin", {}).get("huggingface", {}))}
    return {
        **one.options,
        "platform": "huggingface",
        "agent": "template",
        "platforms": {"huggingface": {"runs_in": "job" if one.job else "caller"}},
        "plugin": {"huggingface": plugin},
    }


def ask(hub: EmulatedHub, one: Situation, token: str | None) -> PlanResult | RunResult | BlockedError:
    """What a plan says where the build would start, else how the build ends."""
    try:
        if one.status == READY:
            return api.plan(one.model, token=token, **options(hub, one))
        return api.build(one.model, token=token, **options(hub, one))
    except BlockedError as error:
        return error


def ending(found: PlanResult | RunResult | BlockedError) -> tuple[str, str, str]:
    """Status, reason and next action."""
    if isinstance(found, BlockedError):
        return "technical_blocker", found.reason, found.next_step
    stops = found.blockers + found.obstacles if isinstance(found, PlanResult) else (found.blocker,)
    if blocker := next(filter(None, stops), None):
        return "technical_blocker", str(blocker.reason), blocker.next_action
    if isinstance(found, PlanResult):
        return READY, "", ""
    why, _, rest = found.notes[0].partition(": ")
    return str(found.status), why, rest


@pytest.mark.parametrize("one", SITUATIONS, ids=lambda one: one.name)
def test_each_situation_ends_as_documented(hub: EmulatedHub, one: Situation) -> None:
    if one.status == "manual_hardware_required":
        needs("spaces", "onnxruntime")  # the emulated Hub runs the app with what is installed here
    token = one.setup(hub)
    spaces = set(hub.world.spaces)
    found = ask(hub, one, token)
    status, why, told = ending(found)
    assert (status, why) == (one.status, one.why), told
    assert one.next_action.replace("{endpoint}", hub.endpoint) in told
    made = set(hub.world.spaces) - spaces
    assert len(made) == (one.status == "manual_hardware_required")
    assert all(hub.space(name).repo.private for name in made)
    assert hub.jobs() == ()
    if isinstance(found, RunResult):
        assert found.status.exit_code in (4, 5)
        assert f"runs resume {found.run_id}" in told or status == "technical_blocker"


def test_the_documented_table_is_this_one() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run: python -m tests.plugins.huggingface_accounts"


def test_the_table_has_every_kind_of_end() -> None:
    assert len(SITUATIONS) >= 16
    assert {one.status for one in SITUATIONS} == {READY, "technical_blocker", "manual_hardware_required"}
    assert len({one.name for one in SITUATIONS}) == len(SITUATIONS)
