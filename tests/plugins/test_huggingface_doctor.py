"""What `doctor` and `plan` say about an account: each with pass, fail or unknown, and the fix."""

from __future__ import annotations

from pathlib import Path

import pytest
from spacefactory_huggingface.bucket import BucketStore
from spacefactory_huggingface.host import HubHost
from spacefactory_huggingface.jobs import HubJobs

from spacefactory.doctor import of_account
from spacefactory.plugins import Plugins
from spacefactory.providers import Examining
from spacefactory.schema.preflight import Examined, Need
from spacefactory.settings import Settings
from spacefactory.testing.fixtures import call
from spacefactory.testing.hub import EmulatedHub, Fault, Refuse
from spacefactory.testing.hub.fixtures import emulated_hub, hub_tokens
from spacefactory.testing.hub.scopes import DEFAULT_OAUTH
from spacefactory.testing.hub.seed import SMALL_SPACE, Tokens
from tests.plugins.huggingface_places import hub_for

__all__ = ("emulated_hub", "hub_tokens")

NEED = Need(minutes=45)


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))


def looked(hub: EmulatedHub, home: Path, token: str | None, need: Need = NEED, **options: str) -> dict[str, Examined]:
    access = hub_for(hub, home, token, **options)
    providers: tuple[Examining, ...] = (HubHost(access), BucketStore(access, home), HubJobs(access))
    return {one.name: one for provider in providers for one in provider.preflight(need)}


def states(found: dict[str, Examined]) -> dict[str, str]:
    return {name: one.state for name, one in found.items()}


def test_all_is_well_and_nothing_was_made(emulated_hub: EmulatedHub, hub_tokens: Tokens, tmp_path: Path) -> None:
    found = looked(emulated_hub, tmp_path, hub_tokens.ada)
    assert states(found) == {
        "identity": "pass",
        "token": "pass",
        "token expiry": "pass",
        "plan": "pass",
        "zerogpu quota": "pass",
        "zerogpu slots": "pass",
        "bucket": "unknown",
        "jobs": "pass",
        "token expiry of a job": "pass",
    }
    assert found["identity"].detail == "signed in as ada"
    assert "made, private, when the first run is" in found["bucket"].detail
    assert {entry.method for entry in emulated_hub.log.entries()} <= {"GET", "HEAD"}
    assert len(emulated_hub.log.find(path="whoami")) == 1


def test_what_fails_says_how_to_mend_it(emulated_hub: EmulatedHub, hub_tokens: Tokens, tmp_path: Path) -> None:
    emulated_hub.add_bucket("ben/spacefactory-runs", private=False)
    emulated_hub.world.accounts["ben"].quota_s = 0
    for number in range(2):
        emulated_hub.add_space(f"ben/zero-{number}", SMALL_SPACE, hardware="zero-a10g")
    token = emulated_hub.token(hub_tokens.ben)
    token.scopes = tuple(scope for scope in DEFAULT_OAUTH if scope != "jobs")
    found = looked(emulated_hub, tmp_path, hub_tokens.ben, Need(minutes=600, flavor="zero-a10g"))
    failed = {name: (str(one.reason), one.needed) for name, one in found.items() if one.state == "fail"}
    assert failed == {
        "token expiry": ("not_signed_in", True),
        "zerogpu quota": ("quota_exhausted", True),
        "zerogpu slots": ("plan_required", True),
        "bucket": ("not_permitted", True),
        "jobs": ("not_permitted", True),
        "token expiry of a job": ("not_signed_in", True),
    }
    assert states(found)["plan"] == "unknown"
    assert all(one.fix for one in found.values() if one.state == "fail")
    assert "2 of 2 ZeroGPU Spaces" in found["zerogpu slots"].detail
    assert "0 of 300 seconds" in found["zerogpu quota"].detail


def test_other_hardware_needs_no_zerogpu(emulated_hub: EmulatedHub, hub_tokens: Tokens, tmp_path: Path) -> None:
    emulated_hub.world.accounts["ada"].quota_s = 0
    assert "zerogpu quota" not in looked(emulated_hub, tmp_path, hub_tokens.ada, Need(minutes=1, flavor="t4-small"))
    unsure = looked(emulated_hub, tmp_path, hub_tokens.ada)["zerogpu quota"]
    assert (unsure.state, unsure.needed) == ("fail", False)


def test_an_organisation_must_be_granted(emulated_hub: EmulatedHub, hub_tokens: Tokens, tmp_path: Path) -> None:
    assert states(looked(emulated_hub, tmp_path, hub_tokens.ada, namespace="acme"))["organisation"] == "pass"
    assert states(looked(emulated_hub, tmp_path, hub_tokens.ben, namespace="acme"))["organisation"] == "fail"


def test_nobody_is_one_line(emulated_hub: EmulatedHub, tmp_path: Path) -> None:
    found = looked(emulated_hub, tmp_path, None)
    assert states(found) == {"identity": "fail"}
    assert "hf auth login" in found["identity"].fix


def test_what_the_hub_does_not_tell_is_unknown(emulated_hub: EmulatedHub, hub_tokens: Tokens, tmp_path: Path) -> None:
    emulated_hub.fail(Fault(Refuse(418), "/api/(spaces|jobs|buckets)", times=None))
    found = states(looked(emulated_hub, tmp_path, hub_tokens.ada))
    unknown = ("zerogpu quota", "zerogpu slots", "bucket", "jobs")
    assert {found[name] for name in unknown} == {"unknown"}


def test_the_local_platform_says_nothing_about_accounts(tmp_path: Path) -> None:
    from spacefactory.runs import plugins_of

    settings = Settings(home=tmp_path)
    plugins: Plugins = plugins_of(settings)
    assert list(of_account(plugins, settings.providers(), NEED)) == []


def test_the_doctor_tells_it_at_the_terminal(emulated_hub: EmulatedHub, hub_tokens: Tokens, tmp_path: Path) -> None:
    emulated_hub.token(hub_tokens.ada).scopes = ("manage-repos",)
    env = {
        **emulated_hub.environment(tmp_path / "hf"),
        "HF_TOKEN": hub_tokens.ada,
        "SPACEFACTORY_HOME": str(tmp_path / "home"),
        "XDG_CONFIG_HOME": str(tmp_path / "config"),
        "SPACEFACTORY_AGENT": "template",
    }
    ran = call("doctor", "--platform", "huggingface", "--json", env=env)
    found = {one["name"]: one for one in ran.json()["checks"]}
    assert ran.code == 1
    assert found["jobs"]["state"] == "fail"
    assert "grant the scope jobs" in found["jobs"]["fix"]
    assert (found["identity"]["state"], found["zerogpu quota"]["state"]) == ("pass", "unknown")
    assert hub_tokens.ada not in ran.stdout + ran.stderr
