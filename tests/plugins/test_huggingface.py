"""The Hub as source of models and host of Spaces: the real client against the emulated Hub."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from spacefactory_huggingface.client import Hub
from spacefactory_huggingface.host import HubHost
from spacefactory_huggingface.names import model_reference, space_reference
from spacefactory_huggingface.source import HubSource

from spacefactory.errors import BlockedError, NameTakenError, PlatformError, UsageError
from spacefactory.hookspecs import PluginContext
from spacefactory.lint.gate import MARKER
from spacefactory.schema.space import HardwareProposal, SpaceRequest
from spacefactory.testing.hub import EmulatedHub
from spacefactory.testing.hub.faults import Fault, Refuse, Reset
from spacefactory.testing.hub.fixtures import emulated_hub, hub_tokens
from spacefactory.testing.hub.seed import SMALL_APP, SMALL_README, SMALL_SPACE, Tokens

__all__ = ("emulated_hub", "hub_tokens")

RUN = "01JZZZZZZZZZZZZZZZZZZZZZZZ"
OTHER_RUN = "01JYYYYYYYYYYYYYYYYYYYYYYY"
ZERO = HardwareProposal(strategy="zerogpu", flavor="zero-a10g", reason="fits")
CARD = "---\npipeline_tag: text-generation\nlibrary_name: transformers\n---\n# Tiny\n"
As = Callable[[str | None], Hub]


@pytest.fixture
def hub_as(emulated_hub: EmulatedHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> As:
    """Access to the emulated Hub in the name of a token's owner, or of nobody."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))

    def make(token: str | None) -> Hub:
        table = {"endpoint": emulated_hub.endpoint}
        return Hub(PluginContext(home=tmp_path, table=table, plugin="huggingface", hub_token=lambda: token))

    return make


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A generated app, as the gate leaves it."""
    folder = tmp_path / "generated"
    folder.mkdir()
    (folder / "app.py").write_text(SMALL_APP)
    (folder / "README.md").write_text(SMALL_README)
    (folder / "requirements.txt").write_text("")
    (folder / MARKER).write_text(json.dumps({"format": "spacefactory-space/1", "run_id": RUN}))
    return folder


def request(name: str = "demo", run: str = RUN, hardware: HardwareProposal | None = ZERO) -> SpaceRequest:
    return SpaceRequest(name=name, run_id=run, hardware=hardware)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("meta/tiny", ("meta/tiny", None)),
        ("gpt2", ("gpt2", None)),
        ("meta/tiny@v1.0", ("meta/tiny", "v1.0")),
        ("https://huggingface.co/meta/tiny", ("meta/tiny", None)),
        ("https://huggingface.co/meta/tiny/tree/abc", ("meta/tiny", "abc")),
        ("huggingface.co/meta/tiny/", ("meta/tiny", None)),
        ("hf://meta/tiny", ("meta/tiny", None)),
        ("https://huggingface.co/spaces/meta/tiny", None),
        ("https://huggingface.co/datasets/meta/tiny", None),
        ("https://elsewhere.example/meta/tiny", None),
        ("a/b/c", None),
        ("../x", None),
        ("meta/tiny\n", None),
        ("meta/..", None),
        ("", None),
    ],
)
def test_references_of_models(text: str, found: tuple[str, str | None] | None) -> None:
    assert model_reference(text, "https://huggingface.co") == found


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ada/demo", "ada/demo"),
        ("spaces/ada/demo", "ada/demo"),
        ("https://huggingface.co/spaces/ada/demo", "ada/demo"),
        ("https://huggingface.co/ada/demo", None),
        ("http://127.0.0.1:7860", None),
        ("demo", None),
        ("ada/demo\n", None),
        ("ada/demo/../x", None),
    ],
)
def test_references_of_spaces(text: str, found: str | None) -> None:
    assert space_reference(text, "https://huggingface.co") == found


def test_a_public_model_is_read_without_a_token(emulated_hub: EmulatedHub, hub_as: As) -> None:
    config = json.dumps({"model_type": "llama", "architectures": ["LlamaForCausalLM"]})
    emulated_hub.add_model("meta/tiny", {"README.md": CARD, "config.json": config, "big.bin": b"x" * 300_000})
    card = HubSource(hub_as(None)).fetch("meta/tiny")
    assert card.location.model == "meta/tiny"
    assert len(card.location.revision) == 40
    assert card.front_matter["pipeline_tag"] == "text-generation"
    assert card.configs["config.json"] == json.loads(config)
    assert {file.path: file.size for file in card.files or ()}["big.bin"] == 300_000
    assert (card.gated, card.private, card.accessible) == (False, False, True)
    assert card.index["pipeline_tag"] == "text-generation"
    assert not [entry for entry in emulated_hub.log.entries() if entry.account or entry.token_kind]


def test_a_gated_model_says_whether_this_account_may_have_it(
    emulated_hub: EmulatedHub, hub_tokens: Tokens, hub_as: As
) -> None:
    emulated_hub.add_model("meta/gated", {"README.md": CARD}, gated="manual").granted.add("ada")
    assert HubSource(hub_as(hub_tokens.ada)).fetch("meta/gated").accessible is True
    for token in (hub_tokens.ben, None):
        with pytest.raises(BlockedError, match="accept its terms") as caught:
            HubSource(hub_as(token)).fetch("meta/gated")
        assert caught.value.reason == "gated"


@pytest.mark.parametrize("signed_in", [True, False])
@pytest.mark.parametrize("reference", ["meta/missing", "ben/secret"])
def test_what_does_not_exist_or_may_not_be_seen_is_one_sentence(
    emulated_hub: EmulatedHub, hub_tokens: Tokens, hub_as: As, signed_in: bool, reference: str
) -> None:
    emulated_hub.add_model("ben/secret", {"README.md": CARD}, private=True)
    with pytest.raises(UsageError, match="there is no model"):
        HubSource(hub_as(hub_tokens.ada if signed_in else None)).fetch(reference)


def test_a_bad_token_is_told_from_a_missing_model(emulated_hub: EmulatedHub, hub_as: As) -> None:
    emulated_hub.add_model("meta/tiny", {"README.md": CARD})
    with pytest.raises(BlockedError) as caught:
        HubSource(hub_as("hf_nobody")).fetch("meta/tiny")
    assert caught.value.reason == "not_signed_in"


def test_a_missing_revision_is_named(emulated_hub: EmulatedHub, hub_as: As) -> None:
    emulated_hub.add_model("meta/tiny", {"README.md": CARD})
    with pytest.raises(UsageError, match="no revision 'v9'"):
        HubSource(hub_as(None)).fetch("meta/tiny@v9")


def test_a_space_is_made_private_marked_and_with_its_hardware_in_one_call(
    emulated_hub: EmulatedHub, hub_tokens: Tokens, hub_as: As
) -> None:
    host = HubHost(hub_as(hub_tokens.ada))
    created = host.create(request())
    assert created.space is not None
    assert (created.space.id, created.space.private, created.space.run_id) == ("ada/demo", True, RUN)
    assert (created.hardware.accepted, created.hardware.current) == (True, "zero-a10g")
    assert created.space.settings_url.endswith("/spaces/ada/demo/settings")
    assert [entry.path for entry in emulated_hub.log.entries() if entry.path.endswith("/hardware")] == []


def test_an_interrupted_create_is_adopted_and_another_runs_space_is_not(hub_tokens: Tokens, hub_as: As) -> None:
    host = HubHost(hub_as(hub_tokens.ada))
    assert host.create(request()).space == host.create(request()).space
    with pytest.raises(NameTakenError):
        host.create(request(run=OTHER_RUN))


def test_a_create_call_whose_answer_is_lost_is_not_repeated(
    emulated_hub: EmulatedHub, hub_tokens: Tokens, hub_as: As
) -> None:
    emulated_hub.fail(Fault(Reset("after"), "/api/repos/create", "POST"))
    created = HubHost(hub_as(hub_tokens.ada)).create(request())
    assert created.space is not None
    assert created.space.run_id == RUN
    posts = [one for one in emulated_hub.log.entries() if one.path == "/api/repos/create"]
    assert len(posts) == 1


def test_a_free_account_gets_zerogpu_and_is_refused_cpu_basic(hub_tokens: Tokens, hub_as: As) -> None:
    host = HubHost(hub_as(hub_tokens.ben))
    assert host.create(request("one")).hardware.accepted
    plain = host.create(request("two", hardware=None))
    assert plain.space is None
    assert plain.hardware.status == 402
    assert "PRO" in plain.hardware.message


def test_a_silent_downgrade_shows_once_the_space_runs(
    emulated_hub: EmulatedHub, hub_tokens: Tokens, hub_as: As, app: Path
) -> None:
    emulated_hub.knobs.silent_downgrade = True
    host = HubHost(hub_as(hub_tokens.ada))
    assert host.create(request()).hardware.requested == "zero-a10g"
    host.upload("ada/demo", app)
    emulated_hub.wait(lambda: host.runtime("ada/demo").hardware is not None, "the Space to have hardware")
    assert host.runtime("ada/demo").hardware == "cpu-basic"


def test_upload_is_one_commit_and_a_second_one_is_none(
    emulated_hub: EmulatedHub, hub_tokens: Tokens, hub_as: As, app: Path
) -> None:
    host = HubHost(hub_as(hub_tokens.ada))
    host.create(request())
    first = host.upload("ada/demo", app)
    assert host.upload("ada/demo", app) == first
    (app / "requirements.txt").unlink()
    assert host.upload("ada/demo", app) != first
    commits = [one for one in emulated_hub.log.entries() if one.path.endswith("/commit/main")]
    assert len(commits) == 2


def test_a_public_space_never_gets_an_upload(
    emulated_hub: EmulatedHub, hub_tokens: Tokens, hub_as: As, app: Path
) -> None:
    emulated_hub.add_space("ada/open", SMALL_SPACE)
    with pytest.raises(BlockedError, match="public"):
        HubHost(hub_as(hub_tokens.ada)).upload("ada/open", app)


def test_a_private_space_is_called_through_a_door_and_the_token_stays_behind_it(
    emulated_hub: EmulatedHub, hub_tokens: Tokens, hub_as: As, app: Path
) -> None:
    host = HubHost(hub_as(hub_tokens.ada))
    host.create(request())
    sha = host.upload("ada/demo", app)
    emulated_hub.wait(lambda: host.runtime("ada/demo").stage == "RUNNING", "the Space to run")
    runtime = host.runtime("ada/demo")
    assert (runtime.revision, runtime.hardware) == (sha, "zero-a10g")
    connection = host.connect("ada/demo")
    assert connection.url.startswith("http://127.0.0.1:")
    assert connection.nonce == RUN.lower()
    answer = httpx.get(f"{connection.url}/hello", trust_env=False)
    assert "from ada/demo, token: none" in answer.text
    assert hub_tokens.ada not in answer.text + connection.model_dump_json()
    host.close()
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"{connection.url}/hello", trust_env=False)


def test_other_authors_spaces_are_found_and_not_managed(
    emulated_hub: EmulatedHub, hub_tokens: Tokens, hub_as: As
) -> None:
    emulated_hub.add_space("eve/demo", SMALL_SPACE)
    host = HubHost(hub_as(hub_tokens.ada))
    space = host.resolve("https://huggingface.co/spaces/eve/demo", RUN)
    assert (space.id, space.run_id, space.managed, space.private) == ("eve/demo", None, False, False)
    assert not host.connect("eve/demo").nonce
    with pytest.raises(UsageError, match="no Space 'eve/none'"):
        host.resolve("eve/none", RUN)
    with pytest.raises(UsageError, match="--platform local"):
        host.resolve("http://127.0.0.1:7860", RUN)


def test_only_our_own_spaces_are_listed_and_deleted(
    emulated_hub: EmulatedHub, hub_tokens: Tokens, hub_as: As, app: Path
) -> None:
    emulated_hub.add_space("ada/hers", SMALL_SPACE)
    host = HubHost(hub_as(hub_tokens.ada))
    host.create(request())
    host.upload("ada/demo", app)
    assert [space.id for space in host.list()] == ["ada/demo"]
    with pytest.raises(UsageError, match="not made by"):
        host.delete("ada/hers")
    host.delete("demo")
    assert host.find("demo") is None
    assert host.find("ada/hers") is not None


def test_the_account_tells_plan_flavors_and_whose_it_is(hub_tokens: Tokens, hub_as: As) -> None:
    account = HubHost(hub_as(hub_tokens.ada)).account()
    assert (account.name, account.plan, account.assigns_hardware) == ("ada", "pro", True)
    prices = {flavor.name: flavor for flavor in account.flavors}
    assert prices["t4-small"].usd_per_hour == pytest.approx(0.4, rel=1e-3)
    assert (prices["t4-small"].gpus, prices["t4-small"].gpu_memory_gib) == (1, 16)
    assert HubHost(hub_as(hub_tokens.ben)).account().plan == "free"


def test_nobody_signed_in_and_a_dead_token_are_told_apart_from_a_broken_hub(
    emulated_hub: EmulatedHub, hub_tokens: Tokens, hub_as: As
) -> None:
    for token in (None, "hf_nobody"):
        with pytest.raises(BlockedError) as caught:
            HubHost(hub_as(token)).account()
        assert caught.value.reason == "not_signed_in"
        assert "hf auth login" in str(caught.value)
    emulated_hub.fail(Fault(Refuse(503, headers={"Retry-After": "0"}), "/api/whoami-v2", times=None))
    with pytest.raises(PlatformError, match="503"):
        HubHost(hub_as(hub_tokens.ada)).account()


def test_a_hub_that_is_busy_for_a_moment_is_asked_again(
    emulated_hub: EmulatedHub, hub_tokens: Tokens, hub_as: As
) -> None:
    emulated_hub.fail(Fault(Refuse(429, headers={"Retry-After": "0"}), "/api/whoami-v2", times=2))
    assert HubHost(hub_as(hub_tokens.ada)).account().name == "ada"
