"""The emulated Hub: which account gets which Space and job; one row per situation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
from huggingface_hub import HfApi, SpaceHardware
from huggingface_hub.errors import HfHubHTTPError

from spacefactory.testing.hub import EmulatedHub, SpaceOutcome
from spacefactory.testing.hub.accounts import Account, Plan
from spacefactory.testing.hub.fixtures import HubClient, emulated_hub, hub_client
from spacefactory.testing.hub.policy import Knobs
from spacefactory.testing.hub.seed import SMALL_SPACE

__all__ = ("emulated_hub", "hub_client")


@dataclass(frozen=True)
class Case:
    """An account, what it asks for, and the answer: status and some of its words."""

    name: str
    status: int
    words: str = ""
    plan: Plan = "pro"
    hardware: str | None = "zero-a10g"
    sdk: str = "gradio"
    account: dict[str, Any] = field(default_factory=dict)
    knobs: dict[str, Any] = field(default_factory=dict)
    zero_spaces: int = 0
    namespace: str = "ada"


CASES = (
    Case("free, first ZeroGPU Space", 200, plan="free"),
    Case("free, two ZeroGPU Spaces", 403, "maximum number of ZeroGPU Spaces (2)", plan="free", zero_spaces=2),
    Case("free, e-mail not verified", 403, "verified email", plan="free", account={"email_verified": False}),
    Case("free, young account", 403, "30 days", plan="free", account={"age_days": 3}),
    Case("free, cpu-basic", 402, "requires a PRO subscription", plan="free", hardware="cpu-basic"),
    Case("free, no hardware named", 402, "requires a PRO subscription", plan="free", hardware=None),
    Case("free, docker", 402, "requires a PRO subscription", plan="free", hardware=None, sdk="docker"),
    Case("free, static", 200, plan="free", hardware=None, sdk="static"),
    Case("free, cpu-basic, the rule is off", 200, plan="free", hardware=None, knobs={"free_cpu_402": False}),
    Case("free, paid GPU", 402, "payment method", plan="free", hardware="t4-small",
         account={"credits_usd": 0.0, "can_pay": False}),
    Case("PRO, ZeroGPU", 200),
    Case("PRO, two ZeroGPU Spaces", 200, zero_spaces=2),
    Case("PRO, own limit reached", 403, "ZeroGPU Spaces (1)", zero_spaces=1, account={"slots": 1}),
    Case("PRO, ZeroGPU for docker", 400, "Gradio", sdk="docker"),
    Case("PRO, cpu-basic", 200, hardware="cpu-basic"),
    Case("PRO, paid GPU with credits", 200, hardware="l4x1"),
    Case("PRO, paid GPU, nothing left", 402, "insufficient credits", hardware="l4x1", account={"credits_usd": 0.0}),
    Case("PRO, flavor of jobs", 400, "Invalid hardware flavor", hardware="h200"),
    Case("PRO, no such GPU now", 503, "not available", hardware="a100-large", knobs={"unavailable": {"a100-large"}}),
    Case("slots full, answered otherwise", 400, "quota", knobs={"zero_gpu_refusal": (400, "quota of {slots}")},
         zero_spaces=1, account={"slots": 1}),
    Case("organisation, team plan", 200, namespace="acme"),
    Case("organisation, free plan", 402, "Team or Enterprise", namespace="club"),
    Case("organisation, read role", 403, "rights", namespace="guild"),
    Case("stranger's namespace", 403, "rights", namespace="eve"),
)  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_who_gets_which_space(emulated_hub: EmulatedHub, hub_client: HubClient, case: Case) -> None:
    account = emulated_hub.add_user("ada", case.plan)
    emulated_hub.add_user("eve")
    emulated_hub.add_org("acme", {"ada": "admin"})
    emulated_hub.add_org("club", {"ada": "admin"}, "free")
    emulated_hub.add_org("guild", {"ada": "read"})
    change(account, case.account)
    change(emulated_hub.knobs, case.knobs)
    for number in range(case.zero_spaces):
        emulated_hub.add_space(f"ada/z{number}", SMALL_SPACE, hardware="zero-a10g", outcome=SpaceOutcome("BUILDING"))
    api = hub_client(emulated_hub.add_token("ada", orgs=("acme", "club", "guild")))
    status, words = answer(lambda: create(api, case))
    assert (status, case.words in words) == (case.status, True), words
    exists = ("space", f"{case.namespace}/new") in emulated_hub.world.repos
    assert exists == (case.status == 200)


def create(api: HfApi, case: Case) -> None:
    """The create call of a case."""
    hardware = SpaceHardware(case.hardware) if case.hardware in set(SpaceHardware) else case.hardware
    api.create_repo(f"{case.namespace}/new", repo_type="space", space_sdk=case.sdk, private=True,
                    space_hardware=hardware)  # type: ignore[arg-type]  # flavors of jobs are wrong on purpose  # fmt: skip


def change(target: Account | Knobs, values: dict[str, Any]) -> None:
    """Set fields that exist."""
    for name, value in values.items():
        assert hasattr(target, name)
        setattr(target, name, value)


def answer(call: Callable[[], object]) -> tuple[int, str]:
    """Status and words of an answer."""
    try:
        call()
    except HfHubHTTPError as error:
        return error.response.status_code, error.server_message or ""
    return 200, ""
