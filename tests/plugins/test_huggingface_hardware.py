"""Hardware over a whole run: rented and paused again, paid in the report, set by hand and gone on with."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from spacefactory import api, runs
from spacefactory.schema.run import RunResult
from spacefactory.testing import needs
from spacefactory.testing.hub import EmulatedHub
from spacefactory.testing.hub.fixtures import emulated_hub, hub_tokens
from spacefactory.testing.hub.seed import Tokens
from spacefactory.testing.hub.space_stages import is_up

__all__ = ("emulated_hub", "hub_tokens")

pytestmark = pytest.mark.slow
DIGITS = Path(__file__).parent.parent.parent / "examples" / "digits"
Options = Callable[..., dict[str, Any]]


@pytest.fixture
def options(emulated_hub: EmulatedHub, hub_tokens: Tokens, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Options:
    """Settings of a build that works in this process; the emulated Hub runs the app with what is installed here."""
    needs("spaces", "onnxruntime")
    assert hub_tokens.ada
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("SPACEFACTORY_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    emulated_hub.add_model("ada/digits", DIGITS)
    return lambda **more: {
        "platform": "huggingface",
        "agent": "template",
        "platforms": {"huggingface": {"runs_in": "caller"}},
        "plugin": {"huggingface": {"endpoint": emulated_hub.endpoint}},
        **more,
    }


def resumed(result: RunResult, token: str, settings: dict[str, Any]) -> RunResult:
    configured = api.settings(**settings)
    from spacefactory.credentials import of_token

    return runs.resume(result.run_id, configured, credentials=of_token(token, configured))


def test_a_rented_gpu_is_paid_in_the_report_and_paused_afterwards(
    emulated_hub: EmulatedHub, hub_tokens: Tokens, options: Options
) -> None:
    result = api.build("ada/digits", token=hub_tokens.ada, **options(hardware=("fixedgpu",), fixed_gpu=True))
    assert result.status == "full_inference_success"
    assert result.space is not None
    space = emulated_hub.space(result.space.id)
    assert (space.requested, space.sleep_s, space.stage) == ("t4-small", 300, "PAUSED")
    assert result.seconds is not None
    assert 0 < result.cost_usd <= 0.4 * result.seconds / 3600 + 1e-6
    where = result.space.settings_url
    why = "the Space is paused, since t4-small costs 0.40 USD an hour"
    assert result.notes == (f"{why}; start it again in its settings: {where}",)


def test_a_run_that_waits_for_hardware_goes_on_once_it_is_set(
    emulated_hub: EmulatedHub, hub_tokens: Tokens, options: Options
) -> None:
    emulated_hub.world.accounts["ada"].slots = 0
    settings = options()
    waiting = api.build("ada/digits", token=hub_tokens.ada, **settings)
    assert waiting.status == "manual_hardware_required"
    assert waiting.space is not None
    assert waiting.space.settings_url in waiting.notes[0]
    still = resumed(waiting, hub_tokens.ada, settings)
    assert still.status == "manual_hardware_required"

    state = emulated_hub.space(waiting.space.id)
    with emulated_hub.world.lock:
        state.requested = "l4x1"
        state.current = "l4x1" if is_up(state) else None
    emulated_hub.wait_for_stage(waiting.space.id, "RUNNING")
    emulated_hub.wait(lambda: state.current == "l4x1", "the Space to have its hardware")
    done = resumed(waiting, hub_tokens.ada, settings)
    assert done.status == "full_inference_success"
    assert done.space == waiting.space
    assert done.cost_usd > 0
    assert [name for name in emulated_hub.world.spaces if name.startswith("ada/sf-")] == [done.space.id]
